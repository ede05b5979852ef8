//! All SQL of heartbeats.

use super::{MOST, PendingTask, WaitingMessage, Work};
use crate::agents::Agent;
use crate::comms::{NAMED, SENDER, kind_of};
use crate::tasks::{Priority, Status};
use muster_base::{Millis, Result};
use muster_store::{Args, Db, FromRow, Row, Tx, Value, args};

enum Item {
    Task(PendingTask),
    Message(WaitingMessage),
}

impl FromRow for Item {
    fn from_row(row: &Row) -> Result<Self> {
        let (number, created_at) = (row.int("number")?, row.time("created_at")?);
        let text = row.text("text")?;
        if let Some(rank) = row.int_opt("priority")? {
            let status = Status::parse(&row.text("word")?, "status")?;
            let (priority, due_at) = (Priority::of_rank(rank), row.time_opt("due_at")?);
            return Ok(Self::Task(PendingTask { number, title: text, status, priority, due_at, created_at }));
        }
        let kind = kind_of(&row.text("word")?, row.text_opt("metadata")?.as_deref());
        Ok(Self::Message(WaitingMessage { number, from: row.text("sender")?, content: text, kind, created_at }))
    }
}

/// The part of a heartbeat that tasks of one status are. Two parts rather than one, so that each walks its index.
fn tasks(status: &str) -> String {
    format!(
        "SELECT * FROM (SELECT number, title AS text, status AS word, priority, due_at, created_at,
                               CAST(NULL AS TEXT) AS sender, CAST(NULL AS TEXT) AS metadata
                          FROM tasks WHERE agent_id = $2 AND org_id = $1 AND status = '{status}'
                         ORDER BY priority, created_at, number LIMIT $3) {status}"
    )
}

fn messages(name: &str, from: &str, condition: &str, order: &str) -> String {
    format!(
        "SELECT * FROM (SELECT m.number, m.content, m.channel, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), m.created_at,
                               {SENDER}, m.metadata
                          FROM {from} {NAMED} WHERE {condition} AND m.number IS NOT NULL ORDER BY {order} LIMIT $3) {name}"
    )
}

/// What waits for an agent, in one statement: its tasks, messages to it, and what others replied to it.
///
/// A hosted agent's messages are in turns and replies are handed to it, so for it there are only tasks.
fn work_sql(is_hosted: bool) -> String {
    let mut parts = vec![tasks("assigned"), tasks("in_progress")];
    let waiting = "m.org_id = $1 AND m.agent_id = $2 AND m.turn_id IS NULL AND m.read_at IS NULL AND m.role = 'user'";
    parts.push(messages("waiting", "messages m", waiting, "m.seq"));
    if !is_hosted {
        // The conversations come first, few as they are; SQLite would rather begin with the org's messages.
        let unread = "w.org_id = $1 AND w.counterparty_type = 'agent' AND w.counterparty_id = $2 AND w.unread_count > 0
             AND m.conversation_id = w.id AND m.role = 'assistant' AND m.channel = 'agent' AND m.read_at IS NULL";
        parts.push(messages("replies", "conversations w CROSS JOIN messages m", unread, "m.number"));
    }
    parts.join(" UNION ALL ")
}

/// What waits for an agent, in the order of each part; more than is shown may come back.
pub(super) async fn work(db: &Db, agent: &Agent) -> Result<Work> {
    let items: Vec<Item> = db.all_short(work_sql(agent.hosted), args![&agent.org, &agent.id, MOST as i64]).await?;
    let mut work = Work::default();
    for item in items {
        match item {
            Item::Task(task) => work.tasks.push(task),
            Item::Message(message) => work.messages.push(message),
        }
    }
    Ok(work)
}

/// A message that an agent may acknowledge.
pub(super) struct Named {
    pub(super) number: i64,
    pub(super) id: String,
    pub(super) conversation: String,
    pub(super) is_reply: bool,
    pub(super) is_read: bool,
}

impl FromRow for Named {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            number: row.int("number")?,
            id: row.text("id")?,
            conversation: row.text("conversation_id")?,
            is_reply: row.text("role")? == "assistant",
            is_read: row.time_opt("read_at")?.is_some(),
        })
    }
}

/// The marks of a list of values. It is padded to few lengths, so that there are few statements to compile.
fn listed<T: Clone + Into<Value>>(values: &[T], args: &mut Args) -> String {
    let length = [1, 8, 64].into_iter().find(|length| values.len() <= *length).unwrap_or(values.len());
    let marks: Vec<String> = values
        .iter()
        .cycle()
        .take(length)
        .map(|value| {
            args.push(value.clone().into());
            format!("${}", args.len())
        })
        .collect();
    marks.join(", ")
}

/// The messages among these numbers that are an agent's to acknowledge: those to it, and replies to it.
pub(super) async fn named(db: &Db, org: &str, agent: &str, numbers: &[i64]) -> Result<Vec<Named>> {
    let mut args = args![org, agent];
    let numbers = listed(numbers, &mut args);
    // The first line is what the index of numbers holds, word for word.
    let sql = format!(
        "SELECT m.number, m.id, m.conversation_id, m.role, m.read_at
           FROM messages m JOIN conversations c ON c.id = m.conversation_id
          WHERE (m.turn_id IS NULL OR m.channel = 'agent') AND m.org_id = $1 AND m.number IN ({numbers})
            AND ((m.role = 'user' AND m.turn_id IS NULL AND m.agent_id = $2)
              OR (m.role = 'assistant' AND m.channel = 'agent' AND c.counterparty_type = 'agent' AND c.counterparty_id = $2))"
    );
    db.all(sql, args).await
}

/// Locks a conversation before its messages, as everywhere.
pub(super) async fn lock_conversation(tx: &mut Tx, org: &str, id: &str) -> Result<()> {
    let sql = "UPDATE conversations SET unread_count = unread_count WHERE id = $1 AND org_id = $2";
    tx.execute(sql, args![id, org]).await.map(drop)
}

/// Marks messages as read that were not; returns the ids of those.
pub(super) async fn mark_read(tx: &mut Tx, org: &str, ids: &[String], at: Millis) -> Result<Vec<String>> {
    let mut args = args![org, at];
    let ids = listed(ids, &mut args);
    let sql = format!(
        "UPDATE messages SET status = 'completed', read_at = $2, delivered_at = COALESCE(delivered_at, $2)
          WHERE org_id = $1 AND id IN ({ids}) AND read_at IS NULL RETURNING id"
    );
    tx.all(sql, args).await
}

/// Counts replies that were read.
pub(super) async fn note_read(tx: &mut Tx, org: &str, conversation: &str, count: i64) -> Result<()> {
    let sql = "UPDATE conversations SET unread_count = unread_count - $3 WHERE id = $1 AND org_id = $2";
    tx.execute(sql, args![conversation, org, count]).await.map(drop)
}
