//! Putting messages into turns, and holding and releasing what waits.

use super::Hold;
use super::store::{self, NewTurn};
use crate::context::Ctx;
use muster_base::{Result, new_id};
use muster_store::Tx;

/// Where a message came in.
pub(crate) struct Place<'a> {
    pub(crate) agent: &'a str,
    pub(crate) conversation: &'a str,
    pub(crate) depth: i64,
    pub(crate) paused: bool,
    pub(crate) interrupt: bool,
}

/// The turn that will take up a new message: the one that waits in its conversation, or a new one.
///
/// The agent's row is locked by now, so no two messages make two turns.
pub(crate) async fn enqueue(tx: &mut Tx, ctx: &Ctx, place: &Place<'_>) -> Result<String> {
    let open = store::open_turns(tx, place.conversation).await?;
    let running = open.iter().find(|turn| turn.running);
    if let Some(running) = running.filter(|_| place.interrupt) {
        store::request_cancel(tx, &running.id, "interrupt").await?;
        tx.announce("turn-cancel", &running.id);
        tx.announce("turns", "");
    }
    if let Some(waiting) = open.iter().find(|turn| !turn.running) {
        return Ok(waiting.id.clone());
    }
    let hold = match (running, place.paused) {
        (Some(_), _) => Some(Hold::Behind.as_str()),
        (None, true) => Some(Hold::Paused.as_str()),
        (None, false) => None,
    };
    let now = ctx.now();
    let id = new_id("turn");
    let new = NewTurn {
        id: &id,
        org: ctx.org(),
        agent: place.agent,
        conversation: place.conversation,
        hold,
        run_at: now,
        reminders: 0,
        depth: place.depth,
        now,
    };
    store::insert(tx, &new).await?;
    if hold.is_none() {
        tx.announce("turns", "");
    }
    Ok(id)
}

/// Keeps an agent's waiting turns from being taken up.
pub(crate) async fn hold(tx: &mut Tx, agent: &str) -> Result<()> {
    store::hold_queued(tx, agent).await
}

/// Lets an agent's turns go that were held for this reason, as far as nothing else holds them.
pub(crate) async fn release(tx: &mut Tx, agent: &str, hold: Hold) -> Result<()> {
    if store::release_of_agent(tx, agent, hold.as_str()).await? > 0 {
        tx.announce("turns", "");
    }
    Ok(())
}

/// Asks the workers of an agent's running turns to break off; the messages go back to wait.
pub(crate) async fn break_off(tx: &mut Tx, agent: &str) -> Result<()> {
    for turn in store::running_of_agent(tx, agent).await? {
        store::request_cancel(tx, &turn, "stop").await?;
        tx.announce("turn-cancel", &turn);
        tx.announce("turns", "");
    }
    Ok(())
}
