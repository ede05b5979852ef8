//! What waits for an agent that ran elsewhere, when it is to be run here from now on.

use super::store;
use crate::agents::{Agent, Lifecycle};
use crate::context::Ctx;
use crate::turns;
use muster_base::Result;
use muster_store::Tx;

/// Puts the messages that an agent has not acknowledged into turns. The agent is locked by now.
pub(crate) async fn take_up(tx: &mut Tx, ctx: &Ctx, agent: &Agent) -> Result<()> {
    for (conversation, channel) in store::waiting_conversations(tx, ctx.org(), &agent.id).await? {
        let place = turns::Place {
            agent: &agent.id,
            conversation: &conversation,
            depth: i64::from(channel == "agent"),
            paused: agent.lifecycle != Lifecycle::Active,
            interrupt: false,
        };
        let turn = turns::enqueue(tx, ctx, &place).await?;
        store::put_waiting_into(tx, ctx.org(), &conversation, &turn).await?;
    }
    Ok(())
}
