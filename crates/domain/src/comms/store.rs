//! All SQL of what agents and people tell each other.

use super::{Edge, Told, kind_of};
use muster_base::{Millis, Result};
use muster_store::{Args, Db, FromRow, Row, args};

/// How far messages are counted.
const MOST_COUNTED: i64 = 100_000;
/// Of how many messages the graph is drawn.
const DRAWN: i64 = 5_000;
/// What belongs to the picture: not the copies of replies that are put before hosted agents, see `turns::finish`.
const SHOWN: &str = "m.created_at >= $2 AND m.number IS NOT NULL AND m.channel <> 'agent-reply'";
/// What tells the names of a message's sender and of its conversation's two sides.
pub(crate) const NAMED: &str = "JOIN conversations c ON c.id = m.conversation_id JOIN agents a ON a.id = m.agent_id
    LEFT JOIN agents p ON p.id = c.counterparty_id LEFT JOIN agents s ON s.id = m.sender_id LEFT JOIN users u ON u.id = m.sender_id
    LEFT JOIN api_keys k ON k.id = m.sender_id";
/// The sender's name, within [`NAMED`]; of those who are gone what is known of them.
pub(crate) const SENDER: &str = "COALESCE(s.name, CASE WHEN m.sender_id = c.counterparty_id THEN c.counterparty_name END, u.username, k.name, m.sender_id)";

/// Which messages are read.
pub(super) struct Range {
    /// Only from or to the agent with this id.
    pub(super) agent: Option<String>,
    pub(super) since: Millis,
}

#[derive(Clone, Copy)]
enum Order {
    OldestFirst,
    NewestFirst,
    /// However they come.
    Any,
}

impl Order {
    /// Orders by these columns.
    fn by(self, columns: &[&str]) -> String {
        let way = match self {
            Self::OldestFirst => "ASC",
            Self::NewestFirst => "DESC",
            Self::Any => return String::new(),
        };
        let columns: Vec<String> = columns.iter().map(|column| format!("{column} {way}")).collect();
        format!("ORDER BY {}", columns.join(", "))
    }
}

impl Range {
    /// These columns of the first `$3` of the messages `m` in this order; `$4` is the agent.
    ///
    /// Both forms walk an index in order as far as they can: of the org, or of the agent's own messages. What agents
    /// said elsewhere is found by conversation and sorted, which is little.
    fn first(&self, columns: &str, order: Order) -> String {
        if self.agent.is_none() {
            let order = order.by(&["m.created_at", "m.number"]);
            return format!("SELECT {columns} FROM messages m WHERE m.org_id = $1 AND {SHOWN} {order} LIMIT $3");
        }
        // Messages have the org of their agent and conversation; asked for it themselves, SQLite would walk the org's.
        format!(
            "SELECT * FROM (SELECT {columns} FROM messages m
                             WHERE m.agent_id = (SELECT o.id FROM agents o WHERE o.id = $4 AND o.org_id = $1) AND {SHOWN}
                             {} LIMIT $3) own
             UNION ALL
             SELECT * FROM (SELECT {columns} FROM conversations w CROSS JOIN messages m
                             WHERE w.org_id = $1 AND w.counterparty_type = 'agent' AND w.counterparty_id = $4
                               AND w.agent_id <> $4 AND m.conversation_id = w.id AND {SHOWN}
                             {} LIMIT $3) others",
            order.by(&["m.seq"]),
            order.by(&["m.number"]),
        )
    }

    /// Orders what came of [`Self::first`]; an agent's messages are numbered in the order of their places.
    fn ordered(&self, order: Order) -> String {
        if self.agent.is_some() { order.by(&["m.number"]) } else { order.by(&["m.created_at", "m.number"]) }
    }

    fn args(&self, org: &str, limit: i64) -> Args {
        let mut args = args![org, self.since, limit];
        args.extend(self.agent.as_ref().map(Into::into));
        args
    }
}

impl FromRow for Told {
    fn from_row(row: &Row) -> Result<Self> {
        let (agent, other) = (row.text("agent_name")?, row.text("other_name")?);
        let is_reply = row.text("role")? == "assistant";
        let (from, to) = if is_reply { (agent, other) } else { (row.text("sender_name")?, agent) };
        let kind = kind_of(&row.text("channel")?, row.text_opt("metadata")?.as_deref());
        Ok(Self {
            number: row.int("number")?,
            from,
            to,
            content: row.text("content")?,
            kind,
            read_at: row.time_opt("read_at")?,
            created_at: row.time("created_at")?,
        })
    }
}

