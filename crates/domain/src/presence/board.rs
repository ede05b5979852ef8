//! Signs of life that are not written yet: shown at once, bounded, and let go of when they are in the database.

use crate::agents::Agent;
use muster_base::Millis;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many agents' signs are kept at once.
const MOST: usize = 100_000;

/// What noting a sign came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    /// It shows: the agent was seen in a second in which it was not seen before.
    Newer,
    /// It was seen in this second already.
    Known,
    /// There is no room.
    Full,
}

/// When agents were seen last, as far as the database does not know it.
pub struct Board {
    signs: Mutex<HashMap<String, Millis>>,
    most: usize,
}

impl Default for Board {
    fn default() -> Self {
        Self { signs: Mutex::default(), most: MOST }
    }
}

impl Board {
    pub(super) fn note(&self, agent: &str, at: Millis) -> Noted {
        let mut signs = self.signs();
        let is_full = signs.len() >= self.most;
        match signs.get_mut(agent) {
            Some(known) if known.seconds() >= at.seconds() => Noted::Known,
            Some(known) => {
                *known = at;
                Noted::Newer
            }
            None if is_full => Noted::Full,
            None => {
                signs.insert(agent.to_owned(), at);
                Noted::Newer
            }
        }
    }

    /// Shows on an agent that was read when it was seen since.
    pub(crate) fn show(&self, agent: &mut Agent) {
        self.show_all(std::iter::once(agent));
    }

    /// As [`Self::show`], for many.
    pub(crate) fn show_all<'a>(&self, agents: impl Iterator<Item = &'a mut Agent>) {
        let signs = self.signs();
        if signs.is_empty() {
            return;
        }
        for agent in agents {
            let seen = signs.get(&agent.id).copied();
            agent.last_seen_at = agent.last_seen_at.max(seen);
        }
    }

    /// Whether the agent was seen after a moment.
    pub(super) fn has_seen(&self, agent: &str, after: Millis) -> bool {
        self.signs().get(agent).is_some_and(|at| *at >= after)
    }

    /// Everything that is to be written, in the order of the agents.
    pub(super) fn signs_by_agent(&self) -> Vec<(String, Millis)> {
        let mut signs: Vec<_> = self.signs().iter().map(|(agent, at)| (agent.clone(), *at)).collect();
        signs.sort_unstable();
        signs
    }

    /// Lets go of what was written; what came in meanwhile stays.
    pub(super) fn written(&self, written: &[(String, Millis)]) {
        let mut signs = self.signs();
        for (agent, at) in written {
            if signs.get(agent) == Some(at) {
                signs.remove(agent);
            }
        }
    }

    fn signs(&self) -> MutexGuard<'_, HashMap<String, Millis>> {
        self.signs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_that_came_while_others_were_written_stays() {
        let board = Board::default();
        assert_eq!(board.note("a", Millis(1_000)), Noted::Newer);
        assert_eq!(board.note("a", Millis(1_900)), Noted::Known, "nobody shows parts of seconds");
        let written = board.signs_by_agent();
        board.note("a", Millis(2_000));
        board.written(&written);
        assert_eq!(board.signs_by_agent(), [("a".to_owned(), Millis(2_000))]);
        board.written(&board.signs_by_agent());
        assert!(board.signs().is_empty());
    }

    #[test]
    fn a_full_board_takes_no_other_agent() {
        let board = Board { most: 2, ..Board::default() };
        board.note("a", Millis(1_000));
        board.note("b", Millis(1_000));
        assert_eq!(board.note("c", Millis(1_000)), Noted::Full);
        assert_eq!(board.note("b", Millis(2_000)), Noted::Newer);
        assert!(board.has_seen("b", Millis(2_000)) && !board.has_seen("a", Millis(2_000)));
    }
}
