//! Waiting for the reply.

use super::store;
use crate::context::Ctx;
use crate::conversations::{Message, Status};
use muster_base::Result;
use std::time::Duration;

/// The longest that may be waited for a reply.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How often it is looked without a wake: a notice of another node may have been lost.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What waiting for a reply came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Awaited {
    /// Whether the agent has got the message by now.
    pub is_delivered: bool,
    /// The reply, if there was one within the time.
    pub reply: Option<Replied>,
    /// Why there will be none: the turn failed or was cancelled, or the agent was deleted.
    pub problem: Option<String>,
}

/// What an agent replied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replied {
    /// The id of the reply.
    pub id: String,
    /// Its text.
    pub content: String,
}

/// Waits for the reply to a message, however the agent gives it: in a turn of ours, which may answer several messages at
/// once, or from elsewhere. Ends after `within`, and looks only when something was said in the conversation.
pub async fn wait_for_reply(ctx: &Ctx, message: &Message, within: Duration) -> Result<Awaited> {
    let Some(conversation) = store::conversation_of(&ctx.db, ctx.org(), &message.id).await? else { return Ok(gone()) };
    // Listens before it looks, so that nothing falls in between.
    let mut answers = ctx.db.hub().listen("replies", &conversation);
    let until = tokio::time::Instant::now() + within.min(LONGEST_WAIT);
    loop {
        let found = look(ctx, message).await?;
        let left = until.saturating_duration_since(tokio::time::Instant::now());
        if found.reply.is_some() || found.problem.is_some() || left.is_zero() {
            return Ok(found);
        }
        tokio::select! { () = answers.wait() => {}, () = tokio::time::sleep(left.min(LOOK_EVERY)) => {} }
    }
}

fn gone() -> Awaited {
    Awaited { problem: Some("the agent was deleted".to_owned()), ..Awaited::default() }
}

async fn look(ctx: &Ctx, message: &Message) -> Result<Awaited> {
    let Some(outcome) = store::outcome(&ctx.db, ctx.org(), &message.id).await? else { return Ok(gone()) };
    let is_over = matches!(outcome.status, Status::Failed | Status::Cancelled) && outcome.reply.is_none();
    let why = || outcome.error.unwrap_or_else(|| "the turn ended without a reply".to_owned());
    Ok(Awaited { is_delivered: outcome.is_delivered, problem: is_over.then(why), reply: outcome.reply })
}
