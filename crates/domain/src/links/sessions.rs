//! Sessions: two agents of one org that want to reach each other directly. We only carry what they say to find a way.
//!
//! A session is known at the node of each of its ends, and ends with the link of either. It is asked for under an id that
//! the asking end chose, accepted, or refused, or begins by itself when the other end says nothing.

use super::halves::{Full, Half};
use super::letters::{Address, Letter, ToPeer, What};
use super::link::{LARGEST_SIGNAL, Link};
use super::outbox::{Push, Signal};
use super::relay::Purpose;
use super::{ANSWER_WITHIN, ASKED_AT_MOST, NODE_SILENT, RELAY_AFTER, SESSION_IDLE, store};
use crate::context::App;
use muster_base::{Error, Millis, Result};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most characters of a session's id.
const LONGEST_ID: usize = 128;
/// The most characters of why a session is refused.
const LONGEST_REASON: usize = 500;
/// How soon after a relay was given another is made.
const RELAY_AGAIN: std::time::Duration = std::time::Duration::from_secs(5);

/// Why a session is over when its other end is.
const OFFLINE: &str = "the agent is not connected";
/// Why a session is over when its other end left it.
const LEFT: &str = "the other agent has left the session";

/// What is to be done about a session after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// Nobody has answered: it begins.
    Answer,
    /// The other node has not said anything.
    GiveUp,
    /// It began and nobody has said anything since.
    Relay,
}

/// When, what, the agent, the session, and when the session was asked for.
type Deadline = (Millis, Due, Arc<str>, Arc<str>, Millis);

/// What is to be done about sessions after a while.
#[derive(Default)]
pub(super) struct Deadlines(Mutex<BinaryHeap<Reverse<Deadline>>>);

impl Deadlines {
    fn set(&self, deadline: Deadline) {
        self.all().push(Reverse(deadline));
    }

    /// When the first one is.
    pub(super) fn next(&self) -> Option<Millis> {
        self.all().peek().map(|Reverse(deadline)| deadline.0)
    }

    fn take_due(&self, now: Millis) -> Vec<Deadline> {
        let mut all = self.all();
        let mut due = Vec::new();
        while all.peek().is_some_and(|Reverse(deadline)| deadline.0 <= now) {
            due.extend(all.pop().map(|Reverse(deadline)| deadline));
        }
        due
    }

    fn all(&self) -> MutexGuard<'_, BinaryHeap<Reverse<Deadline>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check_id(session: &str) -> Result<()> {
    let is_sane = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
    if session.is_empty() || session.len() > LONGEST_ID || !session.bytes().all(is_sane) {
        let message = format!("must have 1 to {LONGEST_ID} letters, digits, -, _, . or :");
        return Err(Error::invalid("sessionId", message));
    }
    Ok(())
}

fn unknown(session: &str) -> Error {
    Error::missing("session", session).with_field("sessionId")
}

/// Asks another agent for a session under an id of the caller's choice.
///
/// That there is no such agent, or that it is not connected, comes back as a refusal of the session. Errors: `invalid`
/// for the id; `conflict` for one that is in use, and for one session too many.
pub async fn ask(link: &Arc<Link>, session: &str, target: &str) -> Result<()> {
    check_id(session)?;
    if *target == *link.agent {
        return Err(Error::invalid("targetAgentId", "is the agent itself; name another one"));
    }
    let app = link.ctx.app();
    let Some(node) = node_of(app, link.ctx.org(), target).await? else {
        refuse(link, session, OFFLINE);
        return Ok(());
    };
    let (session, now): (Arc<str>, Millis) = (Arc::from(session), app.now());
    let half = Half {
        peer: Arc::from(target),
        node: Arc::from(node),
        asked: true,
        open: false,
        at: now,
        used: now,
        signalled: false,
        relayed: None,
    };
    link.halves.enter(&session, half.clone()).map_err(|full| match full {
        Full::Taken => Error::conflict("the session id is in use; choose another one").with_field("sessionId"),
        Full::Crowded => Error::conflict("the agent has as many sessions as it may have; disconnect one first"),
    })?;
    wait_for(app, now + ASKED_AT_MOST, Due::GiveUp, link, &session, now);
    let what = What::Ask { name: link.name().to_owned(), node: app.node.clone() };
    send(link, &session, &half, what);
    Ok(())
}

