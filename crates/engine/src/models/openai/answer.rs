//! A chat completion put together from its chunks, or from one document.

use super::calls::{Calls, Fragment};
use crate::models::estimate;
use crate::models::exchange::{Assemble, Progress, malformed, unreadable};
use crate::models::faults::{error, from_object};
use crate::models::sse::Event;
use muster_domain::models::{Fault, Finish, ModelError, ModelReply, ModelRequest, TextSink, Usage};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// The answer so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    content: String,
    calls: Calls,
    usage: Option<Usage>,
    finish: Option<Finish>,
    has_refused: bool,
}

/// A chunk of a stream, or a whole completion: they differ in `delta` and `message`.
#[derive(Debug, Default, Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Choice {
    index: Option<i64>,
    delta: Option<Said>,
    message: Option<Said>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Said {
    content: Option<Text>,
    refusal: Option<String>,
    tool_calls: Option<Vec<Fragment>>,
}

/// Text, or parts of which some are text, as some servers send beside a model's reasoning.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Parts(Vec<Part>),
    Other(IgnoredAny),
}

#[derive(Debug, Deserialize)]
struct Part {
    text: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct WireUsage {
    prompt_tokens: Option<i64>,
    completion_tokens: Option<i64>,
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Debug, Default, Deserialize)]
struct PromptDetails {
    cached_tokens: Option<i64>,
}

impl Assemble for Answer {
    fn event(&mut self, event: &Event, sink: TextSink<'_>) -> Result<Progress, ModelError> {
        if event.data.trim() == "[DONE]" {
            return Ok(Progress::Done);
        }
        if event.name == "error" {
            let object = serde_json::from_str(&event.data).unwrap_or_else(|_| Value::String(event.data.clone()));
            return Err(from_object(object.get("error").unwrap_or(&object)));
        }
        self.chunk(event.data.as_bytes(), sink)?;
        Ok(Progress::More)
    }

    fn whole(&mut self, body: &[u8], sink: TextSink<'_>) -> Result<(), ModelError> {
        self.chunk(body, sink)?;
        // The document is whole, so the answer is, even if nobody says why it ended.
        self.finish.get_or_insert(Finish::Stop);
        Ok(())
    }

    fn finish(self, request: &ModelRequest) -> Result<ModelReply, ModelError> {
        let finish = self.finish.ok_or_else(|| malformed("the answer broke off before it was finished"))?;
        let tool_calls = self.calls.finish(request.messages.len())?;
        let finish = match finish {
            _ if self.has_refused => Finish::Refused,
            // Many servers say `stop` after tool calls, and some `tool_calls` without any.
            Finish::Stop if !tool_calls.is_empty() => Finish::ToolCalls,
            Finish::ToolCalls if tool_calls.is_empty() => Finish::Stop,
            other => other,
        };
        let usage = self.usage.unwrap_or_else(|| estimate::usage(request, &self.content, &tool_calls));
        Ok(ModelReply { content: self.content, tool_calls, usage, finish })
    }
}

impl Answer {
    fn chunk(&mut self, json: &[u8], sink: TextSink<'_>) -> Result<(), ModelError> {
        let chunk: Chunk = serde_json::from_slice(json).map_err(|cause| unreadable(&cause))?;
        if let Some(object) = chunk.error {
            return Err(from_object(&object));
        }
        if let Some(usage) = chunk.usage.and_then(counted) {
            self.usage = Some(usage);
        }
        // One answer is asked for; a server that sends several gets its first one read.
        for choice in chunk.choices.unwrap_or_default() {
            if choice.index.unwrap_or(0) == 0 {
                self.choice(choice, &mut *sink)?;
            }
        }
        Ok(())
    }

    fn choice(&mut self, choice: Choice, sink: TextSink<'_>) -> Result<(), ModelError> {
        if let Some(said) = choice.delta.or(choice.message) {
            self.said(said, sink);
        }
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            // A router's word for an upstream that failed midway.
            Some("error") => return Err(error(Fault::Unavailable, "failed while answering")),
            Some(reason) => self.finish = Some(finish_of(reason)),
        }
        Ok(())
    }

    fn said(&mut self, said: Said, sink: TextSink<'_>) {
        match said.content {
            Some(Text::Plain(text)) => self.text(&text, &mut *sink),
            Some(Text::Parts(parts)) => {
                for text in parts.into_iter().filter_map(|part| part.text) {
                    self.text(&text, &mut *sink);
                }
            }
            Some(Text::Other(_)) | None => {}
        }
        if let Some(refusal) = said.refusal.filter(|text| !text.is_empty()) {
            self.has_refused = true;
            self.text(&refusal, sink);
        }
        for fragment in said.tool_calls.unwrap_or_default() {
            self.calls.add(fragment);
        }
    }

    fn text(&mut self, text: &str, sink: TextSink<'_>) {
        if !text.is_empty() {
            self.content.push_str(text);
            sink(text);
        }
    }
}

fn finish_of(reason: &str) -> Finish {
    match reason {
        "length" | "max_tokens" => Finish::Length,
        "tool_calls" | "function_call" => Finish::ToolCalls,
        "content_filter" => Finish::Refused,
        // `stop`, and other servers' words for it such as `eos` and `end_turn`.
        _ => Finish::Stop,
    }
}

/// The usage, unless the server filled it with noughts.
fn counted(usage: WireUsage) -> Option<Usage> {
    let input_tokens = usage.prompt_tokens.unwrap_or(0).max(0);
    let output_tokens = usage.completion_tokens.unwrap_or(0).max(0);
    let cached = usage.prompt_tokens_details.and_then(|details| details.cached_tokens).unwrap_or(0);
    let usage = Usage { input_tokens, output_tokens, cached_input_tokens: cached.clamp(0, input_tokens) };
    (input_tokens + output_tokens > 0).then_some(usage)
}
