//! All SQL of what waits for agents that run elsewhere.

use super::{Waiting, Whole};
use crate::comms::{NAMED, SENDER};
use muster_base::{Millis, Result};
use muster_store::{Args, Db, FromRow, Row, Tx, Value, args};

impl FromRow for Waiting {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            number: row.int("number")?,
            from: row.text("sender")?,
            from_id: row.text("sender_id")?,
            content: row.text("content")?,
            channel: row.text("channel")?,
            reply_to: row.text_opt("reply_to_id")?,
            created_at: row.time("created_at")?,
            delivered_at: row.time_opt("delivered_at")?,
        })
    }
}

/// The first of what waits for an agent after a number: messages to it, and what others replied to it. More than
/// `limit` may come back, each sort in its order.
pub(super) async fn waiting(db: &Db, org: &str, agent: &str, after: i64, limit: i64) -> Result<Vec<Waiting>> {
    let columns = format!(
        "m.id, m.number, {SENDER} AS sender, m.sender_id, m.content, m.channel, m.reply_to_id, m.created_at, m.delivered_at"
    );
    // As a heartbeat finds them, see there; the plus keeps SQLite from walking all numbers of the org.
    let sql = format!(
        "SELECT * FROM (SELECT {columns} FROM messages m {NAMED}
                         WHERE m.org_id = $1 AND m.agent_id = $2 AND m.turn_id IS NULL AND m.read_at IS NULL AND m.role = 'user'
                           AND +m.number > $3 ORDER BY m.seq LIMIT $4) own
         UNION ALL
         SELECT * FROM (SELECT {columns} FROM conversations w CROSS JOIN messages m {NAMED}
                         WHERE w.org_id = $1 AND w.counterparty_type = 'agent' AND w.counterparty_id = $2 AND w.unread_count > 0
                           AND m.conversation_id = w.id AND m.role = 'assistant' AND m.channel = 'agent' AND m.read_at IS NULL
                           AND +m.number > $3 ORDER BY m.number LIMIT $4) replies"
    );
    db.all_short(sql, args![org, agent, after, limit]).await
}

/// Notes that an agent has got messages; the numbers of those that it had not got before.
pub(super) async fn mark_delivered(
    tx: &mut Tx,
    org: &str,
    agent: &str,
    ids: &[String],
    at: Millis,
) -> Result<Vec<i64>> {
    let mut args = args![org, agent, at];
    let ids = listed(ids, &mut args);
    let sql = format!(
        "UPDATE messages SET delivered_at = $3
          WHERE org_id = $1 AND agent_id = $2 AND id IN ({ids}) AND role = 'user' AND turn_id IS NULL AND delivered_at IS NULL
            AND number IS NOT NULL RETURNING number"
    );
    tx.all(sql, args).await
}

/// A message that an agent would reply to.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) conversation: String,
    /// Whether it is a reply itself.
    pub(super) is_reply: bool,
    /// Whether a turn of ours has taken it up.
    pub(super) is_in_turn: bool,
    pub(super) depth: i64,
    /// The agent that asked and is to be handed the reply.
    pub(super) asker: Option<String>,
}

impl FromRow for Asked {
    fn from_row(row: &Row) -> Result<Self> {
        let is_from_agent = row.text("counterparty_type")? == "agent" && row.text("conversation_channel")? == "agent";
        let counterparty = row.text("counterparty_id")?;
        Ok(Self {
            id: row.text("id")?,
            conversation: row.text("conversation_id")?,
            is_reply: row.text("role")? == "assistant",
            is_in_turn: row.text_opt("turn_id")?.is_some(),
            depth: row.int("depth")?,
            asker: Some(counterparty).filter(|_| is_from_agent),
        })
    }
}

/// The condition on a message `m` that a text names by id or by number, which is the argument after those there are.
fn named_by(message: &str, args: &mut Args) -> String {
    let number: Option<i64> = message.bytes().all(|byte| byte.is_ascii_digit()).then(|| message.parse().ok()).flatten();
    args.push(number.map_or_else(|| message.into(), Value::from));
    let place = args.len();
    match number {
        // What the index of numbers holds, word for word.
        Some(_) => format!("(m.turn_id IS NULL OR m.channel = 'agent') AND m.number = ${place}"),
        None => format!("m.id = ${place}"),
    }
}

/// A message to an agent, or a reply to it, by its id or its number.
pub(super) async fn asked(db: &Db, org: &str, agent: &str, message: &str) -> Result<Option<Asked>> {
    let mut args = args![org, agent];
    let sql = format!(
        "SELECT m.id, m.conversation_id, m.role, m.turn_id, m.depth, c.counterparty_type, c.counterparty_id,
                c.channel AS conversation_channel
           FROM messages m JOIN conversations c ON c.id = m.conversation_id
          WHERE {} AND m.org_id = $1
            AND ((m.role = 'user' AND m.agent_id = $2)
              OR (m.role = 'assistant' AND c.counterparty_type = 'agent' AND c.counterparty_id = $2))",
        named_by(message, &mut args)
    );
    db.optional_short(sql, args).await
}