/// The node that has the agent's link.
async fn node_of(app: &Arc<App>, org: &str, agent: &str) -> Result<Option<String>> {
    if app.links.find(org, agent).is_some() {
        return Ok(Some(app.node.clone()));
    }
    if !app.links.has_post() {
        return Ok(None);
    }
    let found = store::node_of(&app.db, org, agent, app.now() - NODE_SILENT).await?;
    // What this node's row says and its memory does not is on its way out.
    Ok(found.filter(|node| *node != app.node))
}

fn refuse(link: &Link, session: &str, reason: &str) {
    link.outbox.put(Push::Rejected { session: Arc::from(session), reason: reason.to_owned() });
}

fn wait_for(app: &App, at: Millis, due: Due, link: &Link, session: &Arc<str>, asked_at: Millis) {
    app.links.deadlines.set((at, due, Arc::clone(&link.agent), Arc::clone(session), asked_at));
    app.links.stir.notify_one();
}

/// Sends something to the other end of a session, whichever node it is at.
fn send(link: &Link, session: &str, half: &Half, what: What) {
    let letter = ToPeer {
        org: link.ctx.org().to_owned(),
        from: link.agent.to_string(),
        to: half.peer.to_string(),
        session: session.to_owned(),
        what,
    };
    post(link.ctx.app(), &half.node, letter);
}

fn post(app: &Arc<App>, node: &str, letter: ToPeer) {
    if node == app.node {
        take(app, letter);
    } else {
        app.links.send(Address::Node(node.to_owned()), Letter::Session(letter));
    }
}

/// Accepts a session that the agent was asked for; accepting again changes nothing.
pub fn accept(link: &Arc<Link>, session: &str) -> Result<()> {
    let now = link.ctx.now();
    let accepted = link.halves.with(session, |half| {
        let is_new = !half.asked && !half.open;
        half.open |= !half.asked;
        half.used = now;
        (is_new, half.clone())
    });
    let (is_new, half) = accepted.ok_or_else(|| unknown(session))?;
    if half.asked {
        return Err(Error::conflict("the session was asked for by this agent; the other one accepts it"));
    }
    if is_new {
        let what = What::Accept { name: link.name().to_owned(), public_key: link.public_key.clone() };
        send(link, session, &half, what);
    }
    Ok(())
}

/// Refuses a session that the agent was asked for.
pub fn reject(link: &Arc<Link>, session: &str, reason: &str) -> Result<()> {
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::invalid("reason", format!("must have at most {LONGEST_REASON} characters")));
    }
    let half = link.halves.leave(session, |half| !half.asked).ok_or_else(|| unknown(session))?;
    send(link, session, &half, What::Reject { reason: reason.to_owned() });
    Ok(())
}

/// Leaves a session; the other end is told that it is over.
pub fn leave(link: &Arc<Link>, session: &str) -> Result<()> {
    let half = link.halves.leave(session, |_| true).ok_or_else(|| unknown(session))?;
    end_relays(link, session, &half);
    send(link, session, &half, What::Reject { reason: LEFT.to_owned() });
    Ok(())
}

/// Ends what this node carries for a session that this end has left, or the other one.
fn end_relays(link: &Link, session: &str, half: &Half) {
    // The end that asked for the session makes its relays, at its own node.
    if half.asked {
        link.ctx.app().links.relays.end(&purpose(link, session, half));
    }
}

fn purpose(link: &Link, session: &str, half: &Half) -> Purpose {
    Purpose::new(link.ctx.org(), session, [Arc::clone(&link.agent), Arc::clone(&half.peer)])
}

/// Leaves all sessions of a link that is over.
pub(super) fn leave_all(link: &Arc<Link>) {
    for (session, half) in link.halves.leave_all(|_| true) {
        end_relays(link, &session, &half);
        send(link, &session, &half, What::Reject { reason: OFFLINE.to_owned() });
    }
}

/// Leaves the sessions that nothing went through for long.
pub(super) fn leave_stale(link: &Arc<Link>) {
    note_relayed(link);
    let before = link.ctx.now() - SESSION_IDLE;
    for (session, half) in link.halves.leave_all(|half| half.used < before) {
        let reason = "nothing went through the session for an hour";
        end_relays(link, &session, &half);
        refuse(link, &session, reason);
        send(link, &session, &half, What::Reject { reason: reason.to_owned() });
    }
}

/// Notes, at both ends, which sessions have used their relays.
fn note_relayed(link: &Arc<Link>) {
    let relays = &link.ctx.app().links.relays;
    if relays.is_empty() {
        return;
    }
    for (session, half) in link.halves.those(|half| half.asked) {
        let Some(moved_at) = relays.moved_at(&purpose(link, &session, &half)) else { continue };
        if moved_at > half.used {
            link.halves.with(&session, |half| half.used = moved_at);
            send(link, &session, &half, What::Used);
        }
    }
}

