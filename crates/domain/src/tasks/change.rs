//! Changing a task.

use super::verbs::{assignee, check_description, check_due, check_metadata, check_title, event, nobody_has_it};
use super::{Priority, Status, Task, store, subject};
use crate::agents::{self, Agent};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use muster_base::{Error, Millis, Patch, Result};
use muster_store::Tx;
use serde_json::json;

/// What is to be another way.
#[derive(Debug, Clone, Default)]
pub struct TaskChange {
    /// See [`super::NewTask`].
    pub title: Option<String>,
    /// See [`super::NewTask`].
    pub description: Patch<String>,
    /// How far it has got.
    pub status: Option<Status>,
    /// How soon it is to be done.
    pub priority: Option<Priority>,
    /// The agent that gets it, by number, id or name; null takes it from whoever has it.
    pub assigned_to: Patch<String>,
    /// When it should be done.
    pub due_at: Patch<Millis>,
    /// See [`super::NewTask`].
    pub metadata: Patch<String>,
}

impl TaskChange {
    fn says_nothing(&self) -> bool {
        self.title.is_none()
            && self.description.is_absent()
            && self.status.is_none()
            && self.priority.is_none()
            && self.assigned_to.is_absent()
            && self.due_at.is_absent()
            && self.metadata.is_absent()
    }

    /// What an agent may say of its own task: how far it is, and what it has to tell of it.
    fn is_a_report(&self) -> bool {
        self.title.is_none() && self.priority.is_none() && self.assigned_to.is_absent() && self.due_at.is_absent()
    }

    fn check(&self) -> Result<()> {
        if self.says_nothing() {
            return Err(Error::invalid("", "No fields to update"));
        }
        if let Some(title) = &self.title {
            check_title(title)?;
        }
        check_description(self.description.value())?;
        check_metadata(self.metadata.value())?;
        check_due(self.due_at.value().copied())?;
        if self.status == Some(Status::Inbox) && self.assigned_to.value().is_some() {
            return Err(Error::invalid("status", "inbox means that no agent has the task; leave assigned_to out"));
        }
        Ok(())
    }
}

/// Changes a task. What is said already changes nothing.
///
/// A task of the inbox that an agent gets is assigned; one that is taken from its agent before it is over goes back to
/// the inbox, and `inbox` takes it. Every other step is allowed: a task may be opened again. An agent's token may change
/// the status, description and metadata of the agent's own tasks. Errors: `invalid` for an unknown agent, and for a
/// status that needs an agent where there is none.
pub async fn update(ctx: &Ctx, number: i64, change: TaskChange) -> Result<Task> {
    change.check()?;
    let assigned = match &change.assigned_to {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Value(wanted) => Patch::Value(assignee(ctx, wanted).await?),
    };
    let for_tx = ctx.clone();
    ctx.write(move |tx| {
        Box::pin(async move {
            if let Some(agent) = assigned.value() {
                agents::lock_first(tx, for_tx.org(), &[&agent.id]).await?;
            }
            let found = store::lock(tx, for_tx.org(), number).await?;
            let before = found.ok_or_else(|| Error::missing("task", number))?;
            may_change(&for_tx, &before, &change)?;
            let mut task = before.clone();
            apply(&mut task, change, assigned)?;
            if task == before {
                return Ok(task);
            }
            task.changed_at = for_tx.now();
            task.finished_at = task.status.is_over().then(|| before.finished_at.unwrap_or(task.changed_at));
            store::update(tx, for_tx.org(), &task).await?;
            events::append(tx, &for_tx, vec![changed(&before, &task)]).await?;
            Ok(task)
        })
    })
    .await
}

fn may_change(ctx: &Ctx, task: &Task, change: &TaskChange) -> Result<()> {
    let Some(own) = &ctx.principal().agent else { return Ok(()) };
    if task.agent.as_ref() == Some(own) && change.is_a_report() {
        return Ok(());
    }
    let message = "an agent's token may change only the status, description and metadata of the agent's own tasks";
    Err(Error::forbidden("auth.other_agent", message))
}

fn apply(task: &mut Task, change: TaskChange, assigned: Patch<Agent>) -> Result<()> {
    if let Some(title) = change.title {
        task.title = title;
    }
    change.description.apply(&mut task.description);
    change.metadata.apply(&mut task.metadata);
    change.due_at.apply(&mut task.due_at);
    task.priority = change.priority.unwrap_or(task.priority);
    match assigned {
        Patch::Absent => {}
        Patch::Null => give_to(task, None),
        Patch::Value(agent) => give_to(task, Some(agent)),
    }
    if let Some(status) = change.status {
        if status == Status::Inbox {
            give_to(task, None);
        }
        if status.needs_agent() && task.agent.is_none() {
            return Err(nobody_has_it(status));
        }
        task.status = status;
    }
    Ok(())
}

fn give_to(task: &mut Task, agent: Option<Agent>) {
    match agent {
        Some(agent) => {
            (task.agent, task.agent_name) = (Some(agent.id), Some(agent.name));
            if task.status == Status::Inbox {
                task.status = Status::Assigned;
            }
        }
        None => {
            (task.agent, task.agent_name) = (None, None);
            if task.status.needs_agent() {
                task.status = Status::Inbox;
            }
        }
    }
}

fn changed(before: &Task, after: &Task) -> NewEvent {
    let mut event = event("task.changed", after);
    let fields = [
        ("title", before.title != after.title),
        ("description", before.description != after.description),
        ("status", before.status != after.status),
        ("priority", before.priority != after.priority),
        ("assigned_to", before.agent != after.agent),
        ("due_date", before.due_at != after.due_at),
        ("metadata", before.metadata != after.metadata),
    ];
    let fields: Vec<&str> = fields.into_iter().filter_map(|(name, is_other)| is_other.then_some(name)).collect();
    event.data["fields"] = json!(fields);
    event.data["from"] = json!(before.status);
    event
}

/// Puts what an agent that goes away has not finished back into the inbox; the events of it.
pub(crate) async fn release_of_agent(tx: &mut Tx, ctx: &Ctx, agent: &str) -> Result<Vec<NewEvent>> {
    let released = store::release(tx, ctx.org(), agent, ctx.now()).await?;
    let event = |number: i64| {
        let data =
            json!({"taskId": number, "status": Status::Inbox, "agentId": null, "fields": ["status", "assigned_to"]});
        NewEvent::new("task.changed", subject(number), data)
    };
    Ok(released.into_iter().map(event).collect())
}
