//! Connections that nobody uses at the moment. They are closed when that lasts too long.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How long a connection is kept that nobody uses.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// The connections of one source that are kept, in the order in which they were used.
pub(crate) struct Idle<C> {
    shelf: Arc<Shelf<C>>,
}

struct Shelf<C> {
    kept: Mutex<Kept<C>>,
    kept_for: Duration,
}

struct Kept<C> {
    connections: VecDeque<(Instant, C)>,
    /// Whether a task looks after them.
    is_tended: bool,
}

impl<C: Send + 'static> Idle<C> {
    pub(crate) fn new() -> Self {
        Self::for_up_to(KEPT_FOR)
    }

    /// As [`Idle::new`], with another time to keep them.
    pub(crate) fn for_up_to(kept_for: Duration) -> Self {
        let kept = Mutex::new(Kept { connections: VecDeque::new(), is_tended: false });
        Self { shelf: Arc::new(Shelf { kept, kept_for }) }
    }

    /// The connection that was used last.
    pub(crate) fn take(&self) -> Option<C> {
        let old = self.shelf.take_old();
        drop(old);
        self.shelf.lock().connections.pop_back().map(|(_, connection)| connection)
    }

    /// Keeps a connection that was just used.
    pub(crate) fn keep(&self, connection: C) {
        let mut kept = self.shelf.lock();
        kept.connections.push_back((Instant::now(), connection));
        if !std::mem::replace(&mut kept.is_tended, true) {
            tokio::spawn(tend(Arc::downgrade(&self.shelf), self.shelf.kept_for));
        }
    }

    /// How many are kept.
    pub(crate) fn count(&self) -> usize {
        self.shelf.lock().connections.len()
    }
}

impl<C> Shelf<C> {
    fn lock(&self) -> MutexGuard<'_, Kept<C>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes away what was kept for too long; it is dropped outside of the lock.
    fn take_old(&self) -> Vec<C> {
        let mut old = Vec::new();
        let mut kept = self.lock();
        while kept.connections.front().is_some_and(|(used, _)| used.elapsed() >= self.kept_for) {
            old.extend(kept.connections.pop_front().map(|(_, connection)| connection));
        }
        old
    }

    /// When the next is to be closed; with none left, nobody looks after them any more.
    fn next(&self) -> Option<Duration> {
        let mut kept = self.lock();
        let next = kept.connections.front().map(|(used, _)| self.kept_for.saturating_sub(used.elapsed()));
        kept.is_tended = next.is_some();
        next
    }
}

/// Closes connections as their time comes, until there is none left or their source is closed.
async fn tend<C>(shelf: Weak<Shelf<C>>, mut wait: Duration) {
    loop {
        tokio::time::sleep(wait).await;
        let Some(shelf) = shelf.upgrade() else { return };
        drop(shelf.take_old());
        match shelf.next() {
            Some(next) => wait = next,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits until only `most` of the connections are open.
    async fn only(most: usize, open: &Weak<()>) {
        let begun = Instant::now();
        while open.strong_count() > most {
            assert!(begun.elapsed() < Duration::from_secs(20), "{} are open", open.strong_count());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn what_nobody_uses_is_closed_and_what_is_used_is_not() {
        let idle = Idle::for_up_to(Duration::from_millis(50));
        let connection = Arc::new(());
        let open = Arc::downgrade(&connection);
        for _ in 0..3 {
            idle.keep(connection.clone());
        }
        let used = idle.take().expect("kept");
        drop(connection);
        only(1, &open).await;
        assert_eq!((idle.count(), open.strong_count()), (0, 1));
        // A task that ended begins anew.
        idle.keep(used);
        only(0, &open).await;
        assert!(idle.take().is_none());
    }

    #[tokio::test]
    async fn the_one_used_last_is_used_again_and_all_end_with_the_source() {
        let idle = Idle::new();
        let connections = [Arc::new(1), Arc::new(2)];
        for connection in &connections {
            idle.keep(connection.clone());
        }
        assert_eq!(idle.take().as_deref(), Some(&2));
        assert_eq!(idle.count(), 1);
        drop(idle);
        assert_eq!(Arc::strong_count(&connections[0]), 1);
    }
}
