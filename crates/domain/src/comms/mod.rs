//! What agents and people tell each other by name: sending, waking, and who told whom what.
//!
//! It is a view of the one store of messages: what was sent here is in a conversation of its recipient, and whatever was
//! sent another way shows here too.

mod history;
mod send;
mod store;

pub use history::{History, HistoryFilter, history};
pub use send::{Outgoing, send, wake};

pub(crate) use store::{NAMED, SENDER};

use muster_base::Millis;
use serde::Deserialize;

/// The channel of what people send by name.
const CHANNEL: &str = "mission";
/// The channel of what agents send to each other; replies to it are handed on.
pub(crate) const AGENT_CHANNEL: &str = "agent";
/// What a message is that nobody said more of.
const PLAIN: &str = "text";

/// A message between two who are known by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its number.
    pub number: i64,
    /// The name of the agent, user or key that it is from.
    pub from: String,
    /// The name of whom it is to.
    pub to: String,
    /// The text.
    pub content: String,
    /// What sort of message, e.g. `request`; `text` when nobody said.
    pub kind: String,
    /// When it was answered or acknowledged; for a reply, when it was read.
    pub read_at: Option<Millis>,
    /// When it came.
    pub created_at: Millis,
}

/// How much one told another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The name of who told.
    pub from: String,
    /// The name of who was told.
    pub to: String,
    /// How many messages.
    pub messages: i64,
    /// When the last one came.
    pub last_at: Millis,
}

/// How much an agent told and was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentStat {
    /// The agent's name.
    pub agent: String,
    /// Messages from it.
    pub sent: i64,
    /// Messages to it.
    pub received: i64,
}

/// What sort of message it is: what its sender said, on the channels where that is agreed.
pub(crate) fn kind_of(channel: &str, metadata: Option<&str>) -> String {
    #[derive(Deserialize)]
    struct Sort {
        #[serde(rename = "type")]
        kind: String,
    }
    let is_agreed = matches!(channel, CHANNEL | AGENT_CHANNEL);
    let said = metadata.filter(|_| is_agreed).and_then(|text| serde_json::from_str::<Sort>(text).ok());
    said.map_or_else(|| PLAIN.to_owned(), |sort| sort.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sort_a_message_is_counts_only_where_it_is_agreed() {
        let said = Some(r#"{"type":"request"}"#);
        assert_eq!(kind_of("mission", said), "request");
        assert_eq!(kind_of("agent", said), "request");
        assert_eq!(kind_of("api", said), "text", "anything may be attached there");
        for other in [None, Some("[]"), Some(r#"{"type":1}"#), Some(r#"{"toolCall":"x"}"#)] {
            assert_eq!(kind_of("agent", other), "text");
        }
    }
}
