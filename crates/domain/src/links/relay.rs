//! Relays: bytes between the two ends of a session that found no way of their own, through this node, unread.
//!
//! Each end is given a token that opens its side once. What one side sends is taken only as fast as the other takes it.

use crate::access::digest;
use crate::context::App;
use muster_base::{Error, Kind, Millis, Result, new_secret};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How long a token opens a relay.
const OPEN_WITHIN: Duration = Duration::from_secs(60);
/// How many chunks wait between the two sides.
const BETWEEN: usize = 2;
/// How much may go through at once before the rate counts.
const BURST: Duration = Duration::from_millis(250);

/// A message of one side for the other.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether it was sent as text.
    pub is_text: bool,
}

/// A relay between the two ends of a session.
#[derive(Debug)]
pub struct Relay {
    /// The org of both.
    pub org: String,
    /// The session.
    pub session: String,
    agents: [Arc<str>; 2],
    carried: AtomicU64,
    most: u64,
    rate: u64,
    idle: Duration,
    moved_at: AtomicI64,
    free_at: Mutex<Instant>,
    /// Counts those that there are.
    _one: Arc<()>,
}

/// One side of a relay, for whoever showed its token.
#[derive(Debug)]
pub struct Seat {
    /// The relay.
    pub relay: Arc<Relay>,
    /// Which of the two it is.
    pub side: usize,
    /// Takes what goes to the other side, as fast as that takes it.
    pub to_other: mpsc::Sender<Chunk>,
    /// Gives what comes from the other side; ends when that has gone.
    pub from_other: mpsc::Receiver<Chunk>,
}

struct Waiting {
    seat: Seat,
    until: Millis,
}

/// The relays of this node: the sides that wait for their ends, and how many relays there are.
#[derive(Default)]
pub(super) struct Relays(Mutex<HashMap<[u8; 32], Waiting>>, Arc<()>);

/// What one end of a session is told of its relay.
pub(super) struct Pass {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) token: String,
    pub(super) url: String,
}

impl Relays {
    /// Makes a relay for both ends of a session; `None` when there are as many as there may be.
    pub(super) fn make(&self, app: &App, org: &str, agents: [&Arc<str>; 2], session: &str) -> Option<[Pass; 2]> {
        let settings = &app.settings.links;
        let now = app.now();
        let mut waiting = self.waiting();
        waiting.retain(|_, waiting| waiting.until > now);
        // One is ours, and one is of each relay that waits or carries.
        if Arc::strong_count(&self.1) > settings.relays {
            metrics::counter!("muster_relays_refused_total").increment(1);
            return None;
        }
        let relay = Arc::new(Relay {
            org: org.to_owned(),
            session: session.to_owned(),
            agents: agents.map(Arc::clone),
            carried: AtomicU64::new(0),
            most: settings.relay_bytes,
            rate: settings.relay_rate.max(1),
            idle: settings.relay_idle,
            moved_at: AtomicI64::new(now.0),
            free_at: Mutex::new(Instant::now()),
            _one: Arc::clone(&self.1),
        });
        let (to_b, from_a) = mpsc::channel(BETWEEN);
        let (to_a, from_b) = mpsc::channel(BETWEEN);
        let seats = [
            Seat { relay: Arc::clone(&relay), side: 0, to_other: to_b, from_other: from_b },
            Seat { relay, side: 1, to_other: to_a, from_other: from_a },
        ];
        let base = settings.relay_url.as_deref().unwrap_or(&app.settings.public_url);
        Some(seats.map(|seat| {
            let token = new_secret("rly_");
            waiting.insert(digest(&token), Waiting { seat, until: now + OPEN_WITHIN });
            pass(base, token)
        }))
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<[u8; 32], Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl super::Links {
    /// The side of a relay that a token opens, once.
    ///
    /// Errors: `unauthorized` for a token that is unknown, was used, or is too old.
    pub fn take_seat(&self, token: &str, now: Millis) -> Result<Seat> {
        let found = self.relays.waiting().remove(&digest(token)).filter(|waiting| waiting.until > now);
        let refused = || {
            let message = "the relay token is not valid here: it is unknown, was used, or is older than a minute; ask for another with relay_request";
            Error::new(Kind::Unauthorized, "relay.token", message)
        };
        found.map(|waiting| waiting.seat).ok_or_else(refused)
    }
}

/// Where a client finds the relay, and with what.
fn pass(base: &str, token: String) -> Pass {
    let (scheme, rest) = base.split_once("://").unwrap_or(("http", base));
    let is_secure = matches!(scheme, "https" | "wss");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = host_and_port(authority, if is_secure { 443 } else { 80 });
    let path = rest[authority.len()..].trim_end_matches('/');
    let scheme = if is_secure { "wss" } else { "ws" };
    let url = format!("{scheme}://{authority}{path}/relay?token={token}");
    Pass { host, port, token, url }
}

fn host_and_port(authority: &str, usual: u16) -> (String, u16) {
    let host_ends = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[host_ends..].rfind(':') {
        Some(at) => {
            let (host, port) = authority.split_at(host_ends + at);
            (host.trim_matches(['[', ']']).to_owned(), port[1..].parse().unwrap_or(usual))
        }
        None => (authority.trim_matches(['[', ']']).to_owned(), usual),
    }
}

impl Relay {
    /// The agents of its two sides.
    pub fn agents(&self) -> [&str; 2] {
        [&self.agents[0], &self.agents[1]]
    }

    /// Counts bytes that go through, and says how long they have to wait for that.
    ///
    /// Errors: `exhausted` when it has carried as much as it may.
    pub fn carry(&self, bytes: usize, now: Millis) -> Result<Duration> {
        let before = self.carried.fetch_add(bytes as u64, Ordering::Relaxed);
        if before + bytes as u64 > self.most {
            let message = format!("the relay has carried the {} bytes that one may carry", self.most);
            return Err(Error::new(Kind::Exhausted, "relay.exhausted", message));
        }
        self.moved_at.store(now.0, Ordering::Relaxed);
        let takes = Duration::from_secs_f64(bytes as f64 / self.rate as f64);
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let from = (*free_at).max(Instant::now());
        *free_at = from + takes;
        Ok((from + takes).saturating_duration_since(Instant::now() + BURST))
    }

    /// How much longer nothing needs to go through before it is idle for too long; `None` when it is.
    pub fn idle_in(&self, now: Millis) -> Option<Duration> {
        let until = Millis(self.moved_at.load(Ordering::Relaxed)) + self.idle;
        let left = until.0 - now.0;
        (left > 0).then(|| Duration::from_millis(left.unsigned_abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_where_the_public_url_says() {
        let at = |base: &str| {
            let pass = pass(base, "t".to_owned());
            (pass.host, pass.port, pass.url)
        };
        let is = |host: &str, port: u16, url: &str| (host.to_owned(), port, url.to_owned());
        assert_eq!(at("http://127.0.0.1:7717"), is("127.0.0.1", 7717, "ws://127.0.0.1:7717/relay?token=t"));
        assert_eq!(at("https://example.com"), is("example.com", 443, "wss://example.com/relay?token=t"));
        assert_eq!(at("https://example.com/muster/"), is("example.com", 443, "wss://example.com/muster/relay?token=t"));
        assert_eq!(at("http://[::1]:80"), is("::1", 80, "ws://[::1]:80/relay?token=t"));
        assert_eq!(at("http://[::1]"), is("::1", 80, "ws://[::1]/relay?token=t"));
    }
}
