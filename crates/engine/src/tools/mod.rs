//! The tools of hosted agents. One that every agent has is one struct in one file and one line in [`Tools::builtin`];
//! others are an agent's own, such as the connectors that it was granted.

mod agents;
pub(crate) mod connectors;
mod memory;
mod table;
mod time;

use jsonschema::Validator;
use muster_base::{Error, Result};
use muster_domain::agents::Configuration;
use muster_domain::models::ToolSpec;
use muster_domain::tools::Tool;
use serde_json::Value;
use std::sync::Arc;

/// The tools of this process, each with its compiled schema.
pub struct Tools {
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    tool: Arc<dyn Tool>,
    schema: Arc<Validator>,
}

/// What one agent may call.
pub struct Offer {
    entries: Vec<Entry>,
}

impl Entry {
    fn is_offered(&self, configuration: &Configuration) -> bool {
        self.tool.offered(configuration) && configuration.offers_tool(&self.tool.spec().name)
    }
}

impl Tools {
    /// The tools that Muster brings.
    pub fn builtin() -> Result<Self> {
        Self::new(vec![
            Arc::new(memory::Set::new()),
            Arc::new(memory::Get::new()),
            Arc::new(memory::Search::new()),
            Arc::new(agents::SendMessage::new()),
            Arc::new(agents::List::new()),
            Arc::new(time::CurrentTime::new()),
        ])
    }

    /// These tools. Two of one name, or a schema that does not compile, are our own fault.
    pub fn new(tools: Vec<Arc<dyn Tool>>) -> Result<Self> {
        let mut entries: Vec<Entry> = Vec::new();
        for tool in tools {
            let spec = tool.spec();
            if entries.iter().any(|entry| entry.tool.spec().name == spec.name) {
                return Err(Error::internal(format!("two tools are named {}", spec.name)));
            }
            let schema =
                jsonschema::validator_for(&spec.parameters).map_err(|error| Error::internal(error.to_string()))?;
            entries.push(Entry { tool, schema: Arc::new(schema) });
        }
        Ok(Self { entries })
    }

    /// What an agent with this configuration is offered, which also has tools of its own.
    pub fn offer(&self, configuration: &Configuration, own: Vec<Arc<dyn Tool>>) -> Result<Offer> {
        let mut entries = self.entries.clone();
        entries.extend(Self::new(own)?.entries);
        entries.retain(|entry| entry.is_offered(configuration));
        Ok(Offer { entries })
    }
}

impl Offer {
    /// How the tools are told to the model.
    pub fn specs(&self) -> Vec<ToolSpec> {
        self.entries.iter().map(|entry| entry.tool.spec().clone()).collect()
    }

    /// The tool that a model wants and the arguments that it gave, checked against the schema.
    ///
    /// Errors are written for the model: they say what would be right.
    pub fn prepare(&self, name: &str, arguments: &str) -> Result<(Arc<dyn Tool>, Value)> {
        let entry = self.entries.iter().find(|entry| entry.tool.spec().name == name);
        let entry = entry.ok_or_else(|| {
            let known: Vec<&str> = self.entries.iter().map(|entry| entry.tool.spec().name.as_str()).collect();
            Error::missing("tool", name).with_field(format!("the tools are {}", known.join(", ")))
        })?;
        let text = if arguments.trim().is_empty() { "{}" } else { arguments };
        let value: Value = serde_json::from_str(text).map_err(|error| {
            Error::invalid("arguments", format!("are not valid JSON ({error}); give one JSON object"))
        })?;
        let problems: Vec<String> = entry
            .schema
            .iter_errors(&value)
            .take(5)
            .map(|error| {
                format!(
                    "{} at {}",
                    error,
                    if error.instance_path().as_str().is_empty() { "the top" } else { error.instance_path().as_str() }
                )
            })
            .collect();
        if !problems.is_empty() {
            return Err(Error::invalid("arguments", format!("do not fit the tool's schema: {}", problems.join("; "))));
        }
        Ok((entry.tool.clone(), value))
    }
}

/// A spec from its parts.
fn spec(name: &str, description: &str, parameters: Value) -> ToolSpec {
    ToolSpec { name: name.to_owned(), description: description.to_owned(), parameters }
}

/// A text argument that the schema has made sure of.
fn text<'a>(arguments: &'a Value, name: &str) -> &'a str {
    arguments.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(configuration: &Configuration) -> Offer {
        Tools::builtin().and_then(|tools| tools.offer(configuration, vec![])).expect("the tools are sound")
    }

    #[test]
    fn arguments_that_do_not_fit_are_explained() {
        let tools = offer(&Configuration::default());
        for (name, arguments, part) in [
            ("memory_get", "{", "not valid JSON"),
            ("memory_get", "[]", "do not fit"),
            ("memory_get", "{}", "key"),
            ("memory_set", r#"{"key": 1, "value": 2}"#, "string"),
            ("fly", "{}", "does not exist"),
        ] {
            let error = tools.prepare(name, arguments).err().expect("refused");
            assert!(error.message().contains(part), "{name} {arguments}: {}", error.message());
        }
        assert!(tools.prepare("list_agents", "").is_ok());
    }

    #[test]
    fn an_agent_is_offered_the_tools_that_its_configuration_allows_and_no_others() {
        let read = |tools| Configuration::read(serde_json::json!({"tools": tools})).expect("valid");
        let names = |tools| -> Vec<String> {
            let offered = offer(&read(tools));
            offered.specs().into_iter().map(|spec| spec.name).collect()
        };
        let tools = serde_json::json!({"allow": ["memory_*", "current_time"], "deny": ["memory_set"]});
        assert_eq!(names(tools.clone()), ["memory_get", "memory_search", "current_time"]);
        assert_eq!(names(serde_json::json!({"deny": ["memory_*"]})).len(), 3);
        assert!(names(serde_json::json!({"allow": []})).is_empty());
        let refused = offer(&read(tools)).prepare("memory_set", "{}").err().expect("refused");
        assert!(refused.message().contains("does not exist"), "{}", refused.message());
    }

    #[test]
    fn an_agent_without_memory_has_no_memory_tools() {
        let configuration = Configuration::read(serde_json::json!({"memory_config": {"type": "none"}})).expect("valid");
        let names: Vec<String> = offer(&configuration).specs().into_iter().map(|spec| spec.name).collect();
        assert_eq!(names, ["send_message_to_agent", "list_agents", "current_time"]);
    }
}
