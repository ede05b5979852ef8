//! Rows that come back, read by column name.

use crate::error::{from_sqlite, from_sqlx};
use muster_base::{Error, Millis, Result};
use rusqlite::types::ValueRef;
use serde_json::Value as Json;
use sqlx::postgres::PgRow;
use sqlx::{Column, Row as _, TypeInfo, ValueRef as _};
use std::cell::Cell;

/// A row of either database.
pub enum Row<'r> {
    /// From SQLite.
    Sqlite(SqliteRow<'r>),
    /// From PostgreSQL.
    Postgres(&'r PgRow),
}

/// A row of SQLite, which is read in place.
pub struct SqliteRow<'r> {
    row: &'r rusqlite::Row<'r>,
    /// Where the next column is likely to be: rows are mostly read in the order of their columns.
    next: Cell<usize>,
}

/// What can be read from a row.
pub trait FromRow: Sized {
    /// Reads the row's columns by name.
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

impl<'r> SqliteRow<'r> {
    pub(crate) fn new(row: &'r rusqlite::Row<'r>) -> Self {
        Self { row, next: Cell::new(0) }
    }

    fn named(&self, column: &str) -> Result<ValueRef<'r>> {
        let statement = self.row.as_ref();
        let count = statement.column_count();
        let first = self.next.get();
        for step in 0..count {
            let at = (first + step) % count;
            if statement.column_name(at).is_ok_and(|name| name == column) {
                self.next.set(at + 1);
                return self.at(at);
            }
        }
        Err(Error::internal(format!("a row has no column {column}")))
    }

    fn at(&self, at: usize) -> Result<ValueRef<'r>> {
        self.row.get_ref(at).map_err(from_sqlite)
    }
}

fn text(value: ValueRef<'_>) -> Result<Option<String>> {
    match value {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec()).map(Some).map_err(Error::internal),
        _ => Err(Error::internal("a column that should hold text does not")),
    }
}

fn number(value: ValueRef<'_>) -> Result<Option<i64>> {
    match value {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number)),
        _ => Err(Error::internal("a column that should hold a number does not")),
    }
}

fn present<T>(value: Option<T>, column: &str) -> Result<T> {
    value.ok_or_else(|| Error::internal(format!("the column {column} is null")))
}

impl Row<'_> {
    /// A text column that is never null.
    pub fn text(&self, column: &str) -> Result<String> {
        present(self.text_opt(column)?, column)
    }

    /// A text column that may be null.
    pub fn text_opt(&self, column: &str) -> Result<Option<String>> {
        match self {
            Row::Sqlite(row) => text(row.named(column)?),
            Row::Postgres(row) => row.try_get(column).map_err(from_sqlx),
        }
    }

    /// A number column that is never null.
    pub fn int(&self, column: &str) -> Result<i64> {
        present(self.int_opt(column)?, column)
    }

    /// A number column that may be null.
    pub fn int_opt(&self, column: &str) -> Result<Option<i64>> {
        match self {
            Row::Sqlite(row) => number(row.named(column)?),
            Row::Postgres(row) => row.try_get(column).map_err(from_sqlx),
        }
    }

    /// A number column that holds 0 or 1.
    pub fn flag(&self, column: &str) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }

    /// A moment.
    pub fn time(&self, column: &str) -> Result<Millis> {
        Ok(Millis(self.int(column)?))
    }

    /// A moment that may be null.
    pub fn time_opt(&self, column: &str) -> Result<Option<Millis>> {
        Ok(self.int_opt(column)?.map(Millis))
    }

    /// A text column that holds JSON of this shape.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T> {
        serde_json::from_str(&self.text(column)?).map_err(Error::internal)
    }

    fn text_at(&self, at: usize) -> Result<String> {
        match self {
            Row::Sqlite(row) => present(text(row.at(at)?)?, "asked for"),
            Row::Postgres(row) => row.try_get(at).map_err(from_sqlx),
        }
    }

    fn number_at(&self, at: usize) -> Result<i64> {
        match self {
            Row::Sqlite(row) => present(number(row.at(at)?)?, "asked for"),
            Row::Postgres(row) => row.try_get(at).map_err(from_sqlx),
        }
    }
}

/// All columns of a row with their values: text, number or null.
pub(crate) struct JsonRow(pub(crate) Vec<(String, Json)>);

impl FromRow for JsonRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let mut out = Vec::new();
        match row {
            Row::Sqlite(row) => {
                let statement = row.row.as_ref();
                for at in 0..statement.column_count() {
                    let name = statement.column_name(at).map_err(from_sqlite)?.to_owned();
                    let value = match row.at(at)? {
                        ValueRef::Null => Json::Null,
                        ValueRef::Integer(number) => Json::from(number),
                        other => text(other)?.map_or(Json::Null, Json::from),
                    };
                    out.push((name, value));
                }
            }
            Row::Postgres(row) => {
                for (at, column) in row.columns().iter().enumerate() {
                    let is_null = row.try_get_raw(at).map_err(from_sqlx)?.is_null();
                    let value = match (is_null, column.type_info().name()) {
                        (true, _) => Json::Null,
                        (false, "INT8") => Json::from(row.try_get::<i64, _>(at).map_err(from_sqlx)?),
                        (false, _) => Json::from(row.try_get::<String, _>(at).map_err(from_sqlx)?),
                    };
                    out.push((column.name().to_owned(), value));
                }
            }
        }
        Ok(Self(out))
    }
}

impl FromRow for String {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.text_at(0)
    }
}

impl FromRow for i64 {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.number_at(0)
    }
}

impl FromRow for (String, String) {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok((row.text_at(0)?, row.text_at(1)?))
    }
}

impl FromRow for (String, i64) {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok((row.text_at(0)?, row.number_at(1)?))
    }
}

impl FromRow for (i64, i64) {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok((row.number_at(0)?, row.number_at(1)?))
    }
}
