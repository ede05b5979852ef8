//! The links of this node.

use super::doorstep::Doorstep;
use super::letters::{Address, Letter};
use super::link::Link;
use super::outbox::End;
use super::peers::Peers;
use super::relays::Relays;
use super::sessions::{self, Deadlines};
use super::writer::{Change, What};
use crate::context::App;
use crate::enrolments::Enrolled;
use muster_base::{Error, Kind, Millis, Result};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

/// How many links may wait to be written down, as come or gone.
const WAITING: usize = 4096;
/// How much sooner or later than the others a link is asked for its heartbeat, in percent at the most.
const JITTER: u64 = 10;

/// The links of this node, and what their agents share.
pub struct Links {
    live: Mutex<HashMap<Arc<str>, Arc<Link>>>,
    last_since: AtomicI64,
    changes: mpsc::Sender<Change>,
    pub(super) unwritten: Mutex<Option<mpsc::Receiver<Change>>>,
    pub(super) peers: Peers,
    pub(super) deadlines: Deadlines,
    pub(super) relays: Relays,
    pub(super) doorstep: Arc<Doorstep>,
    /// Bytes of each org that are not written down yet.
    traffic: Mutex<HashMap<String, u64>>,
    /// Rung when something is to be done soon: peers are to be told, or a session waits.
    pub(super) stir: Notify,
    post: Mutex<Option<mpsc::Sender<(Address, Letter)>>>,
}

impl Default for Links {
    fn default() -> Self {
        let (changes, unwritten) = mpsc::channel(WAITING);
        Self {
            live: Mutex::default(),
            last_since: AtomicI64::new(0),
            changes,
            unwritten: Mutex::new(Some(unwritten)),
            peers: Peers::default(),
            deadlines: Deadlines::default(),
            relays: Relays::default(),
            doorstep: Arc::default(),
            traffic: Mutex::default(),
            stir: Notify::new(),
            post: Mutex::default(),
        }
    }
}

impl Links {
    /// The link of an agent at this node.
    pub(super) fn find(&self, org: &str, agent: &str) -> Option<Arc<Link>> {
        self.live().get(agent).filter(|link| link.ctx.org() == org).cloned()
    }

    /// The link of an agent at this node, whatever its org.
    pub(super) fn live_link(&self, agent: &str) -> Option<Arc<Link>> {
        self.live().get(agent).cloned()
    }

    /// All links of this node.
    pub(super) fn all(&self) -> Vec<Arc<Link>> {
        self.live().values().cloned().collect()
    }

    /// How many links this node has.
    pub fn count(&self) -> usize {
        self.live().len()
    }

    /// Sends what is for other nodes over `post` from now on.
    pub fn send_by(&self, post: mpsc::Sender<(Address, Letter)>) {
        *self.post.lock().unwrap_or_else(PoisonError::into_inner) = Some(post);
    }

