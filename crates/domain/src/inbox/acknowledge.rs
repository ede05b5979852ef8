//! Acknowledging messages: they were read, and nothing shows them to the agent again.

use super::store::{self, Named, Names};
use crate::agents::{self, Agent};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use muster_base::{Error, Result};
use muster_store::Tx;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How many messages may be acknowledged at once.
const MOST: usize = 200;

/// Notes that an agent has taken up these messages, by their ids; at most 200 at once.
///
/// Errors: `invalid` with the ids that name no message to the agent. Acknowledging again is none.
pub async fn acknowledge(ctx: &Ctx, agent: &str, ids: &[String]) -> Result<()> {
    let agent = agents::find(ctx, agent).await?;
    ctx.may_act_as(&agent.id)?;
    let ids: BTreeSet<&String> = ids.iter().collect();
    check_count(ids.len())?;
    let ids: Vec<String> = ids.into_iter().cloned().collect();
    let found = store::named(&ctx.db, ctx.org(), &agent.id, &Names::Ids(&ids)).await?;
    let unknown = ids.iter().filter(|id| !found.iter().any(|message| message.id == **id));
    check_known(&agent, unknown.cloned().collect())?;
    let unread: Vec<Named> = found.into_iter().filter(|message| !message.is_read).collect();
    if unread.is_empty() {
        return Ok(());
    }
    let for_tx = ctx.clone();
    ctx.write(move |tx| {
        Box::pin(async move {
            agents::lock_first(tx, for_tx.org(), &[&agent.id]).await?;
            let event = mark(tx, &for_tx, &agent, &unread).await?;
            events::append(tx, &for_tx, event.into_iter().collect()).await
        })
    })
    .await
}

/// The messages of these numbers that the agent has not acknowledged yet.
///
/// Errors: `invalid` with the numbers that name no message of the agent. Acknowledging again is none.
pub(crate) async fn find(ctx: &Ctx, agent: &Agent, numbers: &[i64]) -> Result<Vec<Named>> {
    let numbers: BTreeSet<i64> = numbers.iter().copied().collect();
    check_count(numbers.len())?;
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let found = store::named(&ctx.db, ctx.org(), &agent.id, &Names::Numbers(&numbers)).await?;
    let unknown = numbers.iter().filter(|number| !found.iter().any(|message| message.number == Some(**number)));
    check_known(agent, unknown.map(i64::to_string).collect())?;
    Ok(found.into_iter().filter(|message| !message.is_read).collect())
}

fn check_count(count: usize) -> Result<()> {
    if count > MOST {
        return Err(Error::invalid("ack", format!("must have at most {MOST} ids")));
    }
    Ok(())
}

fn check_known(agent: &Agent, unknown: Vec<String>) -> Result<()> {
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Error::invalid("ack", format!("has ids of no message to {}: {}", agent.name, unknown.join(", "))))
}

/// Marks messages as read; the event of it, if any was not read meanwhile.
pub(crate) async fn mark(tx: &mut Tx, ctx: &Ctx, agent: &Agent, messages: &[Named]) -> Result<Option<NewEvent>> {
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
    let numbers: BTreeSet<i64> = read.iter().filter_map(|message| message.number).collect();
    let data = json!({"agentId": agent.id, "messages": numbers});
    Ok((!read.is_empty()).then(|| NewEvent::new("message.acknowledged", &agent.id, data)))
}
