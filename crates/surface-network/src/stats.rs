//! `/api/agents/stats`: the org's network in numbers.

use muster_domain::access::{Role, Scope};
use muster_domain::links;
use muster_http::{Caller, Json, Op, Reply, get};
use schemars::JsonSchema;
use serde::Serialize;

/// Count agents and links.
pub(crate) const STATS: Op = get("/api/agents/stats")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Count the org's agents, those that are there, their live WebSockets, and the bytes that went over them")
    .gives::<StatsView>();

/// The org's network in numbers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NetworkStats")]
pub(crate) struct StatsView {
    /// All agents.
    total_agents: i64,
    /// Those that are there.
    online_agents: i64,
    /// Live WebSockets of agents.
    total_connections: i64,
    /// Bytes of WebSocket payload both ways since the first start.
    bytes_transferred: i64,
}

pub(crate) async fn stats(caller: Caller) -> Reply<StatsView> {
    let stats = links::stats(&caller).await?;
    Ok(Json(StatsView {
        total_agents: stats.agents,
        online_agents: stats.online,
        total_connections: stats.connections,
        bytes_transferred: stats.bytes,
    }))
}