    /// Whether there may be other nodes.
    pub(super) fn has_post(&self) -> bool {
        self.post.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Sends a letter; one that the bus has no room for is lost and counted.
    pub(super) fn send(&self, to: Address, letter: Letter) {
        let post = self.post.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if post.is_some_and(|post| post.try_send((to, letter)).is_err()) {
            metrics::counter!("muster_bus_dropped_total").increment(1);
        }
    }

    /// Takes a letter from another node.
    pub fn receive(&self, app: &Arc<App>, letter: Letter) {
        match letter {
            Letter::Session(letter) => sessions::take(app, letter),
            Letter::Peers { org, node, changes } => {
                self.peers.note_remote(&org, &node, changes);
                self.stir.notify_one();
            }
            Letter::Replaced { agent, since } => {
                let link = self.live_link(&agent);
                if let Some(link) = link.filter(|link| link.since.0 == since) {
                    link.end(End::Replaced);
                }
            }
        }
    }

    /// Counts bytes that went over a WebSocket of an org.
    pub fn count_bytes(&self, org: &str, bytes: u64) {
        if bytes == 0 {
            return;
        }
        let mut traffic = self.traffic.lock().unwrap_or_else(PoisonError::into_inner);
        match traffic.get_mut(org) {
            Some(count) => *count += bytes,
            None => drop(traffic.insert(org.to_owned(), bytes)),
        }
    }

    /// Takes the bytes that are to be written down.
    pub(super) fn take_traffic(&self) -> Vec<(String, u64)> {
        std::mem::take(&mut *self.traffic.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }

    /// The bytes of an org that are not written down yet.
    pub(super) fn traffic_of(&self, org: &str) -> u64 {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner).get(org).copied().unwrap_or(0)
    }

    /// Has a change written down, waiting when many wait already.
    pub(super) async fn write_down(&self, change: Change) {
        // The receiver lives as long as we do, or the process ends.
        let _ = self.changes.send(change).await;
    }

    fn enter(&self, link: &Arc<Link>, most: usize) -> Result<()> {
        let mut live = self.live();
        if live.len() >= most && !live.contains_key(&link.agent) {
            let message = "this server has as many links as it takes; try again later";
            return Err(Error::new(Kind::Unavailable, "links.full", message).with_retry_after(30));
        }
        if let Some(older) = live.insert(Arc::clone(&link.agent), Arc::clone(link)) {
            older.end(End::Replaced);
        }
        Ok(())
    }

    /// Takes a link out unless a newer one has its place; says whether it did.
    pub(super) fn leave(&self, link: &Arc<Link>) -> bool {
        let mut live = self.live();
        let is_current = live.get(&link.agent).is_some_and(|current| Arc::ptr_eq(current, link));
        if is_current {
            live.remove(&link.agent);
        }
        is_current
    }

    /// A moment that no other link has.
    fn moment(&self, now: Millis) -> Millis {
        let next = |last: i64| Some(now.0.max(last + 1));
        let last = self.last_since.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or(now.0);
        Millis(now.0.max(last + 1))
    }

    fn live(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Link>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes up the link of an agent that was let in; an older one of the same agent ends, wherever it is.
///
/// The agent is online, and everybody can see so, when this returns. Errors: `unavailable` when this node has all the
/// links that it takes, or the database cannot be reached; `not_found` when the agent was deleted meanwhile.
pub async fn open(app: &Arc<App>, enrolled: Enrolled, public_key: String) -> Result<Arc<Link>> {
    let links = &app.links;
    let heartbeat = jittered(app.settings.links.heartbeat);
    let link = Arc::new(Link::new(app, enrolled, public_key, links.moment(app.now()), heartbeat));
    links.enter(&link, app.settings.links.most)?;
    let (done, written) = oneshot::channel();
    links.write_down(Change { link: Arc::clone(&link), what: What::Came(done) }).await;
    match written.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            links.leave(&link);
            return Err(error);
        }
        Err(_) => {
            links.leave(&link);
            return Err(Error::new(Kind::Unavailable, "links.stopping", "the server is stopping").with_retry_after(1));
        }
    }
    link.is_stored.store(true, Ordering::Release);
    links.peers.note(&link, true);
    links.stir.notify_one();
    metrics::gauge!("muster_links").set(links.count() as f64);
    Ok(link)
}

/// Lets go of a link whose connection is over; calling it again changes nothing.
pub async fn close(link: &Arc<Link>) {
    let app = link.ctx.app();
    app.links.count_bytes(link.ctx.org(), link.count());
    sessions::leave_all(link);
    if !app.links.leave(link) {
        return;
    }
    app.links.peers.note(link, false);
    app.links.stir.notify_one();
    metrics::gauge!("muster_links").set(app.links.count() as f64);
    app.links.write_down(Change { link: Arc::clone(link), what: What::Left }).await;
}

/// A little more or less, so that the heartbeats of links that came together drift apart.
fn jittered(base: Duration) -> Duration {
    let mut byte = [0u8; 2];
    // Without randomness they merely keep step.
    let _ = getrandom::fill(&mut byte);
    let millis = base.as_millis() as u64;
    let span = millis * JITTER * 2 / 100;
    Duration::from_millis(millis - span / 2 + span * u64::from(u16::from_le_bytes(byte)) / u64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbeats_are_spread_around_the_setting() {
        let base = Duration::from_secs(30);
        let drawn: Vec<Duration> = (0..200).map(|_| jittered(base)).collect();
        let (least, most) = (Duration::from_secs(27), Duration::from_secs(33));
        assert!(drawn.iter().all(|drawn| (least..=most).contains(drawn)), "{drawn:?}");
        assert!(drawn.iter().max() > drawn.iter().min());
    }

    #[test]
    fn no_two_links_begin_at_the_same_moment() {
        let links = Links::default();
        let moments: Vec<Millis> = (0..5).map(|_| links.moment(Millis(7))).collect();
        assert_eq!(moments, [7, 8, 9, 10, 11].map(Millis));
        assert_eq!(links.moment(Millis(100)), Millis(100));
    }
}
