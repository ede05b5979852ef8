//! What waits for an agent that runs elsewhere, and what it says of it: that it has it, that it has taken it up, and
//! what it replies.
//!
//! A message waits until it is acknowledged or answered, however it came and by whichever way the agent asks for it: a
//! heartbeat shows it, a link pushes it. `inbox` is announced with the agent's id when something new waits, `delivered`
//! with the agent's id when it has got something, `replies` with the conversation's id when a message there was answered
//! or will not be.

mod acknowledge;
mod deliver;
mod read;
mod reply;
mod store;

pub use acknowledge::acknowledge;
pub use deliver::{MOST, mark_delivered, undelivered};
pub use read::read;
pub use reply::{recipient, reply};

pub(crate) use acknowledge::{find, mark};
pub(crate) use deliver::shown;

use muster_base::Millis;

/// A message that an agent has neither acknowledged nor answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// Its number, unique in the org: messages wait in the order of their numbers.
    pub number: i64,
    /// The name of who it is from.
    pub from: String,
    /// The id of the agent, user, key or token that it is from.
    pub from_id: String,
    /// The text.
    pub content: String,
    /// The way it came, e.g. `network`, `agent`, `mission`, `api`.
    pub channel: String,
    /// The agent's own message that it answers: a reply is acknowledged and not answered itself.
    pub reply_to: Option<String>,
    /// When it came.
    pub created_at: Millis,
    /// When the agent got it.
    pub delivered_at: Option<Millis>,
}

/// A message to an agent, or a reply to it, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// Its id.
    pub id: String,
    /// The name of who it is from.
    pub from: String,
    /// The id of the agent, user, key or token that it is from.
    pub from_id: String,
    /// The text.
    pub content: String,
    /// The way it came.
    pub channel: String,
    /// The agent's own message that it answers.
    pub reply_to: Option<String>,
    /// When it came.
    pub created_at: Millis,
}
