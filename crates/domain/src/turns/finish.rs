//! The end of a turn: the reply, its events and the end commit together, so there is one reply or none.

use super::ledger::{StepDone, add_usage, settle, share};
use super::store::{self, Ended, NewTurn};
use super::{Hold, Lease, State, Turn};
use crate::agents::{self, Touched};
use crate::context::Ctx;
use crate::conversations::{self, Handed, Reply, Status, preview, storable};
use crate::events::{self, NewEvent};
use crate::presence;
use muster_base::{Millis, Result, new_id};
use muster_store::Tx;
use serde_json::json;
use std::time::Duration;

/// A reply and what it took.
pub struct Answer {
    /// The text.
    pub content: String,
    /// The last model call.
    pub step: StepDone,
    /// Pieces of the stream that were not written yet.
    pub stream: Vec<(&'static str, String)>,
    /// What the model was told first, as JSON text.
    pub prompt: Option<String>,
    /// The agent that gets the reply, when the conversation is with one.
    pub hand_to: Option<String>,
}

/// What a turn that has no reply leaves behind, so that it can be inspected all the same.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// What the model was told first, as JSON text.
    pub prompt: Option<String>,
    /// The model call that failed, or gave nothing to go on with.
    pub call: Option<StepDone>,
}

/// How a turn ends without a reply.
#[derive(Debug, Clone)]
pub enum Ending {
    /// It failed for good.
    Failed {
        /// Upper snake case, e.g. `MODEL_ERROR`.
        code: &'static str,
        /// A sentence for a person.
        message: String,
        /// After how long its messages are put before the agent again.
        remind_after: Option<Duration>,
        /// Why the agent cannot go on without a person.
        agent_error: Option<String>,
    },
    /// Somebody cancelled it: `user`, `interrupt`, or `stop` (its messages go back to wait).
    Cancelled {
        /// Who.
        why: String,
    },
    /// The balance is used up; its messages wait for more.
    Starved,
}

/// Commits the reply and ends the turn.
pub async fn answer(ctx: &Ctx, lease: &Lease, answer: Answer) -> Result<String> {
    let answer = Answer { content: storable(answer.content), ..answer };
    let (ctx, lease) = (ctx.clone(), lease.clone());
    let work = ctx.app().clone();
    work.db.write_checked(move |tx| Box::pin(async move { answer_in(tx, &ctx, &lease, answer).await })).await
}

async fn answer_in(tx: &mut Tx, ctx: &Ctx, lease: &Lease, answer: Answer) -> Result<String> {
    let now = ctx.now();
    if let Some(other) = &answer.hand_to {
        agents::lock_first(tx, &lease.org, &[&lease.agent, other]).await?;
    }
    let turn = store::hold_lease(tx, lease).await?;
    let touched = Touched { messages: 1, running: -1, ..Touched::default() };
    let state = settle(tx, &turn, &answer.step, touched, ctx).await?;
    share(tx, &turn.agent, state.balance - state.reserved, turn.reserved).await?;
    add_usage(tx, &turn, &answer.step, 0).await?;
    if let Some(prompt) = &answer.prompt {
        store::set_prompt(tx, &turn.id, prompt).await?;
    }
    let conversation = conversations::note_reply(tx, &turn.conversation, now, &preview(&answer.content)).await?;
    let reply_to = conversations::message_ids_of_turn(tx, &turn.id).await?.pop();
    let id = new_id("msg");
    conversations::set_status_of_turn(tx, &turn.id, Status::Completed, None, now).await?;
    store::end(tx, &turn.id, &Ended { state: State::Succeeded, reply: Some(&id), error: None, at: now }).await?;

    let used = answer.step.step.usage;
    let total = (turn.usage.input_tokens + used.input_tokens, turn.usage.output_tokens + used.output_tokens);
    let completed = json!({
        "turn_id": turn.id,
        "message": {"id": id, "role": "assistant", "content": answer.content, "status": "completed",
                    "conversation_id": conversation.name, "reply_to_id": reply_to, "created_at": now},
        "usage": {"input_tokens": total.0, "output_tokens": total.1},
    });
    let mut stream = answer.stream;
    stream.push(("message.completed", completed.to_string()));
    store::append_stream(tx, &turn.id, &stream, now).await?;
    let_next_run(tx, &turn).await?;
    let data = json!({
        "messageId": id, "conversationId": conversation.name, "agentId": turn.agent, "turnId": turn.id, "role": "assistant",
        "channel": conversation.channel, "preview": preview(&answer.content),
    });
    let ended = json!({"turnId": turn.id, "attempt": turn.attempt, "outputTokens": total.1});
    let mut events = vec![
        NewEvent::new("message.completed", &turn.agent, data),
        NewEvent::new("turn.succeeded", &turn.agent, ended),
    ];
    events.extend(presence::turn_ends(&turn.agent, &state));
    let reply = Reply {
        id: &id,
        org: &turn.org,
        agent: &turn.agent,
        conversation: &turn.conversation,
        turn: Some(&turn.id),
        reply_to: reply_to.as_deref(),
        seq: state.message_seq,
        content: &answer.content,
        at: now,
    };
    let row = |number| conversations::reply_insertion(&reply, &conversation.channel, number);
    events::append_with(tx, ctx, events, row).await?;
    tx.announce("replies", &turn.conversation);
    let handed = Handed {
        agent: &turn.agent,
        name: &state.name,
        conversation: &conversation,
        depth: turn.depth,
        content: answer.content,
    };
    conversations::hand_on(tx, ctx, handed).await?;
    Ok(id)
}