/// The agent that a message is to, by its id or its number.
pub(super) async fn recipient(db: &Db, org: &str, message: &str) -> Result<Option<String>> {
    let mut args = args![org];
    let sql = format!(
        "SELECT m.agent_id FROM messages m WHERE {} AND m.org_id = $1 AND m.role = 'user'",
        named_by(message, &mut args)
    );
    db.optional_short(sql, args).await
}

impl FromRow for Whole {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            from: row.text("sender")?,
            from_id: row.text("sender_id")?,
            content: row.text("content")?,
            channel: row.text("channel")?,
            reply_to: row.text_opt("reply_to_id")?,
            created_at: row.time("created_at")?,
        })
    }
}

/// Whose messages may be read.
pub(super) enum Reader<'a> {
    /// Those of every agent.
    Anybody,
    /// Those of one agent.
    Agent(&'a str),
    /// Those of the agents that enrolled with a credential.
    Machines(&'a str),
}

/// A message to an agent, or a reply to one, by its id or its number, if it is the reader's to see.
pub(super) async fn whole(db: &Db, org: &str, reader: &Reader<'_>, message: &str) -> Result<Option<Whole>> {
    let mut args = args![org];
    let named = named_by(message, &mut args);
    let mut is_theirs = |to: &str| match reader {
        Reader::Anybody => "1 = 1".to_owned(),
        Reader::Agent(agent) => {
            args.push((*agent).into());
            format!("{to} = ${}", args.len())
        }
        Reader::Machines(credential) => {
            args.push((*credential).into());
            let place = args.len();
            format!("{to} IN (SELECT agent_id FROM enrolments WHERE credential_id = ${place} AND org_id = $1)")
        }
    };
    let (own, reply) = (is_theirs("m.agent_id"), is_theirs("c.counterparty_id"));
    let sql = format!(
        "SELECT m.id, {SENDER} AS sender, m.sender_id, m.content, m.channel, m.reply_to_id, m.created_at
           FROM messages m {NAMED}
          WHERE {named} AND m.org_id = $1
            AND ((m.role = 'user' AND {own})
              OR (m.role = 'assistant' AND c.counterparty_type = 'agent' AND {reply}))"
    );
    db.optional_short(sql, args).await
}

/// What an agent that runs elsewhere replied to a message: the reply's id and text.
pub(super) struct Given {
    pub(super) id: String,
    pub(super) content: String,
}

impl FromRow for Given {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { id: row.text("id")?, content: row.text("content")? })
    }
}

pub(super) async fn given(db: &Db, org: &str, message: &str) -> Result<Option<Given>> {
    let sql = "SELECT id, content FROM messages
                WHERE reply_to_id = $2 AND role = 'assistant' AND turn_id IS NULL AND org_id = $1";
    db.optional_short(sql, args![org, message]).await
}

/// Notes that a message was answered; `false` when a turn has taken it up meanwhile.
pub(super) async fn mark_answered(tx: &mut Tx, org: &str, message: &str, at: Millis) -> Result<bool> {
    let sql = "UPDATE messages SET status = 'completed', error = NULL, read_at = COALESCE(read_at, $3),
                      delivered_at = COALESCE(delivered_at, $3)
                WHERE id = $2 AND org_id = $1 AND turn_id IS NULL";
    Ok(tx.execute(sql, args![org, message, at]).await? == 1)
}

/// A message that an agent may acknowledge.
pub(crate) struct Named {
    pub(super) number: Option<i64>,
    pub(super) id: String,
    pub(super) conversation: String,
    pub(super) is_reply: bool,
    pub(super) is_read: bool,
}

impl FromRow for Named {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            number: row.int_opt("number")?,
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

/// How messages are named.
pub(super) enum Names<'a> {
    Numbers(&'a [i64]),
    Ids(&'a [String]),
}

/// The messages among these that are an agent's to acknowledge: those to it, and replies to it.
pub(super) async fn named(db: &Db, org: &str, agent: &str, names: &Names<'_>) -> Result<Vec<Named>> {
    let mut args = args![org, agent];
    let condition = match names {
        Names::Numbers([]) | Names::Ids([]) => return Ok(vec![]),
        // What the index of numbers holds, word for word.
        Names::Numbers(numbers) => format!(
            "(m.turn_id IS NULL OR m.channel = 'agent') AND m.org_id = $1 AND m.number IN ({})",
            listed(numbers, &mut args)
        ),
        Names::Ids(ids) => format!("m.org_id = $1 AND m.id IN ({})", listed(ids, &mut args)),
    };
    let sql = format!(
        "SELECT m.number, m.id, m.conversation_id, m.role, m.read_at
           FROM messages m JOIN conversations c ON c.id = m.conversation_id
          WHERE {condition}
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
