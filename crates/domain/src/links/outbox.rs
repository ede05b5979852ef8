//! What waits to be sent over a link: bounded, and cheap while it is empty.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How many things may wait.
const MOST: usize = 1024;
/// How many bytes of signals may wait.
const MOST_BYTES: usize = 1 << 20;
/// From how many on it is worth looking for an older word about the same peer.
const CROWDED: usize = 64;

/// What two agents say to each other to find a way: forwarded unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// `offer`, `answer` or `ice`.
    pub kind: String,
    /// JSON text.
    pub data: Arc<str>,
}

/// What an agent is told over its link.
#[derive(Debug, Clone)]
pub enum Push {
    /// Another agent of its org came or went.
    Peer {
        /// Which.
        agent: Arc<str>,
        /// Whether it is there.
        online: bool,
    },
    /// Another agent asks for a session.
    Asked {
        /// The session.
        session: Arc<str>,
        /// Who asks.
        from: Arc<str>,
        /// Their name.
        name: String,
    },
    /// A session that it asked for has begun.
    Accepted {
        /// The session.
        session: Arc<str>,
        /// The other end.
        agent: Arc<str>,
        /// Their name.
        name: String,
        /// Their key.
        public_key: String,
    },
    /// A session was refused or has ended.
    Rejected {
        /// The session.
        session: Arc<str>,
        /// Why.
        reason: String,
    },
    /// The other end of a session says something.
    Signal {
        /// The session.
        session: Arc<str>,
        /// The other end.
        from: Arc<str>,
        /// What.
        signal: Signal,
    },
    /// Where the bytes of a session may go through.
    Relay {
        /// The session.
        session: Arc<str>,
        /// Host of the relay.
        host: String,
        /// Port of the relay.
        port: u16,
        /// Opens the relay once.
        token: String,
        /// The relay's URL with the token in it.
        url: String,
    },
    /// It asked for a relay and the server has none to give.
    NoRelay {
        /// The session.
        session: Arc<str>,
    },
}

impl Push {
    /// What it holds beside a few words.
    fn weight(&self) -> usize {
        match self {
            Self::Signal { signal, .. } => signal.data.len(),
            _ => 0,
        }
    }

    /// Whether the agent was dealt with, or only told of others.
    pub fn is_activity(&self) -> bool {
        !matches!(self, Self::Peer { .. })
    }
}

/// Why a link ends from our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The same agent has dialled in again.
    Replaced,
    /// It has missed its heartbeats.
    Silent,
    /// It does not read what it is sent.
    Slow,
    /// Its credential holds no longer.
    Revoked,
    /// The agent was deleted, or its link is known no longer.
    Gone,
    /// The server stops.
    Restart,
}

#[derive(Default)]
struct Waiting {
    queue: VecDeque<Push>,
    bytes: usize,
    end: Option<End>,
}

/// What waits to be sent over a link.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    bell: Notify,
}

impl Outbox {
    /// Puts something in; an agent that lets too much of it wait is let go.
    pub(super) fn put(&self, push: Push) {
        {
            let mut waiting = self.waiting();
            if waiting.end.is_some() {
                return;
            }
            if waiting.queue.len() >= CROWDED && waiting.supersede(&push) {
                return;
            }
            if waiting.queue.len() >= MOST || waiting.bytes + push.weight() > MOST_BYTES + super::link::LARGEST_SIGNAL {
                waiting.finish(End::Slow);
            } else {
                waiting.bytes += push.weight();
                waiting.queue.push_back(push);
            }
        }
        self.bell.notify_one();
    }

    /// Ends the link: the first reason counts, and what waits is dropped.
    pub(super) fn end(&self, end: End) {
        self.waiting().finish(end);
        self.bell.notify_one();
    }

    pub(super) fn take(&self) -> Option<Push> {
        let mut waiting = self.waiting();
        let push = waiting.queue.pop_front();
        match &push {
            Some(push) => waiting.bytes -= push.weight(),
            // An idle link keeps no room.
            None if waiting.queue.capacity() > 0 => waiting.queue = VecDeque::new(),
            None => {}
        }
        push
    }

    pub(super) fn ended(&self) -> Option<End> {
        self.waiting().end
    }

    /// Returns when something was put in, or the link was ended, since the last call.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn finish(&mut self, end: End) {
        self.end.get_or_insert(end);
        self.queue = VecDeque::new();
        self.bytes = 0;
    }

    /// Puts a word about a peer in the place of an older one that still waits.
    fn supersede(&mut self, push: &Push) -> bool {
        let Push::Peer { agent, online } = push else { return false };
        for waiting in &mut self.queue {
            if let Push::Peer { agent: other, online: was } = waiting
                && other == agent
            {
                *was = *online;
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(agent: &str, online: bool) -> Push {
        Push::Peer { agent: Arc::from(agent), online }
    }

    #[test]
    fn who_does_not_read_is_let_go_and_holds_nothing() {
        let outbox = Outbox::default();
        for number in 0..=MOST {
            outbox.put(peer(&format!("a{number}"), true));
        }
        assert_eq!(outbox.ended(), Some(End::Slow));
        assert!(outbox.take().is_none());
        outbox.end(End::Silent);
        assert_eq!(outbox.ended(), Some(End::Slow), "the first reason counts");
    }

    #[test]
    fn signals_are_bounded_by_their_bytes() {
        let outbox = Outbox::default();
        let data: Arc<str> = Arc::from("x".repeat(super::super::link::LARGEST_SIGNAL));
        let signal = || Push::Signal {
            session: Arc::from("s"),
            from: Arc::from("a"),
            signal: Signal { kind: "ice".to_owned(), data: Arc::clone(&data) },
        };
        let mut taken = 0;
        while outbox.ended().is_none() {
            outbox.put(signal());
            taken += 1;
        }
        assert_eq!(taken, 6, "one MiB and one more fit, the next does not");
    }

    #[test]
    fn a_crowd_of_words_about_one_peer_is_its_last() {
        let outbox = Outbox::default();
        for number in 0..CROWDED {
            outbox.put(peer(&format!("a{number}"), true));
        }
        for round in 0..10_000 {
            outbox.put(peer("a7", round % 2 == 0));
        }
        let mut seen = Vec::new();
        while let Some(push) = outbox.take() {
            seen.push(push);
        }
        assert_eq!(seen.len(), CROWDED);
        assert!(matches!(&seen[7], Push::Peer { online: false, .. }));
    }
}
