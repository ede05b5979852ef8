//! `/api/agents/sync`: agents from the gateway's file.

use muster_domain::access::{Role, Scope};
use muster_domain::gateway::{self, Action, Missing, Outcome, Taken};
use muster_http::{Caller, Json, Op, Reply, get, post};
use schemars::JsonSchema;
use serde::Serialize;

/// Say what a sync would do.
pub(crate) const PREVIEW: Op = get("/api/agents/sync")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Say what a sync with the gateway's file would do; nothing is changed")
    .gives::<Synced>();

/// Take over agents from the gateway's file.
pub(crate) const SYNC: Op = post("/api/agents/sync")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Make and change agents as the gateway's file lists them, all at once or not at all")
    .gives::<Synced>();

/// What was done, or would be.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GatewaySync")]
pub(crate) struct Synced {
    /// True when nothing was done yet.
    preview: bool,
    /// How many entries of the file and their agents are in step, or would be.
    synced: usize,
    /// How many agents were made.
    created: usize,
    /// How many agents were changed.
    updated: usize,
    /// How many entries were left alone because something stands in the way.
    conflicts: usize,
    /// The entries in the file's order.
    agents: Vec<Entry>,
    /// Agents that the file does not list any more; they stay as they are.
    missing: Vec<Absent>,
}

/// An entry of the file and its agent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GatewayEntry")]
struct Entry {
    /// The id in the file.
    id: String,
    /// The agent's name.
    name: String,
    /// created, updated, unchanged or conflict.
    action: Action,
    /// The agent's number; null while there is none.
    agent: Option<i64>,
    /// What stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What of the entry could not be taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

/// An agent of the gateway that the file does not list any more.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MissingGatewayEntry")]
struct Absent {
    /// The id that it had in the file; null when it is not known.
    id: Option<String>,
    /// Its name.
    name: String,
    /// Its number.
    agent: i64,
}

impl Synced {
    fn new(outcome: Outcome, preview: bool) -> Self {
        let count = |action| outcome.count(action);
        let conflicts = count(Action::Conflict);
        Self {
            preview,
            synced: outcome.agents.len() - conflicts,
            created: count(Action::Created),
            updated: count(Action::Updated),
            conflicts,
            agents: outcome.agents.into_iter().map(Entry::from).collect(),
            missing: outcome.missing.into_iter().map(Absent::from).collect(),
        }
    }
}

impl From<Taken> for Entry {
    fn from(taken: Taken) -> Self {
        let Taken { id, name, action, agent, reason, warning } = taken;
        Self { id, name, action, agent, reason, warning }
    }
}

impl From<Missing> for Absent {
    fn from(missing: Missing) -> Self {
        let Missing { id, name, agent } = missing;
        Self { id, name, agent }
    }
}

pub(crate) async fn preview(caller: Caller) -> Reply<Synced> {
    Ok(Json(Synced::new(gateway::preview(&caller).await?, true)))
}

pub(crate) async fn sync(caller: Caller) -> Reply<Synced> {
    Ok(Json(Synced::new(gateway::sync(&caller).await?, false)))
}
