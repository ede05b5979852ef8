//! Claiming turns and writing down their steps.

use super::finish::{Ending, end_in};
use super::store::{self, Spent};
use super::{Hold, Lease, Step, Turn};
use crate::agents::{self, Touched};
use crate::context::{App, Ctx};
use crate::conversations::{self, Status};
use crate::events::{self, NewEvent};
use crate::models::Usage;
use crate::presence;
use muster_base::{Error, Kind, Result};
use muster_store::{Tx, Work};
use serde_json::{Value, json};
use std::sync::Arc;

/// A turn that was given to a worker.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The turn.
    pub turn: Turn,
    /// What the worker writes under.
    pub lease: Lease,
    /// Output tokens that are reserved for the next model call.
    pub grant: i64,
}

/// A step that is over, and what it used.
#[derive(Debug, Clone)]
pub struct StepDone {
    /// The step with its output or its error.
    pub step: Step,
    /// `provider/model` that was called.
    pub model: String,
    /// Milliseconds that the call took.
    pub milliseconds: i64,
    /// Its cost in millionths of a US dollar, when the price is known.
    pub cost: Option<i64>,
}

/// Takes up to `limit` turns that are ready, or whose worker died, and reserves `want` output tokens for each.
///
/// A turn whose agent has no balance left is ended here; its messages wait until the balance is topped up. A turn whose
/// agent has all of its balance reserved for others stays where it is until some of that is given back.
pub async fn claim(app: &Arc<App>, limit: i64, want: i64) -> Result<Vec<Claim>> {
    let now = app.now();
    if !store::any_claimable(&app.db, now).await? {
        return Ok(vec![]);
    }
    let app = app.clone();
    let (owner, until) = (app.node.clone(), now + app.settings.lease);
    let for_tx = app.clone();
    app.db
        .write_checked(move |tx| {
            Box::pin(async move {
                let (mut claims, mut events) = (Vec::new(), Vec::new());
                let mut candidates = store::candidates(tx, now, limit).await?;
                // The agent is locked before its turn, and agents in one order, as everywhere.
                candidates.sort_by(|a, b| (&a.org, &a.agent).cmp(&(&b.org, &b.agent)));
                for candidate in candidates {
                    if !agents::try_lock(tx, &candidate.org, &candidate.agent).await? {
                        continue;
                    }
                    let taken = if candidate.fresh {
                        store::claim_ready(tx, &candidate.id, &owner, now, until).await?
                    } else {
                        store::claim_expired(tx, &candidate.id, &owner, now, until).await?
                    };
                    let Some(turn) = taken else { continue };
                    let Some(begun) = begin(tx, &for_tx, turn, want, candidate.fresh).await? else { continue };
                    if !candidate.fresh {
                        store::note_attempt_of_steps(tx, &begun.claim.turn.id).await?;
                    }
                    claims.push(begun.claim);
                    events.push((begun.ctx, begun.events));
                }
                // Last of all, so that nobody waits for the end of the log while others are claimed.
                events::append_all(tx, events).await?;
                Ok(claims)
            })
        })
        .await
}

/// A turn that has begun, and the events of it, which are yet to be written.
struct Begun {
    claim: Claim,
    ctx: Ctx,
    events: Vec<NewEvent>,
}

async fn begin(tx: &mut Tx, app: &Arc<App>, mut turn: Turn, want: i64, fresh: bool) -> Result<Option<Begun>> {
    let touched = Touched { running: i64::from(fresh), ..Touched::default() };
    let Some(state) = agents::note_turn(tx, &turn.org, &turn.agent, touched, app.now()).await? else { return Ok(None) };
    let ctx = Ctx::of_agent(app.clone(), &turn.org, &turn.agent, &state.name);
    let version = turn.version.unwrap_or(state.version);
    let grant = if turn.reserved > 0 {
        turn.reserved
    } else {
        reserve(tx, &turn, want, state.balance - state.reserved).await?
    };
    if grant == 0 {
        without_grant(tx, &ctx, &turn, state.balance, fresh).await?;
        return Ok(None);
    }
    store::begin(tx, &turn.id, version, grant).await?;
    (turn.version, turn.reserved) = (Some(version), grant);
    conversations::set_status_of_turn(tx, &turn.id, Status::Processing, None, app.now()).await?;
    let kind = if fresh { "turn.started" } else { "turn.retried" };
    let data = json!({"turnId": turn.id, "attempt": turn.attempt, "version": version});
    let mut events = vec![NewEvent::new(kind, &turn.agent, data)];
    if fresh {
        events.extend(presence::turn_begins(tx, &turn.org, &turn.agent, &state).await?);
    }
    let lease = Lease {
        org: turn.org.clone(),
        agent: turn.agent.clone(),
        turn: turn.id.clone(),
        attempt: turn.attempt,
        owner: app.node.clone(),
    };
    Ok(Some(Begun { claim: Claim { turn, lease, grant }, ctx, events }))
}

