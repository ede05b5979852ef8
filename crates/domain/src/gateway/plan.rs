//! Decides what becomes of each entry. Looks at nothing but what it is given.

use super::ID;
use super::port::{Entry, id_in, session_key};
use super::sync::{Action, Known, Missing, Taken};
use crate::agents::{self, AgentChange, Definition, NewAgent, Source};
use muster_base::Patch;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// What becomes of all entries.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) missing: Vec<Missing>,
}

/// What becomes of one entry.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) taken: Taken,
    pub(super) what: What,
}

/// What is done for an entry.
#[derive(Debug)]
pub(super) enum What {
    Make(Box<NewAgent>),
    Change { id: String, change: Box<AgentChange> },
    Keep,
}

impl Step {
    pub(super) fn changes_something(&self) -> bool {
        !matches!(self.what, What::Keep)
    }
}

/// Decides. `holders` are the agents that have the entries' names now; `owns` says which keys of a config are the file's.
pub(super) fn plan(
    known: Vec<Known>,
    entries: Vec<Entry>,
    holders: &[Option<String>],
    owns: impl Fn(&str) -> bool,
) -> Plan {
    let matched = pair(&known, &entries);
    let mut refused: Vec<Option<String>> =
        entries.iter().zip(&matched).map(|(entry, agent)| unfit(entry, agent.map(|at| &known[at]))).collect();
    refuse_taken_names(&known, &entries, &matched, holders, &mut refused);
    let paired: HashSet<usize> = matched.iter().copied().flatten().collect();
    let gone =
        known.iter().enumerate().filter(|(at, agent)| !paired.contains(at) && agent.source == Source::Gateway.as_str());
    let missing = gone.map(|(_, agent)| missing(agent)).collect();
    let steps = entries.into_iter().zip(matched).zip(refused);
    let steps = steps.map(|((entry, agent), reason)| step(entry, agent.map(|at| &known[at]), reason, &owns)).collect();
    Plan { steps, missing }
}

fn missing(agent: &Known) -> Missing {
    let id = agent.entry_id().map(str::to_owned);
    Missing { id, name: agent.name.clone(), agent: agent.number }
}

impl Known {
    /// The id in the file that it says it has.
    fn entry_id(&self) -> Option<&str> {
        let said = self.definition.config.get(ID).and_then(Value::as_str);
        said.or_else(|| self.session_key.as_deref().and_then(id_in))
    }
}

/// Which agent belongs to each entry: by session key, else by the id that the agent's config names.
fn pair(known: &[Known], entries: &[Entry]) -> Vec<Option<usize>> {
    let by_key: HashMap<&str, usize> =
        known.iter().enumerate().filter_map(|(at, agent)| Some((agent.session_key.as_deref()?, at))).collect();
    let mut matched: Vec<Option<usize>> =
        entries.iter().map(|entry| by_key.get(session_key(&entry.id).as_str()).copied()).collect();
    let mut paired: HashSet<usize> = matched.iter().copied().flatten().collect();
    let is_gateways = |at: &usize| known[*at].source == Source::Gateway.as_str();
    for (entry, agent) in entries.iter().zip(&mut matched).filter(|(_, agent)| agent.is_none()) {
        let says_so = |at: &usize| known[*at].definition.config.get(ID).and_then(Value::as_str) == Some(&entry.id);
        *agent = (0..known.len()).find(|at| !paired.contains(at) && is_gateways(at) && says_so(at));
        paired.extend(*agent);
    }
    matched
}

/// Why an entry cannot be taken over, whatever the names.
fn unfit(entry: &Entry, agent: Option<&Known>) -> Option<String> {
    if agent.is_some_and(|agent| agent.source == Source::Hosted.as_str()) {
        let key = session_key(&entry.id);
        return Some(format!("the agent with the session key `{key}` runs here; give it another session key"));
    }
    agents::check_new(&made(entry)).err().map(|error| error.message().to_owned())
}

/// Refuses entries whose name another agent has, or keeps, or gets from an entry that comes first.
fn refuse_taken_names(
    known: &[Known],
    entries: &[Entry],
    matched: &[Option<usize>],
    holders: &[Option<String>],
    refused: &mut [Option<String>],
) {
    let entry_of: HashMap<&str, usize> =
        matched.iter().enumerate().filter_map(|(entry, at)| Some((known[(*at)?].id.as_str(), entry))).collect();
    // An entry that is refused keeps its agent's name, which may be what another one wants: until nothing changes.
    loop {
        let before = refused.iter().flatten().count();
        let mut given: HashSet<&str> = HashSet::new();
        for (at, holder) in holders.iter().enumerate().filter(|(at, _)| refused[*at].is_none()).collect::<Vec<_>>() {
            let name = entries[at].name.as_str();
            let is_kept = holder.as_deref().is_some_and(|holder| match entry_of.get(holder) {
                Some(other) => *other != at && (refused[*other].is_some() || entries[*other].name == name),
                None => true,
            });
            if is_kept || !given.insert(name) {
                refused[at] =
                    Some(format!("the name `{name}` is taken by another agent; give one of them another name"));
            }
        }
        if refused.iter().flatten().count() == before {
            return;
        }
    }
}

