//! One link at this node.

use super::halves::Halves;
use super::outbox::{End, Outbox, Push};
use super::{MISSED_HALVES, WRITE_WITHIN};
use crate::context::{App, Ctx, Request};
use crate::enrolments::Enrolled;
use crate::presence;
use muster_base::Millis;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// The most bytes of what one agent signals to another at once.
pub(super) const LARGEST_SIGNAL: usize = 256 * 1024;

/// A live link at this node.
pub struct Link {
    /// Acts as the agent, under the credential that it dialled in with.
    pub ctx: Ctx,
    /// The agent's id.
    pub agent: Arc<str>,
    /// The agent, its machine and its credential, as they were when it dialled in.
    pub enrolled: Enrolled,
    /// The key that its peers are shown.
    pub public_key: String,
    /// Since when; no two links of one agent at one node have the same.
    pub since: Millis,
    /// How often it is to give a sign of life.
    pub heartbeat: Duration,
    pub(super) outbox: Outbox,
    pub(super) halves: Halves,
    pub(super) is_stored: AtomicBool,
    pub(super) is_idle: AtomicBool,
    heard_at: AtomicI64,
    active_at: AtomicI64,
    writing_since: AtomicI64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    counted: AtomicU64,
}

impl Link {
    pub(super) fn new(
        app: &Arc<App>,
        enrolled: Enrolled,
        public_key: String,
        since: Millis,
        heartbeat: Duration,
    ) -> Self {
        Self {
            ctx: Ctx::new(Arc::clone(app), Arc::clone(&enrolled.principal), Request::default()),
            agent: Arc::from(enrolled.agent.id.as_str()),
            enrolled,
            public_key,
            since,
            heartbeat,
            outbox: Outbox::default(),
            halves: Halves::default(),
            is_stored: AtomicBool::new(false),
            is_idle: AtomicBool::new(false),
            heard_at: AtomicI64::new(since.0),
            active_at: AtomicI64::new(since.0),
            writing_since: AtomicI64::new(0),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
            counted: AtomicU64::new(0),
        }
    }

    /// Something came: it lives, and unless it was only a heartbeat it is active.
    pub fn received(&self, bytes: usize, is_activity: bool) {
        let now = self.ctx.now().0;
        presence::note_seen(self.ctx.app(), self.ctx.org(), &self.agent, Millis(now));
        self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
        self.heard_at.store(now, Ordering::Relaxed);
        if is_activity {
            self.active_at.store(now, Ordering::Relaxed);
        }
    }

    /// Something was sent.
    pub fn sent(&self, bytes: usize, is_activity: bool) {
        self.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
        if is_activity {
            self.active_at.store(self.ctx.now().0, Ordering::Relaxed);
        }
    }

    /// Writing begins; who lets us write for too long is let go.
    pub fn writing(&self) {
        self.writing_since.store(self.ctx.now().0, Ordering::Relaxed);
    }

    /// Writing is over.
    pub fn written(&self) {
        self.writing_since.store(0, Ordering::Relaxed);
    }

    /// The next thing to send.
    pub fn next(&self) -> Option<Push> {
        self.outbox.take()
    }

    /// Returns when there may be something to send, or the link has ended.
    pub async fn rung(&self) {
        self.outbox.rung().await;
    }

    /// Why the link has ended from our side, if it has.
    pub fn ended(&self) -> Option<End> {
        self.outbox.ended()
    }

    /// Returns when the link has ended from our side.
    pub async fn over(&self) -> End {
        loop {
            if let Some(end) = self.ended() {
                return end;
            }
            self.rung().await;
        }
    }

    /// Ends the link.
    pub fn end(&self, end: End) {
        self.outbox.end(end);
    }

    /// The agent's name when it dialled in.
    pub fn name(&self) -> &str {
        &self.enrolled.agent.name
    }

    /// Bytes that came and went over it.
    pub fn bytes(&self) -> (u64, u64) {
        (self.bytes_in.load(Ordering::Relaxed), self.bytes_out.load(Ordering::Relaxed))
    }

    /// When something other than a heartbeat last came or went.
    pub fn active_at(&self) -> Millis {
        Millis(self.active_at.load(Ordering::Relaxed))
    }

    pub(super) fn heard_at(&self) -> Millis {
        Millis(self.heard_at.load(Ordering::Relaxed))
    }

    /// Bytes since the last call.
    pub(super) fn count(&self) -> u64 {
        let (came, went) = self.bytes();
        let now = came + went;
        now.saturating_sub(self.counted.swap(now, Ordering::Relaxed))
    }

    /// Why it has to end by now, if it has.
    pub(super) fn overdue(&self, now: Millis) -> Option<End> {
        let writing = self.writing_since.load(Ordering::Relaxed);
        if writing != 0 && Millis(writing) + WRITE_WITHIN < now {
            return Some(End::Slow);
        }
        (self.heard_at() + self.heartbeat * MISSED_HALVES / 2 < now).then_some(End::Silent)
    }
}
