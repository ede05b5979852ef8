//! `muster memory`

use super::Connection;
use super::api::Api;
use super::interrupt::standard_input;
use super::table::{Field, table};
use super::terminal::{Ink, harmless, one_line, remark, say};
use super::times::{ago, now};
use clap::{Args, Subcommand};
use muster_base::{Error, Millis, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const SET_HELP: &str = "\
Examples:
  muster memory set deploy/window \"Tuesdays 10:00\"
  muster memory set limits '{\"cpu\": 4}' --as-json
  cat notes.md | muster memory set notes -";

/// Read and write what all agents of the org share
#[derive(Subcommand)]
pub(crate) enum Memory {
    /// Print the value of a key
    Get(Get),
    /// Set the value of a key
    #[command(after_help = SET_HELP)]
    Set(Set),
    /// List the keys, or those that begin with a text
    Ls(Ls),
    /// Forget a key
    Rm(Rm),
}

/// Whose memory, and where.
#[derive(Args)]
pub(crate) struct Of {
    /// The own memory of the agent whose key is used, in place of what all share
    #[arg(long)]
    own: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What is read.
#[derive(Args)]
pub(crate) struct Get {
    /// The key
    #[arg(id = "name", value_name = "KEY")]
    key: String,
    #[command(flatten)]
    of: Of,
}

/// What is set.
#[derive(Args)]
pub(crate) struct Set {
    /// The key
    #[arg(id = "name", value_name = "KEY")]
    key: String,
    /// The value, a text; - is standard input
    value: String,
    /// The value is JSON
    #[arg(long)]
    as_json: bool,
    /// Set it only if it has this revision; 0 only if it is not there
    #[arg(long, value_name = "REVISION", value_parser = clap::value_parser!(i64).range(0..))]
    if_revision: Option<i64>,
    #[command(flatten)]
    of: Of,
}

/// What is listed.
#[derive(Args)]
pub(crate) struct Ls {
    /// Only keys that begin with this
    #[arg(default_value = "")]
    prefix: String,
    #[command(flatten)]
    of: Of,
}

/// What is forgotten.
#[derive(Args)]
pub(crate) struct Rm {
    /// The key
    #[arg(id = "name", value_name = "KEY")]
    key: String,
    #[command(flatten)]
    of: Of,
}

/// A value as the server shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    key: String,
    value: Value,
    revision: i64,
    updated_at: Millis,
}

impl Memory {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::Get(get) => get.run().await,
            Self::Set(set) => set.run().await,
            Self::Ls(ls) => ls.run().await,
            Self::Rm(rm) => rm.run().await,
        }
    }
}

impl Of {
    /// What is asked, with whose memory is meant.
    fn body(&self, operation: &str, fields: Value) -> Value {
        let scope = if self.own { "agent" } else { "tenant" };
        let mut body = Map::from_iter([("operation".to_owned(), json!(operation)), ("scope".to_owned(), json!(scope))]);
        if let Value::Object(fields) = fields {
            body.extend(fields.into_iter().filter(|(_, value)| operation == "set" || !value.is_null()));
        }
        Value::Object(body)
    }

    async fn ask(&self, api: &Api, body: Value) -> Result<Value> {
        api.post(&api.in_network(&["agents", "memory"]), &body).await
    }

    async fn ask_once(&self, body: Value) -> Result<Value> {
        self.ask(&self.connection.open()?, body).await
    }
}

impl Get {
    async fn run(self) -> Result<()> {
        let answer = self.of.ask_once(self.of.body("get", json!({"key": self.key}))).await?;
        if self.of.connection.json {
            return say(format!("{answer:#}"));
        }
        match &answer["value"] {
            Value::String(text) => say(harmless(text)),
            other => say(format!("{other:#}")),
        }
    }
}

impl Set {
    fn fields(&self, text: String) -> Result<Value> {
        let value = if self.as_json {
            serde_json::from_str(&text).map_err(|error| Error::invalid("value", format!("is not JSON: {error}")))?
        } else {
            Value::String(text)
        };
        let mut fields = json!({"key": self.key, "value": value});
        if let Some(revision) = self.if_revision {
            fields["ifRevision"] = json!(revision);
        }
        Ok(fields)
    }

