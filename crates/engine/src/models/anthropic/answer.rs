//! A message put together from its stream events, or from one document.

use crate::models::arguments::new_arguments;
use crate::models::estimate;
use crate::models::exchange::{Assemble, Progress, malformed, unreadable};
use crate::models::faults::from_object;
use crate::models::sse::Event;
use muster_domain::models::{Finish, ModelError, ModelReply, ModelRequest, TextSink, ToolCall, Usage};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The answer so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    content: String,
    /// Calls by the number of their block.
    calls: BTreeMap<i64, Call>,
    usage: WireUsage,
    finish: Option<Finish>,
}

#[derive(Debug, Default)]
struct Call {
    id: String,
    name: String,
    arguments: String,
    /// What the block began with; used when no fragments follow.
    input: Option<Value>,
}

/// Any event of the stream. Events and fields that are new are ignored, as the API's versioning policy asks.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireEvent {
    MessageStart {
        message: Message,
    },
    ContentBlockStart {
        #[serde(default)]
        index: i64,
        content_block: Block,
    },
    ContentBlockDelta {
        #[serde(default)]
        index: i64,
        delta: Delta,
    },
    MessageDelta {
        #[serde(default)]
        delta: MessageDelta,
        #[serde(default)]
        usage: Option<WireUsage>,
    },
    MessageStop,
    Error {
        #[serde(default)]
        error: Value,
    },
    /// `ping`, `content_block_stop` and what is new.
    #[serde(other)]
    Other,
}

/// A message: without content at the start of a stream, whole when no stream is sent.
#[derive(Debug, Default, Deserialize)]
struct Message {
    content: Option<Vec<Block>>,
    stop_reason: Option<String>,
    usage: Option<WireUsage>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        #[serde(default)]
        text: Option<String>,
    },
    ToolUse {
        #[serde(default)]
        id: String,
        #[serde(default)]
        name: String,
        #[serde(default)]
        input: Option<Value>,
    },
    /// Thinking and what the server's own tools leave behind.
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text {
        #[serde(default)]
        text: String,
    },
    #[serde(rename = "input_json_delta")]
    InputJson {
        #[serde(default)]
        partial_json: String,
    },
    /// Thinking, signatures, citations and what is new.
    #[serde(other)]
    Other,
}

#[derive(Debug, Default, Deserialize)]
struct MessageDelta {
    stop_reason: Option<String>,
}

/// Token counts; the stream sends them cumulatively, so the last of each holds.
#[derive(Debug, Default, Deserialize)]
struct WireUsage {
    input_tokens: Option<i64>,
    cache_creation_input_tokens: Option<i64>,
    cache_read_input_tokens: Option<i64>,
    output_tokens: Option<i64>,
}

impl Assemble for Answer {
    fn event(&mut self, event: &Event, sink: TextSink<'_>) -> Result<Progress, ModelError> {
        match serde_json::from_str(&event.data).map_err(|cause| unreadable(&cause))? {
            WireEvent::MessageStart { message } => self.message(message, sink),
            WireEvent::ContentBlockStart { index, content_block } => self.block(index, content_block, sink),
            WireEvent::ContentBlockDelta { index, delta } => self.delta(index, delta, sink),
            WireEvent::MessageDelta { delta, usage } => self.ended(delta.stop_reason, usage),
            WireEvent::MessageStop => return Ok(Progress::Done),
            WireEvent::Error { error } => return Err(from_object(&error)),
            WireEvent::Other => {}
        }
        Ok(Progress::More)
    }

    fn whole(&mut self, body: &[u8], sink: TextSink<'_>) -> Result<(), ModelError> {
        let document: Value = serde_json::from_slice(body).map_err(|cause| unreadable(&cause))?;
        if let Some(object) = document.get("error").filter(|error| !error.is_null()) {
            return Err(from_object(object));
        }
        let message = Message::deserialize(document).map_err(|cause| unreadable(&cause))?;
        self.message(message, sink);
        // The document is whole, so the answer is, even if nobody says why it ended.
        self.finish.get_or_insert(Finish::Stop);
        Ok(())
    }

