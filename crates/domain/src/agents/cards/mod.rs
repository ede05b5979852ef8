//! Agents as a list for people shows them: with soul, config and the counts of their tasks, all from one statement.

mod store;

use super::{Agent, AgentFilter};
use crate::context::Ctx;
use muster_base::{Error, Millis, Result};
use serde_json::{Map, Value};

/// An agent with what mission clients know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The agent.
    pub agent: Agent,
    /// Its voice and tone.
    pub personality: Option<String>,
    /// What is said of it; it names the model that the agent has.
    pub config: Map<String, Value>,
    /// When what it is told to be last changed.
    pub told_at: Millis,
    /// Its tasks.
    pub tasks: TaskCounts,
}

/// How many tasks an agent has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// In all, whatever their status.
    pub total: i64,
    /// Not begun.
    pub assigned: i64,
    /// Begun.
    pub in_progress: i64,
    /// Waiting for a last look.
    pub quality_review: i64,
    /// Done.
    pub done: i64,
}

/// The card of the agent that a number, an id or a name stands for, found as [`super::resolve`] does.
pub async fn card(ctx: &Ctx, text: &str) -> Result<Card> {
    let found = store::find(&ctx.db, ctx.org(), text).await?;
    let mut card = found.ok_or_else(|| Error::missing("agent", text))?;
    ctx.presence.show(&mut card.agent);
    Ok(card)
}

/// A page of the org's cards by offset, newest first whatever the filter's order, and how many there are in all.
pub async fn cards(ctx: &Ctx, filter: &AgentFilter, limit: i64, offset: i64) -> Result<(Vec<Card>, i64)> {
    let (mut cards, total) = store::page(&ctx.db, ctx.org(), filter, limit, offset).await?;
    ctx.presence.show_all(cards.iter_mut().map(|card| &mut card.agent));
    Ok((cards, total))
}