async fn let_next_run(tx: &mut Tx, turn: &Turn) -> Result<()> {
    if store::release_of_conversation(tx, &turn.conversation).await? > 0 {
        tx.announce("turns", "");
    }
    Ok(())
}

/// Ends a turn without a reply.
pub async fn end(ctx: &Ctx, lease: &Lease, ending: Ending, trace: Trace) -> Result<()> {
    let (ctx, lease) = (ctx.clone(), lease.clone());
    let ending = match ending {
        Ending::Failed { code, message, remind_after, agent_error } => {
            Ending::Failed { code, message: storable(message), remind_after, agent_error: agent_error.map(storable) }
        }
        other => other,
    };
    ctx.app()
        .clone()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut turn = store::hold_lease(tx, &lease).await?;
                leave(tx, &ctx, &mut turn, &trace).await?;
                end_in(tx, &ctx, &turn, &ending, true).await
            })
        })
        .await
}

/// Writes down what a turn leaves behind. What its last call used, though nothing came of it, is taken from the balance.
async fn leave(tx: &mut Tx, ctx: &Ctx, turn: &mut Turn, trace: &Trace) -> Result<()> {
    if let Some(prompt) = &trace.prompt {
        store::set_prompt(tx, &turn.id, prompt).await?;
    }
    let Some(call) = &trace.call else { return Ok(()) };
    let state = settle(tx, turn, call, Touched::default(), ctx).await?;
    share(tx, &turn.agent, state.balance - state.reserved, turn.reserved).await?;
    add_usage(tx, turn, call, 0).await?;
    turn.reserved = 0;
    Ok(())
}

/// As [`end`], of a turn whose lease is held. `had_begun` says whether its agent was busy with it.
pub(super) async fn end_in(tx: &mut Tx, ctx: &Ctx, turn: &Turn, ending: &Ending, had_begun: bool) -> Result<()> {
    let now = ctx.now();
    let touched = Touched { running: -1, reserved: -turn.reserved, ..Touched::default() };
    let agent = agents::note_turn(tx, &turn.org, &turn.agent, touched, now).await?;
    let free = agent.as_ref().map_or(0, |agent| agent.balance - agent.reserved);
    share(tx, &turn.agent, free, turn.reserved).await?;
    let (state, code, message, kind) = match ending {
        Ending::Failed { code, message, .. } => (State::Failed, *code, message.clone(), "turn.failed"),
        Ending::Starved => {
            let message =
                "the agent's balance of output tokens is used up; top it up and the message is answered".to_owned();
            (State::Failed, "INSUFFICIENT_BALANCE", message, "turn.failed")
        }
        Ending::Cancelled { why } if why == "stop" => {
            (State::Cancelled, "AGENT_STOPPED", "the agent was stopped; the message waits".to_owned(), "turn.requeued")
        }
        Ending::Cancelled { why } => {
            let message =
                if why == "interrupt" { "a newer message interrupted the turn" } else { "the turn was cancelled" };
            (State::Cancelled, "CANCELLED", message.to_owned(), "turn.cancelled")
        }
    };
    store::end(tx, &turn.id, &Ended { state, reply: None, error: Some((code, &message)), at: now }).await?;
    settle_messages(tx, turn, ending, &message, free, now).await?;
    tx.announce("replies", &turn.conversation);
    let_next_run(tx, turn).await?;
    let failed = json!({"turn_id": turn.id, "error": {"code": code, "message": message}});
    store::append_stream(tx, &turn.id, &[("turn.failed", failed.to_string())], now).await?;
    let data = json!({"turnId": turn.id, "attempt": turn.attempt, "code": code, "message": message});
    let mut events = vec![NewEvent::new(kind, &turn.agent, data.clone())];
    if matches!(ending, Ending::Failed { .. }) {
        events.push(NewEvent::new("message.failed", &turn.agent, data));
    }
    if let Ending::Failed { agent_error: Some(reason), .. } = ending {
        agents::set_error(tx, &turn.org, &turn.agent, reason, now).await?;
        store::hold_queued(tx, &turn.agent).await?;
        events.push(NewEvent::new("agent.error", &turn.agent, json!({"reason": reason})));
    }
    events.extend(agent.filter(|_| had_begun).and_then(|agent| presence::turn_ends(&turn.agent, &agent)));
    events::append(tx, ctx, events).await
}

