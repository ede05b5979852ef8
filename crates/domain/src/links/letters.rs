//! Letters between nodes: what an agent at one node has for an agent at another. They may be lost with the bus; a
//! session whose letters are lost ends by its time.

use super::outbox::Signal;
use serde::{Deserialize, Serialize};

/// Which nodes a letter is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// One.
    Node(String),
    /// All others.
    Others,
}

/// What nodes say to each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// From one end of a session to the other.
    Session(ToPeer),
    /// Agents of an org came to a node or left it.
    Peers {
        /// The org.
        org: String,
        /// The node.
        node: String,
        /// The agents, and whether they are there.
        changes: Vec<(String, bool)>,
    },
    /// An agent has dialled in again, at another node.
    Replaced {
        /// The agent.
        agent: String,
        /// The link that is over.
        since: i64,
    },
}

/// From one end of a session to the other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ToPeer {
    /// The org of both.
    pub(super) org: String,
    /// Who it is from.
    pub(super) from: String,
    /// Who it is for.
    pub(super) to: String,
    /// The session.
    pub(super) session: String,
    /// What.
    pub(super) what: What,
}

/// What one end of a session has for the other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// Asks for the session.
    Ask {
        /// The name of who asks.
        name: String,
        /// Their node.
        node: String,
    },
    /// It begins.
    Accept {
        /// The name of who accepts.
        name: String,
        /// Their key.
        public_key: String,
    },
    /// It is refused or over.
    Reject {
        /// Why.
        reason: String,
    },
    /// Something to be handed on.
    Signal(Signal),
    /// Wants a relay; the end that asked for the session makes it.
    WantRelay,
    /// There is no relay to be had.
    NoRelay,
    /// Something went through the session's relay.
    Used,
    /// Here is a relay.
    Relay {
        /// Its host.
        host: String,
        /// Its port.
        port: u16,
        /// Opens it once.
        token: String,
        /// Its URL with the token.
        url: String,
    },
}
