//! Acknowledging messages: they were read, and no heartbeat shows them again.

use super::store::{self, Named};
use crate::agents::Agent;
use crate::context::Ctx;
use crate::events::NewEvent;
use muster_base::{Error, Result};
use muster_store::Tx;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How many messages may be acknowledged at once.
const MOST: usize = 200;

/// The messages of these numbers that the agent has not acknowledged yet.
///
/// Errors: `invalid` with the numbers that name no message of the agent. Acknowledging again is none.
pub(super) async fn find(ctx: &Ctx, agent: &Agent, numbers: &[i64]) -> Result<Vec<Named>> {
    if numbers.is_empty() {
        return Ok(vec![]);
    }
    let mut unknown: BTreeSet<i64> = numbers.iter().copied().collect();
    if unknown.len() > MOST {
        return Err(Error::invalid("ack", format!("must have at most {MOST} ids")));
    }
    let numbers: Vec<i64> = unknown.iter().copied().collect();
    let found = store::named(&ctx.db, ctx.org(), &agent.id, &numbers).await?;
    for message in &found {
        unknown.remove(&message.number);
    }
    if !unknown.is_empty() {
        let unknown: Vec<String> = unknown.iter().map(i64::to_string).collect();
        let message = format!("has ids of no message to {}: {}", agent.name, unknown.join(", "));
        return Err(Error::invalid("ack", message));
    }
    Ok(found.into_iter().filter(|message| !message.is_read).collect())
}

/// Marks messages as read; the event of it, if any was not read meanwhile.
pub(super) async fn mark(tx: &mut Tx, ctx: &Ctx, agent: &Agent, messages: &[Named]) -> Result<Option<NewEvent>> {
    if messages.is_empty() {
        return Ok(None);
    }
    let conversations: BTreeSet<&str> =
        messages.iter().filter(|message| message.is_reply).map(|message| message.conversation.as_str()).collect();
    for conversation in &conversations {
        store::lock_conversation(tx, ctx.org(), conversation).await?;
    }
    let ids: Vec<String> = messages.iter().map(|message| message.id.clone()).collect();
    let read: BTreeSet<String> = store::mark_read(tx, ctx.org(), &ids, ctx.now()).await?.into_iter().collect();
    let read: Vec<&Named> = messages.iter().filter(|message| read.contains(&message.id)).collect();
    let mut replies: BTreeMap<&str, i64> = BTreeMap::new();
    for reply in read.iter().filter(|message| message.is_reply) {
        *replies.entry(&reply.conversation).or_default() += 1;
    }
    for (conversation, count) in replies {
        store::note_read(tx, ctx.org(), conversation, count).await?;
    }
    let numbers: BTreeSet<i64> = read.iter().map(|message| message.number).collect();
    let data = json!({"agentId": agent.id, "messages": numbers});
    Ok((!numbers.is_empty()).then(|| NewEvent::new("message.acknowledged", &agent.id, data)))
}
