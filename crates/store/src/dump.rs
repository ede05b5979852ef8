//! Dumps: every row as a line of JSON, so that a dump of one database restores into the other.

use crate::row::JsonRow;
use crate::{Args, Db, Value};
use muster_base::{Error, Kind, Result};
use serde_json::{Map, Value as Json, json};
use std::io::BufRead;

/// Every table, parents before children, but those whose rows are true only while the program runs (`nodes`, `links`).
const TABLES: &[&str] = &[
    "meta",
    "counters",
    "orgs",
    "users",
    "sessions",
    "api_keys",
    "agent_tokens",
    "secrets",
    "idempotency",
    "event_heads",
    "events",
    "agents",
    "definitions",
    "agent_files",
    "enrolments",
    "conversations",
    "messages",
    "turns",
    "turn_steps",
    "turn_stream",
    "tasks",
    "token_usage",
    "memory",
    "traffic",
    "connectors",
    "connector_grants",
    "jobs",
];
/// How many rows are held in memory at once.
const BATCH: i64 = 500;

/// Columns that order a table uniquely, so that a dump walks it by key.
fn primary_key(table: &str) -> &'static [&'static str] {
    match table {
        "meta" | "counters" => &["name"],
        "sessions" => &["hash"],
        "secrets" => &["org_id", "owner", "field"],
        "idempotency" => &["org_id", "principal", "key"],
        "event_heads" | "traffic" => &["org_id"],
        "events" => &["org_id", "seq"],
        "definitions" => &["agent_id", "version"],
        "agent_files" => &["agent_id", "path"],
        "enrolments" => &["credential_id", "machine_id"],
        "tasks" => &["number"],
        "turn_steps" => &["turn_id", "step"],
        "turn_stream" => &["turn_id", "seq"],
        "memory" => &["org_id", "owner", "key"],
        "connector_grants" => &["connector_id", "agent_id"],
        _ => &["id"],
    }
}

/// Writes all rows to `out`, as they stand at one moment. Returns how many.
///
/// The database goes on serving meanwhile.
pub async fn dump(db: &Db, out: tokio::sync::mpsc::Sender<String>) -> Result<u64> {
    db.snapshot(move |tx| {
        Box::pin(async move {
            let mut count = 0;
            send(&out, json!({"format": "muster-dump", "version": 1})).await?;
            for table in TABLES {
                let key = primary_key(table);
                let columns = key.join(", ");
                let mut after: Option<Vec<Value>> = None;
                loop {
                    let (filter, args): (String, Args) = match &after {
                        None => (String::new(), vec![]),
                        Some(last) => {
                            let marks: Vec<String> = (1..=key.len()).map(|n| format!("${n}")).collect();
                            (format!(" WHERE ({columns}) > ({})", marks.join(", ")), last.clone())
                        }
                    };
                    let sql = format!("SELECT * FROM {table}{filter} ORDER BY {columns} LIMIT {BATCH}");
                    let rows: Vec<JsonRow> = tx.all(sql, args).await?;
                    let full = rows.len() as i64 == BATCH;
                    for JsonRow(row) in rows {
                        let fields: Map<String, Json> = row.into_iter().collect();
                        after = Some(key.iter().map(|column| value_of(&fields[*column])).collect());
                        send(&out, json!({"table": table, "row": fields})).await?;
                        count += 1;
                    }
                    if !full {
                        break;
                    }
                }
            }
            send(&out, json!({"end": true, "rows": count})).await?;
            Ok(count)
        })
    })
    .await
}

/// Waits while the file is behind: never by blocking the thread, which may have others' work.
async fn send(out: &tokio::sync::mpsc::Sender<String>, line: Json) -> Result<()> {
    out.send(line.to_string()).await.map_err(|_| Error::internal("the backup's file could not be written"))
}

fn value_of(json: &Json) -> Value {
    match json {
        Json::Number(number) => Value::Int(number.as_i64()),
        Json::String(text) => Value::Text(Some(text.clone())),
        _ => Value::Text(None),
    }
}

/// Reads a dump into an empty database, all or nothing. Returns how many rows.
///
/// A database that already holds an org, a damaged dump and one that ends too early are refused.
pub async fn restore(db: &Db, input: impl BufRead + Send + 'static) -> Result<u64> {
    let numbers = number_columns(db).await?;
    db.write(move |tx| {
        Box::pin(async move {
            let orgs: i64 = tx.one("SELECT count(*) FROM orgs", vec![]).await?;
            if orgs > 0 {
                return Err(Error::conflict(
                    "this database is not empty; restore into a fresh data directory or database",
                ));
            }
            // What a look at a fresh database has left there, such as the check of its key, comes with the backup.
            tx.execute("DELETE FROM meta", vec![]).await?;
            let (mut count, mut ended) = (0u64, false);
            for (at, line) in input.lines().enumerate() {
                let line = line.map_err(|error| damaged(at, error))?;
                let entry: Json = serde_json::from_str(&line).map_err(|error| damaged(at, error))?;
                if at == 0 {
                    if entry["format"] != "muster-dump" || entry["version"] != 1 {
                        return Err(Error::invalid(
                            "file",
                            "is not a Muster backup of a version that this program reads",
                        ));
                    }
                } else if ended {
                    return Err(damaged(at, "nothing may follow the end"));
                } else if entry["end"] == true {
                    ended = entry["rows"].as_u64() == Some(count);
                } else {
                    insert(tx, &entry, &numbers).await.map_err(|error| damaged(at, error))?;
                    count += 1;
                }
            }
            if ended {
                Ok(count)
            } else {
                Err(Error::invalid("file", "the backup ends too early; nothing was restored"))
            }
        })
    })
    .await
}

fn damaged(line: usize, error: impl std::fmt::Display) -> Error {
    Error::new(Kind::Invalid, "backup.damaged", format!("line {} of the backup cannot be restored: {error}", line + 1))
}

async fn insert(tx: &mut crate::Tx, entry: &Json, numbers: &[(String, String)]) -> Result<()> {
    let table = TABLES
        .iter()
        .find(|t| entry["table"] == **t)
        .ok_or_else(|| Error::invalid("file", "names an unknown table"))?;
    let fields = entry["row"].as_object().ok_or_else(|| Error::invalid("file", "has a row that is no object"))?;
    let sane = |name: &String| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if !fields.keys().all(sane) {
        return Err(Error::invalid("file", "names a column that cannot exist"));
    }
    let columns: Vec<&str> = fields.keys().map(String::as_str).collect();
    let marks: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    let args: Args = fields
        .iter()
        .map(|(column, value)| match value {
            Json::Null if numbers.iter().any(|(t, c)| t == table && c == column) => Value::Int(None),
            other => value_of(other),
        })
        .collect();
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), marks.join(", "));
    tx.execute(sql, args).await.map(drop)
}

/// PostgreSQL wants to know the type of a null.
async fn number_columns(db: &Db) -> Result<Vec<(String, String)>> {
    if db.backend() == crate::Backend::Sqlite {
        return Ok(vec![]);
    }
    db.all(
        "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'bigint'",
        vec![],
    )
    .await
}
