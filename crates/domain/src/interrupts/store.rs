//! All SQL of interrupts.

use super::Replied;
use crate::conversations::Status;
use muster_base::{Millis, Result};
use muster_store::{Db, FromRow, Row, args};

/// Whether a node that has beaten since `alive` has the agent's link.
pub(super) async fn is_linked(db: &Db, org: &str, agent: &str, alive: Millis) -> Result<bool> {
    let sql = "SELECT l.agent_id FROM links l JOIN nodes n ON n.id = l.node_id
                WHERE l.agent_id = $2 AND l.org_id = $1 AND n.beat_at > $3";
    Ok(db.optional_short::<String>(sql, args![org, agent, alive]).await?.is_some())
}

/// Whether the agent has got a message.
pub(super) async fn is_delivered(db: &Db, org: &str, message: &str) -> Result<bool> {
    let sql = "SELECT id FROM messages WHERE id = $2 AND org_id = $1 AND delivered_at IS NOT NULL";
    Ok(db.optional_short::<String>(sql, args![org, message]).await?.is_some())
}

/// The id inside Muster of the conversation that a message is in.
pub(super) async fn conversation_of(db: &Db, org: &str, message: &str) -> Result<Option<String>> {
    db.optional_short("SELECT conversation_id FROM messages WHERE id = $2 AND org_id = $1", args![org, message]).await
}

/// What became of a message.
pub(super) struct Outcome {
    pub(super) status: Status,
    pub(super) error: Option<String>,
    pub(super) is_delivered: bool,
    pub(super) reply: Option<Replied>,
}

impl FromRow for Outcome {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            status: Status::parse(&row.text("status")?, "status")?,
            error: row.text_opt("error")?,
            is_delivered: row.time_opt("delivered_at")?.is_some(),
            reply: row.text_opt("reply")?.zip(row.text_opt("content")?).map(|(id, content)| Replied { id, content }),
        })
    }
}

/// What became of a message: a turn's reply answers all messages that the turn took up, one from elsewhere the message
/// that it names.
pub(super) async fn outcome(db: &Db, org: &str, message: &str) -> Result<Option<Outcome>> {
    let sql = "SELECT m.status, m.error, m.delivered_at, COALESCE(t.id, e.id) AS reply, COALESCE(t.content, e.content) AS content
                 FROM messages m
                 LEFT JOIN messages t ON t.turn_id = m.turn_id AND t.role = 'assistant'
                 LEFT JOIN messages e ON e.reply_to_id = m.id AND e.role = 'assistant' AND e.turn_id IS NULL
                WHERE m.id = $2 AND m.org_id = $1";
    db.optional_short(sql, args![org, message]).await
}