async fn settle_messages(
    tx: &mut Tx,
    turn: &Turn,
    ending: &Ending,
    message: &str,
    free: i64,
    now: Millis,
) -> Result<()> {
    match ending {
        // Others may have given something back since this turn asked for more.
        Ending::Starved if free > 0 => requeue(tx, turn, next_turn(turn, None, now, now)).await,
        Ending::Failed { remind_after: Some(wait), .. } => {
            let again = NewTurn { reminders: turn.reminders + 1, ..next_turn(turn, None, now + *wait, now) };
            requeue(tx, turn, again).await
        }
        Ending::Failed { .. } => {
            conversations::set_status_of_turn(tx, &turn.id, Status::Failed, Some(message), now).await
        }
        Ending::Starved => requeue(tx, turn, next_turn(turn, Some(Hold::Balance), now, now)).await,
        Ending::Cancelled { why } if why == "stop" => requeue(tx, turn, next_turn(turn, None, now, now)).await,
        Ending::Cancelled { .. } => {
            conversations::set_status_of_turn(tx, &turn.id, Status::Cancelled, Some(message), now).await
        }
    }
}

fn next_turn(turn: &Turn, hold: Option<Hold>, run_at: Millis, now: Millis) -> NewTurn<'_> {
    NewTurn {
        id: "",
        org: &turn.org,
        agent: &turn.agent,
        conversation: &turn.conversation,
        hold: hold.map(Hold::as_str),
        run_at,
        reminders: turn.reminders,
        depth: turn.depth,
        now,
    }
}

/// Puts the messages of a turn that has ended into the turn that waits in its conversation, or into a new one.
async fn requeue(tx: &mut Tx, turn: &Turn, new: NewTurn<'_>) -> Result<()> {
    let waiting = store::open_turns(tx, &turn.conversation).await?.into_iter().find(|open| !open.running);
    let id = match waiting {
        Some(waiting) => {
            // It holds a newer message, which does not wait for the older ones' time.
            store::join(tx, &waiting.id, &new).await?;
            waiting.id
        }
        None => {
            let id = new_id("turn");
            store::insert(tx, &NewTurn { id: &id, ..new }).await?;
            store::hold_if_needed(tx, &id).await?;
            id
        }
    };
    tx.announce("turns", "");
    conversations::move_messages(tx, &turn.id, &id).await
}

/// Gives a turn back, to be tried again at `again`; what is reserved is freed meanwhile.
pub async fn retry_later(ctx: &Ctx, lease: &Lease, again: Millis, error: &str, trace: Trace) -> Result<()> {
    let (ctx, lease, error) = (ctx.clone(), lease.clone(), storable(error.to_owned()));
    ctx.app()
        .clone()
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut turn = store::hold_lease(tx, &lease).await?;
                leave(tx, &ctx, &mut turn, &trace).await?;
                let touched = Touched { reserved: -turn.reserved, ..Touched::default() };
                let state = agents::note_turn(tx, &turn.org, &turn.agent, touched, ctx.now()).await?;
                share(tx, &turn.agent, state.map_or(0, |state| state.balance - state.reserved), turn.reserved).await?;
                store::set_reserved(tx, &turn.id, 0).await?;
                store::let_go(tx, &turn.id, again, &error).await?;
                let data = json!({"turnId": turn.id, "attempt": turn.attempt, "error": error, "again": again});
                events::append(tx, &ctx, vec![NewEvent::new("turn.postponed", &turn.agent, data)]).await
            })
        })
        .await
}
