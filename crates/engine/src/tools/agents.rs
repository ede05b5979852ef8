//! Finding other agents of the org and writing to them.

use super::{spec, text};
use async_trait::async_trait;
use muster_base::{Error, Result};
use muster_domain::agents;
use muster_domain::conversations::{self, NewMessage, QueueMode, Sender};
use muster_domain::models::ToolSpec;
use muster_domain::tools::{Outcome, Tool, ToolCall};
use serde_json::{Value, json};

/// How many agents a message may pass through.
const DEEPEST: i64 = 8;
/// How many agents are listed at the most.
const MOST: i64 = 200;

/// `send_message_to_agent`
pub(super) struct SendMessage(ToolSpec);

impl SendMessage {
    pub(super) fn new() -> Self {
        Self(spec(
            "send_message_to_agent",
            "Send a message to another agent of your organisation. Its reply comes back to you later as a message of its own.",
            json!({"type": "object", "properties": {
                "agent": {"type": "string", "minLength": 1, "maxLength": 200, "description": "the agent's id or name, as list_agents shows it"},
                "message": {"type": "string", "minLength": 1, "maxLength": 100_000}
            }, "required": ["agent", "message"], "additionalProperties": false}),
        ))
    }
}

#[async_trait]
impl Tool for SendMessage {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn call(&self, call: ToolCall) -> Result<Outcome> {
        let wanted = text(&call.arguments, "agent");
        let to = agents::known_as(&call.ctx, wanted).await?;
        if to.id == call.agent {
            return Err(Error::invalid("agent", "is yourself; write to another agent"));
        }
        if call.depth >= DEEPEST {
            return Err(Error::conflict("this message passed through too many agents already; answer instead"));
        }
        Ok(Outcome::Effect(Box::new(move |tx, ctx| {
            Box::pin(async move {
                let new = NewMessage {
                    content: text(&call.arguments, "message").to_owned(),
                    metadata: Some(json!({"toolCall": call.key}).to_string()),
                    channel: "agent".to_owned(),
                    queue_mode: QueueMode::Collect,
                    conversation: None,
                    sender: Sender { kind: "agent".to_owned(), id: call.agent.clone(), name: call.agent_name.clone() },
                    depth: call.depth + 1,
                };
                let posted = conversations::post_in(tx, &ctx, &to.id, new).await?;
                let status = if posted.turn.is_some() { "queued" } else { "waits until the agent asks for it" };
                Ok(json!({"ok": true, "message_id": posted.message.id, "agent": to.id, "status": status}))
            })
        })))
    }
}

/// `list_agents`
pub(super) struct List(ToolSpec);

impl List {
    pub(super) fn new() -> Self {
        Self(spec(
            "list_agents",
            "List the agents of your organisation with what they are for and whether they are there.",
            json!({"type": "object", "properties": {}, "additionalProperties": false}),
        ))
    }
}

#[async_trait]
impl Tool for List {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn call(&self, call: ToolCall) -> Result<Outcome> {
        let listed = agents::names(&call.ctx, MOST).await?;
        let rows: Vec<Value> = listed
            .iter()
            .map(|agent| {
                json!({"id": agent.id, "name": agent.name, "description": agent.description, "status": agent.lifecycle,
                       "presence": agent.presence, "you": agent.id == call.agent})
            })
            .collect();
        Ok(Outcome::Value(json!({"agents": rows})))
    }
}
