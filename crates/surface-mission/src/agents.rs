//! `/api/agents`: the registry, listed, shown and shortened.

use crate::views::{AgentView, Slice, unless_empty};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{self, AgentFilter, Presence};
use muster_http::{Caller, Json, Op, Path, Query, Reply, delete, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// List the agents.
pub(crate) const LIST: Op = get("/api/agents")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("List the agents with the counts of their tasks, newest first")
    .query::<AgentsQuery>()
    .gives::<AgentList>()
    .reusable();

/// Read an agent.
pub(crate) const GET: Op = get("/api/agents/{id}")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Read the agent of this number, slug or name")
    .gives::<OneAgent>()
    .reusable();

/// Delete an agent.
pub(crate) const DELETE: Op = delete("/api/agents/{id}")
    .floor(Role::Admin)
    .scope(Scope::AgentsWrite)
    .summary("Delete an agent and everything of it")
    .query::<DeleteQuery>()
    .gives::<Deleted>();

/// Which agents are listed. A filter that is empty is none.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct AgentsQuery {
    /// Only with this status.
    #[serde(default, deserialize_with = "unless_empty")]
    status: Option<Presence>,
    /// Only with this role.
    #[serde(default, deserialize_with = "unless_empty")]
    role: Option<String>,
    /// Part of the name, slug or description, whatever its case.
    q: Option<String>,
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// How many are skipped (0).
    offset: Option<i64>,
}

/// How an agent is deleted.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct DeleteQuery {
    /// Also while a turn of it runs.
    force: Option<bool>,
}

/// A page of the agents.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AgentList")]
pub(crate) struct AgentList {
    /// The agents.
    agents: Vec<AgentView>,
    /// How many fit in all.
    total: i64,
    /// The number of this page, from 1.
    page: i64,
    /// How many a page has.
    limit: i64,
}

/// One agent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OneAgent {
    /// The agent.
    agent: AgentView,
}

/// What was deleted.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Deleted {
    /// True.
    success: bool,
    /// The name of what was deleted.
    deleted: String,
}

pub(crate) async fn list(caller: Caller, Query(query): Query<AgentsQuery>) -> Reply<AgentList> {
    let slice = Slice::of(query.limit, query.offset)?;
    let filter = AgentFilter { query: query.q, presence: query.status, role: query.role, ..AgentFilter::default() };
    let (cards, total) = agents::cards(&caller, &filter, slice.limit, slice.offset).await?;
    let agents = cards.into_iter().map(AgentView::from).collect();
    Ok(Json(AgentList { agents, total, page: slice.page(), limit: slice.limit }))
}

pub(crate) async fn show(caller: Caller, Path(id): Path<String>) -> Reply<OneAgent> {
    Ok(Json(OneAgent { agent: agents::card(&caller, &id).await?.into() }))
}

pub(crate) async fn remove(caller: Caller, Path(id): Path<String>, Query(query): Query<DeleteQuery>) -> Reply<Deleted> {
    let agent = agents::resolve(&caller, &id).await?;
    let agent = agents::delete(&caller, &agent.id, query.force.unwrap_or(false)).await?;
    Ok(Json(Deleted { success: true, deleted: agent.name }))
}
