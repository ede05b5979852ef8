//! What a database error means to us.

use muster_base::{Error, Kind};

/// Whether a statement failed because a unique value is taken. Decide on this, never on constraint names.
pub fn is_unique_violation(error: &Error) -> bool {
    error.code() == "store.unique"
}

pub(crate) fn from_sqlx(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(db) if db.is_unique_violation() => {
            Error::new(Kind::Conflict, "store.unique", "a unique value is already taken").with_cause(error)
        }
        // 40001 serialization failure, 40P01 deadlock: the transaction was undone whole and may be tried again.
        sqlx::Error::Database(db) if matches!(db.code().as_deref(), Some("40001" | "40P01")) => {
            Error::new(Kind::Unavailable, "store.contended", "the database is busy; try again").with_retry_after(1).with_cause(error)
        }
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
            Error::new(Kind::Unavailable, "store.unavailable", "the database cannot be reached; try again")
                .with_retry_after(2)
                .with_cause(error)
        }
        _ => Error::internal(error),
    }
}