    fn finish(self, request: &ModelRequest) -> Result<ModelReply, ModelError> {
        let finish = self.finish.ok_or_else(|| malformed("the answer broke off before it was finished"))?;
        let tool_calls = self.calls.into_values().map(whole_call).collect::<Result<Vec<_>, _>>()?;
        let finish = match finish {
            Finish::Stop if !tool_calls.is_empty() => Finish::ToolCalls,
            Finish::ToolCalls if tool_calls.is_empty() => Finish::Stop,
            other => other,
        };
        let usage = counted(&self.usage).unwrap_or_else(|| estimate::usage(request, &self.content, &tool_calls));
        Ok(ModelReply { content: self.content, tool_calls, usage, finish })
    }
}

impl Answer {
    fn message(&mut self, message: Message, sink: TextSink<'_>) {
        for (index, block) in (0..).zip(message.content.unwrap_or_default()) {
            self.block(index, block, &mut *sink);
        }
        self.ended(message.stop_reason, message.usage);
    }

    fn block(&mut self, index: i64, block: Block, sink: TextSink<'_>) {
        match block {
            Block::Text { text } => self.text(&text.unwrap_or_default(), sink),
            Block::ToolUse { id, name, input } => {
                self.calls.insert(index, Call { id, name, arguments: String::new(), input });
            }
            Block::Other => {}
        }
    }

    fn delta(&mut self, index: i64, delta: Delta, sink: TextSink<'_>) {
        match delta {
            Delta::Text { text } => self.text(&text, sink),
            // The server's own tools have arguments too; their blocks are not among the calls.
            Delta::InputJson { partial_json } => {
                if let Some(call) = self.calls.get_mut(&index) {
                    call.arguments.push_str(&partial_json);
                }
            }
            Delta::Other => {}
        }
    }

    fn ended(&mut self, stop_reason: Option<String>, usage: Option<WireUsage>) {
        if let Some(reason) = stop_reason {
            self.finish = Some(finish_of(&reason));
        }
        let (old, new) = (&mut self.usage, usage.unwrap_or_default());
        old.input_tokens = new.input_tokens.or(old.input_tokens);
        old.cache_creation_input_tokens = new.cache_creation_input_tokens.or(old.cache_creation_input_tokens);
        old.cache_read_input_tokens = new.cache_read_input_tokens.or(old.cache_read_input_tokens);
        old.output_tokens = new.output_tokens.or(old.output_tokens);
    }

    fn text(&mut self, text: &str, sink: TextSink<'_>) {
        if !text.is_empty() {
            self.content.push_str(text);
            sink(text);
        }
    }
}

fn whole_call(call: Call) -> Result<ToolCall, ModelError> {
    if call.name.is_empty() || call.id.is_empty() {
        return Err(malformed("the answer calls a tool without naming it"));
    }
    let arguments = match call.input {
        Some(input) if call.arguments.is_empty() && !input.is_null() => input.to_string(),
        _ => new_arguments(call.arguments),
    };
    Ok(ToolCall { id: call.id, name: call.name, arguments })
}

fn finish_of(reason: &str) -> Finish {
    match reason {
        "tool_use" => Finish::ToolCalls,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "refusal" => Finish::Refused,
        // `end_turn`, `stop_sequence`, `pause_turn` and what is new.
        _ => Finish::Stop,
    }
}

/// The usage, unless the server sent none. `input_tokens` leaves out what was written to and read from the cache.
fn counted(usage: &WireUsage) -> Option<Usage> {
    let count = |tokens: Option<i64>| tokens.unwrap_or(0).max(0);
    let cached_input_tokens = count(usage.cache_read_input_tokens);
    let input_tokens = count(usage.input_tokens) + count(usage.cache_creation_input_tokens) + cached_input_tokens;
    let output_tokens = count(usage.output_tokens);
    let usage = Usage { input_tokens, output_tokens, cached_input_tokens };
    (input_tokens + output_tokens > 0).then_some(usage)
}
