//! `/api/agents`: who is there.

use muster_base::{Cursor, Error, Millis, PageRequest, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{self, Agent, Reach, Rostered};
use muster_http::{Caller, Json, Op, Query, Reply, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many items a list gives when nothing is said.
const USUAL: i64 = 50;
/// How many items a list gives at the most.
const MOST: i64 = 200;

/// List agents.
pub(crate) const LIST: Op = get("/api/agents")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("List the org's agents and whether they can be reached, the newest seen first")
    .query::<ListQuery>()
    .gives::<AgentList>();

/// Which agents are wanted.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ListQuery {
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// Only those: ONLINE, IDLE or OFFLINE.
    status: Option<String>,
    /// Where to go on: the `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Whether an agent can be reached.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(rename = "NetworkStatus")]
pub(crate) enum StatusView {
    /// It is there, or at work.
    Online,
    /// It is there, and has said so or has sent and received nothing for five minutes.
    Idle,
    /// It is not there.
    Offline,
}

/// An agent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NetworkAgent")]
pub(crate) struct AgentView {
    /// Its id.
    id: String,
    /// Its name, unique in the org.
    name: String,
    /// Whether it can be reached.
    status: StatusView,
    /// Its last sign of life; null when there was none.
    #[serde(rename = "lastSeenAt")]
    last_seen_at: Option<Millis>,
    /// How it joined: `sdk`, `host`, `hosted`, `api` or `gateway`.
    source: String,
    /// The version of the client by which it dials in; of a hosted agent, the version of its definition; else null.
    version: Option<String>,
}

/// Agents, the newest seen first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NetworkAgentList")]
pub(crate) struct AgentList {
    /// A page of them.
    agents: Vec<AgentView>,
    /// How many there are in all that fit `status`.
    total: i64,
    /// Where the next page begins; absent after the last one.
    #[serde(rename = "nextCursor", skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl From<Reach> for StatusView {
    fn from(reach: Reach) -> Self {
        match reach {
            Reach::Online => Self::Online,
            Reach::Idle => Self::Idle,
            Reach::Offline => Self::Offline,
        }
    }
}

impl From<Rostered> for AgentView {
    fn from(row: Rostered) -> Self {
        let version = version(&row.agent);
        let Agent { id, name, last_seen_at, source, .. } = row.agent;
        Self { id, name, status: row.reach.into(), last_seen_at, source, version }
    }
}

fn version(agent: &Agent) -> Option<String> {
    agent.client_version.clone().or_else(|| agent.hosted.then(|| agent.version.to_string()))
}

/// The page that is wanted of a list of up to `most` items.
pub(crate) fn page(limit: Option<i64>, cursor: Option<&str>) -> Result<PageRequest> {
    let limit = limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::invalid("limit", format!("must be from 1 to {MOST}")));
    }
    let after = cursor.map(|cursor| Cursor::decode(cursor, "cursor")).transpose()?;
    Ok(PageRequest { limit, after })
}

pub(crate) async fn list(caller: Caller, Query(query): Query<ListQuery>) -> Reply<AgentList> {
    let page = page(query.limit, query.cursor.as_deref())?;
    let reach = query.status.map(|status| Reach::parse(&status, "status")).transpose()?;
    let (found, total) = agents::roster(&caller, reach, &page).await?;
    Ok(Json(AgentList {
        agents: found.items.into_iter().map(AgentView::from).collect(),
        total,
        next_cursor: found.next.map(|cursor| cursor.encode()),
    }))
}
