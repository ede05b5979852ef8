//! One writer at a time, among the tasks of this process and all processes of the machine.

use crate::replace::{failed, hidden, name_of};
use muster_base::{Error, Kind, Result};
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long a writer waits for its turn.
const WAIT: Duration = Duration::from_secs(20);
/// How often it looks: writers of other processes take milliseconds.
const LOOK: Duration = Duration::from_millis(5);

/// The lock, held until it is dropped; the system lets go of it when the process ends, however it ends.
pub(crate) struct Held {
    _file: File,
}

/// Takes the lock of the file at `path`. It is a file of its own beside it, since the file itself is replaced; it stays
/// there.
pub(crate) fn take(path: &Path) -> Result<Held> {
    let options =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).custom_flags(libc::O_NOFOLLOW).clone();
    let file = options.open(hidden(path, "lock")).map_err(|error| failed(path, "locked", &error))?;
    let until = Instant::now() + WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Held { _file: file }),
            Err(TryLockError::Error(error)) => return Err(failed(path, "locked", &error)),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return Err(busy(path)),
            Err(TryLockError::WouldBlock) => thread::sleep(LOOK),
        }
    }
}

fn busy(path: &Path) -> Error {
    let message = format!("another process is writing {} and does not end; try again later", name_of(path));
    Error::new(Kind::Unavailable, "gateway.busy", message).with_retry_after(30)
}
