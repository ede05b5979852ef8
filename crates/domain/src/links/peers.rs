//! Who is told that an agent came or went.
//!
//! An agent is told of the other linked agents of its org: of all of them while there are at most [`MOST_PEERS`], else of
//! as many, whichever were there when it came and came since. What an agent was told is kept right: when one that it
//! knows goes, it is told, and has room for another. So a coming or going costs at most a few times [`MOST_PEERS`]
//! words however large the org is, and N agents that come at once cost N times that and not N times N.
//!
//! Changes are gathered for a moment; an agent that left and came back in it has not moved at all.

use super::link::Link;
use super::outbox::Push;
use super::{MOST_PEERS, MOST_REMOTE};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many changes of an org are carried out in one round.
const AT_ONCE: usize = 256;

/// A place in an org's directory.
type Place = u32;

/// An agent that is there.
struct Peer {
    agent: Arc<str>,
    /// Its link, when it is at this node.
    link: Option<Arc<Link>>,
    node: Arc<str>,
    /// Whom it was told of.
    knows: Vec<Place>,
    /// Who was told of it.
    known_by: Vec<Place>,
    /// Whether it is in the list of those that have room.
    has_room: bool,
}

/// The linked agents of one org.
#[derive(Default)]
struct Directory {
    places: Vec<Option<Peer>>,
    free: Vec<Place>,
    by_agent: HashMap<Arc<str>, Place>,
    remote: usize,
    /// Those at this node that may be told of more; some may have gone or be full by now.
    room: VecDeque<Place>,
    /// From where on peers are shown to the next one that comes, so that all are shown to about as many.
    cursor: usize,
    /// What has changed since the last round, the last word of each.
    changes: HashMap<Arc<str>, Change>,
}

enum Change {
    Here(Arc<Link>),
    There(Arc<str>),
    Gone(Arc<str>),
}

/// The directories of all orgs that have links at this node.
#[derive(Default)]
pub(super) struct Peers(Mutex<HashMap<String, Directory>>);

/// What other nodes are to be told: the org, and which of its agents came to this node or left it.
pub(super) type Told = (String, Vec<(String, bool)>);

impl Peers {
    /// Notes that an agent's link came to this node or left it.
    pub(super) fn note(&self, link: &Arc<Link>, is_here: bool) {
        let mut orgs = self.orgs();
        let directory = orgs.entry(link.ctx.org().to_owned()).or_default();
        let change = if is_here { Change::Here(Arc::clone(link)) } else { Change::Gone(Arc::from(&*link.ctx.node)) };
        directory.changes.insert(Arc::clone(&link.agent), change);
    }

    /// Notes what another node says of its agents; orgs without links here do not matter.
    pub(super) fn note_remote(&self, org: &str, node: &str, changes: Vec<(String, bool)>) {
        let mut orgs = self.orgs();
        let Some(directory) = orgs.get_mut(org) else { return };
        let node: Arc<str> = Arc::from(node);
        for (agent, is_there) in changes {
            directory.note_remote(Arc::from(agent), &node, is_there);
        }
    }

    /// Sets right what is known of agents at other nodes.
    pub(super) fn set_remote(&self, org: &str, there: Vec<(String, String)>) {
        let mut orgs = self.orgs();
        let Some(directory) = orgs.get_mut(org) else { return };
        let there: HashMap<Arc<str>, Arc<str>> =
            there.into_iter().map(|(agent, node)| (Arc::from(agent), Arc::from(node))).collect();
        let remote = directory.places.iter().flatten().filter(|peer| peer.link.is_none());
        let gone: Vec<(Arc<str>, Arc<str>)> = remote
            .filter(|peer| !there.contains_key(&peer.agent))
            .map(|peer| (Arc::clone(&peer.agent), Arc::clone(&peer.node)))
            .collect();
        for (agent, node) in gone {
            directory.note_remote(agent, &node, false);
        }
        for (agent, node) in there {
            directory.note_remote(agent, &node, true);
        }
    }

    /// The orgs that have links here.
    pub(super) fn with_links(&self) -> Vec<String> {
        self.orgs().keys().cloned().collect()
    }

