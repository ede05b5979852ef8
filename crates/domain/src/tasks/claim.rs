//! An agent asks what to do next.

use super::{Status, Task, store, verbs};
use crate::agents::{self, Agent};
use crate::context::Ctx;
use crate::events;
use muster_base::{Error, Result};
use muster_store::Tx;
use schemars::JsonSchema;
use serde::Serialize;

/// How many tasks an agent may be at, at the most.
const MOST: i64 = 20;

/// Why an agent got what it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ClaimReason")]
pub enum Reason {
    /// It is at this task already.
    ContinueCurrent,
    /// The task is its own from now on.
    Assigned,
    /// There is nothing to do.
    NoTasksAvailable,
}

/// What an agent is to do next.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The agent's name.
    pub agent: String,
    /// The task, if there is one.
    pub task: Option<Task>,
    /// Why.
    pub reason: Reason,
}

/// Gives an agent, named by number, id or name, its next task; no task is ever given to two.
///
/// As long as it is at `capacity` tasks (1 to 20) it gets the most urgent of these again, and nothing is written; so
/// whoever lost the answer asks again. Otherwise it begins the most urgent of those that it was given and of those that
/// nobody has; of equal ones its own come first, then the oldest. Errors: `conflict` for a stopped agent.
pub async fn claim(ctx: &Ctx, agent: &str, capacity: i64) -> Result<Claimed> {
    if !(1..=MOST).contains(&capacity) {
        return Err(Error::invalid("max_capacity", format!("must be from 1 to {MOST}")));
    }
    let agent = agents::resolve(ctx, agent).await?;
    ctx.may_act_as(&agent.id)?;
    if agent.lifecycle == agents::Lifecycle::Stopped {
        return Err(Error::conflict(format!("a stopped agent takes no tasks; {}", agents::how_to_start(&agent.id))));
    }
    let choice = choose(store::look(&ctx.db, ctx.org(), &agent.id, capacity).await?, capacity);
    if !matches!(choice, Choice::Begin(_) | Choice::Take) {
        return Ok(told(agent, choice.current(), false));
    }
    let for_tx = ctx.clone();
    ctx.db.write(move |tx| Box::pin(async move { claim_in(tx, &for_tx, agent, capacity).await })).await
}

async fn claim_in(tx: &mut Tx, ctx: &Ctx, agent: Agent, capacity: i64) -> Result<Claimed> {
    // An agent that asks twice at once gets one answer after the other.
    agents::lock_first(tx, ctx.org(), &[&agent.id]).await?;
    let found = store::look_in(tx, ctx.org(), &agent.id, capacity).await?;
    let current = most_urgent(found.iter().filter(|task| task.status == Status::InProgress)).cloned();
    let number = match choose(found, capacity) {
        Choice::Begin(number) if store::begin(tx, ctx.org(), &agent.id, number, ctx.now()).await? => Some(number),
        Choice::Begin(_) | Choice::Take => store::take(tx, ctx.org(), &agent.id, ctx.now()).await?,
        Choice::GoOn(_) | Choice::Nothing => None,
    };
    let Some(number) = number else { return Ok(told(agent, current, false)) };
    let task = store::find_in(tx, ctx.org(), number).await?.ok_or_else(|| Error::missing("task", number))?;
    events::append(tx, ctx, vec![verbs::event("task.claimed", &task)]).await?;
    Ok(told(agent, Some(task), true))
}

enum Choice {
    /// Go on with what was begun.
    GoOn(Box<Task>),
    /// Begin the task with this number, which the agent was given.
    Begin(i64),
    /// Take what nobody has.
    Take,
    /// There is nothing.
    Nothing,
}

impl Choice {
    fn current(self) -> Option<Task> {
        match self {
            Self::GoOn(task) => Some(*task),
            _ => None,
        }
    }
}

fn choose(found: Vec<Task>, capacity: i64) -> Choice {
    let (current, next): (Vec<Task>, Vec<Task>) = found.into_iter().partition(|task| task.status == Status::InProgress);
    let is_full = current.len() as i64 >= capacity;
    match (most_urgent(&next), most_urgent(&current)) {
        (Some(next), _) if !is_full && next.agent.is_some() => Choice::Begin(next.number),
        (Some(_), _) if !is_full => Choice::Take,
        (_, Some(task)) => Choice::GoOn(Box::new(task.clone())),
        (_, None) => Choice::Nothing,
    }
}

fn most_urgent<'t>(tasks: impl IntoIterator<Item = &'t Task>) -> Option<&'t Task> {
    tasks.into_iter().min_by_key(|task| (task.priority, task.agent.is_none(), task.created_at, task.number))
}

fn told(agent: Agent, task: Option<Task>, is_new: bool) -> Claimed {
    let reason = match &task {
        None => Reason::NoTasksAvailable,
        Some(_) if is_new => Reason::Assigned,
        Some(_) => Reason::ContinueCurrent,
    };
    Claimed { agent: agent.name, task, reason }
}