/// What becomes of a turn for which nothing can be reserved. A fresh one has not begun for anybody: it makes nobody busy.
async fn without_grant(tx: &mut Tx, ctx: &Ctx, turn: &Turn, balance: i64, fresh: bool) -> Result<()> {
    let ending = match &turn.cancel {
        Some(why) => Some(Ending::Cancelled { why: why.clone() }),
        None => (balance <= 0).then_some(Ending::Starved),
    };
    if let Some(ending) = ending {
        return end_in(tx, ctx, turn, &ending, !fresh).await;
    }
    // Other turns have it all, and will give back what they do not use: this one has not failed.
    if !fresh {
        return store::put_off(tx, &turn.id, ctx.now() + ctx.settings.lease).await;
    }
    let touched = Touched { running: -1, ..Touched::default() };
    agents::note_turn(tx, &turn.org, &turn.agent, touched, ctx.now()).await?;
    store::put_back(tx, &turn.id).await
}

/// Lets turns run that waited for balance, when `given_back` made some free that was not before.
pub(super) async fn share(tx: &mut Tx, agent: &str, free: i64, given_back: i64) -> Result<()> {
    if free > 0 && free <= given_back {
        super::queue::release(tx, agent, Hold::Balance).await?;
    }
    Ok(())
}

/// Reserves up to `want` of what is free; returns how much it was.
async fn reserve(tx: &mut Tx, turn: &Turn, want: i64, free: i64) -> Result<i64> {
    let grant = want.min(free).max(0);
    if grant > 0 {
        let touched = Touched { reserved: grant, ..Touched::default() };
        agents::note_turn(tx, &turn.org, &turn.agent, touched, turn.created_at).await?;
    }
    Ok(grant)
}

/// Renews the leases of all turns of this process. Returns how many it holds.
pub async fn renew(app: &App) -> Result<u64> {
    let (owner, until) = (app.node.clone(), app.now() + app.settings.lease);
    app.db.write(move |tx| Box::pin(async move { store::renew(tx, &owner, until).await })).await
}

/// Ends all leases: at the start of a process that is the only one on its database.
pub async fn recover_all(app: &App) -> Result<u64> {
    app.db.write(move |tx| Box::pin(async move { store::expire_all(tx).await })).await
}

/// Gives back all turns of this process, so that another takes them at once: at an orderly end. Returns how many.
pub async fn hand_back(app: &App) -> Result<u64> {
    let owner = app.node.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                tx.announce("turns", "");
                store::hand_back(tx, &owner).await
            })
        })
        .await
}

/// Settles a model call: takes what it used from the balance and frees the rest of what was reserved.
pub(super) async fn settle(
    tx: &mut Tx,
    turn: &Turn,
    done: &StepDone,
    touched: Touched,
    ctx: &Ctx,
) -> Result<agents::State> {
    store::put_step(tx, &turn.org, &turn.id, &done.step).await?;
    let touched = Touched { used: done.step.usage.output_tokens, reserved: -turn.reserved, ..touched };
    let state = agents::note_turn(tx, &turn.org, &turn.agent, touched, ctx.now()).await?;
    state.ok_or_else(|| Error::new(Kind::Conflict, super::LOST, "the agent was removed"))
}

/// What comes with a model call that asked for tools.
pub struct ToolRound {
    /// What the model was told first, as JSON text.
    pub prompt: Option<String>,
    /// The tool calls, as steps that begin.
    pub tools: Vec<Step>,
    /// Pieces of the stream that were not written yet.
    pub stream: Vec<(&'static str, String)>,
    /// Output tokens to reserve for the next model call.
    pub want: i64,
}

/// Writes down a model call that asked for tools, begins these, and reserves for the next call.
///
/// Returns what could be reserved; 0 means that the balance is used up.
pub async fn finish_model_step(ctx: &Ctx, lease: &Lease, done: StepDone, round: ToolRound) -> Result<i64> {
    let (ctx, lease) = (ctx.clone(), lease.clone());
    ctx.app()
        .clone()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let turn = store::hold_lease(tx, &lease).await?;
                let state = settle(tx, &turn, &done, Touched::default(), &ctx).await?;
                let free = state.balance - state.reserved;
                let grant = reserve(tx, &turn, round.want, free).await?;
                share(tx, &turn.agent, free - grant, turn.reserved).await?;
                add_usage(tx, &turn, &done, grant).await?;
                if let Some(prompt) = &round.prompt {
                    store::set_prompt(tx, &turn.id, prompt).await?;
                }
                for step in &round.tools {
                    store::put_step(tx, &turn.org, &turn.id, step).await?;
                }
                store::append_stream(tx, &turn.id, &round.stream, ctx.now()).await?;
                Ok(grant)
            })
        })
        .await
}

