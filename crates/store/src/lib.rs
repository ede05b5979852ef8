//! Storage: one SQL text for SQLite and PostgreSQL, grouped commits, migrations, the secret box and dumps.

mod checkpoint;
mod db;
mod dump;
mod error;
mod hub;
mod migrate;
mod pool;
mod readers;
mod row;
mod schema;
mod secrets;
mod sqlite;
mod statement;
mod tx;
mod value;
mod writer;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use db::{Backend, Db, Options, Synchronous, Traffic};
pub use dump::{dump, restore};
pub use error::is_unique_violation;
pub use hub::{Hub, Listener, Notice};
pub use row::{FromRow, Row, SqliteRow};
pub use schema::schema_text;
pub use secrets::{KeyRing, SecretBox};
pub use statement::Statement;
pub use tx::Tx;
pub use value::{Args, Value};

/// The future that a transaction's work returns.
pub type Work<'t, T> = futures::future::BoxFuture<'t, muster_base::Result<T>>;
