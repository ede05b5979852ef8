//! What a turn needs of a language model. Vendors implement [`Model`] in the engine; the domain only knows this shape.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// One call of a model: everything it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelRequest {
    /// The model's name without its provider, e.g. `gpt-4.1`.
    pub model: String,
    /// The system prompt.
    pub system: String,
    /// The conversation so far, oldest first.
    pub messages: Vec<PromptMessage>,
    /// The tools the model may call.
    pub tools: Vec<ToolSpec>,
    /// The most tokens the answer may have; also what was reserved from the budgets.
    pub max_output_tokens: i64,
    /// How long the whole call may take.
    #[serde(skip, default = "default_timeout")]
    pub timeout: Duration,
}

fn default_timeout() -> Duration {
    Duration::from_secs(600)
}

/// One entry of the conversation as the model sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum PromptMessage {
    /// What a person or another agent said.
    User {
        /// The text.
        content: String,
    },
    /// What the model said, and the tools it asked for.
    Assistant {
        /// The text; may be empty when only tools were called.
        content: String,
        /// The calls it made.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<ToolCall>,
    },
    /// What a tool answered.
    Tool {
        /// The id of the call that this answers.
        call_id: String,
        /// The tool's name.
        name: String,
        /// The result as text.
        content: String,
        /// Whether the tool failed.
        #[serde(default)]
        is_error: bool,
    },
}

/// A tool as it is offered to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToolSpec {
    /// Unique name, `[a-z0-9_]{1,64}`.
    pub name: String,
    /// What it does and when to use it, for the model.
    pub description: String,
    /// JSON Schema of the arguments: an object schema.
    pub parameters: Value,
}

/// A model's wish to call a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToolCall {
    /// The id that the model gave the call; unique within the reply.
    pub id: String,
    /// The tool's name, as the model wrote it.
    pub name: String,
    /// The arguments as the model wrote them: JSON text that may be malformed.
    pub arguments: String,
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelReply {
    /// The text.
    pub content: String,
    /// The tools it wants called, in order.
    pub tool_calls: Vec<ToolCall>,
    /// The tokens it cost.
    pub usage: Usage,
    /// Why it stopped.
    pub finish: Finish,
}

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It was done.
    Stop,
    /// It wants tools called.
    ToolCalls,
    /// It ran into `max_output_tokens`.
    Length,
    /// The provider withheld the answer.
    Refused,
}

/// Tokens of one model call, as the provider counted them; estimated only where it did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub input_tokens: i64,
    /// Tokens of the answer.
    pub output_tokens: i64,
    /// Tokens of the prompt that the provider had cached.
    pub cached_input_tokens: i64,
}

/// What went wrong with a model call, as far as it decides what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// The provider is limiting us (429); it may say when to come back.
    RateLimited {
        /// From `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// The provider failed (5xx) or could not be reached.
    Unavailable,
    /// Nothing came in time.
    Timeout,
    /// The answer broke off or could not be read.
    Malformed,
    /// The provider refused the key (401, 403).
    Unauthorized,
    /// The provider refused the request (any other 4xx), or the model is unknown; trying again does not help.
    Rejected,
}

impl Fault {
    /// Whether the same call may succeed later.
    pub fn is_transient(self) -> bool {
        !matches!(self, Self::Unauthorized | Self::Rejected)
    }

    /// Upper snake case, as a turn's steps show it.
    pub fn code(self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Timeout => "TIMEOUT",
            Self::Malformed => "MALFORMED",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Rejected => "REJECTED",
        }
    }
}

/// A failed model call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelError {
    /// What kind of failure.
    pub fault: Fault,
    /// A sentence for a person, with the provider's own message where there is one; never a key.
    pub message: String,
}

impl std::fmt::Display for ModelError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ModelError {}

/// Takes the text of an answer piece by piece as it arrives.
pub type TextSink<'a> = &'a mut (dyn FnMut(&str) + Send);

/// A language model that can be called.
#[async_trait]
pub trait Model: Send + Sync {
    /// The provider's name for logs, metrics and prices, e.g. `openai`.
    fn provider(&self) -> &str;

    /// Calls the model once and streams the text into `sink`.
    ///
    /// The whole text passed to `sink` equals `ModelReply::content`. Cancelled by dropping the future.
    async fn call(&self, request: &ModelRequest, sink: TextSink<'_>) -> Result<ModelReply, ModelError>;
}
