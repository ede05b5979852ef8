//! `docs/connectors.md` is written from what the types say about themselves.

use crate::support::{open, outbound};
use muster_domain::connectors::{About, Resource};
use muster_outbound::Policy;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Types whose resources are what the source has; they are told once it is reached.
const LISTED_BY_THE_SOURCE: &[&str] = &["postgresql", "mysql", "redis", "mongodb", "http", "clickhouse"];

const BEGIN: &str = "\
# Types of connectors

<!-- Written by a test from what the types say about themselves. To write it anew:
UPDATE_SNAPSHOTS=1 cargo nextest run -p muster-connectors document -->

A connector is a data source of another system, which people and agents may query and never change. [network.md](network.md#connectors) shows how one is set up, asked, and given to hosted agents as a tool; here is what each type takes.

- **Settings** go into `settings` when a connector is made. Those marked *secret* are sealed and never shown again; when a setting marked *place* changes, which says where or how they are sent, they have to be given again. `GET /v1/orgs/{org}/connector-types` has the same as JSON Schemas, and `muster connectors types TYPE` in a terminal.
- **A query** is `resource`, `query` and `params`, and besides `limit` (1 to 10,000 rows or items, 1,000 when it is left out) and `timeoutMs` (1 to 120,000, 30,000 when it is left out). Databases answer with `columns` and `rows`, all others with `items`.
- **Reading only.** Statements are parsed and must be one that reads, in a transaction that may only read where the database has such. APIs are asked by GET, or by the searches that their vendors want as POST. A user or token that may only read is best all the same.
- **Private addresses** are refused, whatever name leads to them, unless the operator allows them: `MUSTER_ALLOW_PRIVATE_URLS=10.0.0.0/8,db.internal`.
";

#[tokio::test]
async fn the_document_of_the_types_is_the_one_in_the_repository() {
    let mut text = BEGIN.to_owned();
    for kind in muster_connectors::types(&outbound(Policy::Public)) {
        text.push_str(&section(kind.about()).await);
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/connectors.md");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &text).expect("writes the document");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "docs/connectors.md is not what the types say; run the test with UPDATE_SNAPSHOTS=1");
}

async fn section(about: &About) -> String {
    let mut text = format!("\n## {}\n\n`{}`: {}\n\n", about.title, about.kind, about.summary);
    text.push_str("| setting | | default | |\n|---|---|---|---|\n");
    let required: Vec<&Value> = about.settings["required"].as_array().into_iter().flatten().collect();
    for name in about.settings["x-order"].as_array().into_iter().flatten() {
        let key = name.as_str().expect("a name");
        let schema = &about.settings["properties"][key];
        let marks = [
            ("required", required.contains(&name)),
            ("secret", schema["writeOnly"] == true),
            ("place", schema["x-place"] == true),
        ];
        let marks: Vec<&str> = marks.into_iter().filter(|(_, is_so)| *is_so).map(|(mark, _)| mark).collect();
        let default = schema.get("default").map(|value| format!("`{}`", shown(value))).unwrap_or_default();
        writeln!(text, "| `{key}` | {} | {default} | {} |", marks.join(", "), described(schema)).expect("a text");
    }
    write!(text, "\n{}\n", about.query_form.trim()).expect("a text");
    if LISTED_BY_THE_SOURCE.contains(&about.kind) {
        return text;
    }
    text.push_str("\n| resource | |\n|---|---|\n");
    for resource in resources(about).await {
        writeln!(text, "| `{}` | {} |", resource.name, cell(&resource.description)).expect("a text");
    }
    text
}

/// What the setting is for, the words that it may be, and an example.
fn described(schema: &Value) -> String {
    let mut text = cell(schema["description"].as_str().expect("a description"));
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|word| format!("`{}`", shown(word))).collect();
        write!(text, " One of {}.", words.join(", ")).expect("a text");
    }
    if let Some(example) = schema.pointer("/examples/0") {
        write!(text, " For example `{}`.", shown(example)).expect("a text");
    }
    text
}

/// What can be asked for, of types that say so without their source.
async fn resources(about: &About) -> Vec<Resource> {
    let mut settings = Map::new();
    for name in about.settings["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let value = if name == "baseUrl" { "https://api.example.com" } else { "made-up" };
        settings.insert(name.to_owned(), json!(value));
    }
    if about.settings["properties"].get("username").is_some() && settings.contains_key("token") {
        settings.insert("username".to_owned(), json!("ann@example.com"));
    }
    let source = open(about.kind, Value::Object(settings)).await;
    source.resources().await.unwrap_or_else(|error| panic!("{}: {error}", about.kind))
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Text that fits into a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