/// Leaves the sessions whose other ends were at nodes that live no longer: nobody there can say that they are over.
pub(super) async fn leave_lost(app: &Arc<App>) -> Result<()> {
    let is_elsewhere = |half: &Half| *half.node != *app.node;
    let links: Vec<Arc<Link>> =
        app.links.all().into_iter().filter(|link| !link.halves.those(is_elsewhere).is_empty()).collect();
    if links.is_empty() {
        return Ok(());
    }
    let alive: HashSet<String> = store::living(&app.db, app.now() - NODE_SILENT).await?.into_iter().collect();
    for link in links {
        for (session, half) in link.halves.leave_all(|half| is_elsewhere(half) && !alive.contains(&*half.node)) {
            end_relays(&link, &session, &half);
            refuse(&link, &session, OFFLINE);
        }
    }
    Ok(())
}

/// Hands a signal on to the other end. One from the end that was asked accepts the session.
///
/// Errors: `not_found` for a session that the agent is not in; `invalid` for another target than the other end.
pub fn signal(link: &Arc<Link>, session: &str, target: &str, signal: Signal) -> Result<()> {
    if signal.data.len() > LARGEST_SIGNAL {
        return Err(Error::invalid("signal.data", format!("must have at most {LARGEST_SIGNAL} bytes")));
    }
    let now = link.ctx.now();
    let half = link.halves.with(session, |half| {
        if *half.peer == *target {
            (half.used, half.signalled) = (now, true);
        }
        half.clone()
    });
    let half = half.ok_or_else(|| unknown(session))?;
    if *half.peer != *target {
        return Err(Error::invalid("targetAgentId", "is not the other end of this session"));
    }
    if !half.asked && !half.open {
        accept(link, session)?;
    }
    send(link, session, &half, What::Signal(signal));
    Ok(())
}

/// Asks for a relay of our own for a session that has begun; both ends are given one, or the caller is told of none.
///
/// Errors: `not_found` for a session that the agent is not in; `conflict` for one that has not begun.
pub fn ask_relay(link: &Arc<Link>, session: &str) -> Result<()> {
    let half = link.halves.with(session, |half| half.clone()).ok_or_else(|| unknown(session))?;
    if !half.open {
        return Err(Error::conflict("the session has not begun; wait until it is accepted"));
    }
    if half.asked {
        if !give_relay(link, session) {
            link.outbox.put(Push::NoRelay { session: Arc::from(session) });
        }
    } else {
        // One end makes it, so that both do not make one each.
        send(link, session, &half, What::WantRelay);
    }
    Ok(())
}

/// Makes a relay at this node and tells both ends, unless they have just been; `false` when there is none to give.
fn give_relay(link: &Arc<Link>, session: &str) -> bool {
    let app = link.ctx.app();
    let now = app.now();
    let half = link.halves.with(session, |half| {
        let is_due = half.open && half.asked && half.relayed.is_none_or(|at| at + RELAY_AGAIN <= now);
        is_due.then(|| {
            (half.relayed, half.used) = (Some(now), now);
            half.clone()
        })
    });
    let Some(Some(half)) = half else { return true };
    let Some([own, theirs]) = app.links.relays.make(app, &purpose(link, session, &half)) else {
        link.halves.with(session, |half| half.relayed = None);
        return false;
    };
    if link.halves.with(session, |now| now.at == half.at) != Some(true) {
        // It was left meanwhile, by whoever found no relay yet.
        end_relays(link, session, &half);
        return true;
    }
    link.outbox.put(Push::Relay {
        session: Arc::from(session),
        host: own.host,
        port: own.port,
        token: own.token,
        url: own.url,
    });
    let what = What::Relay { host: theirs.host, port: theirs.port, token: theirs.token, url: theirs.url };
    send(link, session, &half, what);
    true
}

