//! Taking a message: stored, put into a turn and announced in one transaction.

use super::{Conversation, Message, QueueMode, Status, preview, store};
use crate::access::PrincipalKind;
use crate::agents::{self, Lifecycle};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use crate::{idempotency, turns};
use muster_base::{Error, Result, new_id};
use muster_store::Tx;
use serde_json::json;

/// The most bytes of a message.
pub(crate) const LARGEST: usize = 1024 * 1024;
/// The most bytes of what a client attaches.
const LARGEST_METADATA: usize = 64 * 1024;

/// Who a message is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// `user`, `agent` or `system`.
    pub kind: String,
    /// The id of the user, key or agent.
    pub id: String,
    /// Their name.
    pub name: String,
}

impl Sender {
    /// The caller.
    pub fn of(ctx: &Ctx) -> Self {
        let principal = ctx.principal();
        let kind = match principal.kind {
            PrincipalKind::User | PrincipalKind::Key => "user",
            PrincipalKind::Agent => "agent",
            PrincipalKind::System => "system",
        };
        let id = principal.agent.clone().filter(|agent| !agent.is_empty()).unwrap_or_else(|| principal.id.clone());
        Self { kind: kind.to_owned(), id, name: principal.name.clone() }
    }
}

/// A message to an agent.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The text, not empty.
    pub content: String,
    /// What the client attaches, as JSON text.
    pub metadata: Option<String>,
    /// `api`, `discord`, ...
    pub channel: String,
    /// What it does while a turn runs.
    pub queue_mode: QueueMode,
    /// The conversation; the caller's own with this agent when absent.
    pub conversation: Option<String>,
    /// Who it is from.
    pub sender: Sender,
    /// How many agents it passed through: keeps agents from talking to each other for ever.
    pub depth: i64,
}

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Posted {
    /// The message.
    pub message: Message,
    /// The turn that will take it up; `None` when it waits until an agent that runs elsewhere asks for it.
    pub turn: Option<String>,
}

/// Takes a message to an agent; it is on disk, and in a turn if the agent is hosted, when this returns.
///
/// Errors: `agent.unavailable` when the agent is stopped or in error; `not_found` for an unknown conversation.
pub async fn post(ctx: &Ctx, agent: &str, new: NewMessage) -> Result<Posted> {
    if let Some(key) = &ctx.request().idempotency
        && let Some(subject) = idempotency::find(ctx, key).await?.and_then(|replay| replay.subject)
    {
        let message = super::message(ctx, agent, &subject).await?;
        return Ok(Posted { turn: message.turn.clone(), message });
    }
    check(&new)?;
    let (for_tx, agent) = (ctx.clone(), agent.to_owned());
    ctx.write_checked(move |tx| {
        Box::pin(async move {
            let posted = post_in(tx, &for_tx, &agent, new).await?;
            idempotency::made(tx, &for_tx, &posted.message.id).await?;
            Ok(posted)
        })
    })
    .await
}

fn check(new: &NewMessage) -> Result<()> {
    if new.content.trim().is_empty() {
        return Err(Error::invalid("content", "must not be empty"));
    }
    if new.content.len() > LARGEST {
        return Err(Error::invalid("content", format!("may have at most {LARGEST} bytes")));
    }
    if new.metadata.as_ref().is_some_and(|metadata| metadata.len() > LARGEST_METADATA) {
        return Err(Error::invalid("metadata", format!("must have at most {LARGEST_METADATA} bytes")));
    }
    match &new.conversation {
        Some(name) => check_conversation(name),
        None => Ok(()),
    }
}

fn check_conversation(name: &str) -> Result<()> {
    let sane = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(sane) {
        return Err(Error::invalid("conversation_id", "must have 1 to 64 letters, digits, _ or -"));
    }
    Ok(())
}

