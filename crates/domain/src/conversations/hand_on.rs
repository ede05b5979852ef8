//! Handing a reply on to the agent that asked.

use super::{Conversation, NewMessage, QueueMode, Sender, post_in};
use crate::agents::{self, Touched};
use crate::context::Ctx;
use muster_base::Result;
use muster_store::Tx;

/// How many agents a message may pass through before replies stop being handed on.
const DEEPEST: i64 = 8;

/// A reply that an agent gave.
pub(crate) struct Handed<'a> {
    /// The agent that gave it.
    pub(crate) agent: &'a str,
    /// Its name.
    pub(crate) name: &'a str,
    /// Where it gave it.
    pub(crate) conversation: &'a Conversation,
    /// How many agents the message passed through that it answers.
    pub(crate) depth: i64,
    /// The text.
    pub(crate) content: String,
}

/// A reply to another agent goes into that agent's own messages. Its answer to that is not handed back, or two agents
/// would thank each other for ever. An agent that runs elsewhere finds the reply where it is. Both agents are locked.
pub(crate) async fn hand_on(tx: &mut Tx, ctx: &Ctx, handed: Handed<'_>) -> Result<()> {
    let asker = &handed.conversation.counterparty;
    if asker.kind != "agent" || handed.conversation.channel != "agent" {
        return Ok(());
    }
    tx.announce("inbox", &asker.id);
    if handed.depth >= DEEPEST || handed.content.trim().is_empty() {
        return Ok(());
    }
    // The other agent may be gone or stopped by now; that does not undo the reply.
    let other = agents::note_turn(tx, ctx.org(), &asker.id, Touched::default(), ctx.now()).await?;
    if !other.is_some_and(|other| other.hosted && other.lifecycle.takes_messages()) {
        return Ok(());
    }
    let new = NewMessage {
        content: handed.content,
        metadata: None,
        channel: "agent-reply".to_owned(),
        queue_mode: QueueMode::Collect,
        conversation: None,
        sender: Sender { kind: "agent".to_owned(), id: handed.agent.to_owned(), name: handed.name.to_owned() },
        depth: handed.depth + 1,
    };
    post_in(tx, ctx, &asker.id, new).await.map(drop)
}
