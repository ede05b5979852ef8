//! Reading conversations and messages.

use super::{Conversation, Message, Status, store};
use crate::agents;
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use muster_base::{Cursor, Error, Kind, Page, PageRequest, Result};
use serde_json::json;
use std::collections::HashMap;

/// Of how many conversations the newest messages are read in one statement.
const CONVERSATIONS_AT_ONCE: usize = 100;

/// Which messages of an agent are wanted.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Only before this message.
    pub before: Option<String>,
    /// Only after this message.
    pub after: Option<String>,
    /// Only with this status.
    pub status: Option<Status>,
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only of this conversation, as the client names it.
    pub conversation: Option<String>,
}

/// Messages of an agent, oldest first, and whether there are more in the direction of reading.
///
/// Without `after` the newest are returned; with it the ones that follow.
pub async fn messages(ctx: &Ctx, agent: &str, filter: &MessageFilter, limit: i64) -> Result<(Vec<Message>, bool)> {
    let place = async |field: &str, id: &Option<String>| match id {
        None => Ok(None),
        Some(id) => match store::find(&ctx.db, ctx.org(), agent, id).await? {
            Some(message) => Ok(Some(message.seq)),
            None => Err(Error::invalid(field, format!("there is no message `{id}` of this agent"))),
        },
    };
    let (before, after) = (place("before", &filter.before).await?, place("after", &filter.after).await?);
    let conversation = match &filter.conversation {
        None => None,
        Some(name) => {
            let found = store::find_conversation(&ctx.db, ctx.org(), agent, name).await?;
            Some(found.ok_or_else(|| Error::missing("conversation", name))?.id)
        }
    };
    let range = store::Range { before, after, status: filter.status, channel: filter.channel.clone(), conversation };
    let mut rows = store::list(&ctx.db, ctx.org(), agent, &range, limit + 1).await?;
    let more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    if after.is_none() {
        rows.reverse();
    }
    Ok((rows, more))
}

/// One message of an agent.
pub async fn message(ctx: &Ctx, agent: &str, id: &str) -> Result<Message> {
    store::find(&ctx.db, ctx.org(), agent, id).await?.ok_or_else(|| Error::missing("message", id))
}

/// The org's conversations, or those of one agent, the latest first.
pub async fn conversations(ctx: &Ctx, agent: Option<&str>, page: &PageRequest) -> Result<Page<Conversation>> {
    let rows = store::conversations(&ctx.db, ctx.org(), agent, page).await?;
    Ok(Page::from_rows(rows, page.limit, |row: &Conversation| Cursor::new(row.last_message_at.0, &row.id)))
}

/// One conversation of the caller's org by its id.
pub async fn conversation(ctx: &Ctx, id: &str) -> Result<Conversation> {
    store::conversation_by_id(&ctx.db, ctx.org(), id).await?.ok_or_else(|| Error::missing("conversation", id))
}

/// An agent's counterparties with their latest messages, the latest first. `before` is a page token.
///
/// However many conversations there are with one, it comes once: as the latest of them, with the counts and the newest
/// messages of all.
pub async fn counterparties(
    ctx: &Ctx,
    agent: &str,
    page: &PageRequest,
    messages: i64,
) -> Result<Page<(Conversation, Vec<Message>)>> {
    let rows = store::counterparties(&ctx.db, ctx.org(), agent, page).await?;
    let found = Page::from_rows(rows, page.limit, |row: &Conversation| Cursor::new(row.last_message_at.0, &row.id));
    let with: Vec<(&str, &str)> = found.items.iter().map(with).collect();
    let mut latest = latest_with(ctx, agent, &with, messages).await?;
    let items = found
        .items
        .into_iter()
        .map(|conversation| {
            let key = (conversation.counterparty.kind.clone(), conversation.counterparty.id.clone());
            (conversation, latest.remove(&key).unwrap_or_default())
        })
        .collect();
    Ok(Page { items, next: found.next })
}

fn with(conversation: &Conversation) -> (&str, &str) {
    (&conversation.counterparty.kind, &conversation.counterparty.id)
}

/// The newest messages with each of these counterparties, oldest first, at most `most` each.
async fn latest_with(
    ctx: &Ctx,
    agent: &str,
    with: &[(&str, &str)],
    most: i64,
) -> Result<HashMap<(String, String), Vec<Message>>> {
    let mut latest: HashMap<(String, String), Vec<Message>> = HashMap::new();
    if with.is_empty() {
        return Ok(latest);
    }
    // Each of the conversations before it has a message that is newer than all of its own, so the newest messages lie
    // in so many conversations at the most.
    let placed = store::latest_with(&ctx.db, ctx.org(), agent, with, most).await?;
    for some in placed.chunks(CONVERSATIONS_AT_ONCE) {
        let ids: Vec<&str> = some.iter().map(|conversation| conversation.id.as_str()).collect();
        // No conversation of this chunk can give more than its first.
        let each = most - some.iter().map(|conversation| conversation.place).min().unwrap_or(1) + 1;
        let owners: HashMap<&str, &(String, String)> = some.iter().map(|one| (one.id.as_str(), &one.with)).collect();
        for (id, message) in store::latest_messages(&ctx.db, ctx.org(), &ids, each).await? {
            if let Some(owner) = owners.get(id.as_str()) {
                latest.entry((*owner).clone()).or_default().push(message);
            }
        }
    }
    for messages in latest.values_mut() {
        messages.sort_by_key(|message| message.seq);
        let surplus = messages.len().saturating_sub(usize::try_from(most).unwrap_or(0));
        messages.drain(..surplus);
    }
    Ok(latest)
}

/// The newest messages of a conversation, oldest first, at most `limit`.
pub async fn recent_of(ctx: &Ctx, conversation: &str, limit: i64) -> Result<Vec<Message>> {
    let rows = store::latest_messages(&ctx.db, ctx.org(), &[conversation], limit).await?;
    Ok(rows.into_iter().map(|(_, message)| message).collect())
}

/// Notes that the counterparty has read all replies.
///
/// An agent that runs elsewhere reads by acknowledging: that somebody looks at its conversation changes nothing.
pub async fn mark_read(ctx: &Ctx, id: &str) -> Result<Conversation> {
    let conversation = conversation(ctx, id).await?;
    if reads_elsewhere(ctx, &conversation).await? {
        return Ok(conversation);
    }
    let (for_tx, id) = (ctx.clone(), id.to_owned());
    ctx.write(move |tx| {
        Box::pin(async move {
            let (conversation, changed) = store::mark_read(tx, for_tx.org(), &id, for_tx.now())
                .await?
                .ok_or_else(|| Error::missing("conversation", &id))?;
            if changed {
                let data = json!({"conversationId": conversation.name, "agentId": conversation.agent});
                events::append(tx, &for_tx, vec![NewEvent::new("conversation.read", &conversation.agent, data)])
                    .await?;
            }
            Ok(conversation)
        })
    })
    .await
}

async fn reads_elsewhere(ctx: &Ctx, conversation: &Conversation) -> Result<bool> {
    if conversation.counterparty.kind != "agent" {
        return Ok(false);
    }
    match agents::find(ctx, &conversation.counterparty.id).await {
        Ok(agent) => Ok(!agent.hosted),
        Err(error) if error.kind() == Kind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