    /// Whether anybody is to be told anything.
    pub(super) fn has_changes(&self) -> bool {
        self.orgs().values().any(|directory| !directory.changes.is_empty())
    }

    /// Tells agents what has changed; returns what other nodes are to be told.
    pub(super) fn tell(&self, node: &str) -> Vec<Told> {
        let mut orgs = self.orgs();
        let mut told = Vec::new();
        for (org, directory) in orgs.iter_mut() {
            let changes = directory.round(node);
            if !changes.is_empty() {
                told.push((org.clone(), changes));
            }
        }
        orgs.retain(|_, directory| directory.has_links());
        told
    }

    fn orgs(&self) -> MutexGuard<'_, HashMap<String, Directory>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory {
    fn has_links(&self) -> bool {
        !self.changes.is_empty() || self.places.iter().flatten().any(|peer| peer.link.is_some())
    }

    fn note_remote(&mut self, agent: Arc<str>, node: &Arc<str>, is_there: bool) {
        let known = self.by_agent.get(&agent).and_then(|place| self.places[*place as usize].as_ref());
        match (known, is_there) {
            (None, true) if self.remote >= MOST_REMOTE => {}
            (None, false) if !self.changes.contains_key(&agent) => {}
            // It says that it lost one that is elsewhere by now.
            (Some(peer), false) if peer.node != *node => {}
            (Some(peer), true) if peer.link.is_none() && peer.node == *node && !self.changes.contains_key(&agent) => {}
            (_, true) => drop(self.changes.insert(agent, Change::There(Arc::clone(node)))),
            (_, false) => drop(self.changes.insert(agent, Change::Gone(Arc::clone(node)))),
        }
    }

    /// Carries out what has changed; returns what other nodes are to be told.
    fn round(&mut self, own: &str) -> Vec<(String, bool)> {
        let mut told = Vec::new();
        let own: Arc<str> = Arc::from(own);
        for (agent, change) in self.take_changes() {
            let is_own = match &change {
                Change::Here(_) => true,
                Change::There(_) => false,
                Change::Gone(node) => *node == own,
            };
            let is_here = matches!(change, Change::Here(_));
            if self.carry_out(&agent, change, &own) && is_own {
                told.push((agent.to_string(), is_here));
            }
        }
        told
    }

    /// As many changes as are carried out without keeping others waiting.
    fn take_changes(&mut self) -> Vec<(Arc<str>, Change)> {
        if self.changes.len() <= AT_ONCE {
            return std::mem::take(&mut self.changes).into_iter().collect();
        }
        let some: Vec<Arc<str>> = self.changes.keys().take(AT_ONCE).cloned().collect();
        some.into_iter().filter_map(|agent| self.changes.remove_entry(&agent)).collect()
    }

    /// Says whether the agent has moved at all.
    fn carry_out(&mut self, agent: &Arc<str>, change: Change, own: &Arc<str>) -> bool {
        let place = self.by_agent.get(agent).copied();
        match (change, place) {
            (Change::Here(link), None) => self.come(agent, Some(link), own),
            (Change::Here(link), Some(place)) => self.come_again(place, link, own),
            (Change::There(node), None) => self.come(agent, None, &node),
            (Change::There(node), Some(place)) => {
                self.move_away(place, node);
            }
            (Change::Gone(_), None) => return false,
            (Change::Gone(node), Some(place)) => {
                if self.places[place as usize].as_ref().is_none_or(|peer| peer.node != node) {
                    return false;
                }
                self.go(place);
            }
        }
        true
    }

    fn come(&mut self, agent: &Arc<str>, link: Option<Arc<Link>>, node: &Arc<str>) {
        let is_here = link.is_some();
        let peer = Peer {
            agent: Arc::clone(agent),
            link,
            node: Arc::clone(node),
            knows: Vec::new(),
            known_by: Vec::new(),
            has_room: false,
        };
        let place = match self.free.pop() {
            Some(place) => {
                self.places[place as usize] = Some(peer);
                place
            }
            None => {
                self.places.push(Some(peer));
                (self.places.len() - 1) as Place
            }
        };
        self.by_agent.insert(Arc::clone(agent), place);
        if is_here {
            self.show_peers(place);
        } else {
            self.remote += 1;
        }
        self.announce(place);
        if is_here {
            self.offer_room(place);
        }
    }

