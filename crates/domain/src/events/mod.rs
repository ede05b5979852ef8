//! The event log: every change, in one order per org, hash-chained. The only source of streams, webhooks and the audit view.

mod store;
mod verbs;

pub(crate) use store::prune;
pub use verbs::{EventFilter, append, check_filter, follow_from, list, verify};
pub(crate) use verbs::{append_all, append_with};

use crate::access::PrincipalKind;
use muster_base::Millis;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
pub struct Actor {
    /// user, key, agent or system.
    pub kind: String,
    /// The id of the user, key or agent.
    pub id: String,
    /// Their name at the time.
    pub name: String,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its place in the org's log, from 1, without gaps.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// What happened, e.g. `agent.created`.
    pub kind: String,
    /// What it happened to, usually an id.
    pub subject: String,
    /// Who caused it.
    pub actor: Actor,
    /// When.
    pub at: Millis,
    /// More about it; never a secret.
    pub data: Box<serde_json::value::RawValue>,
    /// The hash over this event and the one before.
    pub hash: String,
}

/// Something to be written to the log.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub(crate) kind: &'static str,
    pub(crate) subject: String,
    pub(crate) data: Value,
}

impl NewEvent {
    /// An event of a type about a subject.
    pub fn new(kind: &'static str, subject: impl Into<String>, data: Value) -> Self {
        Self { kind, subject: subject.into(), data }
    }
}

impl PrincipalKind {
    pub(crate) fn actor(self, id: &str, name: &str) -> Actor {
        Actor { kind: self.as_str().to_owned(), id: id.to_owned(), name: name.to_owned() }
    }
}

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// Whether every event is as it was written.
    pub intact: bool,
    /// How many events were checked.
    pub checked: i64,
    /// The first event whose hash does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<i64>,
    /// The hash of the newest event: note it elsewhere to prove later that nothing before it was changed.
    pub head: String,
}
