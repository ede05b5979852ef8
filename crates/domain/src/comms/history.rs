//! Who told whom what.

use super::store::{self, Pair};
use super::{AgentStat, Edge, Told};
use crate::agents;
use crate::context::Ctx;
use muster_base::{Millis, Result};
use std::collections::BTreeMap;

/// How many edges and agents the graph has at the most.
const MOST: usize = 500;

/// Which messages are wanted.
#[derive(Debug, Clone, Default)]
pub struct HistoryFilter {
    /// Only from or to this agent: its number, id or name.
    pub agent: Option<String>,
    /// Only those that came at this moment or later.
    pub since: Option<Millis>,
}

/// Messages, and what they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// A page of the messages, oldest first.
    pub messages: Vec<Told>,
    /// How many there are in all; counting ends at 100,000.
    pub total: i64,
    /// Who told whom how much, the most first: of the latest 5,000 messages.
    pub edges: Vec<Edge>,
    /// The same by agent.
    pub stats: Vec<AgentStat>,
}

/// The messages of the org whose sender and recipient are known by name, whichever way they came.
///
/// Users and API keys count as well as agents: what is asked of an agent is as much part of the picture as what agents
/// tell each other, and most orgs have few of them. A reply to an agent stands once, where it was given; the copy that
/// is put before a hosted agent is left out, with what that agent remarked on it. The order is that of the event log,
/// so pages neither overlap nor leave out anything. An agent's token is shown its agent's messages only. Errors:
/// `not_found` for an unknown agent, `forbidden` for the token of another one.
pub async fn history(ctx: &Ctx, filter: &HistoryFilter, limit: i64, offset: i64) -> Result<History> {
    let agent = match &filter.agent {
        Some(wanted) => Some(agents::resolve(ctx, wanted).await?.id),
        None => ctx.principal().agent.clone(),
    };
    if let Some(agent) = &agent {
        ctx.may_act_as(agent)?;
    }
    let range = store::Range { agent, since: filter.since.unwrap_or(Millis(0)) };
    let messages = store::page(&ctx.db, ctx.org(), &range, limit, offset).await?;
    let shown = messages.len() as i64;
    let is_last = shown < limit && (shown > 0 || offset == 0);
    let total = if is_last { offset + shown } else { store::count(&ctx.db, ctx.org(), &range).await? };
    let pairs = store::pairs(&ctx.db, ctx.org(), &range).await?;
    let stats = stats(&pairs);
    let edges = pairs.into_iter().take(MOST).map(|pair| pair.edge).collect();
    Ok(History { messages, total, edges, stats })
}

fn stats(pairs: &[Pair]) -> Vec<AgentStat> {
    // Agents' names are unique in the org.
    let mut by_name: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for Pair { edge, is_from_agent, is_to_agent } in pairs {
        if *is_from_agent {
            by_name.entry(&edge.from).or_default().0 += edge.messages;
        }
        if *is_to_agent {
            by_name.entry(&edge.to).or_default().1 += edge.messages;
        }
    }
    let stat = |(agent, (sent, received)): (&str, (i64, i64))| AgentStat { agent: agent.to_owned(), sent, received };
    let mut stats: Vec<AgentStat> = by_name.into_iter().map(stat).collect();
    stats.sort_by_key(|stat| std::cmp::Reverse(stat.sent + stat.received));
    stats.truncate(MOST);
    stats
}