/// As [`post`], within a transaction. It refuses before its first change.
pub async fn post_in(tx: &mut Tx, ctx: &Ctx, agent: &str, new: NewMessage) -> Result<Posted> {
    let now = ctx.now();
    check_known(tx, ctx, agent, &new).await?;
    let state = agents::take_message(tx, ctx.org(), agent).await?;
    let preview = preview(&new.content);
    let conversation = conversation_for(tx, ctx, agent, &new, &preview).await?;
    let turn = if state.hosted {
        let place = turns::Place {
            agent,
            conversation: &conversation.id,
            depth: new.depth,
            paused: state.lifecycle == Lifecycle::Paused,
            interrupt: new.queue_mode == QueueMode::Interrupt,
        };
        Some(turns::enqueue(tx, ctx, &place).await?)
    } else {
        None
    };
    let mut message = Message {
        id: new_id("msg"),
        number: None,
        agent: agent.to_owned(),
        conversation: conversation.name,
        seq: state.message_seq,
        role: "user".to_owned(),
        sender_type: new.sender.kind,
        sender: new.sender.id,
        content: new.content,
        metadata: new.metadata,
        status: Status::Pending,
        channel: new.channel,
        queue_mode: new.queue_mode.as_str().to_owned(),
        reply_to: None,
        turn: turn.clone(),
        error: None,
        created_at: now,
        delivered_at: None,
        read_at: None,
    };
    let data = json!({
        "messageId": message.id, "conversationId": message.conversation, "agentId": agent, "turnId": turn, "role": "user",
        "channel": message.channel, "preview": preview,
    });
    let event = NewEvent::new("message.received", agent, data);
    let row = |number| store::insertion(ctx.org(), (&conversation.id, number), &message, new.depth);
    message.number = Some(events::append_with(tx, ctx, vec![event], row).await?);
    if !state.hosted {
        tx.announce("inbox", agent);
    }
    Ok(Posted { message, turn })
}

/// Refuses a conversation of ours that the agent does not have; other names are made when they are new.
async fn check_known(tx: &mut Tx, ctx: &Ctx, agent: &str, new: &NewMessage) -> Result<()> {
    let Some(id) = named_by_us(new) else { return Ok(()) };
    if store::has_conversation(tx, ctx.org(), agent, id).await? {
        return Ok(());
    }
    Err(Error::missing("conversation", id).with_field("conversation_id"))
}

fn named_by_us(new: &NewMessage) -> Option<&String> {
    new.conversation.as_ref().filter(|name| name.starts_with("conv_"))
}

/// Finds the conversation and counts the message in it; makes it when it is the first.
async fn conversation_for(
    tx: &mut Tx,
    ctx: &Ctx,
    agent: &str,
    new: &NewMessage,
    preview: &str,
) -> Result<store::Named> {
    let now = ctx.now();
    if let Some(id) = named_by_us(new) {
        let found = store::touch_by_id(tx, ctx.org(), agent, id, now, preview).await?;
        return found.ok_or_else(|| Error::missing("conversation", id).with_field("conversation_id"));
    }
    let key = match &new.conversation {
        Some(name) => format!("chosen:{name}"),
        None => format!("default:{}:{}:{}", new.channel, new.sender.kind, new.sender.id),
    };
    if let Some(found) = store::touch_by_key(tx, ctx.org(), agent, &key, now, preview).await? {
        return Ok(found);
    }
    let id = new_id("conv");
    let conversation = Conversation {
        name: new.conversation.clone().unwrap_or_else(|| id.clone()),
        id,
        agent: agent.to_owned(),
        channel: new.channel.clone(),
        counterparty: new.sender.clone(),
        message_count: 1,
        unread_count: 0,
        last_message_at: now,
        last_message_preview: Some(preview.to_owned()),
        summary: None,
        summary_seq: 0,
        created_at: now,
    };
    store::insert_conversation(tx, ctx.org(), &key, &conversation).await?;
    Ok(store::Named { id: conversation.id, name: conversation.name })
}