/// Takes what the other end of a session has sent.
pub(super) fn take(app: &Arc<App>, letter: ToPeer) {
    let ToPeer { org, from, to, session, what } = letter;
    let link = app.links.find(&org, &to);
    if let What::Ask { name, node } = what {
        let refusal = match &link {
            Some(link) => take_ask(link, &session, &from, name, &node),
            None => Some(OFFLINE),
        };
        if let Some(reason) = refusal {
            let what = What::Reject { reason: reason.to_owned() };
            post(app, &node, ToPeer { org, from: to, to: from, session, what });
        }
        return;
    }
    let Some(link) = link else { return };
    let (session, from): (Arc<str>, Arc<str>) = (Arc::from(session), Arc::from(from));
    let fits = |half: &Half| half.peer == from;
    match what {
        What::Ask { .. } => {}
        What::Accept { name, public_key } => {
            if open(&link, &session, &from) {
                link.outbox.put(Push::Accepted { session, agent: from, name, public_key });
            }
        }
        What::Reject { reason } => {
            if let Some(half) = link.halves.leave(&session, fits) {
                end_relays(&link, &session, &half);
                link.outbox.put(Push::Rejected { session, reason });
            }
        }
        What::Signal(signal) => {
            if used(&link, &session, &from, true) {
                link.outbox.put(Push::Signal { session, from, signal });
            }
        }
        What::WantRelay => {
            if used(&link, &session, &from, false)
                && !give_relay(&link, &session)
                && let Some(half) = link.halves.with(&session, |half| half.clone())
            {
                send(&link, &session, &half, What::NoRelay);
            }
        }
        What::NoRelay => {
            if used(&link, &session, &from, false) {
                link.outbox.put(Push::NoRelay { session });
            }
        }
        What::Used => drop(used(&link, &session, &from, false)),
        What::Relay { host, port, token, url } => {
            if used(&link, &session, &from, false) {
                link.outbox.put(Push::Relay { session, host, port, token, url });
            }
        }
    }
}

/// Takes a request for a session; says why it is refused, if it is.
fn take_ask(link: &Arc<Link>, session: &str, from: &str, name: String, node: &str) -> Option<&'static str> {
    let (app, now) = (link.ctx.app(), link.ctx.now());
    let (session, from): (Arc<str>, Arc<str>) = (Arc::from(session), Arc::from(from));
    let half = Half {
        peer: Arc::clone(&from),
        node: Arc::from(node),
        asked: false,
        open: false,
        at: now,
        used: now,
        signalled: false,
        relayed: None,
    };
    match link.halves.enter(&session, half) {
        Ok(()) => {}
        Err(Full::Taken) => return Some("the session id is in use; choose another one"),
        Err(Full::Crowded) => return Some("the agent has as many sessions as it may have"),
    }
    link.outbox.put(Push::Asked { session: Arc::clone(&session), from, name });
    wait_for(app, now + ANSWER_WITHIN, Due::Answer, link, &session, now);
    None
}

/// Notes that a session which was asked for has begun; `false` when it is not one, or had begun before.
fn open(link: &Arc<Link>, session: &Arc<str>, from: &str) -> bool {
    let now = link.ctx.now();
    let opened = link.halves.with(session, |half| {
        let is_new = half.asked && !half.open && *half.peer == *from;
        if is_new {
            (half.open, half.used) = (true, now);
        }
        is_new.then_some(half.at)
    });
    let Some(Some(asked_at)) = opened else { return false };
    wait_for(link.ctx.app(), now + RELAY_AFTER, Due::Relay, link, session, asked_at);
    true
}

/// Notes that something came through a session; `false` when `from` is not its other end.
fn used(link: &Link, session: &str, from: &str, is_signal: bool) -> bool {
    let now = link.ctx.now();
    let fits = link.halves.with(session, |half| {
        let fits = *half.peer == *from;
        if fits {
            half.used = now;
            half.signalled |= is_signal;
        }
        fits
    });
    fits == Some(true)
}

/// Does what is due by now.
pub(super) fn settle(app: &Arc<App>) {
    for (_, due, agent, session, asked_at) in app.links.deadlines.take_due(app.now()) {
        let link = app.links.live_link(&agent);
        let Some(link) = link else { continue };
        let Some(half) = link.halves.with(&session, |half| half.clone()).filter(|half| half.at == asked_at) else {
            continue;
        };
        match due {
            Due::Answer if !half.open => drop(accept(&link, &session)),
            Due::GiveUp if !half.open => {
                if link.halves.leave(&session, |half| half.at == asked_at).is_some() {
                    refuse(&link, &session, "the agent cannot be reached");
                    send(&link, &session, &half, What::Reject { reason: LEFT.to_owned() });
                }
            }
            // Nobody asked for it, so nobody is told when there is none.
            Due::Relay if !half.signalled && half.relayed.is_none() => {
                give_relay(&link, &session);
            }
            Due::Answer | Due::GiveUp | Due::Relay => {}
        }
    }
}
