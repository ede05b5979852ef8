//! The built-in model that answers when none is configured.
//!
//! It is a demo and a test vehicle and says so: it quotes the agent's own instructions and memory and runs tools by
//! slash commands. It is a pure function of the request: no clock, no chance, no network.

mod commands;
mod quotes;
mod results;
#[cfg(test)]
mod tests;

use super::estimate;
use async_trait::async_trait;
use muster_domain::models::{Finish, Model, ModelError, ModelReply, ModelRequest, PromptMessage, TextSink, ToolCall};

/// What the first reply of a conversation begins with.
const NOTICE: &str = "\
No language model is configured for this agent, so the built-in offline responder answers. It quotes the agent's own \
instructions and memory and runs tools for you; it does not think.

To add a model, do one of these:
- set OPENAI_API_KEY or ANTHROPIC_API_KEY for the server and restart it
- set OPENAI_BASE_URL for any OpenAI-compatible server and restart it
- add a section [models.NAME] to muster.toml and restart it
- give this agent its own key: openai_api_key or anthropic_api_key";

/// The model itself; it has no state.
#[derive(Debug, Clone, Copy, Default)]
pub struct Offline;

/// What the model does about a request.
enum Step {
    /// Says something.
    Say(String),
    /// Calls a tool.
    Call(ToolCall),
}

#[async_trait]
impl Model for Offline {
    fn provider(&self) -> &'static str {
        "offline"
    }

    async fn call(&self, request: &ModelRequest, sink: TextSink<'_>) -> Result<ModelReply, ModelError> {
        let reply = reply(request);
        for word in reply.content.split_inclusive(char::is_whitespace) {
            sink(word);
        }
        Ok(reply)
    }
}

fn reply(request: &ModelRequest) -> ModelReply {
    let (content, tool_calls, finish) = match step(request) {
        Step::Call(call) => (String::new(), vec![call], Finish::ToolCalls),
        Step::Say(text) => {
            let text = if is_first_reply(request) { format!("{NOTICE}\n\n{text}") } else { text };
            let (text, finish) = bounded(text, request.max_output_tokens);
            (text, Vec::new(), finish)
        }
    };
    let usage = estimate::usage(request, &content, &tool_calls);
    ModelReply { content, tool_calls, usage, finish }
}

fn step(request: &ModelRequest) -> Step {
    let answered = results::of_last_calls(&request.messages);
    if !answered.is_empty() {
        return Step::Say(results::readable(&answered));
    }
    let asked = asked(&request.messages);
    match asked.last().map(|last| last.trim()) {
        Some(last) if last.starts_with('/') => commands::run(last, request),
        _ => Step::Say(quotes::answer(&request.system, &asked.join("\n"))),
    }
}

/// What was said since the last answer: several messages may have come while the agent was busy.
fn asked(messages: &[PromptMessage]) -> Vec<&str> {
    let since =
        messages.iter().rposition(|message| !matches!(message, PromptMessage::User { .. })).map_or(0, |at| at + 1);
    messages[since..]
        .iter()
        .filter_map(|message| match message {
            PromptMessage::User { content } => Some(content.as_str()),
            _ => None,
        })
        .collect()
}

/// Whether nothing was answered before the last thing that was said. Calls of tools on the way to the first answer do
/// not count as one, so that the notice is not lost with them.
fn is_first_reply(request: &ModelRequest) -> bool {
    let is_user = |message: &PromptMessage| matches!(message, PromptMessage::User { .. });
    let before = request.messages.iter().rposition(is_user).unwrap_or(0);
    !request.messages[..before].iter().any(|message| matches!(message, PromptMessage::Assistant { .. }))
}

/// The text within the limit that was reserved for it, by the same count as the usage.
fn bounded(text: String, max_output_tokens: i64) -> (String, Finish) {
    let most = usize::try_from(max_output_tokens.max(0)).unwrap_or(usize::MAX).saturating_mul(4);
    match text.char_indices().nth(most) {
        Some((end, _)) => (text[..end].to_owned(), Finish::Length),
        None => (text, Finish::Stop),
    }
}
