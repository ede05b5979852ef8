//! `/api/agents/comms`: who told whom what.

use crate::views::{Slice, seconds, unless_empty};
use muster_base::{Error, Millis};
use muster_domain::access::{Role, Scope};
use muster_domain::comms::{self, AgentStat, Edge, History, HistoryFilter, Told};
use muster_http::{Caller, Json, Op, Query, Reply, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most messages of a page.
const MOST: i64 = 500;

/// List what agents and people told each other.
///
/// All messages whose sender and recipient are known by name are in the picture, also those that came through another
/// dialect: between agents, and between agents and the users and API keys of the org. A reply that was put before
/// another hosted agent stands once, where it was given.
pub(crate) const LIST: Op = get("/api/agents/comms")
    .floor(Role::Viewer)
    .scope(Scope::MessagesRead)
    .summary("List what agents, users and API keys told each other, oldest first, with the graph of who told whom")
    .query::<CommsQuery>()
    .gives::<Comms>();

/// Which messages are listed.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct CommsQuery {
    /// Only from or to this agent: its number, slug or name. Empty is none.
    #[serde(default, deserialize_with = "unless_empty")]
    agent: Option<String>,
    /// Only those that came at this second since the epoch or later.
    since: Option<i64>,
    /// How many at the most, 1 to 500 (50).
    limit: Option<i64>,
    /// How many are skipped (0).
    offset: Option<i64>,
}

/// Messages and who told whom.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Comms {
    /// The messages, oldest first.
    messages: Vec<CommsMessage>,
    /// How many fit in all; counting ends at 100000.
    total: i64,
    /// Who told whom how much in the latest 5000 of them.
    graph: Graph,
}

/// A message between two.
#[derive(Debug, Serialize, JsonSchema)]
struct CommsMessage {
    /// Its number, unique in the org.
    id: i64,
    /// The name of who it is from.
    from: String,
    /// The name of who it is to.
    to: String,
    /// As `from`.
    from_agent: String,
    /// As `to`.
    to_agent: String,
    /// The text.
    content: String,
    /// As `content`.
    message: String,
    /// What sort of message; `text` when nobody said.
    #[serde(rename = "type")]
    kind: String,
    /// As `type`.
    message_type: String,
    /// When it was answered, acknowledged or, for a reply, read; in seconds since the epoch.
    read_at: Option<i64>,
    /// When it came, in seconds since the epoch.
    created_at: i64,
}

/// Who told whom.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CommsGraph")]
struct Graph {
    /// Pairs, those with the most messages first; at most 500.
    edges: Vec<GraphEdge>,
    /// Agents, those with the most messages first; at most 500.
    agent_stats: Vec<GraphAgent>,
}

/// How much one told another.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CommsEdge")]
struct GraphEdge {
    /// Who told.
    from_agent: String,
    /// Who was told.
    to_agent: String,
    /// How many messages.
    message_count: i64,
    /// When the last one came, in seconds since the epoch.
    last_message_at: i64,
}

/// How much an agent told and was told.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CommsAgent")]
struct GraphAgent {
    /// Its name.
    agent: String,
    /// Messages from it.
    sent: i64,
    /// Messages to it.
    received: i64,
}

impl From<Told> for CommsMessage {
    fn from(told: Told) -> Self {
        Self {
            id: told.number,
            from_agent: told.from.clone(),
            to_agent: told.to.clone(),
            from: told.from,
            to: told.to,
            message: told.content.clone(),
            content: told.content,
            message_type: told.kind.clone(),
            kind: told.kind,
            read_at: seconds(told.read_at),
            created_at: told.created_at.seconds(),
        }
    }
}

impl From<Edge> for GraphEdge {
    fn from(edge: Edge) -> Self {
        Self {
            from_agent: edge.from,
            to_agent: edge.to,
            message_count: edge.messages,
            last_message_at: edge.last_at.seconds(),
        }
    }
}

impl From<AgentStat> for GraphAgent {
    fn from(stat: AgentStat) -> Self {
        Self { agent: stat.agent, sent: stat.sent, received: stat.received }
    }
}

impl From<History> for Comms {
    fn from(history: History) -> Self {
        let graph = Graph {
            edges: history.edges.into_iter().map(Into::into).collect(),
            agent_stats: history.stats.into_iter().map(Into::into).collect(),
        };
        Self { messages: history.messages.into_iter().map(Into::into).collect(), total: history.total, graph }
    }
}

pub(crate) async fn list(caller: Caller, Query(query): Query<CommsQuery>) -> Reply<Comms> {
    let slice = Slice::up_to(MOST, query.limit, query.offset)?;
    if query.since.is_some_and(|since| since < 0) {
        return Err(Error::invalid("since", "must be 0 or more, in seconds since the epoch").into());
    }
    let since = query.since.map(|since| Millis(since.saturating_mul(1000)));
    let filter = HistoryFilter { agent: query.agent, since };
    Ok(Json(comms::history(&caller, &filter, slice.limit, slice.offset).await?.into()))
}
