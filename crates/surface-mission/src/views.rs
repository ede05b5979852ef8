//! Shapes that several operations answer with, and the pages of this dialect's lists.

use muster_base::{Error, Millis, Result};
use muster_domain::agents::{Card, Presence, TaskCounts};
use schemars::JsonSchema;
use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// How many items a list gives when nothing is said.
const USUAL: i64 = 50;
/// How many items a list gives at the most.
const MOST: i64 = 200;

/// A part of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    /// How many items.
    pub(crate) limit: i64,
    /// How many are skipped.
    pub(crate) offset: i64,
}

impl Slice {
    /// The part that is wanted.
    pub(crate) fn of(limit: Option<i64>, offset: Option<i64>) -> Result<Self> {
        Self::up_to(MOST, limit, offset)
    }

    /// The part that is wanted of a list that gives up to `most` items.
    pub(crate) fn up_to(most: i64, limit: Option<i64>, offset: Option<i64>) -> Result<Self> {
        let (limit, offset) = (limit.unwrap_or(USUAL), offset.unwrap_or(0));
        if !(1..=most).contains(&limit) {
            return Err(Error::invalid("limit", format!("must be from 1 to {most}")));
        }
        if offset < 0 {
            return Err(Error::invalid("offset", "must be 0 or more"));
        }
        Ok(Self { limit, offset })
    }

    /// The number of the page that it is, from 1.
    pub(crate) fn page(self) -> i64 {
        self.offset / self.limit + 1
    }
}

/// Reads a filter of a list; one that is empty is none, as forms send those that nobody filled in.
pub(crate) fn unless_empty<'de, D, T>(deserializer: D) -> std::result::Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    T::deserialize(text.into_deserializer()).map(Some)
}

/// A moment as this dialect writes it.
pub(crate) fn seconds(at: Option<Millis>) -> Option<i64> {
    at.map(Millis::seconds)
}

/// It is done.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Success")]
pub(crate) struct Done {
    /// True.
    pub(crate) success: bool,
}

impl Done {
    /// It is.
    pub(crate) const YES: Self = Self { success: true };
}

/// An agent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Agent")]
pub(crate) struct AgentView {
    /// A number that is unique in the deployment.
    id: i64,
    /// A URL-safe slug, immutable: its id in the other dialects.
    slug: String,
    /// Unique in its org.
    name: String,
    /// What it does.
    role: Option<String>,
    /// Whether it is there.
    status: Presence,
    /// What its gateway knows it by.
    session_key: Option<String>,
    /// Its personality and instructions.
    soul_content: Option<String>,
    /// What is said of it; it names the model that the agent has.
    config: Map<String, Value>,
    /// Its last sign of life, in seconds since the epoch.
    last_seen: Option<i64>,
    /// What it said last of what it does.
    last_activity: Option<String>,
    /// When it was made, in seconds since the epoch.
    created_at: i64,
    /// When it was last changed, in seconds since the epoch.
    updated_at: i64,
    /// How it joined: `hosted`, `api`, `sdk`, `host` or `gateway`.
    source: String,
    /// Whether Muster runs it; otherwise its messages wait for its heartbeat.
    hosted: bool,
    /// Its tasks.
    #[serde(rename = "taskStats")]
    task_stats: TaskStats,
}

/// How many tasks an agent has.
#[derive(Debug, Serialize, JsonSchema)]
struct TaskStats {
    /// In all, whatever their status.
    total: i64,
    /// Not begun.
    assigned: i64,
    /// Begun.
    in_progress: i64,
    /// Waiting for a last look.
    quality_review: i64,
    /// Done.
    done: i64,
    /// Done, under another name.
    completed: i64,
}

impl From<TaskCounts> for TaskStats {
    fn from(counts: TaskCounts) -> Self {
        let TaskCounts { total, assigned, in_progress, quality_review, done } = counts;
        Self { total, assigned, in_progress, quality_review, done, completed: done }
    }
}

impl From<Card> for AgentView {
    fn from(card: Card) -> Self {
        let Card { agent, personality, config, tasks, .. } = card;
        Self {
            id: agent.number,
            slug: agent.id,
            name: agent.name,
            role: agent.role,
            status: agent.presence,
            session_key: agent.session_key,
            soul_content: personality,
            config,
            last_seen: seconds(agent.last_seen_at),
            last_activity: agent.last_activity,
            created_at: agent.created_at.seconds(),
            updated_at: agent.changed_at.seconds(),
            source: agent.source,
            hosted: agent.hosted,
            task_stats: tasks.into(),
        }
    }
}
