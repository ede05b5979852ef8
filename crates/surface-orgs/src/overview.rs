//! The org at a glance.

use muster_base::Millis;
use muster_domain::access::{Role, Scope};
use muster_domain::usage::{self, HourOfMessages, Overview};
use muster_http::{Caller, Json, Op, Reply, get};
use schemars::JsonSchema;
use serde::Serialize;

/// Read the figures of the last 24 hours.
pub(crate) const GET: Op = get("/v1/orgs/{org}/overview")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Count agents, turns and messages")
    .gives::<OverviewView>();

/// An org at a glance.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Overview")]
pub(crate) struct OverviewView {
    /// Its agents.
    agents: AgentCounts,
    /// Their turns.
    turns: TurnCounts,
    /// Messages of each of the last 24 hours, oldest first.
    messages_per_hour: Vec<Hour>,
    /// Output tokens of turns that ended within 24 hours, and of what agents elsewhere reported in them.
    #[serde(rename = "outputTokens24h")]
    output_tokens_24h: i64,
    /// The model providers that agents can use; `offline` when none is configured.
    models: Vec<String>,
}

/// How many agents there are.
#[derive(Debug, Serialize, JsonSchema)]
struct AgentCounts {
    /// All.
    total: i64,
    /// By whether they take turns.
    lifecycle: LifecycleCounts,
    /// By whether they are there.
    presence: PresenceCounts,
}

/// Agents by lifecycle.
#[derive(Debug, Serialize, JsonSchema)]
struct LifecycleCounts {
    /// Take turns.
    active: i64,
    /// Keep messages waiting.
    paused: i64,
    /// Refuse messages.
    stopped: i64,
    /// Need a person.
    error: i64,
}

/// Agents by presence.
#[derive(Debug, Serialize, JsonSchema)]
struct PresenceCounts {
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

/// How many turns there are.
#[derive(Debug, Serialize, JsonSchema)]
struct TurnCounts {
    /// Being worked on.
    running: i64,
    /// Waiting.
    queued: i64,
    /// Failed within 24 hours.
    #[serde(rename = "failed24h")]
    failed_24h: i64,
}

/// Messages of one hour.
#[derive(Debug, Serialize, JsonSchema)]
struct Hour {
    /// When the hour begins.
    hour: Millis,
    /// Messages to agents.
    received: i64,
    /// Replies.
    sent: i64,
}

impl From<HourOfMessages> for Hour {
    fn from(hour: HourOfMessages) -> Self {
        Self { hour: hour.hour, received: hour.received, sent: hour.sent }
    }
}

impl OverviewView {
    fn new(overview: Overview, models: Vec<String>) -> Self {
        let lifecycle = |word| count(&overview.lifecycle, word);
        let presence = |word| count(&overview.presence, word);
        let agents = AgentCounts {
            total: overview.lifecycle.iter().map(|(_, count)| count).sum(),
            lifecycle: LifecycleCounts {
                active: lifecycle("active"),
                paused: lifecycle("paused"),
                stopped: lifecycle("stopped"),
                error: lifecycle("error"),
            },
            presence: PresenceCounts {
                online: presence("online"),
                idle: presence("idle"),
                busy: presence("busy"),
                offline: presence("offline"),
                error: presence("error"),
            },
        };
        Self {
            agents,
            turns: TurnCounts { running: overview.running, queued: overview.queued, failed_24h: overview.failed },
            messages_per_hour: overview.hours.into_iter().map(Hour::from).collect(),
            output_tokens_24h: overview.output_tokens,
            models,
        }
    }
}

fn count(counts: &[(String, i64)], word: &str) -> i64 {
    counts.iter().find(|(name, _)| name == word).map_or(0, |(_, count)| *count)
}

pub(crate) async fn show(caller: Caller) -> Reply<OverviewView> {
    let models = caller.settings.model_providers.clone();
    Ok(Json(OverviewView::new(usage::overview(&caller).await?, models)))
}
