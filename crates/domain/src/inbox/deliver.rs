//! What waits, and that the agent has got it.

use super::{Waiting, store};
use crate::agents;
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use muster_base::{Error, Result};
use serde_json::json;

/// How many messages are given at once, and marked at once.
pub const MOST: usize = 100;
/// How much text of messages is shown beside the first.
const MOST_TEXT: usize = 1024 * 1024;

/// What waits for an agent after the message with the number `after` (0: from the beginning), oldest first: messages to
/// it, and what others replied to it; nothing for a hosted agent.
///
/// At most `limit`, 1 to [`MOST`], and no more than 1 MiB of text after the first; an empty answer means that nothing
/// more waits. Errors: `forbidden` for the token of another agent.
pub async fn undelivered(ctx: &Ctx, agent: &str, after: i64, limit: usize) -> Result<Vec<Waiting>> {
    let agent = agents::find(ctx, agent).await?;
    ctx.may_act_as(&agent.id)?;
    if agent.hosted {
        return Ok(vec![]);
    }
    let limit = limit.clamp(1, MOST);
    let mut waiting = store::waiting(&ctx.db, ctx.org(), &agent.id, after, limit as i64).await?;
    waiting.sort_by_key(|message| message.number);
    waiting.truncate(limit);
    waiting.truncate(shown(waiting.iter().map(|message| message.content.len())));
    Ok(waiting)
}

/// How many of the texts with these lengths are shown at once: the first, and more as far as they fit.
pub(crate) fn shown(lengths: impl Iterator<Item = usize>) -> usize {
    let mut text = 0;
    let fits = |length: usize| {
        text += length;
        text <= MOST_TEXT
    };
    lengths.map(fits).take_while(|fits| *fits).count().max(1)
}

/// Notes that an agent has got these messages, by their ids, at most [`MOST`]; whoever waits for that wakes.
///
/// Ids of replies, and of messages that it has got already, change nothing.
pub async fn mark_delivered(ctx: &Ctx, agent: &str, ids: &[String]) -> Result<()> {
    ctx.may_act_as(agent)?;
    if ids.len() > MOST {
        return Err(Error::invalid("messages", format!("must have at most {MOST} ids")));
    }
    if ids.is_empty() {
        return Ok(());
    }
    let (for_tx, agent, ids) = (ctx.clone(), agent.to_owned(), ids.to_vec());
    ctx.write(move |tx| {
        Box::pin(async move {
            agents::lock_first(tx, for_tx.org(), &[&agent]).await?;
            let mut numbers = store::mark_delivered(tx, for_tx.org(), &agent, &ids, for_tx.now()).await?;
            if numbers.is_empty() {
                return Ok(());
            }
            numbers.sort_unstable();
            tx.announce("delivered", &agent);
            let data = json!({"agentId": agent, "messages": numbers});
            events::append(tx, &for_tx, vec![NewEvent::new("message.delivered", &agent, data)]).await
        })
    })
    .await
}
