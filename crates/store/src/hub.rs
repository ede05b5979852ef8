//! Wakes readers when something that they watch has been committed. A wake carries no data: readers look in the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};

/// Something changed: which sort of thing and which one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Notice {
    /// The sort of thing, e.g. `events`.
    pub topic: &'static str,
    /// Which one, e.g. the org's id.
    pub key: Arc<str>,
}

impl Notice {
    /// A notice about `key` of `topic`.
    pub fn new(topic: &'static str, key: &str) -> Self {
        Self { topic, key: Arc::from(key) }
    }
}

type Senders = Mutex<HashMap<Notice, watch::Sender<u64>>>;

/// Where notices of this process are handed out. Cheap to clone.
#[derive(Clone, Default)]
pub struct Hub {
    senders: Arc<Senders>,
    counts: Arc<Mutex<HashMap<Arc<str>, u64>>>,
    forward: Arc<Mutex<Option<mpsc::Sender<Notice>>>>,
}

impl Hub {
    /// Waits for notices about one thing. What was announced before does not wake it.
    pub fn listen(&self, topic: &'static str, key: &str) -> Listener {
        let notice = Notice::new(topic, key);
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = senders.entry(notice.clone()).or_insert_with(|| watch::channel(0).0).subscribe();
        Listener { receiver: Some(receiver), notice, senders: self.senders.clone() }
    }

    /// Wakes the listeners of this process, and of the other nodes when there is a bus.
    pub fn announce(&self, notice: Notice) {
        self.wake(&notice);
        let forward = self.forward.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(forward) = forward
            && forward.try_send(notice).is_err()
        {
            metrics::counter!("muster_bus_dropped_total").increment(1);
        }
    }

    /// How often this process has changed something in an org: an answer that was made at one count is still
    /// right while the count stands, as long as no other process writes.
    pub fn changes_of(&self, org: &str) -> u64 {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).get(org).copied().unwrap_or(0)
    }

    /// Counts a change of what an org's answers show that is no commit, and wakes nobody.
    pub fn touch(&self, org: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(org) {
            Some(count) => *count += 1,
            None => drop(counts.insert(Arc::from(org), 1)),
        }
    }

    /// Wakes the listeners of this process only: for notices that came from another node.
    pub fn wake(&self, notice: &Notice) {
        // Every change is an event of its org.
        if notice.topic == "events" {
            self.touch(&notice.key);
        }
        let senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = senders.get(notice) {
            sender.send_modify(|count| *count += 1);
        }
    }

    /// Sends every notice of this process to `bus` as well.
    pub fn forward_to(&self, bus: mpsc::Sender<Notice>) {
        *self.forward.lock().unwrap_or_else(PoisonError::into_inner) = Some(bus);
    }
}

/// Wakes when its thing has changed.
pub struct Listener {
    receiver: Option<watch::Receiver<u64>>,
    notice: Notice,
    senders: Arc<Senders>,
}

impl Listener {
    /// Returns when there was a notice since the last call (or since the listener was made).
    pub async fn wait(&mut self) {
        if let Some(receiver) = &mut self.receiver
            && receiver.changed().await.is_ok()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        self.receiver = None;
        if senders.get(&self.notice).is_some_and(|sender| sender.receiver_count() == 0) {
            senders.remove(&self.notice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_notice_wakes_its_listeners_and_no_others() {
        let hub = Hub::default();
        let mut mine = hub.listen("events", "a");
        let mut other = hub.listen("events", "b");
        hub.announce(Notice::new("events", "a"));
        mine.wait().await;
        let nothing = tokio::time::timeout(std::time::Duration::from_millis(5), other.wait()).await;
        assert!(nothing.is_err());
    }

    #[tokio::test]
    async fn a_listener_that_goes_leaves_nothing_behind() {
        let hub = Hub::default();
        drop(hub.listen("events", "a"));
        assert!(hub.senders.lock().expect("not poisoned").is_empty());
    }
}
