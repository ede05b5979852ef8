//! What is made of a query: its values take the types that the server infers, each column has a form that can be read,
//! and rows and values are cut at the server where they exceed the limits.

use super::connection::of_query;
use super::values::{self, Shape, shape};
use super::volatile;
use crate::params::wrong;
use crate::sql::pool::Read;
use crate::sql::rows::Table;
use crate::sql::{Part, Sql, refuse};
use futures::StreamExt as _;
use muster_base::{Error, Result};
use muster_domain::connectors::Limits;
use serde_json::{Map, Value};
use sqlparser::ast::Statement;
use sqlx::postgres::{PgArguments, PgTypeInfo};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Connection as _, Either, Executor as _, PgConnection, Row as _,
    Statement as _,
};

/// The fewest characters that a value may have before it is cut.
const SHORTEST_CUT: usize = 64 * 1024;

/// A statement ready to be run.
#[derive(Debug)]
pub(super) struct Plan {
    sql: String,
    columns: Vec<Column>,
    /// The values in the order of their places, and whether each goes in as a list.
    values: Vec<(String, bool)>,
    /// At how many characters a value was cut.
    cut: usize,
}

#[derive(Debug)]
struct Column {
    name: String,
    shape: Shape,
}

/// Asks the server what a query takes and gives, and puts together what is run.
pub(super) async fn make(connection: &mut PgConnection, sql: &Sql, limits: &Limits) -> Result<Plan> {
    // What the connection remembers of this very query may be from before a table was changed.
    connection.clear_cached_statements().await.map_err(of_query)?;
    let mut count = 0;
    let plain = sql.write(|_| {
        count += 1;
        format!("${count}")
    });
    let prepared =
        (&mut *connection).prepare(sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(plain))).await.map_err(of_query)?;
    let types: Vec<PgTypeInfo> = match prepared.parameters() {
        Some(Either::Left(types)) => types.to_vec(),
        _ => vec![],
    };
    let described: Vec<(String, PgTypeInfo)> =
        prepared.columns().iter().map(|column| (column.name().to_owned(), column.type_info().clone())).collect();
    let names = type_names(connection, &types).await?;
    volatile::check(connection, sql, &with_nulls(sql, &names)).await?;
    let (text, values) = with_casts(sql, &types, &names);
    if described.is_empty() {
        return Err(refuse("must give at least one column"));
    }
    let cut = SHORTEST_CUT.max(limits.bytes / described.len());
    let wraps = matches!(sql.statement, Statement::Query(_));
    let columns: Vec<Column> =
        described.iter().map(|(name, kind)| Column { name: name.clone(), shape: shape(kind).0 }).collect();
    let sql = if wraps {
        // Inside of another query nothing can change data, whatever it is.
        let list = |write: &dyn Fn(usize) -> String| (1..=described.len()).map(write).collect::<Vec<_>>().join(", ");
        let projected =
            list(&|at| shape(&described[at - 1].1).1.replace("$c", &format!("c{at}")).replace("$n", &cut.to_string()));
        let aliases = list(&|at| format!("c{at}"));
        format!("SELECT {projected} FROM ({text}) AS muster_query({aliases}) LIMIT {}", limits.rows + 1)
    } else {
        text
    };
    Ok(Plan { sql, columns, values, cut })
}

/// The types' names as a cast writes them.
async fn type_names(connection: &mut PgConnection, types: &[PgTypeInfo]) -> Result<Vec<String>> {
    if types.is_empty() {
        return Ok(vec![]);
    }
    let numbers: Vec<i64> = types.iter().map(|kind| kind.oid().map_or(25, |oid| i64::from(oid.0))).collect();
    let text =
        "SELECT pg_catalog.format_type(o::oid, NULL) FROM unnest($1::bigint[]) WITH ORDINALITY AS t(o, n) ORDER BY n";
    let rows = connection.fetch_all(sqlx::query(text).bind(numbers)).await.map_err(of_query)?;
    rows.iter().map(|row| row.try_get::<String, _>(0).map_err(Error::internal)).collect()
}

