//! Sending by name, and waking.

use super::{AGENT_CHANNEL, CHANNEL};
use crate::agents::{self, Agent};
use crate::context::Ctx;
use crate::conversations::{self, NewMessage, Posted, QueueMode, Sender};
use crate::interrupts;
use muster_base::{Error, Kind, Result};
use serde_json::json;

/// The most characters of what says which sort of message it is.
const LONGEST_KIND: usize = 50;
/// The most characters of a reason to wake.
const LONGEST_REASON: usize = 2000;

/// A message from one who is known by name to an agent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// An agent by its number, id or name, or the caller's own name.
    pub from: String,
    /// An agent by its number, id or name.
    pub to: String,
    /// The text.
    pub content: String,
    /// Which sort of message, e.g. `request`; 1 to 50 characters.
    pub kind: Option<String>,
}

/// Sends a message to an agent; it is stored when this returns.
///
/// A hosted agent takes it up in a turn. The reply comes back to an agent that sent it: as a message of its own when it
/// is hosted too, else it waits for its heartbeat. A message to an agent that runs elsewhere waits for that agent's
/// heartbeat. An agent's answer to a reply goes no further, so two hosted agents do not go on for ever.
///
/// Errors: `not_found` for an unknown recipient, `invalid` for an unknown sender, `forbidden` for a token that is not
/// the sender's.
pub async fn send(ctx: &Ctx, outgoing: Outgoing) -> Result<Posted> {
    let Outgoing { from, to, content, kind } = outgoing;
    check_kind(kind.as_deref())?;
    let sender = sender_named(ctx, &from).await?;
    let to = agents::resolve(ctx, &to).await?;
    if sender.id == to.id {
        return Err(Error::invalid("to", "is the sender itself; write to another agent"));
    }
    deliver(ctx, &to, sender, content, kind).await
}

fn check_kind(kind: Option<&str>) -> Result<()> {
    let is_sane = |text: &str| {
        !text.trim().is_empty() && text.chars().count() <= LONGEST_KIND && !text.chars().any(char::is_control)
    };
    if kind.is_some_and(|kind| !is_sane(kind)) {
        return Err(Error::invalid("type", format!("must have 1 to {LONGEST_KIND} characters")));
    }
    Ok(())
}

async fn sender_named(ctx: &Ctx, name: &str) -> Result<Sender> {
    match agents::resolve(ctx, name).await {
        Ok(agent) => {
            ctx.may_act_as(&agent.id)?;
            Ok(sender_of(agent))
        }
        Err(error) if error.kind() == Kind::NotFound => {
            ctx.may_act_as(name)?;
            if name == ctx.principal().name {
                return Ok(Sender::of(ctx));
            }
            Err(Error::invalid("from", "must be an agent, by its number, id or name, or your own user name"))
        }
        Err(error) => Err(error),
    }
}

fn sender_of(agent: Agent) -> Sender {
    Sender { kind: "agent".to_owned(), id: agent.id, name: agent.name }
}

async fn deliver(ctx: &Ctx, to: &Agent, sender: Sender, content: String, kind: Option<String>) -> Result<Posted> {
    let is_from_agent = sender.kind == "agent";
    let new = NewMessage {
        content,
        metadata: kind.map(|kind| json!({"type": kind}).to_string()),
        channel: if is_from_agent { AGENT_CHANNEL } else { CHANNEL }.to_owned(),
        queue_mode: QueueMode::Collect,
        conversation: None,
        sender,
        depth: i64::from(is_from_agent),
    };
    conversations::post(ctx, &to.id, new).await
}

/// Sends an agent a wake message, by the way it is connected; says whether it has it now.
///
/// A hosted agent that is active takes it up in a turn, and one that has a link gets it pushed. One that is paused, and
/// one that runs elsewhere without a link, finds it later: `false`. Who is awake already is told all the same. Errors:
/// `conflict` for an agent that is stopped or in error, and for one that would wake itself.
pub async fn wake(ctx: &Ctx, agent: &str, reason: Option<String>) -> Result<bool> {
    let reason = reason.filter(|text| !text.trim().is_empty());
    if reason.as_ref().is_some_and(|text| text.chars().count() > LONGEST_REASON) {
        return Err(Error::invalid("reason", format!("must have at most {LONGEST_REASON} characters")));
    }
    let agent = agents::resolve(ctx, agent).await?;
    if !agent.lifecycle.takes_messages() {
        let (state, way) = (agent.lifecycle.as_str(), agents::how_to_start(&agent.id));
        return Err(Error::conflict(format!("the agent is {state} and cannot be woken; {way}")));
    }
    let sender = caller(ctx).await?;
    if sender.id == agent.id {
        return Err(Error::conflict("an agent cannot wake itself"));
    }
    let content = reason.unwrap_or_else(|| "Wake up.".to_owned());
    // Listens before there is anything to deliver, so that nothing falls in between.
    let delivered = ctx.db.hub().listen("delivered", &agent.id);
    let posted = deliver(ctx, &agent, sender, content, Some("wake".to_owned())).await?;
    interrupts::is_delivered(ctx, &agent, &posted, delivered).await
}

/// Who asks, an agent under its own name.
async fn caller(ctx: &Ctx) -> Result<Sender> {
    match &ctx.principal().agent {
        None => Ok(Sender::of(ctx)),
        Some(id) if id.is_empty() => {
            Err(Error::forbidden("auth.other_agent", "this token belongs to no agent yet, so it can send nothing"))
        }
        Some(id) => Ok(sender_of(agents::find(ctx, id).await?)),
    }
}
