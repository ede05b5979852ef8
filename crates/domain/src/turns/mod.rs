//! The turn ledger: what hosted agents have to answer, who is at it, and every step of it.
//!
//! A message becomes part of a turn in the transaction that stores it. A worker claims the turn for a lease that it
//! renews, writes each step as it is done, and commits the reply together with the end of the turn. When a worker dies
//! its lease runs out and another goes on after the last completed step. Every write of a worker names the lease and
//! the attempt that it was given, so a worker that was taken over can change nothing any more.
//!
//! States: `queued` (perhaps with a [`Hold`]), `running`, then `succeeded`, `failed` or `cancelled`. A turn that waits
//! to be tried again stays `running` without an owner until its lease time, so messages that come meanwhile queue up
//! behind it.

mod finish;
mod inspect;
mod ledger;
mod queue;
mod store;
mod stream;

pub use finish::{Answer, Ending, Trace, answer, end, retry_later};
pub use inspect::{Backlog, TurnDetail, TurnFilter, backlog, cancel, cancel_wanted, find, list};
pub use ledger::{
    Claim, Compacted, Effect, StepDone, ToolRound, claim, finish_compaction, finish_model_step, finish_tool_step,
    hand_back, recover_all, renew, reserve_more,
};
pub use stream::{Streamed, append_stream, longest_text, stream_after, stream_head};

pub(crate) use queue::{Place, break_off, enqueue, hold, release};
pub(crate) use store::prune_streams;
pub use store::usage_of_day;

use crate::models::Usage;
use muster_base::{Millis, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How far a turn has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits.
    Queued,
    /// A worker is at it, or it waits to be tried again.
    Running,
    /// It gave a reply.
    Succeeded,
    /// It gave none.
    Failed,
    /// Somebody did not want it any more.
    Cancelled,
}

impl State {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a word; `field` names the input.
    pub fn parse(text: &str, field: &str) -> Result<Self> {
        [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| {
                muster_base::Error::invalid(field, "must be queued, running, succeeded, failed or cancelled")
            })
    }
}

/// Why a queued turn may not be taken up yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Another turn of the conversation runs.
    Behind,
    /// The agent is paused, stopped or in error.
    Paused,
    /// The balance is used up.
    Balance,
}

impl Hold {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Behind => "behind",
            Self::Paused => "paused",
            Self::Balance => "balance",
        }
    }
}

/// A turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Its id, `turn_...`.
    pub id: String,
    /// Its org.
    pub org: String,
    /// Its agent.
    pub agent: String,
    /// Its conversation's id inside Muster.
    pub conversation: String,
    /// The version of the definition that it runs under, once it has begun.
    pub version: Option<i64>,
    /// How far it has got.
    pub state: State,
    /// Why it may not be taken up yet.
    pub hold: Option<String>,
    /// How often it was taken up.
    pub attempt: i64,
    /// How often its messages were put before the agent again after a failure.
    pub reminders: i64,
    /// How many agents its message passed through.
    pub depth: i64,
    /// Who wants it to end: `user`, `interrupt`, `stop`.
    pub cancel: Option<String>,
    /// `provider/model`, once one was called.
    pub model: Option<String>,
    /// Tokens of all its model calls.
    pub usage: Usage,
    /// Milliseconds within model calls.
    pub model_ms: i64,
    /// What it cost in millionths of a US dollar, when the price is known.
    pub cost_micro_usd: Option<i64>,
    /// Output tokens reserved for the model call that runs.
    pub reserved: i64,
    /// What the model was told first, as JSON text.
    pub prompt: Option<String>,
    /// The reply's message.
    pub reply: Option<String>,
    /// Why it failed.
    pub error: Option<(String, String)>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was first taken up.
    pub started_at: Option<Millis>,
    /// When it ended.
    pub finished_at: Option<Millis>,
}

/// What sort of step it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// A call of the model.
    Model,
    /// A call of a tool.
    Tool,
    /// Older messages were replaced by a summary.
    Compaction,
}

/// A step of a turn.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its place in the turn, from 0.
    pub index: i64,
    /// What sort.
    pub kind: StepKind,
    /// The model's or tool's name.
    pub name: String,
    /// Stable over attempts: what is called can tell a repetition by it.
    pub key: String,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// How often it was begun.
    pub attempts: i64,
    /// What it was given, as JSON.
    pub input: Option<Box<RawValue>>,
    /// What it gave, as JSON.
    pub output: Option<Box<RawValue>>,
    /// Why it failed.
    pub error: Option<String>,
    /// Tokens, for model calls.
    pub usage: Usage,
    /// When it began.
    pub started_at: Millis,
    /// When it ended.
    pub finished_at: Option<Millis>,
}

/// The lease under which a worker writes: a turn, its attempt and its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The org.
    pub org: String,
    /// The agent.
    pub agent: String,
    /// The turn.
    pub turn: String,
    /// The attempt.
    pub attempt: i64,
    /// The worker's node.
    pub owner: String,
}

/// The error of a worker whose lease is gone: it stops without a trace.
pub const LOST: &str = "turn.lost";