/// A page of the messages, oldest first.
pub(super) async fn page(db: &Db, org: &str, range: &Range, limit: i64, offset: i64) -> Result<Vec<Told>> {
    let mut args = range.args(org, offset.saturating_add(limit));
    args.push(limit.into());
    args.push(offset.into());
    let columns = "m.number, m.role, m.channel, m.content, m.metadata, m.read_at, m.created_at, m.agent_id, m.conversation_id, m.sender_id";
    let ordered = range.ordered(Order::OldestFirst);
    let sql = format!(
        "SELECT m.number, m.role, m.channel, m.content, m.metadata, m.read_at, m.created_at, a.name AS agent_name,
                COALESCE(p.name, c.counterparty_name) AS other_name, {SENDER} AS sender_name
           FROM (SELECT * FROM ({}) m {ordered} LIMIT ${} OFFSET ${}) m {NAMED} {ordered}",
        range.first(columns, Order::OldestFirst),
        args.len() - 1,
        args.len(),
    );
    db.all(sql, args).await
}

/// How many messages there are, as far as they are counted.
pub(super) async fn count(db: &Db, org: &str, range: &Range) -> Result<i64> {
    let sql = format!("SELECT count(*) FROM (SELECT id FROM ({}) m LIMIT $3) counted", range.first("m.id", Order::Any));
    db.one(sql, range.args(org, MOST_COUNTED)).await
}

/// Who told whom, and whether they are agents.
pub(super) struct Pair {
    pub(super) edge: Edge,
    pub(super) is_from_agent: bool,
    pub(super) is_to_agent: bool,
}

impl FromRow for Pair {
    fn from_row(row: &Row) -> Result<Self> {
        let edge = Edge {
            from: row.text("sender_name")?,
            to: row.text("receiver_name")?,
            messages: row.int("messages")?,
            last_at: row.time("last_at")?,
        };
        let is_agent = |column| Ok(row.text_opt(column)?.is_some());
        Ok(Self { edge, is_from_agent: is_agent("from_agent")?, is_to_agent: is_agent("to_agent")? })
    }
}

/// Who told whom how much in the latest messages, the most first.
pub(super) async fn pairs(db: &Db, org: &str, range: &Range) -> Result<Vec<Pair>> {
    // Of two who tell each other something at least one is the conversation's agent; `other` names the other one.
    let sql = format!(
        "SELECT e.messages, e.last_at, s.id AS from_agent, r.id AS to_agent,
                COALESCE(s.name, e.other, u.username, k.name, e.sender) AS sender_name,
                COALESCE(r.name, e.other, e.receiver) AS receiver_name
           FROM (SELECT x.sender, x.receiver, count(*) AS messages, max(x.at) AS last_at, max(x.other) AS other
                   FROM (SELECT CASE m.role WHEN 'assistant' THEN m.agent_id ELSE m.sender_id END AS sender,
                                CASE m.role WHEN 'assistant' THEN c.counterparty_id ELSE m.agent_id END AS receiver,
                                CASE WHEN m.role = 'assistant' OR m.sender_id = c.counterparty_id THEN c.counterparty_name END AS other,
                                m.created_at AS at
                           FROM (SELECT * FROM ({}) m {} LIMIT $3) m JOIN conversations c ON c.id = m.conversation_id) x
                  GROUP BY x.sender, x.receiver) e
           LEFT JOIN agents s ON s.id = e.sender LEFT JOIN agents r ON r.id = e.receiver LEFT JOIN users u ON u.id = e.sender
           LEFT JOIN api_keys k ON k.id = e.sender
          ORDER BY e.messages DESC, e.last_at DESC, e.sender, e.receiver",
        range.first(
            "m.role, m.agent_id, m.sender_id, m.conversation_id, m.created_at, m.number",
            Order::NewestFirst
        ),
        range.ordered(Order::NewestFirst),
    );
    db.all(sql, range.args(org, DRAWN)).await
}
