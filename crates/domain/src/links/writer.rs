//! Writing down that links came and went, and that agents are idle or active again: many in one transaction.

use super::link::Link;
use super::store::{self, Before, Lost, NewRow};
use crate::agents::{Lifecycle, Presence};
use crate::context::{App, Ctx};
use crate::events::{self, NewEvent};
use crate::presence;
use muster_base::{Error, Kind, Result};
use muster_store::Tx;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many changes one transaction writes.
const BATCH: usize = 256;

/// Something that is to be written down about a link.
pub(super) struct Change {
    pub(super) link: Arc<Link>,
    pub(super) what: What,
}

pub(super) enum What {
    /// It came; somebody waits for that to be written.
    Came(oneshot::Sender<Result<()>>),
    /// It is over.
    Left,
    /// Nothing came or went for a while.
    Idle,
    /// Something did again.
    Active,
}

/// What a transaction is to write of one link.
#[derive(Clone)]
struct Entry {
    row: NewRow,
    name: String,
    step: Step,
    /// The node that a link was replaced at, filled in by the transaction.
    replaced: Option<(String, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Came,
    Left,
    Idle,
    Active,
}

/// Writes changes until there are no more.
pub(super) async fn run(app: Arc<App>, mut changes: mpsc::Receiver<Change>) {
    let mut next: Vec<Change> = Vec::new();
    loop {
        if next.is_empty() && changes.recv_many(&mut next, BATCH).await == 0 {
            return;
        }
        while next.len() < BATCH
            && let Ok(change) = changes.try_recv()
        {
            next.push(change);
        }
        let rest = split_at_repetition(&mut next);
        write(&app, std::mem::replace(&mut next, rest)).await;
    }
}

/// Leaves in `changes` what may be written at once: an agent that changes twice does so in two transactions.
fn split_at_repetition(changes: &mut Vec<Change>) -> Vec<Change> {
    let mut seen = HashSet::new();
    let end = changes.iter().position(|change| !seen.insert(Arc::clone(&change.link.agent)));
    changes.split_off(end.unwrap_or(changes.len()))
}

async fn write(app: &Arc<App>, changes: Vec<Change>) {
    let entries = changes.iter().map(|change| entry(app, change)).collect();
    let outcome = write_entries(app, entries).await;
    match &outcome {
        Ok(written) => tell_replaced(app, written),
        Err(error) => tracing::error!(error = ?error, "could not write down links; those that ended are tried again"),
    }
    let missing: HashSet<&str> = match &outcome {
        Ok(written) => written.missing.iter().map(String::as_str).collect(),
        Err(_) => HashSet::new(),
    };
    for change in &changes {
        if matches!(change.what, What::Idle | What::Active) && outcome.is_err() {
            // Looked at again at the next round.
            let was_idle = matches!(change.what, What::Active);
            change.link.is_idle.store(was_idle, std::sync::atomic::Ordering::Relaxed);
        }
    }
    for Change { link, what } in changes {
        let What::Came(done) = what else { continue };
        let _ = done.send(match &outcome {
            Err(error) => Err(unavailable(error)),
            Ok(_) if missing.contains(&*link.agent) => Err(Error::missing("agent", &link.agent)),
            Ok(_) => Ok(()),
        });
    }
}

fn unavailable(cause: &Error) -> Error {
    let message = "the link cannot be taken up just now; try again";
    Error::new(Kind::Unavailable, "links.unavailable", message).with_retry_after(5).with_cause(cause.clone())
}

fn entry(app: &App, change: &Change) -> Entry {
    let link = &change.link;
    let agent = &link.enrolled.agent;
    Entry {
        row: NewRow {
            agent: agent.id.clone(),
            org: agent.org.clone(),
            node: app.node.clone(),
            machine: link.enrolled.machine.clone(),
            version: link.enrolled.agent.client_version.clone(),
            since: link.since,
        },
        name: agent.name.clone(),
        step: match change.what {
            What::Came(_) => Step::Came,
            What::Left => Step::Left,
            What::Idle => Step::Idle,
            What::Active => Step::Active,
        },
        replaced: None,
    }
}

/// Writes down as over what a node has left behind.
pub(super) async fn write_lost(app: &Arc<App>, node: &str, lost: Vec<Lost>) -> Result<()> {
    for lost in lost.chunks(BATCH) {
        let entries = lost.iter().map(|lost| Entry {
            row: NewRow {
                agent: lost.agent.clone(),
                org: lost.org.clone(),
                node: node.to_owned(),
                machine: String::new(),
                version: None,
                since: lost.since,
            },
            name: lost.name.clone(),
            step: Step::Left,
            replaced: None,
        });
        write_entries(app, entries.collect()).await?;
    }
    Ok(())
}

/// What a transaction came to.
struct Written {
    /// Links at other nodes whose agents have a newer one here: agent, node, since.
    replaced: Vec<(String, String, i64)>,
    /// Agents that there are no more.
    missing: Vec<String>,
}

fn tell_replaced(app: &App, written: &Written) {
    for (agent, node, since) in written.replaced.iter().filter(|(_, node, _)| *node != app.node) {
        let letter = super::Letter::Replaced { agent: agent.clone(), since: *since };
        app.links.send(super::Address::Node(node.clone()), letter);
    }
}

async fn write_entries(app: &Arc<App>, entries: Vec<Entry>) -> Result<Written> {
    if entries.is_empty() {
        return Ok(Written { replaced: vec![], missing: vec![] });
    }
    let for_tx = Arc::clone(app);
    app.db.write(move |tx| Box::pin(async move { write_in(tx, &for_tx, entries).await })).await
}

async fn write_in(tx: &mut Tx, app: &Arc<App>, mut entries: Vec<Entry>) -> Result<Written> {
    let ids: Vec<String> = entries.iter().map(|entry| entry.row.agent.clone()).collect();
    let before: HashMap<String, Before> =
        store::lock_agents(tx, &ids).await?.into_iter().map(|before| (before.agent.clone(), before)).collect();
    let missing = ids.into_iter().filter(|id| !before.contains_key(id)).collect();
    entries.retain(|entry| before.get(&entry.row.agent).is_some_and(|before| before.org == entry.row.org));
    let gone = store::delete_links(tx, &rows(&entries, Step::Left)).await?;
    let gone: HashSet<String> = gone.into_iter().collect();
    store::put_links(tx, &rows(&entries, Step::Came), app.now()).await?;
    let mut plan = Plan::default();
    for entry in &mut entries {
        let before = &before[&entry.row.agent];
        if entry.step == Step::Came {
            entry.replaced = before.node.clone().zip(before.since);
        }
        plan.add(entry, before, gone.contains(&entry.row.agent));
    }
    for (presence, ids) in &plan.presences {
        let seen = (*presence == Presence::Online).then(|| app.now());
        store::put_presences(tx, ids, *presence, seen).await?;
    }
    for (org, about) in plan.events {
        for (agent, name, events) in about {
            let ctx = Ctx::of_agent(Arc::clone(app), &org, &agent, &name);
            events::append(tx, &ctx, events).await?;
        }
    }
    let replaced =
        entries.into_iter().filter_map(|entry| entry.replaced.map(|(node, since)| (entry.row.agent, node, since)));
    Ok(Written { replaced: replaced.collect(), missing })
}

fn rows(entries: &[Entry], step: Step) -> Vec<NewRow> {
    entries.iter().filter(|entry| entry.step == step).map(|entry| entry.row.clone()).collect()
}

/// An agent, its name, and what is told of it.
type About = (String, String, Vec<NewEvent>);

/// What follows from links that came and went.
#[derive(Default)]
struct Plan {
    presences: Vec<(Presence, Vec<String>)>,
    /// By org, in one order, as each org's log is locked.
    events: BTreeMap<String, Vec<About>>,
}

impl Plan {
    fn add(&mut self, entry: &Entry, before: &Before, is_gone: bool) {
        let mut events = Vec::new();
        if entry.step == Step::Came && before.since.is_none() {
            let data = json!({"name": entry.name, "node": entry.row.node, "machineId": entry.row.machine,
                "version": entry.row.version});
            events.push(NewEvent::new("agent.connected", &entry.row.agent, data));
        }
        if entry.step == Step::Left && is_gone {
            let data = json!({"name": entry.name, "node": entry.row.node});
            events.push(NewEvent::new("agent.disconnected", &entry.row.agent, data));
        }
        if let Some(to) = follows(entry.step, before, is_gone) {
            self.states(to).push(entry.row.agent.clone());
            events.push(presence::changed(&entry.row.agent, &entry.name, before.presence, to));
        }
        if !events.is_empty() {
            let about = (entry.row.agent.clone(), entry.name.clone(), events);
            self.events.entry(entry.row.org.clone()).or_default().push(about);
        }
    }

    /// The agents that are given this presence.
    fn states(&mut self, presence: Presence) -> &mut Vec<String> {
        let at = self.presences.iter().position(|(other, _)| *other == presence).unwrap_or(self.presences.len());
        if at == self.presences.len() {
            self.presences.push((presence, Vec::new()));
        }
        &mut self.presences[at].1
    }
}

/// The presence that an agent has from now on, if it is another. What was stated holds, but who is gone is offline; a
/// hosted agent is there whether it has a link or not.
fn follows(step: Step, before: &Before, is_gone: bool) -> Option<Presence> {
    if before.hosted || before.lifecycle == Lifecycle::Stopped {
        return None;
    }
    match (step, before.presence) {
        (Step::Came, Presence::Offline) => Some(Presence::Online),
        (Step::Left, Presence::Offline) => None,
        (Step::Left, _) if is_gone => Some(Presence::Offline),
        (Step::Idle, Presence::Online) => Some(Presence::Idle),
        (Step::Active, Presence::Idle) => Some(Presence::Online),
        _ => None,
    }
}
