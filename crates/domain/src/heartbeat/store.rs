//! All SQL of heartbeats.

use super::{MOST, PendingTask, WaitingMessage, Work};
use crate::agents::Agent;
use crate::comms::{NAMED, SENDER, kind_of};
use crate::tasks::{Priority, Status};
use muster_base::Result;
use muster_store::{Db, FromRow, Row, args};

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
