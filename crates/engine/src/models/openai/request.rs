//! The body of a chat completions request.

use super::Habit;
use crate::models::arguments::valid_arguments;
use muster_domain::models::{ModelRequest, PromptMessage, ToolCall, ToolSpec};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;

/// The body, borrowed from the request.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<i64>,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Debug, Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
enum Message<'a> {
    System {
        content: &'a str,
    },
    User {
        content: &'a str,
    },
    Assistant {
        content: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        content: Cow<'a, str>,
    },
}

#[derive(Debug, Serialize)]
struct Call<'a> {
    id: &'a str,
    r#type: &'static str,
    function: CalledFunction<'a>,
}

#[derive(Debug, Serialize)]
struct CalledFunction<'a> {
    name: &'a str,
    arguments: Cow<'a, str>,
}

#[derive(Debug, Serialize)]
struct Tool<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Debug, Serialize)]
struct Function<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
}

impl<'a> Body<'a> {
    pub(super) fn new(request: &'a ModelRequest, habit: Habit) -> Self {
        let limit = request.max_output_tokens.max(1);
        let system = Some(request.system.as_str()).filter(|text| !text.trim().is_empty());
        let system = system.map(|content| Message::System { content });
        Self {
            model: &request.model,
            messages: system.into_iter().chain(request.messages.iter().filter_map(message)).collect(),
            tools: request.tools.iter().map(tool).collect(),
            stream: true,
            stream_options: habit.stream_options.then_some(StreamOptions { include_usage: true }),
            max_tokens: (!habit.new_limit).then_some(limit),
            max_completion_tokens: habit.new_limit.then_some(limit),
        }
    }
}

fn message(message: &PromptMessage) -> Option<Message<'_>> {
    Some(match message {
        PromptMessage::User { content } => Message::User { content },
        // An answer without text and calls says nothing, and some servers refuse it.
        PromptMessage::Assistant { content, tool_calls } if content.is_empty() && tool_calls.is_empty() => return None,
        PromptMessage::Assistant { content, tool_calls } => Message::Assistant {
            content: Some(content.as_str()).filter(|text| !text.is_empty()),
            tool_calls: tool_calls.iter().map(call).collect(),
        },
        PromptMessage::Tool { call_id, content, is_error, .. } => {
            Message::Tool { tool_call_id: call_id, content: result(content, *is_error) }
        }
    })
}

fn call(call: &ToolCall) -> Call<'_> {
    let function = CalledFunction { name: &call.name, arguments: valid_arguments(&call.arguments) };
    Call { id: &call.id, r#type: "function", function }
}

fn tool(tool: &ToolSpec) -> Tool<'_> {
    let function = Function { name: &tool.name, description: &tool.description, parameters: &tool.parameters };
    Tool { r#type: "function", function }
}

/// A tool's result. The format has no mark for a failure, so the text says it.
fn result(content: &str, is_error: bool) -> Cow<'_, str> {
    if is_error && !content.to_ascii_lowercase().starts_with("error") {
        return Cow::Owned(format!("error: {content}"));
    }
    Cow::Borrowed(content)
}
