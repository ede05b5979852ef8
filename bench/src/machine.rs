//! What the figures were measured on.

use std::path::Path;

/// Processor, kernel, memory and file system, as far as the system tells.
pub(crate) fn facts(folder: &Path) -> Vec<(String, String)> {
    let cores = std::thread::available_parallelism().map_or_else(|_| "unknown".to_owned(), |cores| cores.to_string());
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let kernel = read("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = read("/proc/loadavg").unwrap_or_default();
    let facts = [
        ("processor", format!("{processor}, {cores} cores")),
        ("memory", field("/proc/meminfo", "MemTotal").unwrap_or_default()),
        ("kernel", kernel),
        ("data on", file_system(folder).unwrap_or_default()),
        ("load before", load.split_whitespace().take(3).collect::<Vec<_>>().join(" ")),
    ];
    facts.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn read(path: &str) -> Option<String> {
    Some(std::fs::read_to_string(path).ok()?.trim().to_owned())
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = read(path)?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'))?;
    Some(value.trim().to_owned())
}

/// The device and type of the file system that a folder is on: the mount with the longest fitting path.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = read("/proc/mounts")?;
    let fitting = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (device, place, kind) = (words.next()?, words.next()?, words.next()?);
        folder.starts_with(place).then_some((place.len(), format!("{kind} ({device})")))
    });
    fitting.max_by_key(|(length, _)| *length).map(|(_, text)| text)
}