/// What became of older messages that should be replaced by a summary.
#[derive(Debug, Clone)]
pub enum Compacted {
    /// A summary stands for the messages up to and including `seq`.
    Summary {
        /// Its text.
        text: String,
        /// The last message that it stands for.
        seq: i64,
    },
    /// There is none: the messages are left out of this turn.
    LeftOut,
}

/// Writes down a compaction, also one that failed. Returns the next reservation.
pub async fn finish_compaction(
    ctx: &Ctx,
    lease: &Lease,
    done: StepDone,
    compacted: Compacted,
    want: i64,
) -> Result<i64> {
    let (ctx, lease) = (ctx.clone(), lease.clone());
    ctx.app()
        .clone()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let turn = store::hold_lease(tx, &lease).await?;
                let state = settle(tx, &turn, &done, Touched::default(), &ctx).await?;
                let free = state.balance - state.reserved;
                let grant = reserve(tx, &turn, want, free).await?;
                share(tx, &turn.agent, free - grant, turn.reserved).await?;
                add_usage(tx, &turn, &done, grant).await?;
                let event = match compacted {
                    Compacted::Summary { text, seq } => {
                        conversations::set_summary(tx, &turn.conversation, &text, seq).await?;
                        let data = json!({"turnId": turn.id, "conversationId": turn.conversation, "upTo": seq});
                        NewEvent::new("conversation.compacted", &turn.agent, data)
                    }
                    Compacted::LeftOut => {
                        let error = done.step.error.as_deref();
                        let data = json!({"turnId": turn.id, "conversationId": turn.conversation, "error": error});
                        NewEvent::new("conversation.compaction_failed", &turn.agent, data)
                    }
                };
                events::append(tx, &ctx, vec![event]).await?;
                Ok(grant)
            })
        })
        .await
}

pub(super) async fn add_usage(tx: &mut Tx, turn: &Turn, done: &StepDone, reserved: i64) -> Result<()> {
    let usage: Usage = done.step.usage;
    let spent = Spent { model: &done.model, usage, milliseconds: done.milliseconds, cost: done.cost, reserved };
    store::add_usage(tx, &turn.id, &spent).await
}

/// Reserves for a model call whose reservation was given back. Returns what could be reserved.
pub async fn reserve_more(ctx: &Ctx, lease: &Lease, want: i64) -> Result<i64> {
    let (ctx, lease) = (ctx.clone(), lease.clone());
    ctx.app()
        .clone()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let turn = store::hold_lease(tx, &lease).await?;
                if turn.reserved > 0 {
                    return Ok(turn.reserved);
                }
                let state = agents::note_turn(tx, &turn.org, &turn.agent, Touched::default(), ctx.now()).await?;
                let free = state.map_or(0, |state| state.balance - state.reserved);
                let grant = reserve(tx, &turn, want, free).await?;
                store::set_reserved(tx, &turn.id, grant).await?;
                Ok(grant)
            })
        })
        .await
}

/// What a tool changes, carried out in the transaction that writes down its step: so it happens once.
pub type Effect = Box<dyn for<'t> FnOnce(&'t mut Tx, Ctx) -> Work<'t, Value> + Send>;

/// Writes down a tool call together with what it changed.
///
/// The output of an effect becomes the step's. When the effect fails nothing of it remains and its error is returned.
pub async fn finish_tool_step(
    ctx: &Ctx,
    lease: &Lease,
    mut step: Step,
    effect: Option<Effect>,
    stream: impl FnOnce(&Step) -> Vec<(&'static str, String)> + Send + 'static,
) -> Result<Step> {
    let (ctx, lease) = (ctx.clone(), lease.clone());
    ctx.app()
        .clone()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let turn = store::hold_lease(tx, &lease).await?;
                if let Some(effect) = effect {
                    let output = effect(tx, ctx.clone()).await?;
                    step.output = Some(serde_json::value::to_raw_value(&output).map_err(Error::internal)?);
                }
                store::put_step(tx, &turn.org, &turn.id, &step).await?;
                store::append_stream(tx, &turn.id, &stream(&step), ctx.now()).await?;
                let data =
                    json!({"turnId": turn.id, "step": step.index, "tool": step.name, "ok": step.error.is_none()});
                events::append(tx, &ctx, vec![NewEvent::new("tool.called", &turn.agent, data)]).await?;
                Ok(step)
            })
        })
        .await
}
