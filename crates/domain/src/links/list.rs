//! Showing links, and counting them.

use super::{NODE_SILENT, store};
use crate::agents::Presence;
use crate::context::Ctx;
use muster_base::{Cursor, Millis, Page, PageRequest, Result};

/// A link as people see it.
#[derive(Debug, Clone)]
pub struct LinkView {
    /// The agent's id.
    pub agent: String,
    /// Its name.
    pub name: String,
    /// How it is.
    pub presence: Presence,
    /// The node that has the link.
    pub node: String,
    /// Which machine it is on.
    pub machine: String,
    /// What it says its version is.
    pub version: Option<String>,
    /// Since when.
    pub since: Millis,
    /// When something other than a heartbeat last came or went.
    pub active_at: Millis,
    /// Bytes of payload that came.
    pub bytes_in: u64,
    /// Bytes of payload that went.
    pub bytes_out: u64,
}

/// The numbers of an org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// All agents.
    pub agents: i64,
    /// Those that are there.
    pub online: i64,
    /// Links at all nodes that live.
    pub connections: i64,
    /// Bytes of WebSocket payload both ways since the first start.
    pub bytes: i64,
}

/// The numbers of the caller's org; what other nodes carried in the last seconds is not in them yet.
pub async fn stats(ctx: &Ctx) -> Result<Stats> {
    let found = store::numbers(&ctx.db, ctx.org(), ctx.now() - NODE_SILENT).await?;
    let unwritten = ctx.links.traffic_of(ctx.org()) as i64;
    Ok(Stats {
        agents: found.agents,
        online: found.online,
        connections: found.links,
        bytes: found.bytes.saturating_add(unwritten),
    })
}

/// The live links of the caller's org, oldest first; those of other nodes as of some seconds ago.
pub async fn list(ctx: &Ctx, page: &PageRequest) -> Result<Page<LinkView>> {
    let after = match &page.after {
        Some(cursor) => (Millis::parse(&cursor.key).unwrap_or_default(), cursor.id.as_str()),
        None => (Millis(i64::MIN), ""),
    };
    let found = store::listed(&ctx.db, ctx.org(), ctx.now() - NODE_SILENT, after, page.limit + 1).await?;
    let shown = found.into_iter().map(|row| {
        let own = ctx.links.find(ctx.org(), &row.agent).filter(|link| link.since == row.since);
        let (bytes_in, bytes_out) =
            own.as_ref().map_or((row.bytes_in as u64, row.bytes_out as u64), |link| link.bytes());
        LinkView {
            presence: if row.running_turns > 0 { Presence::Busy } else { row.presence },
            active_at: own.map_or(row.active_at, |link| link.active_at()),
            agent: row.agent,
            name: row.name,
            node: row.node,
            machine: row.machine,
            version: row.version,
            since: row.since,
            bytes_in,
            bytes_out,
        }
    });
    Ok(Page::from_rows(shown.collect(), page.limit, |link| Cursor::new(link.since.0.to_string(), &link.agent)))
}
