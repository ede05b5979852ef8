//! The sessions that one agent takes part in, each as the half of it that is known at the agent's node.

use super::MOST_SESSIONS;
use muster_base::Millis;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One end of a session.
#[derive(Debug, Clone)]
pub(super) struct Half {
    /// The agent at the other end.
    pub(super) peer: Arc<str>,
    /// The node where it is linked.
    pub(super) node: Arc<str>,
    /// Whether this end asked for the session.
    pub(super) asked: bool,
    /// Whether it has begun.
    pub(super) open: bool,
    /// When it was asked for.
    pub(super) at: Millis,
    /// When something last went through it.
    pub(super) used: Millis,
    /// Whether either end has said anything.
    pub(super) signalled: bool,
    /// When it was last given a relay.
    pub(super) relayed: Option<Millis>,
}

/// The sessions of one link, by their ids.
#[derive(Debug, Default)]
pub(super) struct Halves(Mutex<HashMap<Arc<str>, Half>>);

/// Why a session cannot be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// The id is in use.
    Taken,
    /// There are too many.
    Crowded,
}

impl Halves {
    pub(super) fn enter(&self, session: &Arc<str>, half: Half) -> Result<(), Full> {
        let mut halves = self.all();
        if halves.contains_key(session) {
            return Err(Full::Taken);
        }
        if halves.len() >= MOST_SESSIONS {
            return Err(Full::Crowded);
        }
        halves.insert(Arc::clone(session), half);
        Ok(())
    }

    /// Looks at a session, and may change it.
    pub(super) fn with<T>(&self, session: &str, look: impl FnOnce(&mut Half) -> T) -> Option<T> {
        self.all().get_mut(session).map(look)
    }

    /// Takes a session out if `fits` says so.
    pub(super) fn leave(&self, session: &str, fits: impl FnOnce(&Half) -> bool) -> Option<Half> {
        let mut halves = self.all();
        if !halves.get(session).is_some_and(fits) {
            return None;
        }
        let half = halves.remove(session);
        if halves.is_empty() {
            *halves = HashMap::new();
        }
        half
    }

    /// Takes all sessions out of which `fits` says so.
    pub(super) fn leave_all(&self, fits: impl Fn(&Half) -> bool) -> Vec<(Arc<str>, Half)> {
        let left = self.those(&fits).into_iter().map(|(id, _)| id);
        left.filter_map(|id| self.leave(&id, &fits).map(|half| (id, half))).collect()
    }

    /// The sessions of which `fits` says so.
    pub(super) fn those(&self, fits: impl Fn(&Half) -> bool) -> Vec<(Arc<str>, Half)> {
        let halves = self.all();
        halves.iter().filter(|(_, half)| fits(half)).map(|(id, half)| (Arc::clone(id), half.clone())).collect()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Arc<str>, Half>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
