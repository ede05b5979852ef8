//! The org's agents as the network shows them: who can be reached, the newest seen first.

mod store;

use super::Agent;
use crate::context::Ctx;
use muster_base::{Cursor, Error, Page, PageRequest, Result};
use std::time::Duration;

/// How long an agent that is linked may send and receive nothing before it counts as idle.
const IDLE_AFTER: Duration = Duration::from_secs(300);

/// Whether an agent can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It is there, or at work.
    Online,
    /// It is there and has said so, or is linked and has sent and received nothing for five minutes.
    Idle,
    /// It is not there, or in error.
    Offline,
}

impl Reach {
    /// The word that is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "ONLINE",
            Self::Idle => "IDLE",
            Self::Offline => "OFFLINE",
        }
    }

    /// Reads a word, whatever its case; `field` names the input.
    pub fn parse(text: &str, field: &str) -> Result<Self> {
        [Self::Online, Self::Idle, Self::Offline]
            .into_iter()
            .find(|reach| reach.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| Error::invalid(field, "must be ONLINE, IDLE or OFFLINE"))
    }
}

/// An agent, and whether it can be reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Rostered {
    /// The agent.
    pub agent: Agent,
    /// Whether it can be reached.
    pub reach: Reach,
}

/// A page of the org's agents, the newest seen first and those that never were last, and how many there are in all.
///
/// Pages follow each other by when agents were seen: one that is seen meanwhile comes to the front, where a reader that
/// is past it finds it only by beginning again.
pub async fn roster(ctx: &Ctx, reach: Option<Reach>, page: &PageRequest) -> Result<(Page<Rostered>, i64)> {
    let idle = ctx.now() - IDLE_AFTER;
    let rows = store::page(&ctx.db, ctx.org(), (reach, idle), page).await?;
    let cursor = |row: &Rostered| Cursor::new(row.agent.last_seen_at.map_or(0, |at| at.0), &row.agent.id);
    let mut found = Page::from_rows(rows, page.limit, cursor);
    let total = match (&page.after, &found.next) {
        (None, None) => found.items.len() as i64,
        _ => store::count(&ctx.db, ctx.org(), (reach, idle)).await?,
    };
    // Signs of the last seconds are not written yet; they show all the same, in their order.
    ctx.presence.show_all(found.items.iter_mut().map(|row| &mut row.agent));
    found.items.sort_by_key(|row| std::cmp::Reverse(row.agent.last_seen_at));
    Ok((found, total))
}
