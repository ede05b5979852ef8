//! What there is to do: tasks wait in an inbox, are assigned to agents or claimed by them, and end done or failed.

mod change;
mod claim;
mod store;
mod verbs;

pub use change::{TaskChange, update};
pub use claim::{Claimed, Reason, claim};
pub use verbs::{NewTask, TaskFilter, create, delete, find, list};

pub(crate) use change::release_of_agent;
pub(crate) use store::exists;

use muster_base::{Error, Millis, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far a task has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TaskStatus")]
pub enum Status {
    /// Nobody has it.
    Inbox,
    /// An agent has it and has not begun.
    Assigned,
    /// An agent is at it.
    InProgress,
    /// Somebody is to look at it.
    Review,
    /// It is being checked.
    QualityReview,
    /// It is done.
    Done,
    /// It cannot be done.
    Failed,
}

impl Status {
    const ALL: [Self; 7] =
        [Self::Inbox, Self::Assigned, Self::InProgress, Self::Review, Self::QualityReview, Self::Done, Self::Failed];

    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Assigned => "assigned",
            Self::InProgress => "in_progress",
            Self::Review => "review",
            Self::QualityReview => "quality_review",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Reads a word; `field` names the input.
    pub fn parse(text: &str, field: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            Error::invalid(field, format!("must be one of {known}"))
        })
    }

    /// Whether nothing is left to do.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }

    /// Whether it is with an agent, so that it cannot be so without one.
    fn needs_agent(self) -> bool {
        matches!(self, Self::Assigned | Self::InProgress)
    }
}

/// How soon a task is to be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "TaskPriority")]
pub enum Priority {
    /// Before everything else.
    Critical,
    /// Before most.
    High,
    /// As usual.
    #[default]
    Medium,
    /// When there is nothing else.
    Low,
}

impl Priority {
    const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The word that is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// Reads a word; `field` names the input.
    pub fn parse(text: &str, field: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|priority| priority.as_str() == text);
        found.ok_or_else(|| Error::invalid(field, "must be critical, high, medium or low"))
    }

    /// The number that is stored: the lower, the sooner.
    pub(crate) fn rank(self) -> i64 {
        self as i64
    }

    /// Reads a stored number.
    pub(crate) fn of_rank(rank: i64) -> Self {
        Self::ALL.into_iter().find(|priority| priority.rank() == rank).unwrap_or(Self::Low)
    }
}

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its number, unique in the deployment.
    pub number: i64,
    /// What is to be done, in a line.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
    /// How far it has got.
    pub status: Status,
    /// How soon it is to be done.
    pub priority: Priority,
    /// The agent that has it.
    pub agent: Option<String>,
    /// That agent's name.
    pub agent_name: Option<String>,
    /// When it should be done.
    pub due_at: Option<Millis>,
    /// What the client attached: a JSON object as text.
    pub metadata: Option<String>,
    /// The name of who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last changed.
    pub changed_at: Millis,
    /// When it was done or failed.
    pub finished_at: Option<Millis>,
}

/// What the log calls a task.
fn subject(number: i64) -> String {
    format!("task-{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str(), "status").expect("an own word"), status);
            assert_eq!(serde_json::to_value(status).expect("a word"), status.as_str());
        }
        for priority in Priority::ALL {
            assert_eq!(Priority::parse(priority.as_str(), "priority").expect("an own word"), priority);
            assert_eq!(Priority::of_rank(priority.rank()), priority);
        }
        assert!(Priority::Critical < Priority::Low);
        let error = Status::parse("open", "status").expect_err("unknown");
        assert_eq!(
            error.message(),
            "status: must be one of inbox, assigned, in_progress, review, quality_review, done, failed"
        );
    }
}