    async fn run(self) -> Result<()> {
        let text = if self.value == "-" { standard_input("value")? } else { self.value.clone() };
        let answer = self.of.ask_once(self.of.body("set", self.fields(text)?)).await?;
        if self.of.connection.json {
            return say(format!("{answer:#}"));
        }
        say(format!("set {}, revision {}", one_line(&self.key, 100), answer["revision"]))
    }
}

impl Ls {
    async fn run(self) -> Result<()> {
        let api = self.of.connection.open()?;
        let (mut entries, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let fields = json!({"prefix": self.prefix, "limit": 200, "cursor": cursor});
            let mut page = self.of.ask(&api, self.of.body("list", fields)).await?;
            if let Value::Array(found) = page["entries"].take() {
                entries.extend(found);
            }
            cursor = page["nextCursor"].take();
            if cursor.is_null() {
                break;
            }
        }
        if self.of.connection.json {
            return say(format!("{:#}", Value::Array(entries)));
        }
        let now = now();
        let rows = entries.into_iter().map(|entry| Ok(row(&api.read(entry)?, now))).collect::<Result<Vec<_>>>()?;
        say(table(["KEY", "REVISION", "SET", "VALUE"], rows))
    }
}

fn row(entry: &Entry, now: Millis) -> [Field; 4] {
    let value = match &entry.value {
        Value::String(text) => one_line(text, 60),
        other => one_line(&other.to_string(), 60),
    };
    [
        Field::text(one_line(&entry.key, 60)).ink(Some(Ink::Bold)),
        Field::number(entry.revision),
        Field::text(ago(entry.updated_at, now)),
        Field::text(value),
    ]
}

impl Rm {
    async fn run(self) -> Result<()> {
        let answer = self.of.ask_once(self.of.body("delete", json!({"key": self.key}))).await?;
        if self.of.connection.json {
            return say(format!("{answer:#}"));
        }
        if answer["deleted"] == true {
            return say(format!("forgot {}", one_line(&self.key, 100)));
        }
        remark("there was nothing under this key");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(subcommand)]
        memory: Memory,
    }

    fn set(args: &[&str]) -> Set {
        match Command::try_parse_from(["memory", "set", "k"].iter().chain(args)).unwrap().memory {
            Memory::Set(set) => set,
            _ => panic!("another command"),
        }
    }

    #[test]
    fn a_value_is_a_text_unless_it_is_said_to_be_json() {
        let text = set(&["5"]);
        assert_eq!(text.fields("5".to_owned()).unwrap(), json!({"key": "k", "value": "5"}));
        let number = set(&["5", "--as-json", "--if-revision", "3"]);
        assert_eq!(number.fields("5".to_owned()).unwrap(), json!({"key": "k", "value": 5, "ifRevision": 3}));
        let wrong = number.fields("{".to_owned()).unwrap_err();
        assert_eq!(wrong.field(), Some("value"));
        let null = set(&["null", "--as-json", "--own"]);
        let body = null.of.body("set", null.fields("null".to_owned()).unwrap());
        assert_eq!(body, json!({"operation": "set", "scope": "agent", "key": "k", "value": null}));
    }

    #[test]
    fn a_row_shows_a_value_in_one_harmless_line() {
        let now = Millis(1_795_320_000_000);
        let entry = Entry {
            key: "a/b".to_owned(),
            value: json!("two\nlines\u{1b}[31m"),
            revision: 1200,
            updated_at: Millis(now.0 - 180_000),
        };
        let texts = row(&entry, now).map(|field| field.text);
        assert_eq!(texts, ["a/b", "1,200", "3 min ago", "two lines[31m"]);
        let object = Entry { value: json!({"a": [1]}), ..entry };
        assert_eq!(row(&object, now)[3].text, r#"{"a":[1]}"#);
    }
}
