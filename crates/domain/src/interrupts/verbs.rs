//! Interrupting.

use super::store;
use crate::agents::{self, Agent, Lifecycle};
use crate::comms;
use crate::context::Ctx;
use crate::conversations::{self, Message, NewMessage, Posted, QueueMode, Sender};
use muster_base::{Error, Result};
use muster_store::Listener;
use std::time::Duration;

/// The channel of what people and programs send over the network.
const CHANNEL: &str = "network";
/// How long an interrupt of a linked agent waits for the link to deliver it.
const PUSHED_WITHIN: Duration = Duration::from_secs(2);
/// How long a node may be silent before its links count as gone.
const NODE_SILENT: Duration = Duration::from_secs(30);

/// An agent that was interrupted.
#[derive(Debug, Clone)]
pub struct Interrupted {
    /// The message that it gets.
    pub message: Message,
    /// Whether it has it now: its turn may begin, or its link has taken it.
    pub is_delivered: bool,
}

/// Interrupts an agent, named by number, id or name; the message is stored when this returns, whatever becomes of it.
///
/// A linked agent is given two seconds to get it; when it does not the message waits like any other. Errors:
/// `not_found` for an unknown agent; `conflict` for one that is stopped or in error, and for one that would interrupt
/// itself; `invalid` or `too_large` for the reason.
pub async fn interrupt(ctx: &Ctx, agent: &str, reason: &str) -> Result<Interrupted> {
    check(reason)?;
    let agent = agents::resolve(ctx, agent).await?;
    if !agent.lifecycle.takes_messages() {
        let (state, way) = (agent.lifecycle.as_str(), agents::how_to_start(&agent.id));
        return Err(Error::conflict(format!("the agent is {state} and takes no messages; {way}")));
    }
    let sender = sender(ctx).await?;
    if sender.id == agent.id {
        return Err(Error::conflict("an agent cannot interrupt itself"));
    }
    // Listens before there is anything to deliver, so that nothing falls in between.
    let delivered = ctx.db.hub().listen("delivered", &agent.id);
    let posted = conversations::post(ctx, &agent.id, message(reason, sender)).await?;
    let is_delivered = is_delivered(ctx, &agent, &posted, delivered).await?;
    Ok(Interrupted { message: posted.message, is_delivered })
}

fn check(reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "must not be empty"));
    }
    if reason.len() > conversations::LARGEST {
        return Err(Error::invalid("reason", format!("may have at most {} bytes", conversations::LARGEST)));
    }
    Ok(())
}

/// Who asks: an agent under its own name, a token that acts as no agent like an API key.
async fn sender(ctx: &Ctx) -> Result<Sender> {
    match &ctx.principal().agent {
        Some(own) if own.is_empty() => Ok(Sender { kind: "user".to_owned(), ..Sender::of(ctx) }),
        Some(own) => {
            let agent = agents::find(ctx, own).await?;
            Ok(Sender { kind: "agent".to_owned(), id: agent.id, name: agent.name })
        }
        None => Ok(Sender::of(ctx)),
    }
}

/// What agents ask each other goes where all that they tell each other goes, so that the reply comes back to them.
fn message(reason: &str, sender: Sender) -> NewMessage {
    let is_from_agent = sender.kind == "agent";
    NewMessage {
        content: reason.to_owned(),
        metadata: None,
        channel: if is_from_agent { comms::AGENT_CHANNEL } else { CHANNEL }.to_owned(),
        queue_mode: QueueMode::Interrupt,
        conversation: None,
        sender,
        depth: i64::from(is_from_agent),
    }
}

/// Whether an agent has a message now that was just sent to it: its turn may begin, or its link has taken it, which is
/// given two seconds. `delivered` has listened since before the message was sent.
pub(crate) async fn is_delivered(ctx: &Ctx, agent: &Agent, posted: &Posted, delivered: Listener) -> Result<bool> {
    match posted.turn {
        Some(_) => Ok(agent.lifecycle == Lifecycle::Active),
        None if posted.message.delivered_at.is_some() => Ok(true),
        None => is_pushed(ctx, agent, &posted.message, delivered).await,
    }
}

/// Waits a moment for the link of an agent that has one.
async fn is_pushed(ctx: &Ctx, agent: &Agent, message: &Message, mut delivered: Listener) -> Result<bool> {
    if !store::is_linked(&ctx.db, ctx.org(), &agent.id, ctx.now() - NODE_SILENT).await? {
        return Ok(false);
    }
    let pushed = async {
        loop {
            if store::is_delivered(&ctx.db, ctx.org(), &message.id).await? {
                return Ok(true);
            }
            delivered.wait().await;
        }
    };
    match tokio::time::timeout(PUSHED_WITHIN, pushed).await {
        Ok(pushed) => pushed,
        // A notice of another node may have been lost.
        Err(_) => store::is_delivered(&ctx.db, ctx.org(), &message.id).await,
    }
}
