//! Remembering over conversations.

use super::{spec, text};
use async_trait::async_trait;
use muster_base::{Error, Result};
use muster_domain::agents::Configuration;
use muster_domain::memory;
use muster_domain::models::ToolSpec;
use muster_domain::tools::{Outcome, Tool, ToolCall};
use serde_json::{Value, json};

fn remembers(configuration: &Configuration) -> bool {
    configuration.memory_limit().0
}

/// What is shared by all agents of the org, whom nobody owns.
const SHARED: &str = "";

/// The argument that chooses between what the agent and what all agents remember.
fn shared_argument() -> Value {
    json!({"type": "boolean", "description": "true means what all agents of your organisation share, not your own memory"})
}

fn is_shared(arguments: &Value) -> bool {
    arguments.get("shared").and_then(Value::as_bool).unwrap_or(false)
}

/// Whose memory a call means.
fn owner(call: &ToolCall) -> &str {
    if is_shared(&call.arguments) { SHARED } else { &call.agent }
}

/// A stored JSON text as a value.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// `memory_set`
pub(super) struct Set(ToolSpec);

impl Set {
    pub(super) fn new() -> Self {
        Self(spec(
            "memory_set",
            "Remember a value under a key, over all conversations. Replaces what was there.",
            json!({"type": "object", "properties": {
                "key": {"type": "string", "minLength": 1, "maxLength": 256, "description": "a short name"},
                "value": {"description": "a text, or any JSON"},
                "shared": shared_argument()
            }, "required": ["key", "value"], "additionalProperties": false}),
        ))
    }
}

#[async_trait]
impl Tool for Set {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn offered(&self, configuration: &Configuration) -> bool {
        remembers(configuration)
    }

    async fn call(&self, call: ToolCall) -> Result<Outcome> {
        let limit = call.memory_limit.ok_or_else(|| Error::conflict("this agent has no memory"))?;
        Ok(Outcome::Effect(Box::new(move |tx, ctx| {
            Box::pin(async move {
                let key = text(&call.arguments, "key");
                let value = call.arguments["value"].to_string();
                let revision = if is_shared(&call.arguments) {
                    memory::share_in(tx, &ctx, key, value).await?
                } else {
                    memory::set_in(tx, &ctx, &call.agent, key, &value, Some(limit)).await?
                };
                Ok(json!({"ok": true, "key": key, "revision": revision}))
            })
        })))
    }
}

/// `memory_get`
pub(super) struct Get(ToolSpec);

impl Get {
    pub(super) fn new() -> Self {
        Self(spec(
            "memory_get",
            "Recall the value of a key.",
            json!({"type": "object", "properties": {
                "key": {"type": "string", "minLength": 1, "maxLength": 256},
                "shared": shared_argument()
            }, "required": ["key"], "additionalProperties": false}),
        ))
    }
}

#[async_trait]
impl Tool for Get {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn offered(&self, configuration: &Configuration) -> bool {
        remembers(configuration)
    }

    async fn call(&self, call: ToolCall) -> Result<Outcome> {
        let key = text(&call.arguments, "key");
        let entry = memory::find(&call.ctx, owner(&call), key).await?;
        Ok(Outcome::Value(match entry {
            Some(entry) => {
                json!({"key": key, "value": value(&entry.value), "revision": entry.revision, "updated_at": entry.changed_at})
            }
            None => json!({"key": key, "value": null, "note": "nothing is remembered under this key"}),
        }))
    }
}

/// `memory_search`
pub(super) struct Search(ToolSpec);

impl Search {
    pub(super) fn new() -> Self {
        Self(spec(
            "memory_search",
            "Find what is remembered by words in keys and values. Without a query it lists what was set last.",
            json!({"type": "object", "properties": {
                "query": {"type": "string", "maxLength": 500},
                "limit": {"type": "integer", "minimum": 1, "maximum": 50},
                "shared": shared_argument()
            }, "additionalProperties": false}),
        ))
    }
}

#[async_trait]
impl Tool for Search {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn offered(&self, configuration: &Configuration) -> bool {
        remembers(configuration)
    }

    async fn call(&self, call: ToolCall) -> Result<Outcome> {
        let limit = call.arguments.get("limit").and_then(Value::as_i64).unwrap_or(10);
        let found = memory::search(&call.ctx, owner(&call), text(&call.arguments, "query"), limit).await?;
        let results: Vec<Value> =
            found.iter().map(|entry| json!({"key": entry.key, "value": value(&entry.value)})).collect();
        Ok(Outcome::Value(json!({"results": results})))
    }
}
