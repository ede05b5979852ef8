//! The soul of an agent: `soul.md` in its workspace.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

/// The most characters of a soul.
const LONGEST: usize = 50_000;
/// No character has more bytes.
const LONGEST_CHARACTER: u64 = 4;
/// The file, as this API writes its name and as gateways do.
const NAMES: [&str; 2] = ["soul.md", "SOUL.md"];

/// Where workspaces are looked for.
pub(crate) struct Places<'p> {
    /// The folder of the gateway file: relative workspaces are below it.
    pub(crate) folder: &'p Path,
    /// What `~` stands for.
    pub(crate) home: Option<&'p Path>,
}

/// The soul in a workspace, and what kept it from being taken whole. A workspace or soul that is not there is neither.
pub(crate) fn read(places: &Places<'_>, workspace: &str) -> (Option<String>, Option<String>) {
    let folder = match resolve(places, workspace) {
        Ok(Some(folder)) => folder,
        Ok(None) => return (None, None),
        Err(problem) => return (None, Some(problem)),
    };
    for name in NAMES {
        match open(&folder.join(name)) {
            Ok(Some(file)) => return content(file, name),
            Ok(None) => {}
            Err(problem) => return (None, Some(format!("{name} is not read: {problem}"))),
        }
    }
    (None, None)
}

/// The folder that a workspace names. One that is given relative to the gateway file stays below its folder, links
/// included.
fn resolve(places: &Places<'_>, workspace: &str) -> Result<Option<PathBuf>, String> {
    let path = Path::new(workspace);
    if path.components().any(|part| part == Component::ParentDir) {
        return Err("soul.md is not read: the workspace must not contain `..`".to_owned());
    }
    if path.is_absolute() {
        return Ok(Some(path.to_owned()));
    }
    if let Ok(below) = path.strip_prefix("~") {
        let home = places.home.ok_or("soul.md is not read: `~` stands for nothing here; write the whole path")?;
        return Ok(Some(home.join(below)));
    }
    let (Ok(whole), Ok(folder)) = (places.folder.join(path).canonicalize(), places.folder.canonicalize()) else {
        return Ok(None);
    };
    if whole.starts_with(&folder) {
        return Ok(Some(whole));
    }
    Err("soul.md is not read: a link leads the workspace out of the gateway file's folder; write the whole path"
        .to_owned())
}

/// The file, unless there is none. Links are not followed, and what is no file is not opened for reading.
fn open(path: &Path) -> Result<Option<File>, String> {
    let is_missing = |kind: ErrorKind| matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory);
    match OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path) {
        Err(error) if is_missing(error.kind()) => Ok(None),
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => Err("it is a link".to_owned()),
        Err(error) => Err(error.kind().to_string()),
        Ok(file) => match file.metadata() {
            Ok(found) if found.is_file() => Ok(Some(file)),
            Ok(_) => Err("it is no file".to_owned()),
            Err(error) => Err(error.kind().to_string()),
        },
    }
}

