//! Relays: bytes between the two ends of a session that found no way of their own, through this node, unread.
//!
//! What one side sends is taken only as fast as the other takes it. A relay ends with either of its sides, and with the
//! session that it is for.

use muster_base::{Error, Kind, Millis, Result};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

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

/// Why a relay ends for both of its sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayEnd {
    /// Either end has left the session.
    SessionOver,
    /// The session was given another one.
    Replaced,
    /// A message was too large to be carried.
    TooLarge,
}

/// What a relay is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Purpose {
    org: String,
    session: String,
    /// The agents of the session, in the order of their ids.
    ends: [Arc<str>; 2],
}

impl Purpose {
    pub(super) fn new(org: &str, session: &str, mut ends: [Arc<str>; 2]) -> Self {
        ends.sort();
        Self { org: org.to_owned(), session: session.to_owned(), ends }
    }

    pub(super) fn org(&self) -> &str {
        &self.org
    }

    pub(super) fn is_of(&self, org: &str) -> bool {
        self.org == org
    }
}

/// A relay between the two ends of a session.
#[derive(Debug)]
pub struct Relay {
    purpose: Purpose,
    carried: AtomicU64,
    most: u64,
    rate: u64,
    idle: Duration,
    moved_at: AtomicI64,
    free_at: Mutex<Instant>,
    end: OnceLock<RelayEnd>,
    over: CancellationToken,
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

impl Relay {
    /// Both sides of a new relay.
    pub(super) fn seats(purpose: Purpose, settings: &super::LinkSettings, now: Millis) -> [Seat; 2] {
        let relay = Arc::new(Self {
            purpose,
            carried: AtomicU64::new(0),
            most: settings.relay_bytes,
            rate: settings.relay_rate.max(1),
            idle: settings.relay_idle,
            moved_at: AtomicI64::new(now.0),
            free_at: Mutex::new(Instant::now()),
            end: OnceLock::new(),
            over: CancellationToken::new(),
        });
        let (to_b, from_a) = mpsc::channel(BETWEEN);
        let (to_a, from_b) = mpsc::channel(BETWEEN);
        [
            Seat { relay: Arc::clone(&relay), side: 0, to_other: to_b, from_other: from_b },
            Seat { relay, side: 1, to_other: to_a, from_other: from_a },
        ]
    }

    /// The org of both ends.
    pub fn org(&self) -> &str {
        &self.purpose.org
    }

    pub(super) fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Ends it for both sides; the first reason counts.
    pub fn end(&self, why: RelayEnd) {
        let _ = self.end.set(why);
        self.over.cancel();
    }

    /// Why it has ended for both sides, if it has.
    pub fn ended(&self) -> Option<RelayEnd> {
        self.end.get().copied()
    }

    /// Returns when it has ended for both sides.
    pub async fn over(&self) -> RelayEnd {
        self.over.cancelled().await;
        // It is set before anybody is told.
        self.ended().unwrap_or(RelayEnd::SessionOver)
    }

    /// When something last went through, or it was made.
    pub(super) fn moved_at(&self) -> Millis {
        Millis(self.moved_at.load(Ordering::Relaxed))
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
        let until = self.moved_at() + self.idle;
        let left = until.0 - now.0;
        (left > 0).then(|| Duration::from_millis(left.unsigned_abs()))
    }
}