fn step(entry: Entry, agent: Option<&Known>, reason: Option<String>, owns: &impl Fn(&str) -> bool) -> Step {
    let mut taken = Taken {
        id: entry.id.clone(),
        name: entry.name.clone(),
        action: Action::Conflict,
        agent: agent.map(|agent| agent.number),
        reason,
        warning: entry.warning.clone(),
    };
    if taken.reason.is_some() {
        return Step { taken, what: What::Keep };
    }
    let what = match agent {
        None => What::Make(Box::new(made(&entry))),
        Some(agent) => match change(agent, entry, owns) {
            Some(change) => What::Change { id: agent.id.clone(), change: Box::new(change) },
            None => What::Keep,
        },
    };
    taken.action = match what {
        What::Make(_) => Action::Created,
        What::Change { .. } => Action::Updated,
        What::Keep => Action::Unchanged,
    };
    Step { taken, what }
}

/// The agent that an entry describes.
fn made(entry: &Entry) -> NewAgent {
    let definition =
        Definition { personality: entry.soul.clone(), config: entry.config.clone(), ..Definition::default() };
    NewAgent {
        name: entry.name.clone(),
        role: Some(entry.role.clone()),
        source: Source::Gateway,
        session_key: Some(session_key(&entry.id)),
        definition,
        ..NewAgent::default()
    }
}

/// What is different in the file, if anything.
fn change(agent: &Known, entry: Entry, owns: &impl Fn(&str) -> bool) -> Option<AgentChange> {
    let model = model(&entry.config);
    let config = config(&agent.definition.config, entry.config, owns);
    let change = AgentChange {
        name: differing(entry.name, Some(&agent.name)),
        role: differing(entry.role, agent.role.as_ref()),
        // A soul that is gone from the workspace may be kept here on purpose.
        personality: entry.soul.map_or(Patch::Absent, |soul| differing(soul, agent.definition.personality.as_ref())),
        config: if config == agent.definition.config { Patch::Absent } else { Patch::Value(config) },
        // Another dialect may have named another model since; a file that names none leaves it.
        configuration: match model {
            Some(model) if agent.definition.configuration.model.as_ref() != Some(&model) => {
                Patch::Value(Map::from_iter([("model".to_owned(), Value::from(model))]))
            }
            _ => Patch::Absent,
        },
        source: (agent.source == Source::Api.as_str()).then_some(Source::Gateway),
        ..AgentChange::default()
    };
    let says_something = change.name.value().is_some()
        || change.role.value().is_some()
        || change.personality.value().is_some()
        || change.config.value().is_some()
        || change.configuration.value().is_some()
        || change.source.is_some();
    says_something.then_some(change)
}

fn differing(wanted: String, present: Option<&String>) -> Patch<String> {
    if present == Some(&wanted) { Patch::Absent } else { Patch::Value(wanted) }
}

/// What the file says, and what was said of the agent that is not the file's to say.
fn config(before: &Map<String, Value>, entry: Map<String, Value>, owns: &impl Fn(&str) -> bool) -> Map<String, Value> {
    let mut config = not_owned(before, "", owns);
    for (key, value) in entry {
        match (config.get_mut(&key), value) {
            (Some(Value::Object(kept)), Value::Object(said)) => kept.extend(said),
            (_, value) => drop(config.insert(key, value)),
        }
    }
    config
}

fn not_owned(said: &Map<String, Value>, parent: &str, owns: &impl Fn(&str) -> bool) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in said {
        let path = format!("{parent}{key}");
        match value {
            value if !owns(&path) => drop(kept.insert(key.clone(), value.clone())),
            Value::Object(inner) if parent.is_empty() => {
                let inner = not_owned(inner, &format!("{key}."), owns);
                if !inner.is_empty() {
                    kept.insert(key.clone(), Value::Object(inner));
                }
            }
            _ => {}
        }
    }
    kept
}

/// The model that a config names.
fn model(config: &Map<String, Value>) -> Option<String> {
    let model = config.get("model")?;
    model.as_str().or_else(|| model.get("primary")?.as_str()).map(str::to_owned)
}
