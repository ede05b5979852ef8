//! What a database error means to us.

use muster_base::{Error, Kind};

/// The code of the error of a connection that broke or could not be made.
pub(crate) const UNAVAILABLE: &str = "store.unavailable";

/// Whether a statement failed because a unique value is taken. Decide on this, never on constraint names.
pub fn is_unique_violation(error: &Error) -> bool {
    error.code() == "store.unique"
}

fn unique(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(Kind::Conflict, "store.unique", "a unique value is already taken").with_cause(cause)
}

pub(crate) fn from_sqlite(error: rusqlite::Error) -> Error {
    use rusqlite::{ErrorCode, ffi};
    let rusqlite::Error::SqliteFailure(failure, _) = &error else { return Error::internal(error) };
    if matches!(failure.extended_code, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) {
        return unique(error);
    }
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::new(Kind::Unavailable, "store.contended", "the database is busy; try again")
                .with_retry_after(1)
                .with_cause(error)
        }
        ErrorCode::DiskFull => {
            Error::new(Kind::Unavailable, "store.disk_full", "the disk of the server is full").with_cause(error)
        }
        _ => Error::internal(error),
    }
}

pub(crate) fn from_sqlx(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(db) if db.is_unique_violation() => unique(error),
        // 40001 serialization failure, 40P01 deadlock: the transaction was undone whole and may be tried again.
        sqlx::Error::Database(db) if matches!(db.code().as_deref(), Some("40001" | "40P01")) => {
            Error::new(Kind::Unavailable, "store.contended", "the database is busy; try again")
                .with_retry_after(1)
                .with_cause(error)
        }
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => unavailable(error),
        sqlx::Error::Database(db) if db.code().as_deref().is_some_and(is_farewell) => unavailable(error),
        _ => Error::internal(error),
    }
}

/// Whether the server ended the connection or took none: class 08, 53300 too many connections, 57P01 to 57P05 shutting
/// down, crashed, starting up, dropped, idle for too long.
fn is_farewell(code: &str) -> bool {
    code.starts_with("08") || code.starts_with("57P") || code == "53300"
}

fn unavailable(cause: sqlx::Error) -> Error {
    Error::new(Kind::Unavailable, UNAVAILABLE, "the database cannot be reached; try again")
        .with_retry_after(2)
        .with_cause(cause)
}
