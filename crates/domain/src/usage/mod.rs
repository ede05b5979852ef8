//! What is used: reports of agents that run elsewhere, and figures over an org, which the overview shows.

mod report;
mod store;

pub use report::Report;
pub(crate) use report::record;

use crate::context::Ctx;
use muster_base::{Millis, Result};
use std::time::Duration;

/// How many hours the overview shows.
const HOURS: i64 = 24;
const HOUR_MS: i64 = 3_600_000;

/// Messages of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourOfMessages {
    /// When the hour begins.
    pub hour: Millis,
    /// Messages to agents.
    pub received: i64,
    /// Replies.
    pub sent: i64,
}

/// An org at a glance.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Agents by lifecycle.
    pub lifecycle: Vec<(String, i64)>,
    /// Agents by presence.
    pub presence: Vec<(String, i64)>,
    /// Turns that run.
    pub running: i64,
    /// Turns that wait.
    pub queued: i64,
    /// Turns that failed within 24 hours.
    pub failed: i64,
    /// The last 24 hours, oldest first.
    pub hours: Vec<HourOfMessages>,
    /// Output tokens used within 24 hours, reported ones included.
    pub output_tokens: i64,
}

/// Counts agents, turns and messages of the caller's org.
pub async fn overview(ctx: &Ctx) -> Result<Overview> {
    let now = ctx.now();
    let day_ago = now - Duration::from_secs(24 * 3600);
    let first = (now.0 / HOUR_MS - (HOURS - 1)) * HOUR_MS;
    let counted = store::messages_per_hour(&ctx.db, ctx.org(), Millis(first)).await?;
    let hours = (0..HOURS)
        .map(|n| {
            let hour = first + n * HOUR_MS;
            let of =
                |role: &str| counted.iter().find(|c| c.hour * HOUR_MS == hour && c.role == role).map_or(0, |c| c.count);
            HourOfMessages { hour: Millis(hour), received: of("user"), sent: of("assistant") }
        })
        .collect();
    let turns = store::turns(&ctx.db, ctx.org(), day_ago).await?;
    Ok(Overview {
        lifecycle: store::agents_by(&ctx.db, ctx.org(), "lifecycle").await?,
        presence: store::agents_by(&ctx.db, ctx.org(), "CASE WHEN running_turns > 0 THEN 'busy' ELSE presence END")
            .await?,
        running: turns.running,
        queued: turns.queued,
        failed: turns.failed,
        hours,
        output_tokens: turns.output_tokens,
    })
}
