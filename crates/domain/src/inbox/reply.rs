//! What an agent that runs elsewhere replies.

use super::store::{self, Asked, Given};
use crate::agents::{self, Touched};
use crate::context::Ctx;
use crate::conversations::{self, Handed, Reply, preview, storable};
use crate::events::{self, NewEvent};
use muster_base::{Error, Result, new_id};
use muster_store::{Tx, is_unique_violation};
use serde_json::json;

/// Replies as an agent to a message that it got, named by its id or its number; returns the id of the reply.
///
/// A message is answered once: the same reply again is not an error and changes nothing. The reply goes to who asked, as
/// a hosted agent's would. Errors: `not_found` for a message that is not the agent's; `conflict` when it was answered
/// with another text, or is in a turn of ours; `invalid` for a message that is a reply itself, and for an empty text.
pub async fn reply(ctx: &Ctx, agent: &str, message: &str, content: String) -> Result<String> {
    ctx.may_act_as(agent)?;
    let content = storable(content);
    check(&content)?;
    let asked = store::asked(&ctx.db, ctx.org(), agent, message).await?;
    let asked = asked.ok_or_else(|| Error::missing("message", message))?;
    if asked.is_reply {
        return Err(Error::invalid("messageId", "is a reply; acknowledge it, or send a message of your own"));
    }
    if asked.is_in_turn {
        return Err(in_turn());
    }
    if let Some(given) = store::given(&ctx.db, ctx.org(), &asked.id).await? {
        return same(given, &content);
    }
    let id = asked.id.clone();
    match write(ctx, agent, asked, content.clone()).await {
        // It replied twice at once, and the other was first.
        Err(error) if is_unique_violation(&error) => {
            let given = store::given(&ctx.db, ctx.org(), &id).await?;
            same(given.ok_or(error)?, &content)
        }
        written => written,
    }
}

/// The agent that a message is to, named by its id or its number: for people and programs, who may reply for any agent.
///
/// Errors: `not_found` for a message that is to no agent of the org.
pub async fn recipient(ctx: &Ctx, message: &str) -> Result<String> {
    let found = store::recipient(&ctx.db, ctx.org(), message).await?;
    found.ok_or_else(|| Error::missing("message", message))
}

fn check(content: &str) -> Result<()> {
    if content.trim().is_empty() {
        return Err(Error::invalid("content", "must not be empty; acknowledge the message if there is nothing to say"));
    }
    if content.len() > conversations::LARGEST {
        return Err(Error::invalid("content", format!("may have at most {} bytes", conversations::LARGEST)));
    }
    Ok(())
}

fn in_turn() -> Error {
    Error::conflict("the agent is hosted: the message is in a turn, which answers it")
}

fn same(given: Given, content: &str) -> Result<String> {
    if given.content == content {
        return Ok(given.id);
    }
    Err(Error::conflict("the message was answered already, with another text"))
}

async fn write(ctx: &Ctx, agent: &str, asked: Asked, content: String) -> Result<String> {
    let (for_tx, agent) = (ctx.clone(), agent.to_owned());
    ctx.write(move |tx| Box::pin(async move { write_in(tx, &for_tx, &agent, &asked, content).await })).await
}

async fn write_in(tx: &mut Tx, ctx: &Ctx, agent: &str, asked: &Asked, content: String) -> Result<String> {
    let now = ctx.now();
    let locked: Vec<&str> = std::iter::once(agent).chain(asked.asker.as_deref()).collect();
    agents::lock_first(tx, ctx.org(), &locked).await?;
    let touched = Touched { messages: 1, ..Touched::default() };
    let state = agents::note_turn(tx, ctx.org(), agent, touched, now).await?;
    let state = state.ok_or_else(|| Error::missing("agent", agent))?;
    let conversation = conversations::note_reply(tx, &asked.conversation, now, &preview(&content)).await?;
    if !store::mark_answered(tx, ctx.org(), &asked.id, now).await? {
        return Err(in_turn());
    }
    let id = new_id("msg");
    let data = json!({
        "messageId": id, "conversationId": conversation.name, "agentId": agent, "turnId": null, "role": "assistant",
        "channel": conversation.channel, "preview": preview(&content), "replyToId": asked.id,
    });
    let reply = Reply {
        id: &id,
        org: ctx.org(),
        agent,
        conversation: &asked.conversation,
        turn: None,
        reply_to: Some(&asked.id),
        seq: state.message_seq,
        content: &content,
        at: now,
    };
    let row = |number| conversations::reply_insertion(&reply, &conversation.channel, number);
    events::append_with(tx, ctx, vec![NewEvent::new("message.completed", agent, data)], row).await?;
    tx.announce("replies", &asked.conversation);
    let handed = Handed { agent, name: &state.name, conversation: &conversation, depth: asked.depth, content };
    conversations::hand_on(tx, ctx, handed).await?;
    Ok(id)
}
