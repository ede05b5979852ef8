//! The connectors that an agent was granted: one tool each, with what can be asked in its description.

use super::table::table;
use async_trait::async_trait;
use muster_base::Result;
use muster_domain::connectors::{self, Ask, Granted};
use muster_domain::models::ToolSpec;
use muster_domain::tools::{Outcome, Tool, ToolCall};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// The rows that a model gets when it says nothing, and the most that it may ask for.
const USUAL_ROWS: i64 = 50;
const MOST_ROWS: i64 = 500;

/// How much of a source's resources a description tells.
const RESOURCES: usize = 40;
const LONGEST_RESOURCE: usize = 300;
const LONGEST_LIST: usize = 6000;

/// The most characters of the connector's name in the tool's name; providers take 64.
const LONGEST_SLUG: usize = 48;

/// `query_<name of the connector>`
struct QueryConnector {
    spec: ToolSpec,
    connector: String,
}

/// A tool for each of these connectors.
pub(crate) fn of(granted: Vec<Granted>) -> Vec<Arc<dyn Tool>> {
    let mut same: HashMap<String, usize> = HashMap::new();
    for granted in &granted {
        *same.entry(slug(&granted.connector.name)).or_default() += 1;
    }
    granted
        .into_iter()
        .map(|granted| {
            let slug = slug(&granted.connector.name);
            // Names that look alike are told apart by the ids, so that a tool keeps its name whatever else is granted.
            let name = if same.get(&slug) == Some(&1) && !slug.is_empty() {
                format!("query_{slug}")
            } else {
                format!("query_{slug}_{}", end(&granted.connector.id))
            };
            let spec = ToolSpec { name, description: description(&granted), parameters: parameters() };
            Arc::new(QueryConnector { spec, connector: granted.connector.id }) as Arc<dyn Tool>
        })
        .collect()
}

/// What each of these tools takes.
fn parameters() -> Value {
    json!({"type": "object", "properties": {
        "resource": {"type": "string", "maxLength": 1000, "description": "a table, collection or endpoint"},
        "query": {"type": "string", "maxLength": 20_000, "description": "as the tool's description says"},
        "params": {"type": "object", "description": "named values of the query"},
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "description": "the most rows (50)"}
    }, "additionalProperties": false})
}

fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("_").chars().take(LONGEST_SLUG).collect::<String>().trim_end_matches('_').to_owned()
}

fn end(id: &str) -> String {
    let letters: Vec<char> = id.chars().filter(char::is_ascii_alphanumeric).collect();
    letters[letters.len().saturating_sub(6)..].iter().collect()
}

fn description(granted: &Granted) -> String {
    let (connector, about) = (&granted.connector, &granted.about);
    let mut text = format!("Read from the data source \"{}\" ({}): {}", connector.name, about.title, about.summary);
    if let Some(what) = connector.description.as_deref().filter(|what| !what.is_empty()) {
        text.push_str(&format!("\nWhat is in it: {what}"));
    }
    text.push_str("\n\n");
    text.push_str(about.query_form);
    if granted.resources.is_empty() {
        return text;
    }
    text.push_str("\n\nResources:");
    let mut told = 0;
    for resource in granted.resources.iter().take(RESOURCES) {
        let line: String = resource.description.chars().take(LONGEST_RESOURCE).collect();
        let line = format!("\n- {}: {}", resource.name, line.replace('\n', " "));
        if told > 0 && text.len() + line.len() > LONGEST_LIST + about.query_form.len() {
            break;
        }
        text.push_str(&line);
        told += 1;
    }
    if told < granted.resources.len() {
        text.push_str(&format!("\n- and {} more", granted.resources.len() - told));
    }
    text
}

#[async_trait]
impl Tool for QueryConnector {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, call: ToolCall) -> Result<Outcome> {
        let text = |name: &str| super::text(&call.arguments, name).to_owned();
        let ask = Ask {
            resource: text("resource"),
            query: text("query"),
            params: call.arguments.get("params").and_then(Value::as_object).cloned().unwrap_or_default(),
            limit: Some(call.arguments.get("limit").and_then(Value::as_i64).unwrap_or(USUAL_ROWS)),
            timeout_ms: None,
        };
        // What was granted may have been taken away since the turn began.
        let answered = connectors::query_as_agent(&call.ctx, &call.agent, &self.connector, ask).await?;
        Ok(Outcome::Value(Value::from(table(&answered.answer))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_base::Millis;
    use muster_domain::connectors::{About, Connector, Resource};

    fn granted(id: &str, name: &str, resources: usize) -> Granted {
        let resource = |n| Resource { name: format!("table_{n}"), description: "id bigint, \nname text".to_owned() };
        Granted {
            connector: Connector {
                id: id.to_owned(),
                name: name.to_owned(),
                kind: "postgresql".to_owned(),
                description: Some("all orders".to_owned()),
                enabled: true,
                settings: serde_json::Map::new(),
                revision: 1,
                created_at: Millis(0),
                changed_at: Millis(0),
            },
            about: About {
                kind: "postgresql",
                title: "PostgreSQL",
                summary: "Tables.",
                query_form: "`SELECT 1`",
                settings: json!({}),
            },
            resources: (0..resources).map(resource).collect(),
        }
    }

    fn names(connectors: &[(&str, &str)]) -> Vec<String> {
        let granted = connectors.iter().map(|(id, name)| granted(id, name, 0)).collect();
        of(granted).iter().map(|tool| tool.spec().name.clone()).collect()
    }

    #[test]
    fn each_connector_is_a_tool_with_a_name_that_providers_take() {
        assert_eq!(
            names(&[("con_1", "Shop"), ("con_2", "The Big-Data store!")]),
            ["query_shop", "query_the_big_data_store"]
        );
        let alike = names(&[("con_aaaaaaaa1111", "my db"), ("con_aaaaaaaa2222", "my-db")]);
        assert_eq!(alike, ["query_my_db_aa1111", "query_my_db_aa2222"]);
        for name in names(&[("con_aaaaaaaa1111", "注文"), ("con_2", &"x ".repeat(60))]) {
            assert!(name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{name}");
        }
    }

    #[test]
    fn the_description_says_what_can_be_asked_within_bounds() {
        let text = description(&granted("con_1", "Shop", 100));
        for part in
            ["\"Shop\" (PostgreSQL)", "all orders", "`SELECT 1`", "- table_0: id bigint,  name text", "and 60 more"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.len() < 7000);
    }
}
