//! `muster connectors`

mod csv;
mod query;

use super::Connection;
use super::table::{Field, table};
use super::terminal::{Ink, harmless, one_line, remark, say};
use clap::{Args, Subcommand};
use muster_base::{Error, Kind, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Look at the org's data sources, try them and ask them
#[derive(Subcommand)]
pub(crate) enum Connectors {
    /// List the connectors
    Ls(Ls),
    /// Show a connector's settings and what can be asked for
    Show(Show),
    /// List the types of connectors, or show how one is set up and queried
    Types(Types),
    /// Try whether a connector's source answers
    Test(Test),
    /// Ask a connector's source
    #[command(after_help = query::HELP)]
    Query(query::Query),
}

/// What is listed.
#[derive(Args)]
pub(crate) struct Ls {
    #[command(flatten)]
    connection: Connection,
}

/// What is shown.
#[derive(Args)]
pub(crate) struct Show {
    /// The connector, by its name or id
    name: String,
    #[command(flatten)]
    connection: Connection,
}

/// Which types are shown.
#[derive(Args)]
pub(crate) struct Types {
    /// A type, e.g. postgresql
    kind: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

/// What is tried.
#[derive(Args)]
pub(crate) struct Test {
    /// The connector, by its name or id
    name: String,
    #[command(flatten)]
    connection: Connection,
}

/// A connector in the list.
#[derive(Debug, Deserialize)]
struct Listed {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    description: String,
    enabled: bool,
}

/// A connector with its settings.
#[derive(Debug, Deserialize)]
struct Whole {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    description: String,
    enabled: bool,
    settings: Map<String, Value>,
}

/// A type of connector.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Type {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    summary: String,
    query_form: String,
    settings_schema: Value,
}

/// What can be asked for.
#[derive(Debug, Deserialize)]
struct Resource {
    name: String,
    description: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tested {
    ok: bool,
    message: String,
    elapsed_ms: u64,
}

impl Connectors {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::Ls(ls) => ls.run().await,
            Self::Show(show) => show.run().await,
            Self::Types(types) => types.run().await,
            Self::Test(test) => test.run().await,
            Self::Query(query) => query.run().await,
        }
    }
}

impl Ls {
    async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        // This list is for all who may query; the one with settings is for admins.
        let answer = api.get(&api.in_network(&["agents", "connectors"])).await?;
        if self.connection.json {
            return say(format!("{answer:#}"));
        }
        let listed: Vec<Listed> = api.read(answer["connectors"].clone())?;
        if listed.is_empty() {
            remark(
                "there are no connectors; an admin sets them up in the console or by POST /v1/orgs/{org}/connectors",
            );
            return Ok(());
        }
        say(table(["NAME", "TYPE", "STATE", "DESCRIPTION"], listed.iter().map(row).collect()))
    }
}

fn row(listed: &Listed) -> [Field; 4] {
    let state = if listed.enabled { Field::text("enabled") } else { Field::text("disabled").ink(Some(Ink::Dim)) };
    [
        Field::text(one_line(&listed.name, 60)).ink(Some(Ink::Bold)),
        Field::text(one_line(&listed.kind, 30)),
        state,
        Field::text(one_line(&listed.description, 80)),
    ]
}

