//! Links: the live connections of agents that dial in, whichever node they are at.
//!
//! A link is a row (which agent, at which node, since when) and, at its node, an entry in memory with what waits to be
//! sent over it. What must not be lost is stored first and pushed second: a link that ends loses nothing but signals
//! between agents, which are worth something only now. Heartbeats, bytes and peers live in memory; rows, presence and
//! events of links that come and go are written in batches. Nodes reach each other's links by letters over the bus.

mod beat;
mod doorstep;
mod halves;
mod letters;
mod link;
mod list;
mod outbox;
mod peers;
mod registry;
mod relay;
mod relays;
mod sessions;
mod store;
mod upkeep;
mod writer;

pub use doorstep::Newcomer;
pub use letters::{Address, Letter};
pub use link::Link;
pub use list::{LinkView, Stats, list, stats};
pub use outbox::{End, Push, Signal};
pub use registry::{Links, close, open};
pub use relay::{Chunk, Relay, RelayEnd, Seat};
pub use sessions::{accept, ask, ask_relay, leave, reject, signal};
pub use upkeep::{look, run, tick, tidy};

use std::time::Duration;

/// What links may take.
#[derive(Debug, Clone)]
pub struct LinkSettings {
    /// How often an agent is asked to give a sign of life; each link is told a little more or less than this.
    pub heartbeat: Duration,
    /// After how long without anything but heartbeats an agent counts as idle.
    pub idle_after: Duration,
    /// How many links this node takes.
    pub most: usize,
    /// How many clients may be about to say who they are; one network may have half of them.
    pub registering: usize,
    /// How long a client may take to say who it is.
    pub register_within: Duration,
    /// Where this very node is reached by both ends of a relay, when it is not the public URL.
    pub relay_url: Option<String>,
    /// The most bytes that one relay carries.
    pub relay_bytes: u64,
    /// The most bytes a second that one relay carries.
    pub relay_rate: u64,
    /// After how long without a byte a relay ends.
    pub relay_idle: Duration,
    /// How many relays this node carries at once; one org may have half of them, and one at the least.
    pub relays: usize,
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(30),
            idle_after: Duration::from_secs(300),
            most: 50_000,
            registering: 2048,
            register_within: Duration::from_secs(10),
            relay_url: None,
            relay_bytes: 1 << 30,
            relay_rate: 16 << 20,
            relay_idle: Duration::from_secs(300),
            relays: 256,
        }
    }
}

/// How many heartbeats an agent may miss, in halves of one: two and a half.
const MISSED_HALVES: u32 = 5;
/// How long one write to an agent may take; who reads slower than that is let go.
const WRITE_WITHIN: Duration = Duration::from_secs(20);
/// How long an agent may take to answer a request for a session before it is accepted for it.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long who asks for a session waits for the other node.
const ASKED_AT_MOST: Duration = Duration::from_secs(10);
/// How long after a session began without a signal it is given our relay.
const RELAY_AFTER: Duration = Duration::from_secs(5);
/// How long a session lives without a signal or a byte.
const SESSION_IDLE: Duration = Duration::from_secs(3600);
/// How many sessions an agent takes part in.
const MOST_SESSIONS: usize = 64;
/// How long changes of peers are gathered before agents are told.
const GATHER: Duration = Duration::from_millis(100);
/// How many peers an agent is told of.
const MOST_PEERS: usize = 128;
/// How many agents of other nodes are known in an org.
const MOST_REMOTE: usize = 1000;
/// How long a node may be silent before its links count as gone.
pub(crate) const NODE_SILENT: Duration = Duration::from_secs(15);
/// How long an agent may take to come back after its node is gone before it is offline.
const RETURN_WITHIN: Duration = Duration::from_secs(10);
