//! `GET /api/status`: the org at a glance.

use muster_domain::access::{Role, Scope};
use muster_domain::usage::{self, Overview};
use muster_http::{Caller, Json, Op, Reply, get};
use schemars::JsonSchema;
use serde::Serialize;

/// Read the status.
pub(crate) const STATUS: Op = get("/api/status")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Read how many agents are there, and how much they have to do")
    .gives::<StatusView>();

/// The org at a glance.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Status")]
pub(crate) struct StatusView {
    /// `ok`: it answers.
    status: &'static str,
    /// The version of the server.
    version: &'static str,
    /// Now, in seconds since the epoch.
    timestamp: i64,
    /// The agents by status.
    agents: AgentCounts,
    /// The turns of the agents that Muster runs.
    turns: TurnCounts,
}

/// Agents by status.
#[derive(Debug, Serialize, JsonSchema)]
struct AgentCounts {
    /// In all.
    total: i64,
    /// There.
    online: i64,
    /// There, and nothing happened for a while.
    idle: i64,
    /// At work.
    busy: i64,
    /// Not there.
    offline: i64,
    /// In trouble.
    error: i64,
}

/// Turns by state.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TurnCounts")]
struct TurnCounts {
    /// Those that run.
    running: i64,
    /// Those that wait.
    queued: i64,
    /// Those that failed within 24 hours.
    failed: i64,
}

impl AgentCounts {
    fn of(overview: &Overview) -> Self {
        let of = |word| overview.presence.iter().find(|(name, _)| name == word).map_or(0, |(_, count)| *count);
        Self {
            total: overview.presence.iter().map(|(_, count)| count).sum(),
            online: of("online"),
            idle: of("idle"),
            busy: of("busy"),
            offline: of("offline"),
            error: of("error"),
        }
    }
}

pub(crate) async fn show(caller: Caller) -> Reply<StatusView> {
    let overview = usage::overview(&caller).await?;
    Ok(Json(StatusView {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        timestamp: caller.now().seconds(),
        agents: AgentCounts::of(&overview),
        turns: TurnCounts { running: overview.running, queued: overview.queued, failed: overview.failed },
    }))
}
