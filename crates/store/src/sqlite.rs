//! SQLite: statements run on the thread that owns the connection, so each costs no more than the statement itself.

use crate::error::from_sqlite;
use crate::row::SqliteRow;
use crate::value::refuse_nul;
use crate::{Args, FromRow, Options, Row, Synchronous, Value};
use muster_base::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Statement};
use std::time::Duration;

/// How many compiled statements a connection keeps.
const STATEMENTS: usize = 512;
/// How long a connection waits for a lock of another process.
const BUSY: Duration = Duration::from_secs(10);

/// Opens the connection that writes; the file is made when it is missing.
pub(crate) fn open_writer(path: &str, options: &Options) -> Result<Connection> {
    let conn = Connection::open(path).map_err(from_sqlite)?;
    prepare(&conn)?;
    let synchronous = match options.synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    set(&conn, "journal_mode", "WAL")?;
    set(&conn, "synchronous", synchronous)?;
    Ok(conn)
}

/// Opens a connection that copies the log into the database and does nothing else.
pub(crate) fn open_copier(path: &str) -> Result<Connection> {
    let conn = Connection::open(path).map_err(from_sqlite)?;
    conn.busy_timeout(BUSY).map_err(from_sqlite)?;
    Ok(conn)
}

/// Opens a connection that may not write, whatever a statement says.
pub(crate) fn open_reader(path: &str) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(path, flags).map_err(from_sqlite)?;
    prepare(&conn)?;
    set(&conn, "query_only", "ON")?;
    Ok(conn)
}

fn prepare(conn: &Connection) -> Result<()> {
    conn.busy_timeout(BUSY).map_err(from_sqlite)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan does not depend on bound values, or every statement with a bound LIMIT would be compiled at each run.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(from_sqlite)?;
    // The journals of savepoints stay in memory: a file for each would be made and removed with every group.
    set(conn, "temp_store", "MEMORY")?;
    set(conn, "foreign_keys", "ON")?;
    // Pages of the database that a connection keeps, in KiB.
    set(conn, "cache_size", "-8192")
}

fn set(conn: &Connection, name: &str, value: &str) -> Result<()> {
    conn.pragma_update(None, name, value).map_err(from_sqlite)
}

/// Runs a statement that takes no values, such as `COMMIT`.
pub(crate) fn command(conn: &Connection, sql: &str) -> Result<()> {
    let mut statement = conn.prepare_cached(sql).map_err(from_sqlite)?;
    statement.raw_execute().map(drop).map_err(from_sqlite)
}

/// Runs a statement; how many rows it changed.
pub(crate) fn execute(conn: &Connection, sql: &str, args: &Args) -> Result<u64> {
    let mut statement = conn.prepare_cached(sql).map_err(from_sqlite)?;
    bind(&mut statement, args)?;
    statement.raw_execute().map(|rows| rows as u64).map_err(from_sqlite)
}

/// All rows that a statement returns.
pub(crate) fn all<T: FromRow>(conn: &Connection, sql: &str, args: &Args) -> Result<Vec<T>> {
    let mut statement = conn.prepare_cached(sql).map_err(from_sqlite)?;
    bind(&mut statement, args)?;
    let mut rows = statement.raw_query();
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(from_sqlite)? {
        out.push(T::from_row(&Row::Sqlite(SqliteRow::new(row)))?);
    }
    Ok(out)
}

/// SQLite numbers `$1, $2, ...` by where they first stand; this binds them by their own number.
fn bind(statement: &mut Statement<'_>, args: &Args) -> Result<()> {
    refuse_nul(args)?;
    for place in 1..=statement.parameter_count() {
        let number = statement.parameter_name(place).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let value = number.and_then(|number| args.get(number.checked_sub(1)?));
        let value = value.ok_or_else(|| Error::internal("a statement has a parameter without a value"))?;
        match value {
            Value::Text(text) => statement.raw_bind_parameter(place, text),
            Value::Int(number) => statement.raw_bind_parameter(place, number),
        }
        .map_err(from_sqlite)?;
    }
    Ok(())
}