impl Show {
    async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        let answer = api.get(&api.in_org(&["connectors", &self.name], &[]).await?).await?;
        let url = api.in_org(&["connectors", &self.name, "resources"], &[]).await?;
        // The settings are worth showing also when the source does not answer.
        let resources = api.get(&url).await;
        if self.connection.json {
            let mut answer = answer;
            answer["resources"] = resources.map_or(Value::Null, |found| found["data"].clone());
            return say(format!("{answer:#}"));
        }
        let whole: Whole = api.read(answer)?;
        say(format!("{} ({}, {})", one_line(&whole.name, 100), one_line(&whole.kind, 30), whole.id))?;
        say(if whole.enabled { "enabled" } else { "disabled" })?;
        if !whole.description.is_empty() {
            say(harmless(&whole.description))?;
        }
        say("")?;
        let settings =
            whole.settings.iter().map(|(name, value)| [Field::text(one_line(name, 60)), Field::text(setting(value))]);
        say(table(["SETTING", "VALUE"], settings.collect()))?;
        match resources {
            Ok(found) => {
                let found: Vec<Resource> = api.read(found["data"].clone())?;
                if found.is_empty() {
                    return Ok(());
                }
                say("")?;
                let rows = found.iter().map(|found| {
                    [Field::text(one_line(&found.name, 80)), Field::text(one_line(&found.description, 100))]
                });
                say(table(["RESOURCE", "DESCRIPTION"], rows.collect()))
            }
            Err(error) => {
                remark(&format!("what can be asked for is not known: {}", error.message()));
                Ok(())
            }
        }
    }
}

/// A setting for people; a secret says when it was set.
fn setting(value: &Value) -> String {
    match value {
        Value::Object(shown) if shown.get("redacted") == Some(&Value::Bool(true)) => {
            format!("(set {})", shown.get("updatedAt").and_then(Value::as_str).unwrap_or_default())
        }
        Value::String(text) => one_line(text, 100),
        other => one_line(&other.to_string(), 100),
    }
}

impl Types {
    async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        let answer = api.get(&api.in_org(&["connector-types"], &[]).await?).await?;
        let types: Vec<Type> = api.read(answer["data"].clone())?;
        let Some(kind) = &self.kind else {
            if self.connection.json {
                return say(format!("{answer:#}"));
            }
            let rows = types.iter().map(|known| [Field::text(known.kind.clone()), Field::text(known.summary.clone())]);
            return say(table(["TYPE", "WHAT IT READS"], rows.collect()));
        };
        let Some(at) = types.iter().position(|known| known.kind == *kind) else {
            let known: Vec<&str> = types.iter().map(|known| known.kind.as_str()).collect();
            return Err(Error::invalid("kind", format!("`{kind}` is no type; the types are {}", known.join(", "))));
        };
        if self.connection.json {
            return say(format!("{:#}", answer["data"][at]));
        }
        let known = &types[at];
        say(format!("{} ({})\n{}\n", known.title, known.kind, known.summary))?;
        say(table(["SETTING", "NEEDED", "DEFAULT", "DESCRIPTION"], settings(&known.settings_schema)))?;
        say(format!("\n{}", known.query_form))
    }
}

/// The settings of a type in the order of its form.
fn settings(schema: &Value) -> Vec<[Field; 4]> {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let order = schema["x-order"].as_array().into_iter().flatten().filter_map(Value::as_str);
    order
        .map(|name| {
            let property = &schema["properties"][name];
            let needed = match (required.contains(&name), property["writeOnly"] == true) {
                (true, true) => "yes, secret",
                (true, false) => "yes",
                (false, true) => "secret",
                (false, false) => "",
            };
            let default = property.get("default").map(setting).unwrap_or_default();
            let description = property["description"].as_str().unwrap_or_default();
            [Field::text(name), Field::text(needed), Field::text(default), Field::text(one_line(description, 200))]
        })
        .collect()
}

impl Test {
    async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        let url = api.in_org(&["connectors", &self.name, "_test"], &[]).await?;
        let answer = api.post(&url, &Value::Object(Map::new())).await?;
        let tested: Tested = api.read(answer.clone())?;
        if self.connection.json {
            say(format!("{answer:#}"))?;
        }
        match (tested.ok, self.connection.json) {
            (true, true) => Ok(()),
            (true, false) => say(format!("{} ({} ms)", harmless(&tested.message), tested.elapsed_ms)),
            (false, _) => Err(Error::new(Kind::Upstream, "connector.failed", harmless(&tested.message))),
        }
    }
}
