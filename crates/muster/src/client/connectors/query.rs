//! `muster connectors query`

use super::csv;
use crate::client::Connection;
use crate::client::interrupt::standard_input;
use crate::client::table::{Field, rows_of};
use crate::client::terminal::{one_line, remark, say};
use clap::Args;
use muster_base::{Error, Result};
use serde_json::{Map, Value, json};
use std::time::Duration;

pub(super) const HELP: &str = "\
How a query is written depends on the type: see `muster connectors types TYPE`.

Examples:
  muster connectors query shop \"SELECT id, total FROM orders WHERE customer = :c\" --param c=17
  muster connectors query shop --resource orders --csv > orders.csv
  muster connectors query github --resource issues/list --param repo=example/shop --json
  cat report.sql | muster connectors query shop - --limit 10000 --timeout 120";

/// What is asked.
#[derive(Args)]
pub(crate) struct Query {
    /// The connector, by its name or id
    name: String,
    /// SQL, a filter, a search expression; - is standard input
    #[arg(default_value = "")]
    query: String,
    /// A table, collection or endpoint
    #[arg(long, short, default_value = "")]
    resource: String,
    /// A named value; what reads as JSON, such as 7 or [1, 2], is JSON
    #[arg(long, short, value_name = "NAME=VALUE")]
    param: Vec<String>,
    /// The most rows, up to 10000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: Option<i64>,
    /// The most seconds, up to 120
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=120))]
    timeout: Option<u64>,
    /// Print comma-separated values, for spreadsheets
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Columns and rows, whatever the source gives.
struct Shown {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl Query {
    pub(super) async fn run(self) -> Result<()> {
        let query = if self.query == "-" { standard_input("query")? } else { self.query.clone() };
        let api = self.connection.open_patiently(Duration::from_secs(self.timeout.unwrap_or(30)))?;
        let url = api.in_org(&["connectors", &self.name, "_query"], &[]).await?;
        let answer = api.post(&url, &self.body(&query)?).await?;
        if self.connection.json {
            return say(format!("{answer:#}"));
        }
        let shown = shown(&answer);
        if self.csv {
            say(csv::line(&shown.columns.iter().map(|name| Value::from(name.as_str())).collect::<Vec<_>>()))?;
            shown.rows.iter().try_for_each(|row| say(csv::line(row)))?;
        } else if !shown.rows.is_empty() {
            let cell = |value: &Value| match value {
                Value::Null => Field::text(""),
                Value::String(text) => Field::text(one_line(text, 200)),
                other => Field::text(one_line(&other.to_string(), 200)),
            };
            let rows = shown.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
            say(rows_of(&shown.columns, rows))?;
        }
        remark(&told(&answer, shown.rows.len()));
        Ok(())
    }

    fn body(&self, query: &str) -> Result<Value> {
        let mut params = Map::new();
        for param in &self.param {
            let Some((name, value)) = param.split_once('=') else {
                return Err(Error::invalid("param", format!("`{param}` must be NAME=VALUE")));
            };
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            params.insert(name.trim().to_owned(), value);
        }
        let mut body = json!({"resource": self.resource, "query": query, "params": params});
        if let Some(limit) = self.limit {
            body["limit"] = limit.into();
        }
        if let Some(seconds) = self.timeout {
            body["timeoutMs"] = (seconds * 1000).into();
        }
        Ok(body)
    }
}

/// How much it was.
fn told(answer: &Value, count: usize) -> String {
    let more = if answer["truncated"] == true { "; there are more: see --limit, or narrow the query" } else { "" };
    let rows = if count == 1 { "row" } else { "rows" };
    format!("{count} {rows} in {} ms{more}", answer["elapsedMs"])
}

fn shown(answer: &Value) -> Shown {
    let texts =
        |value: &Value| value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    if let Some(rows) = answer["rows"].as_array() {
        let rows = rows.iter().map(|row| row.as_array().cloned().unwrap_or_default()).collect();
        return Shown { columns: texts(&answer["columns"]), rows };
    }
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    let mut columns: Vec<String> = Vec::new();
    for name in items.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    if columns.is_empty() || !items.iter().all(Value::is_object) {
        return Shown { columns: vec!["value".to_owned()], rows: items.into_iter().map(|item| vec![item]).collect() };
    }
    let row = |item: &Value| columns.iter().map(|name| item.get(name).cloned().unwrap_or_default()).collect();
    Shown { rows: items.iter().map(row).collect(), columns }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        query: Query,
    }

    fn body(args: &[&str]) -> Result<Value> {
        let query = Command::try_parse_from(["query", "shop"].iter().chain(args)).unwrap().query;
        let text = query.query.clone();
        query.body(&text)
    }

    #[test]
    fn values_are_json_where_they_read_as_it() {
        let args = [
            "SELECT 1",
            "--param",
            "a=7",
            "--param",
            "b=x=y",
            "--param",
            "c=[1, \"z\"]",
            "--limit",
            "5",
            "--timeout",
            "9",
        ];
        let expected = json!({"resource": "", "query": "SELECT 1", "params": {"a": 7, "b": "x=y", "c": [1, "z"]},
            "limit": 5, "timeoutMs": 9000});
        assert_eq!(body(&args).unwrap(), expected);
        assert_eq!(body(&["--param", "a"]).unwrap_err().field(), Some("param"));
    }

    #[test]
    fn rows_and_items_are_shown_alike() {
        let rows = shown(&json!({"columns": ["a", "b"], "rows": [[1, null]]}));
        assert_eq!(
            (rows.columns, rows.rows),
            (vec!["a".to_owned(), "b".to_owned()], vec![vec![json!(1), json!(null)]])
        );
        let items = shown(&json!({"items": [{"a": 1}, {"b": 2}]}));
        assert_eq!(items.rows, [[json!(1), json!(null)], [json!(null), json!(2)]]);
        assert_eq!(shown(&json!({"items": ["x", 1]})).rows, [[json!("x")], [json!(1)]]);
    }
}
