//! Takes over the agents that the file lists, all at once or not at all.

use super::plan::{self, Step, What};
use super::{Entry, file, store};
use crate::agents::{self, Definition};
use crate::context::Ctx;
use crate::events;
use muster_base::{Error, Result};
use muster_store::{Tx, is_unique_violation};
use schemars::JsonSchema;
use serde::Serialize;

/// How many agents may belong to a gateway.
const MOST_KNOWN: i64 = 5000;
/// How often it begins anew when agents are made and renamed at the same time.
const MOST_TRIES: usize = 5;

/// What became of an entry, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// An agent was made.
    Created,
    /// Its agent was changed.
    Updated,
    /// Its agent is as the file says.
    Unchanged,
    /// It cannot be taken over, and nothing was changed.
    Conflict,
}

/// An entry of the file and its agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The id in the file.
    pub id: String,
    /// The agent's name.
    pub name: String,
    /// What became of it.
    pub action: Action,
    /// The agent's number, unless there is none yet.
    pub agent: Option<i64>,
    /// Why it cannot be taken over.
    pub reason: Option<String>,
    /// What of it could not be taken.
    pub warning: Option<String>,
}

/// An agent of the gateway that the file does not list any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The id that it had in the file, as far as it is known.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its number.
    pub agent: i64,
}

/// What was done, or would be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// The entries in the file's order.
    pub agents: Vec<Taken>,
    /// Agents that the file does not list any more; they stay as they are.
    pub missing: Vec<Missing>,
}

impl Outcome {
    /// How many entries it was this with.
    pub fn count(&self, action: Action) -> usize {
        self.agents.iter().filter(|taken| taken.action == action).count()
    }
}

/// An agent that may have an entry.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) id: String,
    pub(super) number: i64,
    pub(super) name: String,
    pub(super) role: Option<String>,
    pub(super) source: String,
    pub(super) session_key: Option<String>,
    pub(super) definition: Definition,
}

/// What [`sync`] would do now. Changes nothing.
pub async fn preview(ctx: &Ctx) -> Result<Outcome> {
    let file = file(ctx)?;
    let entries = file.read().await?;
    Ok(outcome(&look(ctx, entries).await?))
}

/// Makes the agents that are new in the file and changes those that are different there, in one transaction.
///
/// An agent that is as the file says is not touched. One that the file does not list any more stays as it is. An entry
/// that cannot be taken over is told and left alone. Errors: as reading the file has them; nothing is changed then.
pub async fn sync(ctx: &Ctx) -> Result<Outcome> {
    let file = file(ctx)?;
    let entries = file.read().await?;
    let plan = look(ctx, entries.clone()).await?;
    if plan.steps.iter().all(|step| !step.changes_something()) {
        return Ok(outcome(&plan));
    }
    for _ in 0..MOST_TRIES {
        let (for_tx, entries) = (ctx.clone(), entries.clone());
        let written = ctx.write(move |tx| Box::pin(async move { carry_out(tx, &for_tx, entries).await })).await;
        match written {
            // Somebody took a name meanwhile; the next look sees it.
            Err(error) if is_unique_violation(&error) => {}
            other => return other,
        }
    }
    Err(Error::conflict("agents are being made and renamed at the same time; try again in a moment"))
}

/// A plan on one view of the database.
async fn look(ctx: &Ctx, entries: Vec<Entry>) -> Result<plan::Plan> {
    let for_tx = ctx.clone();
    ctx.db.snapshot(move |tx| Box::pin(async move { make_plan(tx, &for_tx, entries).await })).await
}

async fn make_plan(tx: &mut Tx, ctx: &Ctx, entries: Vec<Entry>) -> Result<plan::Plan> {
    let file = file(ctx)?;
    let known = store::known(tx, ctx.org(), MOST_KNOWN + 1).await?;
    if known.len() as i64 > MOST_KNOWN {
        return Err(Error::conflict(format!("more than {MOST_KNOWN} agents belong to the gateway; delete some first")));
    }
    let mut holders = Vec::with_capacity(entries.len());
    for entry in &entries {
        holders.push(store::named(tx, ctx.org(), &entry.name).await?);
    }
    Ok(plan::plan(known, entries, &holders, |path| file.owns(path)))
}

async fn carry_out(tx: &mut Tx, ctx: &Ctx, entries: Vec<Entry>) -> Result<Outcome> {
    store::lock_known(tx, ctx.org()).await?;
    let mut plan = make_plan(tx, ctx, entries).await?;
    for step in &plan.steps {
        if let What::Change { id, change } = &step.what
            && change.name.value().is_some()
        {
            store::unname(tx, ctx.org(), id).await?;
        }
    }
    let mut events = Vec::new();
    for step in &mut plan.steps {
        match std::mem::replace(&mut step.what, What::Keep) {
            What::Make(new) => {
                let (agent, event) = agents::create_within(tx, ctx, *new).await?;
                step.taken.agent = Some(agent.number);
                events.push(event);
            }
            What::Change { id, change } => events.extend(agents::change_within(tx, ctx, &id, *change).await?),
            What::Keep => {}
        }
    }
    events::append(tx, ctx, events).await?;
    Ok(outcome(&plan))
}

fn outcome(plan: &plan::Plan) -> Outcome {
    Outcome { agents: plan.steps.iter().map(|step: &Step| step.taken.clone()).collect(), missing: plan.missing.clone() }
}
