//! Making, finding, listing and removing tasks.

use super::{Priority, Status, Task, store, subject};
use crate::agents::{self, Agent};
use crate::context::Ctx;
use crate::conversations::preview;
use crate::events::{self, NewEvent};
use crate::idempotency;
use muster_base::{Error, Kind, Millis, Result};
use serde_json::json;

const LONGEST_TITLE: usize = 500;
const LONGEST_DESCRIPTION: usize = 50_000;
/// The most bytes of what a client attaches.
const LARGEST_METADATA: usize = 64 * 1024;
/// The end of the year 9999.
const LAST_MOMENT: Millis = Millis(253_402_300_799_999);

/// A task to be made.
#[derive(Debug, Clone, Default)]
pub struct NewTask {
    /// 1 to 500 characters.
    pub title: String,
    /// Up to 50,000 characters.
    pub description: Option<String>,
    /// `medium` when nothing is said.
    pub priority: Option<Priority>,
    /// `inbox`, or `assigned` when an agent gets it, when nothing is said.
    pub status: Option<Status>,
    /// The agent that gets it: its number, id or name.
    pub assigned_to: Option<String>,
    /// When it should be done.
    pub due_at: Option<Millis>,
    /// A JSON object as text, up to 64 KiB.
    pub metadata: Option<String>,
}

/// Which tasks are wanted.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// In this status.
    pub status: Option<Status>,
    /// Of this priority.
    pub priority: Option<Priority>,
    /// Of this agent: its number, id or name.
    pub assigned_to: Option<String>,
}

pub(super) fn check_title(title: &str) -> Result<()> {
    if title.trim().is_empty() || title.chars().count() > LONGEST_TITLE || title.chars().any(char::is_control) {
        return Err(Error::invalid("title", format!("must have 1 to {LONGEST_TITLE} characters in one line")));
    }
    Ok(())
}

pub(super) fn check_description(description: Option<&String>) -> Result<()> {
    if description.is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        return Err(Error::invalid("description", format!("must have at most {LONGEST_DESCRIPTION} characters")));
    }
    Ok(())
}

pub(super) fn check_metadata(metadata: Option<&String>) -> Result<()> {
    if metadata.is_some_and(|text| text.len() > LARGEST_METADATA) {
        return Err(Error::invalid("metadata", format!("must have at most {LARGEST_METADATA} bytes")));
    }
    Ok(())
}

pub(super) fn check_due(due: Option<Millis>) -> Result<()> {
    if due.is_some_and(|due| due < Millis(0) || due > LAST_MOMENT) {
        return Err(Error::invalid("due_date", "must be a time in seconds since 1970, before the year 10000"));
    }
    Ok(())
}

/// The agent that a task is for; an unknown one is wrong input.
pub(super) async fn assignee(ctx: &Ctx, wanted: &str) -> Result<Agent> {
    agents::resolve(ctx, wanted).await.map_err(|error| match error.kind() {
        Kind::NotFound => Error::invalid("assigned_to", format!("there is no agent `{wanted}`")),
        _ => error,
    })
}

pub(super) fn nobody_has_it(status: Status) -> Error {
    let message = format!("{} needs assigned_to: no agent has this task", status.as_str());
    Error::invalid("status", message)
}

/// Makes a task. One that an agent gets is assigned, however it was called.
pub async fn create(ctx: &Ctx, new: NewTask) -> Result<Task> {
    if let Some(key) = &ctx.request().idempotency
        && let Some(subject) = idempotency::find(ctx, key).await?.and_then(|replay| replay.subject)
    {
        return find(ctx, subject.parse().map_err(Error::internal)?).await;
    }
    check_title(&new.title)?;
    check_description(new.description.as_ref())?;
    check_metadata(new.metadata.as_ref())?;
    check_due(new.due_at)?;
    let agent = match &new.assigned_to {
        Some(wanted) => Some(assignee(ctx, wanted).await?),
        None => None,
    };
    let status = match (new.status, &agent) {
        (None | Some(Status::Inbox), Some(_)) => Status::Assigned,
        (None, None) => Status::Inbox,
        (Some(status), None) if status.needs_agent() => return Err(nobody_has_it(status)),
        (Some(status), _) => status,
    };
    let now = ctx.now();
    let (agent, agent_name) = agent.map(|agent| (agent.id, agent.name)).unzip();
    let mut task = Task {
        number: 0,
        title: new.title,
        description: new.description,
        status,
        priority: new.priority.unwrap_or_default(),
        agent,
        agent_name,
        due_at: new.due_at,
        metadata: new.metadata,
        created_by: ctx.principal().name.clone(),
        created_at: now,
        changed_at: now,
        finished_at: status.is_over().then_some(now),
    };
    let for_tx = ctx.clone();
    ctx.write(move |tx| {
        Box::pin(async move {
            if let Some(agent) = &task.agent {
                agents::lock_first(tx, for_tx.org(), &[agent]).await?;
            }
            task.number = store::next_number(tx).await?;
            store::insert(tx, for_tx.org(), &task).await?;
            idempotency::made(tx, &for_tx, &task.number.to_string()).await?;
            events::append(tx, &for_tx, vec![event("task.created", &task)]).await?;
            Ok(task)
        })
    })
    .await
}

/// What the log says of a task.
pub(super) fn event(kind: &'static str, task: &Task) -> NewEvent {
    let data = json!({
        "taskId": task.number, "title": preview(&task.title), "status": task.status, "priority": task.priority, "agentId": task.agent,
    });
    NewEvent::new(kind, subject(task.number), data)
}

/// One task of the caller's org.
pub async fn find(ctx: &Ctx, number: i64) -> Result<Task> {
    store::find(&ctx.db, ctx.org(), number).await?.ok_or_else(|| Error::missing("task", number))
}

/// A page of the org's tasks by offset, newest first, and how many fit in all.
pub async fn list(ctx: &Ctx, filter: &TaskFilter, limit: i64, offset: i64) -> Result<(Vec<Task>, i64)> {
    let agent = match &filter.assigned_to {
        Some(wanted) => Some(assignee(ctx, wanted).await?.id),
        None => None,
    };
    store::list(&ctx.db, ctx.org(), (filter, agent.as_deref()), limit, offset).await
}

/// Removes a task. Tokens that were used for it stay counted.
pub async fn delete(ctx: &Ctx, number: i64) -> Result<()> {
    let for_tx = ctx.clone();
    ctx.write(move |tx| {
        Box::pin(async move {
            let title = store::delete(tx, for_tx.org(), number).await?;
            let title = title.ok_or_else(|| Error::missing("task", number))?;
            let data = json!({"taskId": number, "title": preview(&title)});
            events::append(tx, &for_tx, vec![NewEvent::new("task.deleted", subject(number), data)]).await
        })
    })
    .await
}
