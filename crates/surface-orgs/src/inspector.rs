//! One turn in full: what it was asked, what the model was told, every step, and the reply.

use crate::turns::TurnSummary;
use muster_base::{Millis, Result};
use muster_domain::Ctx;
use muster_domain::conversations::{self, Message, Status};
use muster_domain::models::Usage;
use muster_domain::turns::{Step, StepKind, Turn, TurnDetail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// The most messages of a prompt that are shown; the newest are.
const MOST_MESSAGES: i64 = 200;

/// A turn in full.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Turn")]
pub(crate) struct TurnView {
    #[serde(flatten)]
    summary: TurnSummary,
    /// The messages that it took up.
    messages: Vec<MessageView>,
    /// The reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<MessageView>,
    /// What the model was told first.
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<Prompt>,
    /// Its steps in their order.
    steps: Vec<StepView>,
}

/// A message of a turn.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TurnMessage")]
struct MessageView {
    /// Its id.
    id: String,
    /// `user` or `assistant`.
    role: String,
    /// The text.
    content: String,
    /// How far it has got.
    status: Status,
    /// When it came.
    created_at: Millis,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        let Message { id, role, content, status, created_at, .. } = message;
        Self { id, role, content, status, created_at }
    }
}

/// What the model was told first.
#[derive(Debug, Serialize, JsonSchema)]
struct Prompt {
    /// The instructions.
    system: String,
    /// The conversation that it was shown, oldest first.
    messages: Vec<PromptMessage>,
}

/// A message of a prompt.
#[derive(Debug, Serialize, JsonSchema)]
struct PromptMessage {
    /// `user` or `assistant`.
    role: String,
    /// The text.
    content: String,
}

/// A step of a turn.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TurnStep")]
struct StepView {
    /// Its place in the turn, from 0.
    index: i64,
    /// What sort.
    kind: StepKind,
    /// `running`, `done` or `failed`.
    state: String,
    /// The model's or tool's name.
    name: String,
    /// What it was given.
    #[schemars(with = "Value")]
    input: Option<Box<RawValue>>,
    /// What it gave; null until it is done.
    #[schemars(with = "Value")]
    output: Option<Box<RawValue>>,
    /// How often it was begun.
    attempts: i64,
    /// Tokens, for model calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<StepUsage>,
    /// When it began.
    started_at: Millis,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Millis>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<i64>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Tokens of one model call.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct StepUsage {
    /// Tokens of the prompt, cached ones included.
    input_tokens: i64,
    /// Tokens of the answer.
    output_tokens: i64,
    /// Tokens of the prompt that the provider had cached.
    cached_input_tokens: i64,
}

impl From<Usage> for StepUsage {
    fn from(usage: Usage) -> Self {
        Self {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cached_input_tokens: usage.cached_input_tokens,
        }
    }
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        let calls_a_model = step.kind != StepKind::Tool;
        Self {
            index: step.index,
            kind: step.kind,
            state: step.state,
            name: step.name,
            input: step.input,
            output: step.output,
            attempts: step.attempts,
            usage: calls_a_model.then(|| step.usage.into()),
            started_at: step.started_at,
            finished_at: step.finished_at,
            duration_ms: step.finished_at.map(|end| end.0 - step.started_at.0),
            error: step.error,
        }
    }
}

/// Shows a turn with all that belongs to it.
pub(crate) async fn view(ctx: &Ctx, detail: TurnDetail) -> Result<TurnView> {
    let TurnDetail { turn, messages, steps } = detail;
    let prompt = prompt(ctx, &turn).await?;
    let (replies, asked): (Vec<Message>, Vec<Message>) =
        messages.into_iter().partition(|message| message.role == "assistant");
    let reply = replies.into_iter().find(|message| turn.reply.as_ref() == Some(&message.id));
    Ok(TurnView {
        summary: turn.into(),
        messages: asked.into_iter().map(MessageView::from).collect(),
        reply: reply.map(MessageView::from),
        prompt,
        steps: steps.into_iter().map(StepView::from).collect(),
    })
}

/// What a turn notes of its prompt: the instructions, and which messages of the conversation it showed.
#[derive(Debug, Deserialize)]
struct Noted {
    system: String,
    #[serde(default)]
    history: Option<(i64, i64)>,
}

/// The prompt that a turn began with. A note that cannot be read is left out rather than hiding the whole turn.
async fn prompt(ctx: &Ctx, turn: &Turn) -> Result<Option<Prompt>> {
    let noted = turn.prompt.as_deref().and_then(|text| serde_json::from_str::<Noted>(text).ok());
    let Some(Noted { system, history }) = noted else { return Ok(None) };
    let shown = match history {
        Some((from, to)) => {
            let after = from.saturating_sub(1);
            conversations::history(&ctx.db, ctx.org(), &turn.conversation, after, to, MOST_MESSAGES).await?
        }
        None => Vec::new(),
    };
    let messages = shown.into_iter().map(|message| PromptMessage { role: message.role, content: message.content });
    Ok(Some(Prompt { system, messages: messages.collect() }))
}
