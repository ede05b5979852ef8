//! Reading and replacing the file itself: found through links, read within bounds, replaced whole or not at all.

use muster_base::{Error, Kind, Result};
use muster_domain::gateway::unreadable;
use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// The most bytes of a gateway file.
pub(crate) const LARGEST: u64 = 4 * 1024 * 1024;
/// How many links may lead to the file.
const MOST_LINKS: usize = 40;
/// Who may read a file that is made here: its owner. It may come to hold secrets.
const PRIVATE: u32 = 0o600;

/// A file as it was read.
pub(crate) struct Found {
    pub(crate) text: String,
    metadata: Metadata,
}

/// The file that a path means, links followed. It need not be there.
pub(crate) fn target(path: &Path) -> Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&target) {
            Ok(next) => target = folder_of(&target).join(next),
            Err(_) => return Ok(target),
        }
    }
    Err(failed(path, "found", &io::Error::from_raw_os_error(libc::ELOOP)))
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The file in messages. Where it is in the machine is nobody's business.
pub(crate) fn name_of(path: &Path) -> String {
    format!("the gateway file {}", path.file_name().unwrap_or_default().to_string_lossy())
}

/// What is in the file; `None` when it is not there.
pub(crate) fn read(path: &Path) -> Result<Option<Found>> {
    let file = match OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, "read", &error)),
    };
    let metadata = file.metadata().map_err(|error| failed(path, "read", &error))?;
    if !metadata.is_file() {
        return Err(Error::conflict(format!("{} is no file; set MUSTER_GATEWAY_CONFIG to one", name_of(path))));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| failed(path, "read", &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(unreadable(format!("{} has more than {LARGEST} bytes", name_of(path))));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(Found { text, metadata })),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let place = crate::json5::Place::of(&String::from_utf8_lossy(good), good.len());
            Err(unreadable(format!("{}, {place}: is not UTF-8", name_of(path))))
        }
    }
}

/// Puts `text` in place of what was found, whole or not at all; mode and owner stay. False when somebody who does not
/// take the lock has changed the file meanwhile, and nothing was done.
pub(crate) fn replace(path: &Path, found: Option<&Found>, text: &str) -> Result<bool> {
    let temporary = Temporary::write(path, found.map(|found| &found.metadata), text)?;
    let is_as_found = match (fs::metadata(path), found) {
        (Ok(now), Some(found)) => identity(&now) == identity(&found.metadata),
        (Err(error), None) => error.kind() == ErrorKind::NotFound,
        _ => false,
    };
    if !is_as_found {
        return Ok(false);
    }
    temporary.take_place_of(path)?;
    Ok(true)
}

/// What changes whenever a file does.
fn identity(file: &Metadata) -> (u64, u64, u64, i64, i64, i64, i64) {
    (file.dev(), file.ino(), file.size(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec())
}

/// A file beside the one that it will replace; removed unless it does.
struct Temporary {
    path: PathBuf,
    is_placed: bool,
}

impl Temporary {
    /// One writer at a time has the lock, so one name is enough, and what a killed one left is taken away.
    fn write(beside: &Path, like: Option<&Metadata>, text: &str) -> Result<Self> {
        let temporary = Self { path: hidden(beside, "new"), is_placed: false };
        let failed = |error: io::Error| failed(beside, "written", &error);
        match fs::remove_file(&temporary.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&temporary.path).map_err(failed)?;
        if let Some(like) = like {
            keep_owner(&file, like, beside)?;
            file.set_permissions(fs::Permissions::from_mode(like.mode() & 0o7777)).map_err(failed)?;
        }
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok(temporary)
    }

    fn take_place_of(mut self, path: &Path) -> Result<()> {
        fs::rename(&self.path, path).map_err(|error| failed(path, "replaced", &error))?;
        self.is_placed = true;
        // The new name is in the folder: it has to reach the disk as well.
        let folder = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
        folder.map_err(|error| failed(path, "replaced for certain", &error))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_placed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A file that changed hands would no longer be the gateway's.
fn keep_owner(file: &File, like: &Metadata, path: &Path) -> Result<()> {
    let own = file.metadata().map_err(|error| failed(path, "written", &error))?;
    if (own.uid(), own.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid())).map_err(|_| {
        let message = format!(
            "{} belongs to another user of the machine and would change hands; run Muster as that user",
            name_of(path)
        );
        Error::new(Kind::Conflict, "gateway.not_written", message)
    })
}

/// `.NAME.muster-KIND`, beside the file.
pub(crate) fn hidden(path: &Path, kind: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".muster-{kind}"));
    folder_of(path).join(name)
}

/// The machine does not let us; the message says what, and the cause is for the log.
pub(crate) fn failed(path: &Path, what: &str, error: &io::Error) -> Error {
    let message = format!("{} cannot be {what}: {}", name_of(path), error.kind());
    Error::new(Kind::Conflict, "gateway.not_written", message).with_cause(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("openclaw.json"), folder.path().join("other"));
        fs::write(&path, "old").unwrap();
        let found = read(&path).unwrap().unwrap();
        fs::write(&path, "longer").unwrap();
        assert!(!replace(&path, Some(&found), "ours").unwrap(), "written in place");
        let found = read(&path).unwrap().unwrap();
        fs::write(&other, "longer").unwrap();
        fs::rename(&other, &path).unwrap();
        assert!(!replace(&path, Some(&found), "ours").unwrap(), "replaced");
        let found = read(&path).unwrap().unwrap();
        fs::remove_file(&path).unwrap();
        assert!(!replace(&path, Some(&found), "ours").unwrap(), "removed");
        fs::write(&path, "new").unwrap();
        assert!(!replace(&path, None, "ours").unwrap(), "made");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
        let found = read(&path).unwrap().unwrap();
        assert!(replace(&path, Some(&found), "ours").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours");
    }
}
