//! The body of a Messages request.

use crate::models::arguments::valid_arguments;
use muster_domain::models::{ModelRequest, PromptMessage, ToolCall, ToolSpec};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;

/// Stands in for what the API wants and the history does not have: a first message by the user.
const EARLIER: &str = "(earlier messages are left out)";

/// The body, borrowed from the request.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    max_tokens: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a str>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    stream: bool,
}

#[derive(Debug, Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    role: Role,
    content: Vec<Block<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    User,
    Assistant,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: &'a str,
    },
    ToolUse {
        id: Cow<'a, str>,
        name: &'a str,
        input: Value,
    },
    ToolResult {
        tool_use_id: Cow<'a, str>,
        #[serde(skip_serializing_if = "str::is_empty")]
        content: &'a str,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

impl<'a> Body<'a> {
    pub(super) fn new(request: &'a ModelRequest) -> Self {
        Self {
            model: &request.model,
            max_tokens: request.max_output_tokens.max(1),
            system: Some(request.system.as_str()).filter(|text| is_said(text)),
            messages: alternate(&request.messages),
            tools: request.tools.iter().map(tool).collect(),
            stream: true,
        }
    }
}

/// The conversation with roles taking turns, beginning with the user, as the API demands.
fn alternate(history: &[PromptMessage]) -> Vec<Message<'_>> {
    let mut messages: Vec<Message<'_>> = Vec::new();
    for (role, blocks) in history.iter().map(blocks_of) {
        match messages.last_mut() {
            _ if blocks.is_empty() => {}
            Some(last) if last.role == role => last.content.extend(blocks),
            _ => messages.push(Message { role, content: blocks }),
        }
    }
    if messages.first().is_none_or(|first| first.role == Role::Assistant) {
        messages.insert(0, Message { role: Role::User, content: vec![Block::Text { text: EARLIER }] });
    }
    for message in &mut messages {
        // "Tool result blocks must come first in the content array": a message may have come while a tool was running.
        message.content.sort_by_key(|block| message.role == Role::User && !matches!(block, Block::ToolResult { .. }));
    }
    messages
}

fn blocks_of(message: &PromptMessage) -> (Role, Vec<Block<'_>>) {
    match message {
        PromptMessage::User { content } => (Role::User, text(content).into_iter().collect()),
        PromptMessage::Assistant { content, tool_calls } => {
            (Role::Assistant, text(content).into_iter().chain(tool_calls.iter().map(tool_use)).collect())
        }
        PromptMessage::Tool { call_id, content, is_error, .. } => {
            let content = if is_said(content) { content } else { "" };
            (Role::User, vec![Block::ToolResult { tool_use_id: accepted_id(call_id), content, is_error: *is_error }])
        }
    }
}

/// A text block, unless it is blank: the API refuses those.
fn text(text: &str) -> Option<Block<'_>> {
    is_said(text).then_some(Block::Text { text })
}

fn tool_use(call: &ToolCall) -> Block<'_> {
    let input = serde_json::from_str(&valid_arguments(&call.arguments)).unwrap_or_default();
    Block::ToolUse { id: accepted_id(&call.id), name: &call.name, input }
}

fn tool(tool: &ToolSpec) -> Tool<'_> {
    Tool { name: &tool.name, description: &tool.description, input_schema: &tool.parameters }
}

/// An id as the API accepts it (`^[a-zA-Z0-9_-]+$`): other providers, whose calls may be in the history, are freer.
fn accepted_id(id: &str) -> Cow<'_, str> {
    let is_accepted = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !id.is_empty() && id.chars().all(is_accepted) {
        return Cow::Borrowed(id);
    }
    let replaced: String = id.chars().map(|c| if is_accepted(c) { c } else { '_' }).collect();
    Cow::Owned(if replaced.is_empty() { "_".to_owned() } else { replaced })
}

fn is_said(text: &str) -> bool {
    !text.trim().is_empty()
}
