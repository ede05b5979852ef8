//! Heartbeats: an agent that runs elsewhere says that it lives, and is told what waits for it.
//!
//! Many agents ask every second and mostly find nothing, so that costs two indexed reads and no write.

mod store;
mod verbs;

pub use verbs::{Beat, Beaten, beat, look};

use crate::tasks::{Priority, Status};
use muster_base::Millis;

/// How many tasks, and how many messages, are shown at once.
pub const MOST: usize = 100;

/// A task that an agent has not finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingTask {
    /// Its number.
    pub number: i64,
    /// What is to be done.
    pub title: String,
    /// Assigned or in progress.
    pub status: Status,
    /// How soon.
    pub priority: Priority,
    /// When it should be done.
    pub due_at: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
}

/// A message that an agent has not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMessage {
    /// Its number, by which it is acknowledged.
    pub number: i64,
    /// The name of who it is from.
    pub from: String,
    /// The text.
    pub content: String,
    /// What sort of message; `text` when nobody said.
    pub kind: String,
    /// When it came.
    pub created_at: Millis,
}

/// What waits for an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// Tasks, the most urgent first, then the oldest; at most [`MOST`].
    pub tasks: Vec<PendingTask>,
    /// Messages, the oldest first: at most [`MOST`], and no more than 1 MiB of text after the first. Those that are
    /// left out show once these are acknowledged.
    pub messages: Vec<WaitingMessage>,
}
