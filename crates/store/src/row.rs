//! Rows that come back, read by column name.

use crate::error::from_sqlx;
use muster_base::{Error, Millis, Result};
use serde_json::Value as Json;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column, Row as _, TypeInfo, ValueRef};

/// A row of either database.
pub enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
}

/// What can be read from a row.
pub trait FromRow: Sized {
    /// Reads the row's columns by name.
    fn from_row(row: &Row) -> Result<Self>;
}

macro_rules! read {
    ($row:expr, $column:expr) => {
        match $row {
            Row::Sqlite(row) => row.try_get($column).map_err(from_sqlx),
            Row::Postgres(row) => row.try_get($column).map_err(from_sqlx),
        }
    };
}

impl Row {
    /// A text column that is never null.
    pub fn text(&self, column: &str) -> Result<String> {
        read!(self, column)
    }

    /// A text column that may be null.
    pub fn text_opt(&self, column: &str) -> Result<Option<String>> {
        read!(self, column)
    }

    /// A number column that is never null.
    pub fn int(&self, column: &str) -> Result<i64> {
        read!(self, column)
    }

    /// A number column that may be null.
    pub fn int_opt(&self, column: &str) -> Result<Option<i64>> {
        read!(self, column)
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

    fn number_at(&self, at: usize) -> Result<i64> {
        read!(self, at)
    }

    fn text_at(&self, at: usize) -> Result<String> {
        read!(self, at)
    }

    /// All columns with their values, for dumps: text or number or null.
    pub(crate) fn to_json(&self) -> Result<Vec<(String, Json)>> {
        let columns: Vec<(usize, String, bool, bool)> = match self {
            Row::Sqlite(row) => row
                .columns()
                .iter()
                .enumerate()
                .map(|(at, c)| {
                    let raw = row.try_get_raw(at).map_err(from_sqlx)?;
                    let is_number = raw.type_info().name() == "INTEGER";
                    Ok((at, c.name().to_owned(), is_number, raw.is_null()))
                })
                .collect::<Result<_>>()?,
            Row::Postgres(row) => row
                .columns()
                .iter()
                .enumerate()
                .map(|(at, c)| {
                    let is_null = row.try_get_raw(at).map_err(from_sqlx)?.is_null();
                    Ok((at, c.name().to_owned(), c.type_info().name() == "INT8", is_null))
                })
                .collect::<Result<_>>()?,
        };
        let mut out = Vec::with_capacity(columns.len());
        for (at, name, is_number, is_null) in columns {
            let value = match (is_null, is_number) {
                (true, _) => Json::Null,
                (false, true) => Json::from(self.number_at(at)?),
                (false, false) => Json::from(self.text_at(at)?),
            };
            out.push((name, value));
        }
        Ok(out)
    }
}

impl FromRow for String {
    fn from_row(row: &Row) -> Result<Self> {
        read!(row, 0)
    }
}

impl FromRow for i64 {
    fn from_row(row: &Row) -> Result<Self> {
        read!(row, 0)
    }
}

impl FromRow for (String, String) {
    fn from_row(row: &Row) -> Result<Self> {
        Ok((read!(row, 0)?, read!(row, 1)?))
    }
}

impl FromRow for (String, i64) {
    fn from_row(row: &Row) -> Result<Self> {
        Ok((read!(row, 0)?, read!(row, 1)?))
    }
}

impl FromRow for (i64, i64) {
    fn from_row(row: &Row) -> Result<Self> {
        Ok((read!(row, 0)?, read!(row, 1)?))
    }
}
