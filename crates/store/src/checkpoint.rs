//! Copies what was committed from SQLite's write-ahead log into the database file, on a thread of its own, so that the
//! writer goes on committing meanwhile. Where that falls behind, the writer does the rest itself, which bounds the log.

use crate::error::from_sqlite;
use crate::sqlite;
use muster_base::{Error, Result};
use rusqlite::{Connection, ErrorCode};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// After how many pages in the log the copying begins. Pages that change with every message are copied once for all of
/// them, and SQLite's own number of 1,000 is for those who wait for the copying.
const BEGIN: i32 = 4000;
/// At how many pages the writer stops to finish it: with 4 KiB pages a log of 64 MiB, that begins anew with the next commit.
const FINISH: i32 = 16_000;

/// Looks after the log of `conn`, the one connection that writes. The thread ends with that connection.
pub(crate) fn tend(conn: &mut Connection, path: &str) -> Result<()> {
    // One request may wait while another is worked on; more would ask for the same.
    let (ask, asked) = sync_channel(1);
    let busy = Arc::<Mutex<()>>::default();
    let (path, ours) = (path.to_owned(), busy.clone());
    let work = move || run(&path, &asked, &ours);
    std::thread::Builder::new().name("muster-checkpoint".to_owned()).spawn(work).map_err(Error::internal)?;
    let mut log = Log { ask, asked_at: 0 };
    // It takes the place of SQLite's own checkpoints, which the writer would have to wait for.
    let hook = move |wal: &mut rusqlite::hooks::Wal, pages: i32| {
        if log.has(pages) {
            // After what is being copied, not beside it, or nothing would keep the log from growing.
            let _alone = busy.lock().unwrap_or_else(PoisonError::into_inner);
            done_or_busy(wal.checkpoint())?;
        }
        Ok(())
    };
    conn.wal_hook(Some(hook)).map_err(from_sqlite)
}

struct Log {
    ask: SyncSender<()>,
    /// How many pages there were when copying was last asked for.
    asked_at: i32,
}

impl Log {
    /// Takes note of the pages after a commit; says whether the writer has to help.
    fn has(&mut self, pages: i32) -> bool {
        if pages < self.asked_at {
            self.asked_at = 0;
        }
        if pages - self.asked_at >= BEGIN {
            self.asked_at = pages;
            let _ = self.ask.try_send(());
        }
        pages >= FINISH
    }
}

fn run(path: &str, asked: &Receiver<()>, busy: &Mutex<()>) {
    let mut conn = None;
    while asked.recv().is_ok() {
        let alone = busy.lock().unwrap_or_else(PoisonError::into_inner);
        let copied = copy(path, &mut conn);
        drop(alone);
        if let Err(error) = copied {
            // The writer does it later; what was committed is safe in the log.
            tracing::warn!(error = ?error, "could not copy committed pages into the database file");
            conn = None;
        }
    }
}

fn copy(path: &str, conn: &mut Option<Connection>) -> Result<()> {
    let conn = match conn {
        Some(conn) => conn,
        None => conn.insert(sqlite::open_copier(path)?),
    };
    // Readers and the writer go on meanwhile.
    conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).map_err(from_sqlite)
}

/// Another process that has the database open may be at it; then that does the work.
fn done_or_busy(outcome: rusqlite::Result<()>) -> rusqlite::Result<()> {
    match outcome {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copying_is_asked_for_once_in_a_while_and_the_writer_helps_when_the_log_is_long() {
        let (ask, asked) = sync_channel(1);
        let mut log = Log { ask, asked_at: 0 };
        let mut told = |pages: i32| (log.has(pages), asked.try_recv().is_ok());
        assert_eq!(told(BEGIN - 1), (false, false));
        assert_eq!(told(BEGIN), (false, true));
        assert_eq!(told(BEGIN + 1), (false, false));
        assert_eq!(told(2 * BEGIN), (false, true));
        assert_eq!(told(FINISH), (true, true));
        assert_eq!(told(3), (false, false), "the log began anew");
        assert_eq!(told(BEGIN + 3), (false, true));
    }

    #[test]
    fn the_log_stays_bounded_and_nothing_is_lost_under_steady_writing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let path = path.to_str().unwrap();
        // How far a commit has got when it returns is not what this is about.
        let options =
            crate::Options { synchronous: crate::Synchronous::Normal, ..crate::Options::new("sqlite://a.db") };
        let mut conn = sqlite::open_writer(path, &options).unwrap();
        tend(&mut conn, path).unwrap();
        conn.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY, filler TEXT)").unwrap();
        let filler = "x".repeat(100_000);
        for n in 0..1500 {
            conn.execute("INSERT INTO t VALUES (?1, ?2)", (n, &filler)).unwrap();
        }
        // 150 MB went through a log that may hold 64 MiB and one more commit.
        let log = std::fs::metadata(format!("{path}-wal")).unwrap().len();
        assert!(log <= 66 << 20, "{log}");
        drop(conn);
        let again = sqlite::open_reader(path).unwrap();
        let count: i64 =
            again.query_row("SELECT count(*) FROM t WHERE length(filler) = 100000", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 1500);
    }
}
