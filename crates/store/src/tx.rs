//! A transaction: statements of either database, and what to announce once it is committed.

use crate::error::from_sqlx;
use crate::{Args, FromRow, Notice, Row, Value};
use muster_base::{Error, Kind, Result};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Executor, Postgres, Sqlite, SqliteConnection};
use std::borrow::Cow;

/// A connection within a transaction.
pub struct Tx {
    pub(crate) conn: Conn,
    pub(crate) notices: Vec<Notice>,
    /// Whether a transaction is open that must not outlive this: set while a caller may stop waiting in its middle.
    pub(crate) unfinished: bool,
}

impl Drop for Tx {
    fn drop(&mut self) {
        if !self.unfinished {
            return;
        }
        // Back in the pool, the connection would show the past to all who get it next.
        match &mut self.conn {
            Conn::SqlitePooled(conn) => conn.close_on_drop(),
            Conn::Postgres(conn) => conn.close_on_drop(),
            Conn::Sqlite(_) => {}
        }
    }
}

pub(crate) enum Conn {
    Sqlite(Box<SqliteConnection>),
    SqlitePooled(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// PostgreSQL has no place for a NUL in a text; SQLite has, but what one takes the other must take too.
fn storable(text: Option<String>) -> Result<Option<String>> {
    match text {
        Some(text) if text.contains('\0') => {
            Err(Error::new(Kind::Invalid, "validation.invalid", "a text must not contain the character U+0000"))
        }
        text => Ok(text),
    }
}

pub(crate) fn sqlite_args(args: Args) -> Result<SqliteArguments> {
    let mut out = SqliteArguments::default();
    for value in args {
        match value {
            Value::Text(text) => out.add(storable(text)?),
            Value::Int(number) => out.add(number),
        }
        .map_err(Error::internal)?;
    }
    Ok(out)
}

pub(crate) fn postgres_args(args: Args) -> Result<PgArguments> {
    let mut out = PgArguments::default();
    for value in args {
        match value {
            Value::Text(text) => out.add(storable(text)?),
            Value::Int(number) => out.add(number),
        }
        .map_err(Error::internal)?;
    }
    Ok(out)
}

impl Tx {
    pub(crate) fn new(conn: Conn) -> Self {
        Self { conn, notices: Vec::new(), unfinished: false }
    }

    /// Whether the database is PostgreSQL: for the few statements where the engines differ.
    pub fn is_postgres(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }

    /// Wakes the readers of `key` once the transaction is committed.
    pub fn announce(&mut self, topic: &'static str, key: &str) {
        let notice = Notice::new(topic, key);
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// Runs a statement; how many rows it changed.
    pub async fn execute(&mut self, sql: impl Into<Cow<'static, str>>, args: Args) -> Result<u64> {
        let sql = AssertSqlSafe(sql.into());
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let done = conn.execute(sqlx::query_with(sql, sqlite_args(args)?)).await.map_err(from_sqlx)?;
                Ok(done.rows_affected())
            }
            Conn::SqlitePooled(conn) => {
                let done = conn.execute(sqlx::query_with(sql, sqlite_args(args)?)).await.map_err(from_sqlx)?;
                Ok(done.rows_affected())
            }
            Conn::Postgres(conn) => {
                let done = conn.execute(sqlx::query_with(sql, postgres_args(args)?)).await.map_err(from_sqlx)?;
                Ok(done.rows_affected())
            }
        }
    }

    /// All rows that a statement returns.
    pub async fn all<T: FromRow>(&mut self, sql: impl Into<Cow<'static, str>>, args: Args) -> Result<Vec<T>> {
        self.rows(sql, args).await?.iter().map(T::from_row).collect()
    }

    /// The row that a statement returns, if any.
    pub async fn optional<T: FromRow>(&mut self, sql: impl Into<Cow<'static, str>>, args: Args) -> Result<Option<T>> {
        // All rows are fetched, so that an UPDATE ... RETURNING always runs to its end.
        self.rows(sql, args).await?.first().map(T::from_row).transpose()
    }

    /// The row that a statement returns; that there is none is our own fault.
    pub async fn one<T: FromRow>(&mut self, sql: impl Into<Cow<'static, str>>, args: Args) -> Result<T> {
        self.optional(sql, args).await?.ok_or_else(|| Error::internal("a statement that returns a row returned none"))
    }

    pub(crate) async fn rows(&mut self, sql: impl Into<Cow<'static, str>>, args: Args) -> Result<Vec<Row>> {
        let sql = AssertSqlSafe(sql.into());
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let rows = conn.fetch_all(sqlx::query_with(sql, sqlite_args(args)?)).await.map_err(from_sqlx)?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Conn::SqlitePooled(conn) => {
                let rows = conn.fetch_all(sqlx::query_with(sql, sqlite_args(args)?)).await.map_err(from_sqlx)?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Conn::Postgres(conn) => {
                let rows = conn.fetch_all(sqlx::query_with(sql, postgres_args(args)?)).await.map_err(from_sqlx)?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Runs a statement that takes no values and needs no preparing, such as `COMMIT`.
    pub(crate) async fn command(&mut self, sql: &'static str) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(conn) => conn.execute(sql).await.map(drop).map_err(from_sqlx),
            Conn::SqlitePooled(conn) => conn.execute(sql).await.map(drop).map_err(from_sqlx),
            Conn::Postgres(conn) => conn.execute(sql).await.map(drop).map_err(from_sqlx),
        }
    }
}
