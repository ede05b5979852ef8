//! A transaction: statements of either database, and what to announce once it is committed.

use crate::error::from_sqlx;
use crate::statement::{Statement, joined};
use crate::value::refuse_nul;
use crate::{Args, FromRow, Notice, Row, Value, sqlite};
use muster_base::{Error, Result};
use rusqlite::Connection;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments, AssertSqlSafe, Executor, Postgres};
use std::borrow::Cow;

/// A connection within a transaction.
pub struct Tx {
    pub(crate) conn: Conn,
    pub(crate) notices: Vec<Notice>,
    pub(crate) held: Vec<Held>,
}

/// How many statements go to PostgreSQL as one, so that it is not told of ever new ones.
const TOGETHER: usize = 8;

/// A statement that is put off until the commit, or the values of one that was not.
#[derive(Clone)]
pub(crate) struct Held {
    name: String,
    sql: Option<&'static str>,
    args: Args,
}

pub(crate) enum Conn {
    Sqlite(Connection),
    Postgres(PoolConnection<Postgres>),
}

fn postgres_args(args: Args) -> Result<PgArguments> {
    refuse_nul(&args)?;
    let mut out = PgArguments::default();
    for value in args {
        match value {
            Value::Text(text) => out.add(text),
            Value::Int(number) => out.add(number),
        }
        .map_err(Error::internal)?;
    }
    Ok(out)
}

impl Tx {
    pub(crate) fn new(conn: Conn) -> Self {
        Self { conn, notices: Vec::new(), held: Vec::new() }
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

    /// Puts a statement off until the commit, in place of one that was put off under the same name.
    ///
    /// For a row that each of many works of one commit would write: it is written once, as the last of them wants it.
    /// What the row will hold is told by [`Self::held`], not by the database.
    pub fn hold_back(&mut self, name: &str, sql: &'static str, args: Args) {
        self.hold(name, Some(sql), args);
    }

    /// Notes what a row holds that this transaction has written already, for [`Self::held`] to tell.
    pub fn remember(&mut self, name: &str, args: Args) {
        self.hold(name, None, args);
    }

    fn hold(&mut self, name: &str, sql: Option<&'static str>, args: Args) {
        match self.held.iter_mut().find(|held| held.name == name) {
            Some(held) => (held.sql, held.args) = (sql, args),
            None => self.held.push(Held { name: name.to_owned(), sql, args }),
        }
    }

    /// The values of the statement that is put off or was remembered under this name.
    pub fn held(&self, name: &str) -> Option<&[Value]> {
        self.held.iter().find(|held| held.name == name).map(|held| held.args.as_slice())
    }

    /// How many rows this connection to SQLite has changed so far.
    pub(crate) fn changes(&self) -> u64 {
        match &self.conn {
            Conn::Sqlite(conn) => conn.total_changes(),
            Conn::Postgres(_) => 0,
        }
    }

    /// Carries out what was put off.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        for Held { sql, args, .. } in std::mem::take(&mut self.held) {
            if let Some(sql) = sql {
                self.execute(sql, args).await?;
            }
        }
        Ok(())
    }

    /// Carries out changes none of which reads or changes a row that another one changes, in any order.
    ///
    /// They cost PostgreSQL one round trip, not one each.
    pub async fn batch(&mut self, statements: Vec<Statement>) -> Result<()> {
        if !self.is_postgres() {
            for Statement { sql, args } in statements {
                self.execute(sql, args).await?;
            }
            return Ok(());
        }
        let mut statements = statements.into_iter();
        loop {
            let together: Vec<Statement> = statements.by_ref().take(TOGETHER).collect();
            if together.is_empty() {
                return Ok(());
            }
            let Statement { sql, args } = joined(together);
            self.execute(sql, args).await?;
        }
    }

    /// Runs a statement; how many rows it changed.
    pub async fn execute(&mut self, sql: impl Into<Cow<'static, str>>, args: Args) -> Result<u64> {
        let sql = sql.into();
        match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::execute(conn, &sql, &args),
            Conn::Postgres(conn) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), postgres_args(args)?);
                Ok(conn.execute(query).await.map_err(from_sqlx)?.rows_affected())
            }
        }
    }

    /// All rows that a statement returns.
    pub async fn all<T: FromRow>(&mut self, sql: impl Into<Cow<'static, str>>, args: Args) -> Result<Vec<T>> {
        let sql = sql.into();
        match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::all(conn, &sql, &args),
            Conn::Postgres(conn) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), postgres_args(args)?);
                let rows = conn.fetch_all(query).await.map_err(from_sqlx)?;
                rows.iter().map(|row| T::from_row(&Row::Postgres(row))).collect()
            }
        }
    }

    /// The row that a statement returns, if any.
    pub async fn optional<T: FromRow>(&mut self, sql: impl Into<Cow<'static, str>>, args: Args) -> Result<Option<T>> {
        // All rows are fetched, so that an UPDATE ... RETURNING always runs to its end.
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// The row that a statement returns; that there is none is our own fault.
    pub async fn one<T: FromRow>(&mut self, sql: impl Into<Cow<'static, str>>, args: Args) -> Result<T> {
        self.optional(sql, args).await?.ok_or_else(|| Error::internal("a statement that returns a row returned none"))
    }

    /// Runs a statement that takes no values, such as `COMMIT`.
    pub(crate) async fn command(&mut self, sql: &'static str) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::command(conn, sql),
            Conn::Postgres(conn) => conn.execute(sql).await.map(drop).map_err(from_sqlx),
        }
    }
}