    /// An agent that is there has a new link: the link is told all that the older one was.
    fn come_again(&mut self, place: Place, link: Arc<Link>, own: &Arc<str>) {
        let Some(peer) = &mut self.places[place as usize] else { return };
        peer.node = Arc::clone(own);
        if peer.link.replace(Arc::clone(&link)).is_none() {
            self.remote -= 1;
        }
        let knows = peer.knows.clone();
        for other in knows {
            if let Some(other) = &self.places[other as usize] {
                link.outbox.put(Push::Peer { agent: Arc::clone(&other.agent), online: true });
            }
        }
        if self.places[place as usize].as_ref().is_some_and(|peer| peer.knows.is_empty()) {
            self.show_peers(place);
        }
        self.offer_room(place);
    }

    /// An agent that was here is at another node, which tells it of the others from now on.
    fn move_away(&mut self, place: Place, node: Arc<str>) {
        let Some(peer) = &mut self.places[place as usize] else { return };
        peer.node = node;
        if peer.link.take().is_some() {
            self.remote += 1;
        }
        self.forget_what_it_knows(place);
    }

    fn forget_what_it_knows(&mut self, place: Place) {
        let Some(peer) = &mut self.places[place as usize] else { return };
        for other in std::mem::take(&mut peer.knows) {
            if let Some(peer) = &mut self.places[other as usize] {
                peer.known_by.retain(|known| *known != place);
            }
        }
    }

    /// Tells one that came who else is there, as many as it may know.
    fn show_peers(&mut self, place: Place) {
        let count = self.places.len();
        for _ in 0..count {
            self.cursor = (self.cursor + 1) % count;
            let other = self.cursor as Place;
            if other != place && self.places[self.cursor].is_some() && !self.introduce(place, other) {
                return;
            }
        }
    }

    /// Tells those that have room of one that came.
    fn announce(&mut self, place: Place) {
        for _ in 0..self.room.len().min(MOST_PEERS) {
            let Some(other) = self.room.pop_front() else { return };
            if other == place {
                self.room.push_back(other);
                continue;
            }
            if let Some(peer) = &mut self.places[other as usize] {
                peer.has_room = false;
            }
            self.introduce(other, place);
            self.offer_room(other);
        }
    }

    /// Tells an agent at this node of another one; `false` when it has no room.
    fn introduce(&mut self, to: Place, of: Place) -> bool {
        let Some(agent) = self.places[of as usize].as_ref().map(|peer| Arc::clone(&peer.agent)) else { return true };
        let Some(peer) = &mut self.places[to as usize] else { return false };
        let Some(link) = &peer.link else { return false };
        if peer.knows.len() >= MOST_PEERS {
            return false;
        }
        if peer.knows.contains(&of) {
            return true;
        }
        peer.knows.push(of);
        link.outbox.put(Push::Peer { agent, online: true });
        if let Some(peer) = &mut self.places[of as usize] {
            peer.known_by.push(to);
        }
        true
    }

    fn offer_room(&mut self, place: Place) {
        let Some(peer) = &mut self.places[place as usize] else { return };
        if peer.link.is_some() && !peer.has_room && peer.knows.len() < MOST_PEERS {
            peer.has_room = true;
            self.room.push_back(place);
        }
    }

    fn go(&mut self, place: Place) {
        self.forget_what_it_knows(place);
        let Some(gone) = self.places[place as usize].take() else { return };
        self.by_agent.remove(&gone.agent);
        self.free.push(place);
        if gone.has_room {
            self.room.retain(|other| *other != place);
        }
        if gone.link.is_none() {
            self.remote -= 1;
        }
        for other in &gone.known_by {
            let Some(peer) = &mut self.places[*other as usize] else { continue };
            peer.knows.retain(|known| *known != place);
            if let Some(link) = &peer.link {
                link.outbox.put(Push::Peer { agent: Arc::clone(&gone.agent), online: false });
            }
            self.offer_room(*other);
        }
    }
}