fn content(file: File, name: &str) -> (Option<String>, Option<String>) {
    let most = LONGEST as u64 * LONGEST_CHARACTER;
    let mut bytes = Vec::new();
    // A mark of the byte order and one character more than there may be.
    if let Err(error) = file.take(most + 2 * LONGEST_CHARACTER).read_to_end(&mut bytes) {
        return (None, Some(format!("{name} is not read: {}", error.kind())));
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        // The end may be in the middle of a character.
        Err(error) if error.error_len().is_none() && bytes.len() as u64 > most => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return (None, Some(format!("{name} is not read: it is not UTF-8"))),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\0') {
        return (None, Some(format!("{name} is not read: it is not a text")));
    }
    if text.trim().is_empty() {
        return (None, None);
    }
    match text.char_indices().nth(LONGEST) {
        None => (Some(text.to_owned()), None),
        Some((end, _)) => {
            let warning = format!("{name} has more than {LONGEST} characters; only the first {LONGEST} are taken");
            (Some(text[..end].to_owned()), Some(warning))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn soul_in(folder: &Path, workspace: &str) -> (Option<String>, Option<String>) {
        read(&Places { folder, home: Some(&folder.join("home")) }, workspace)
    }

    fn with_soul(folder: &Path, workspace: &str, soul: &str) {
        std::fs::create_dir_all(folder.join(workspace)).unwrap();
        std::fs::write(folder.join(workspace).join("soul.md"), soul).unwrap();
    }

    fn taken(soul: &str) -> (Option<String>, Option<String>) {
        (Some(soul.to_owned()), None)
    }

    fn warned(begin: &str, (soul, warning): (Option<String>, Option<String>)) {
        assert_eq!(soul, None);
        assert!(warning.as_ref().is_some_and(|warning| warning.starts_with(begin)), "{warning:?}");
    }

    #[test]
    fn a_workspace_is_relative_to_the_file_or_to_home_or_absolute() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        with_soul(folder, "work/ann", "Calm.");
        with_soul(folder, "home/ben", "Quick.");
        assert_eq!(soul_in(folder, "work/ann"), taken("Calm."));
        assert_eq!(soul_in(folder, "./work//ann/"), taken("Calm."));
        assert_eq!(soul_in(folder, "~/ben"), taken("Quick."));
        assert_eq!(soul_in(folder, folder.join("work/ann").to_str().unwrap()), taken("Calm."));
        std::fs::create_dir_all(folder.join("upper")).unwrap();
        std::fs::write(folder.join("upper/SOUL.md"), "\u{feff}LOUD.").unwrap();
        assert_eq!(soul_in(folder, "upper"), taken("LOUD."));
    }

    #[test]
    fn what_is_missing_or_blank_is_no_soul() {
        let folder = tempfile::tempdir().unwrap();
        with_soul(folder.path(), "blank", " \n");
        std::fs::write(folder.path().join("file"), "x").unwrap();
        for workspace in ["nowhere", "blank", "~/nowhere", "/nowhere/at/all", "file", ""] {
            assert_eq!(soul_in(folder.path(), workspace), (None, None), "{workspace}");
        }
    }

    #[test]
    fn a_workspace_does_not_lead_elsewhere_unnoticed() {
        let outside = tempfile::tempdir().unwrap();
        with_soul(outside.path(), "secret", "Theirs.");
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        symlink(outside.path().join("secret"), folder.join("link")).unwrap();
        warned("soul.md is not read: a link leads the workspace out", soul_in(folder, "link"));
        for workspace in ["../x", "a/../../x", "/tmp/../etc", "~/../x"] {
            warned("soul.md is not read: the workspace must not contain `..`", soul_in(folder, workspace));
        }
        std::fs::create_dir(folder.join("own")).unwrap();
        symlink(outside.path().join("secret/soul.md"), folder.join("own/soul.md")).unwrap();
        warned("soul.md is not read: it is a link", soul_in(folder, "own"));
        let without_home = read(&Places { folder, home: None }, "~/x");
        warned("soul.md is not read: `~` stands for nothing", without_home);
    }

    #[test]
    fn only_files_with_text_are_souls() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        std::fs::create_dir_all(folder.join("folder/soul.md")).unwrap();
        warned("soul.md is not read: it is no file", soul_in(folder, "folder"));
        std::fs::create_dir(folder.join("pipe")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(folder.join("pipe/soul.md")).status().unwrap();
        assert!(made.success());
        warned("soul.md is not read: it is no file", soul_in(folder, "pipe"));
        std::fs::create_dir(folder.join("binary")).unwrap();
        std::fs::write(folder.join("binary/soul.md"), b"\xff\xfe").unwrap();
        warned("soul.md is not read: it is not UTF-8", soul_in(folder, "binary"));
        std::fs::write(folder.join("binary/soul.md"), b"a\0b").unwrap();
        warned("soul.md is not read: it is not a text", soul_in(folder, "binary"));
    }

    #[test]
    fn a_long_soul_is_cut_and_told() {
        let folder = tempfile::tempdir().unwrap();
        for soul in ["\u{1f600}".repeat(50_000), "x".repeat(50_000)] {
            with_soul(folder.path(), "exact", &soul);
            assert_eq!(soul_in(folder.path(), "exact"), taken(&soul));
            for more in ["!", &"\u{1f600}".repeat(50_000)] {
                with_soul(folder.path(), "long", &format!("{soul}{more}"));
                let (cut, warning) = soul_in(folder.path(), "long");
                assert_eq!(cut.as_deref(), Some(soul.as_str()));
                assert!(warning.unwrap().contains("only the first 50000"));
            }
        }
    }
}
