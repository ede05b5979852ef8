//! Signs of life that the database does not know: shown at once, bounded, and written when they are worth it.

use crate::agents::Agent;
use muster_base::Millis;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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

/// When an agent was seen last.
#[derive(Debug, Clone, Copy)]
struct Sign {
    at: Millis,
    /// What the database says at least; unknown of one that was not read.
    stored: Option<Millis>,
}

impl Sign {
    fn is_written(self) -> bool {
        self.stored.is_some_and(|stored| stored >= self.at)
    }

    /// Whether it is to be written: what is stored has become older than `within`.
    fn is_due(self, now: Millis, within: Duration) -> bool {
        !self.is_written() && self.stored.is_none_or(|stored| stored + within <= now)
    }
}

/// When agents were seen last. A sign stays as long as it tells more than the database, or spares the next one a write.
pub struct Board {
    signs: Mutex<HashMap<String, Sign>>,
    most: usize,
}

impl Default for Board {
    fn default() -> Self {
        Self { signs: Mutex::default(), most: MOST }
    }
}

impl Board {
    /// Notes that an agent was seen; `read` is what was read of it, or shown on it, before.
    pub(super) fn note(&self, agent: &str, at: Millis, read: Option<Millis>) -> Noted {
        let mut signs = self.signs();
        let is_full = signs.len() >= self.most;
        match signs.get_mut(agent) {
            Some(known) if known.at.seconds() >= at.seconds() => Noted::Known,
            Some(known) => {
                known.at = at;
                Noted::Newer
            }
            None if is_full => Noted::Full,
            None => {
                signs.insert(agent.to_owned(), Sign { at, stored: read });
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
            let seen = signs.get(&agent.id).map(|sign| sign.at);
            agent.last_seen_at = agent.last_seen_at.max(seen);
        }
    }

    /// Whether the agent was seen after a moment.
    pub(super) fn has_seen(&self, agent: &str, after: Millis) -> bool {
        self.signs().get(agent).is_some_and(|sign| sign.at >= after)
    }

    /// What is to be written by now, in the order of the agents.
    pub(super) fn due(&self, now: Millis, within: Duration) -> Vec<(String, Millis)> {
        self.sorted(|sign| sign.is_due(now, within))
    }

    /// Everything that the database does not know, in the order of the agents.
    pub(super) fn unwritten(&self) -> Vec<(String, Millis)> {
        self.sorted(|sign| !sign.is_written())
    }

    fn sorted(&self, wanted: impl Fn(Sign) -> bool) -> Vec<(String, Millis)> {
        let signs = self.signs();
        let wanted = signs.iter().filter(|(_, sign)| wanted(**sign));
        let mut found: Vec<_> = wanted.map(|(agent, sign)| (agent.clone(), sign.at)).collect();
        found.sort_unstable();
        found
    }

    /// Notes what was written; what came in meanwhile is not.
    pub(super) fn written(&self, written: &[(String, Millis)]) {
        let mut signs = self.signs();
        for (agent, at) in written {
            if let Some(sign) = signs.get_mut(agent) {
                sign.stored = sign.stored.max(Some(*at));
            }
        }
    }

    /// Lets go of what the database knows and what is older than `within`, so that it spares nobody a write.
    pub(super) fn tidy(&self, now: Millis, within: Duration) {
        self.signs().retain(|_, sign| !sign.is_written() || sign.at + within > now);
    }

    fn signs(&self) -> MutexGuard<'_, HashMap<String, Sign>> {
        self.signs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHIN: Duration = Duration::from_secs(60);

    #[test]
    fn a_sign_that_came_while_others_were_written_stays() {
        let board = Board::default();
        assert_eq!(board.note("a", Millis(1_000), None), Noted::Newer);
        assert_eq!(board.note("a", Millis(1_900), None), Noted::Known, "nobody shows parts of seconds");
        let written = board.unwritten();
        board.note("a", Millis(2_000), None);
        board.written(&written);
        assert_eq!(board.unwritten(), [("a".to_owned(), Millis(2_000))]);
        board.written(&board.unwritten());
        assert!(board.unwritten().is_empty());
    }

    #[test]
    fn a_sign_is_due_when_what_is_stored_is_old_and_not_before() {
        let board = Board::default();
        let due = |now| board.due(Millis(now), WITHIN).len();
        board.note("unknown", Millis(1_000), None);
        board.note("known", Millis(1_000), Some(Millis(500)));
        assert_eq!(board.due(Millis(1_000), WITHIN), [("unknown".to_owned(), Millis(1_000))]);
        board.written(&board.due(Millis(1_000), WITHIN));
        assert_eq!((due(60_499), due(60_500)), (0, 1));
        board.note("unknown", Millis(60_000), None);
        assert_eq!((due(60_999), due(61_000)), (1, 2));
    }

    #[test]
    fn a_sign_goes_when_it_is_written_and_spares_nobody_a_write() {
        let board = Board::default();
        board.note("written", Millis(1_000), None);
        board.written(&board.unwritten());
        board.note("unwritten", Millis(1_000), None);
        board.tidy(Millis(60_999), WITHIN);
        assert_eq!(board.signs().len(), 2);
        board.tidy(Millis(61_000), WITHIN);
        assert_eq!(board.signs().keys().collect::<Vec<_>>(), ["unwritten"]);
    }

    #[test]
    fn a_full_board_takes_no_other_agent() {
        let board = Board { most: 2, ..Board::default() };
        board.note("a", Millis(1_000), None);
        board.note("b", Millis(1_000), None);
        assert_eq!(board.note("c", Millis(1_000), None), Noted::Full);
        assert_eq!(board.note("b", Millis(2_000), None), Noted::Newer);
        assert!(board.has_seen("b", Millis(2_000)) && !board.has_seen("a", Millis(2_000)));
    }
}