/// The query with no values, but of the types which the server inferred.
fn with_nulls(sql: &Sql, names: &[String]) -> String {
    let mut types = names.iter();
    sql.write(|_| format!("CAST(NULL AS {})", types.next().map_or("text", String::as_str)))
}

/// The query with each value as text that is cast to the type which the server inferred.
fn with_casts(sql: &Sql, types: &[PgTypeInfo], names: &[String]) -> (String, Vec<(String, bool)>) {
    let mut values = Vec::new();
    let mut text = String::new();
    for part in &sql.parts {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Named(name) => {
                let at = values.len();
                let known = names.get(at).map_or("text", String::as_str);
                let is_list = types.get(at).is_some_and(IsArray::kind_is_array);
                values.push((name.clone(), is_list));
                text.push_str(&format!("CAST(CAST(${} AS text) AS {known})", at + 1));
            }
        }
    }
    (text, values)
}

trait IsArray {
    fn kind_is_array(&self) -> bool;
}

impl IsArray for PgTypeInfo {
    fn kind_is_array(&self) -> bool {
        matches!(self.kind(), sqlx::postgres::PgTypeKind::Array(_))
    }
}

impl Plan {
    /// Runs it, to the last row or as far as the limits go.
    pub(super) async fn run(
        &self,
        connection: &mut PgConnection,
        params: &Map<String, Value>,
        limits: &Limits,
    ) -> Result<Read> {
        let arguments = self.arguments(params)?;
        let mut table = Table::new(limits, self.columns.iter().map(|column| column.name.clone()).collect());
        let mut rows = sqlx::query_with(AssertSqlSafe(self.sql.clone()), arguments).fetch(connection);
        while let Some(row) = rows.next().await {
            let row = row.map_err(of_query)?;
            let mut values = Vec::with_capacity(self.columns.len());
            for (at, column) in self.columns.iter().enumerate() {
                let raw = row.try_get_raw(at).map_err(Error::internal)?;
                values.push(values::json(column.shape, raw)?);
            }
            if values.iter().any(|value| self.is_cut(value)) {
                table.cut();
            }
            if !table.take(values) {
                // One row too many was asked for. Where the bytes were the limit, more may be on its way.
                let more = rows.next().await.is_some();
                return Ok(if more { Read::Stopped(table) } else { Read::Whole(table) });
            }
        }
        Ok(Read::Whole(table))
    }

    /// The values as the statement takes them.
    fn arguments(&self, params: &Map<String, Value>) -> Result<PgArguments> {
        let mut arguments = PgArguments::default();
        for (name, is_list) in &self.values {
            let value = params.get(name).unwrap_or(&Value::Null);
            let text = match value {
                Value::Array(items) if *is_list => Some(
                    list(items).ok_or_else(|| wrong(name, "must be a list of text, numbers, true, false and null"))?,
                ),
                value => text(value),
            };
            arguments.add(text).map_err(Error::internal)?;
        }
        Ok(arguments)
    }

    /// Whether the server cut a value.
    fn is_cut(&self, value: &Value) -> bool {
        matches!(value, Value::String(text) if text.len() >= self.cut && text.chars().count() >= self.cut)
    }
}

/// A value as PostgreSQL reads it from text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// A list as PostgreSQL reads an array.
fn list(items: &[Value]) -> Option<String> {
    let mut parts = Vec::with_capacity(items.len());
    for item in items {
        parts.push(match item {
            Value::Null => "NULL".to_owned(),
            Value::Array(items) => list(items)?,
            Value::Object(_) => return None,
            value => {
                let text = text(value)?;
                format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
        });
    }
    Some(format!("{{{}}}", parts.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_written_so_that_no_item_ends_early() {
        let items = json!([1, "a,b", "c\"d\\e}", null, [true]]);
        let text = list(items.as_array().expect("a list")).expect("writable");
        assert_eq!(text, r#"{"1","a,b","c\"d\\e}",NULL,{"true"}}"#);
        assert!(list(&[json!({})]).is_none());
    }
}
