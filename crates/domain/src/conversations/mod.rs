//! Conversations and messages: one store, whoever a message is from and whichever way it came.

mod hand_on;
mod post;
mod store;
mod verbs;
mod waiting;

pub use post::{NewMessage, Posted, Sender, post, post_in};
pub use verbs::{MessageFilter, conversation, conversations, counterparties, mark_read, message, messages, recent_of};

pub(crate) use hand_on::{Handed, hand_on};
pub(crate) use post::LARGEST;
pub(crate) use waiting::take_up;

pub(crate) use store::{
    Reply, message_ids_of_turn, move_messages, note_reply, reply_insertion, set_status_of_turn, set_summary,
};
pub use store::{earliest, history, messages_of_turn};

use muster_base::{Error, Millis, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far a message has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It waits for its turn.
    Pending,
    /// Its turn runs.
    Processing,
    /// It was answered; a reply is complete from the start.
    Completed,
    /// Its turn failed for good.
    Failed,
    /// Its turn was cancelled.
    Cancelled,
}

impl Status {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a word; `field` names the input.
    pub fn parse(text: &str, field: &str) -> Result<Self> {
        [Self::Pending, Self::Processing, Self::Completed, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| Error::invalid(field, "must be pending, processing, completed, failed or cancelled"))
    }
}

/// What a message does while a turn runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum QueueMode {
    /// It waits and is taken together with others when the running turn ends.
    #[default]
    Collect,
    /// It cancels the running turn.
    Interrupt,
}

impl QueueMode {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Interrupt => "interrupt",
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its id, `msg_...`.
    pub id: String,
    /// Its number, unique in the org; `None` for messages from before there were numbers.
    pub number: Option<i64>,
    /// The agent.
    pub agent: String,
    /// The conversation, as the client names it.
    pub conversation: String,
    /// Its place among the agent's messages.
    pub seq: i64,
    /// `user` or `assistant`.
    pub role: String,
    /// `user`, `agent` or `system`.
    pub sender_type: String,
    /// The sender's id.
    pub sender: String,
    /// The text.
    pub content: String,
    /// What the client attached, as JSON text.
    pub metadata: Option<String>,
    /// How far it has got.
    pub status: Status,
    /// `api`, `discord`, ...
    pub channel: String,
    /// What it does while a turn runs.
    pub queue_mode: String,
    /// The message that a reply answers.
    pub reply_to: Option<String>,
    /// The turn that takes it up, or that made it.
    pub turn: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it came.
    pub created_at: Millis,
    /// When a turn took it up; for a reply, when it was handed over.
    pub delivered_at: Option<Millis>,
    /// When it was answered; for a reply, when the counterparty read it.
    pub read_at: Option<Millis>,
}

/// A conversation of an agent with one counterparty on one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Its id inside Muster.
    pub id: String,
    /// Its id as the client names it.
    pub name: String,
    /// The agent.
    pub agent: String,
    /// The channel.
    pub channel: String,
    /// Whom the agent talks with.
    pub counterparty: Sender,
    /// Messages in it.
    pub message_count: i64,
    /// Replies that the counterparty has not read.
    pub unread_count: i64,
    /// When the last message came.
    pub last_message_at: Millis,
    /// The beginning of the last message.
    pub last_message_preview: Option<String>,
    /// A summary of its older messages, up to and including `summary_seq`.
    pub summary: Option<String>,
    /// See `summary`.
    pub summary_seq: i64,
    /// When it began.
    pub created_at: Millis,
}

/// A text of a model's, a provider's or an agent's without the one sign that PostgreSQL cannot store: the rest must not
/// be lost for it.
pub(crate) fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

/// The first 140 characters of a text, on one line.
pub(crate) fn preview(text: &str) -> String {
    text.chars().take(140).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
