//! All SQL of conversations and messages.

use super::{Conversation, Message, Sender, Status};
use muster_base::{Millis, PageRequest, Result};
use muster_store::{Db, FromRow, Row, Statement, Tx, args};

const MESSAGE: &str = "m.id, m.number, m.agent_id, m.conversation_id, c.key, c.chosen, m.seq, m.role, m.sender_type, m.sender_id, m.content, m.metadata,
    m.status, m.channel, m.queue_mode, m.reply_to_id, m.turn_id, m.error, m.created_at, m.delivered_at, m.read_at";
const FROM_MESSAGES: &str = "FROM messages m JOIN conversations c ON c.id = m.conversation_id";
const CONVERSATION: &str =
    "id, agent_id, key, chosen, channel, counterparty_id, counterparty_type, counterparty_name, message_count,
    unread_count, last_message_at, last_message_preview, summary, summary_seq, created_at";

/// The client's name of a conversation: the one it chose, else its id.
fn name(row: &Row, id: &str) -> Result<String> {
    if row.flag("chosen")? {
        let key = row.text("key")?;
        return Ok(key.strip_prefix("chosen:").unwrap_or(&key).to_owned());
    }
    Ok(id.to_owned())
}

impl FromRow for Message {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            number: row.int_opt("number")?,
            agent: row.text("agent_id")?,
            conversation: name(row, &row.text("conversation_id")?)?,
            seq: row.int("seq")?,
            role: row.text("role")?,
            sender_type: row.text("sender_type")?,
            sender: row.text("sender_id")?,
            content: row.text("content")?,
            metadata: row.text_opt("metadata")?,
            status: Status::parse(&row.text("status")?, "status")?,
            channel: row.text("channel")?,
            queue_mode: row.text("queue_mode")?,
            reply_to: row.text_opt("reply_to_id")?,
            turn: row.text_opt("turn_id")?,
            error: row.text_opt("error")?,
            created_at: row.time("created_at")?,
            delivered_at: row.time_opt("delivered_at")?,
            read_at: row.time_opt("read_at")?,
        })
    }
}

/// A message and the conversation it is in.
struct InConversation(String, Message);

impl FromRow for InConversation {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.text("conversation_id")?, Message::from_row(row)?))
    }
}

impl FromRow for Conversation {
    fn from_row(row: &Row) -> Result<Self> {
        let id = row.text("id")?;
        Ok(Self {
            name: name(row, &id)?,
            id,
            agent: row.text("agent_id")?,
            channel: row.text("channel")?,
            counterparty: Sender {
                kind: row.text("counterparty_type")?,
                id: row.text("counterparty_id")?,
                name: row.text("counterparty_name")?,
            },
            message_count: row.int("message_count")?,
            unread_count: row.int("unread_count")?,
            last_message_at: row.time("last_message_at")?,
            last_message_preview: row.text_opt("last_message_preview")?,
            summary: row.text_opt("summary")?,
            summary_seq: row.int("summary_seq")?,
            created_at: row.time("created_at")?,
        })
    }
}

/// A conversation by its id and by the client's name of it.
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: String,
}

impl FromRow for Named {
    fn from_row(row: &Row) -> Result<Self> {
        let id = row.text("id")?;
        Ok(Self { name: name(row, &id)?, id })
    }
}

pub(super) async fn touch_by_key(
    tx: &mut Tx,
    org: &str,
    agent: &str,
    key: &str,
    at: Millis,
    preview: &str,
) -> Result<Option<Named>> {
    let sql =
        "UPDATE conversations SET message_count = message_count + 1, last_message_at = $4, last_message_preview = $5
                WHERE agent_id = $1 AND key = $2 AND org_id = $3 RETURNING id, chosen, key";
    tx.optional(sql, args![agent, key, org, at, preview]).await
}

pub(super) async fn touch_by_id(
    tx: &mut Tx,
    org: &str,
    agent: &str,
    id: &str,
    at: Millis,
    preview: &str,
) -> Result<Option<Named>> {
    let sql =
        "UPDATE conversations SET message_count = message_count + 1, last_message_at = $4, last_message_preview = $5
                WHERE id = $2 AND agent_id = $1 AND org_id = $3 RETURNING id, chosen, key";
    tx.optional(sql, args![agent, id, org, at, preview]).await
}

pub(super) async fn has_conversation(tx: &mut Tx, org: &str, agent: &str, id: &str) -> Result<bool> {
    let sql = "SELECT id FROM conversations WHERE id = $1 AND agent_id = $2 AND org_id = $3";
    Ok(tx.optional::<String>(sql, args![id, agent, org]).await?.is_some())
}

pub(super) async fn insert_conversation(tx: &mut Tx, org: &str, key: &str, new: &Conversation) -> Result<()> {
    let sql = "INSERT INTO conversations (id, org_id, agent_id, key, chosen, channel, counterparty_id, counterparty_type, counterparty_name,
                                          message_count, last_message_at, last_message_preview, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let args = args![
        &new.id,
        org,
        &new.agent,
        key,
        key.starts_with("chosen:"),
        &new.channel,
        &new.counterparty.id,
        &new.counterparty.kind,
        &new.counterparty.name,
        new.message_count,
        new.last_message_at,
        &new.last_message_preview,
        new.created_at
    ];
    tx.execute(sql, args).await.map(drop)
}

/// What stores a message in a conversation under its number; `depth` is how many agents it passed through.
pub(super) fn insertion(org: &str, (conversation, number): (&str, i64), new: &Message, depth: i64) -> Statement {
    let sql = "INSERT INTO messages (id, org_id, agent_id, conversation_id, seq, role, sender_type, sender_id, content, metadata, status,
                                     channel, queue_mode, reply_to_id, turn_id, created_at, delivered_at, read_at, number, depth)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
    let args = args![
        &new.id,
        org,
        &new.agent,
        conversation,
        new.seq,
        &new.role,
        &new.sender_type,
        &new.sender,
        &new.content,
        &new.metadata,
        new.status.as_str(),
        &new.channel,
        &new.queue_mode,
        &new.reply_to,
        &new.turn,
        new.created_at,
        new.delivered_at,
        new.read_at,
        number,
        depth
    ];
    Statement::new(sql, args)
}

pub(super) async fn find(db: &Db, org: &str, agent: &str, id: &str) -> Result<Option<Message>> {
    let sql = format!("SELECT {MESSAGE} {FROM_MESSAGES} WHERE m.id = $1 AND m.agent_id = $2 AND m.org_id = $3");
    db.optional_short(sql, args![id, agent, org]).await
}

/// Which messages are read.
pub(super) struct Range {
    pub(super) before: Option<i64>,
    pub(super) after: Option<i64>,
    pub(super) status: Option<Status>,
    pub(super) channel: Option<String>,
    pub(super) conversation: Option<String>,
}

pub(super) async fn list(db: &Db, org: &str, agent: &str, range: &Range, limit: i64) -> Result<Vec<Message>> {
    let mut sql = format!("SELECT {MESSAGE} {FROM_MESSAGES} WHERE m.org_id = $1 AND m.agent_id = $2");
    let mut args = args![org, agent];
    let mut and = |condition: &str, value: muster_store::Value| {
        args.push(value);
        sql.push_str(&format!(" AND m.{condition} ${}", args.len()));
    };
    if let Some(before) = range.before {
        and("seq <", before.into());
    }
    if let Some(after) = range.after {
        and("seq >", after.into());
    }
    if let Some(status) = range.status {
        and("status =", status.as_str().into());
    }
    if let Some(channel) = &range.channel {
        and("channel =", channel.into());
    }
    if let Some(conversation) = &range.conversation {
        and("conversation_id =", conversation.into());
    }
    args.push(limit.into());
    let order = if range.after.is_some() { "ASC" } else { "DESC" };
    sql.push_str(&format!(" ORDER BY m.seq {order} LIMIT ${}", args.len()));
    db.all(sql, args).await
}

/// A conversation of an agent, by the name that the client uses.
pub(super) async fn find_conversation(db: &Db, org: &str, agent: &str, name: &str) -> Result<Option<Conversation>> {
    let sql = format!(
        "SELECT {CONVERSATION} FROM conversations WHERE agent_id = $1 AND org_id = $2 AND (key = $3 OR id = $4)"
    );
    db.optional_short(sql, args![agent, org, format!("chosen:{name}"), name]).await
}

/// By its id, or by the client's name when that is unique in the org.
pub(super) async fn conversation_by_id(db: &Db, org: &str, id: &str) -> Result<Option<Conversation>> {
    db.optional_short(format!("SELECT {CONVERSATION} FROM conversations WHERE id = $1 AND org_id = $2"), args![id, org])
        .await
}

pub(super) async fn conversations(
    db: &Db,
    org: &str,
    agent: Option<&str>,
    page: &PageRequest,
) -> Result<Vec<Conversation>> {
    let mut sql = format!("SELECT {CONVERSATION} FROM conversations WHERE org_id = $1");
    let mut args = args![org];
    if let Some(agent) = agent {
        args.push(agent.into());
        sql.push_str(&format!(" AND agent_id = ${}", args.len()));
    }
    if let Some(cursor) = &page.after {
        args.push(cursor.number("pageToken")?.into());
        args.push(cursor.id.as_str().into());
        sql.push_str(&format!(" AND (last_message_at, id) < (${}, ${})", args.len() - 1, args.len()));
    }
    args.push((page.limit + 1).into());
    sql.push_str(&format!(" ORDER BY last_message_at DESC, id DESC LIMIT ${}", args.len()));
    db.all(sql, args).await
}

/// An agent's counterparties, the latest first: each is the conversation with it that is the latest, with the counts of
/// all of them and without a summary.
pub(super) async fn counterparties(db: &Db, org: &str, agent: &str, page: &PageRequest) -> Result<Vec<Conversation>> {
    let mut args = args![org, agent];
    let after = match &page.after {
        None => String::new(),
        Some(cursor) => {
            args.push(cursor.number("before")?.into());
            args.push(cursor.id.as_str().into());
            "AND (last_message_at, id) < ($3, $4)".to_owned()
        }
    };
    args.push((page.limit + 1).into());
    let each = "PARTITION BY counterparty_type, counterparty_id";
    let sql = format!(
        "SELECT * FROM (SELECT id, agent_id, key, chosen, channel, counterparty_id, counterparty_type, counterparty_name,
                               CAST(sum(message_count) OVER ({each}) AS BIGINT) AS message_count,
                               CAST(sum(unread_count) OVER ({each}) AS BIGINT) AS unread_count,
                               last_message_at, last_message_preview, CAST(NULL AS TEXT) AS summary, summary_seq, created_at,
                               row_number() OVER ({each} ORDER BY last_message_at DESC, id DESC) AS place
                          FROM conversations WHERE org_id = $1 AND agent_id = $2) latest
          WHERE place = 1 {after}
          ORDER BY last_message_at DESC, id DESC LIMIT ${}",
        args.len()
    );
    db.all(sql, args).await
}

/// A conversation with a counterparty: its id, and the place that it has among theirs, from 1 for the latest.
pub(super) struct Placed {
    pub(super) id: String,
    pub(super) with: (String, String),
    pub(super) place: i64,
}

impl FromRow for Placed {
    fn from_row(row: &Row) -> Result<Self> {
        let with = (row.text("counterparty_type")?, row.text("counterparty_id")?);
        Ok(Self { id: row.text("id")?, with, place: row.int("place")? })
    }
}

/// The latest `most` conversations of an agent with each of these counterparties.
pub(super) async fn latest_with(
    db: &Db,
    org: &str,
    agent: &str,
    with: &[(&str, &str)],
    most: i64,
) -> Result<Vec<Placed>> {
    let mut args = args![org, agent, most];
    let wanted: Vec<String> = with
        .iter()
        .map(|(kind, id)| {
            args.push((*kind).into());
            args.push((*id).into());
            format!("(${}, ${})", args.len() - 1, args.len())
        })
        .collect();
    let sql = format!(
        "SELECT * FROM (SELECT id, counterparty_type, counterparty_id,
                               row_number() OVER (PARTITION BY counterparty_type, counterparty_id
                                                  ORDER BY last_message_at DESC, id DESC) AS place
                          FROM conversations
                         WHERE org_id = $1 AND agent_id = $2 AND (counterparty_type, counterparty_id) IN (VALUES {})) latest
          WHERE place <= $3 ORDER BY place",
        wanted.join(", ")
    );
    db.all(sql, args).await
}

/// The newest messages of each conversation, oldest first, with the id of their conversation.
pub(super) async fn latest_messages(
    db: &Db,
    org: &str,
    conversations: &[&str],
    limit: i64,
) -> Result<Vec<(String, Message)>> {
    if conversations.is_empty() {
        return Ok(vec![]);
    }
    // One bounded index walk per conversation, in one statement.
    let mut args = args![org, limit];
    let parts: Vec<String> = conversations
        .iter()
        .map(|id| {
            args.push((*id).into());
            format!(
                "SELECT * FROM (SELECT {MESSAGE} {FROM_MESSAGES} WHERE m.conversation_id = ${} AND m.org_id = $1 ORDER BY m.seq DESC LIMIT $2) p{}",
                args.len(),
                args.len()
            )
        })
        .collect();
    let sql = format!("SELECT * FROM ({}) latest ORDER BY conversation_id, seq", parts.join(" UNION ALL "));
    let rows: Vec<InConversation> = db.all(sql, args).await?;
    Ok(rows.into_iter().map(|InConversation(id, message)| (id, message)).collect())
}

/// What the model is shown: the conversation's messages after `after` and up to `to`, the newest `limit`, oldest first.
pub async fn history(db: &Db, org: &str, conversation: &str, after: i64, to: i64, limit: i64) -> Result<Vec<Message>> {
    let sql = format!(
        "SELECT * FROM (SELECT {MESSAGE} {FROM_MESSAGES}
                         WHERE m.conversation_id = $1 AND m.org_id = $2 AND m.seq > $3 AND m.seq <= $4 AND m.status <> 'pending'
                         ORDER BY m.seq DESC LIMIT $5) newest ORDER BY seq"
    );
    db.all(sql, args![conversation, org, after, to, limit]).await
}

/// The earliest `limit` messages after one place and before another, oldest first, as a model is shown them.
pub async fn earliest(
    db: &Db,
    org: &str,
    conversation: &str,
    (after, before): (i64, i64),
    limit: i64,
) -> Result<Vec<Message>> {
    let sql = format!(
        "SELECT {MESSAGE} {FROM_MESSAGES}
          WHERE m.conversation_id = $1 AND m.org_id = $2 AND m.seq > $3 AND m.seq < $4 AND m.status <> 'pending'
          ORDER BY m.seq LIMIT $5"
    );
    db.all(sql, args![conversation, org, after, before, limit]).await
}

/// The messages that a turn takes up, oldest first.
pub async fn messages_of_turn(db: &Db, org: &str, turn: &str) -> Result<Vec<Message>> {
    let sql = format!("SELECT {MESSAGE} {FROM_MESSAGES} WHERE m.turn_id = $1 AND m.org_id = $2 ORDER BY m.seq");
    db.all(sql, args![turn, org]).await
}

/// Ids of the messages that a turn takes up, oldest first.
pub(crate) async fn message_ids_of_turn(tx: &mut Tx, turn: &str) -> Result<Vec<String>> {
    tx.all("SELECT id FROM messages WHERE turn_id = $1 AND role = 'user' ORDER BY seq", args![turn]).await
}

/// Sets the status of the user messages of a turn, from one of two others.
pub(crate) async fn set_status_of_turn(
    tx: &mut Tx,
    turn: &str,
    to: Status,
    error: Option<&str>,
    at: Millis,
) -> Result<()> {
    let (delivered, read) = match to {
        Status::Processing => (Some(at), None),
        Status::Completed => (None, Some(at)),
        _ => (None, None),
    };
    let sql = "UPDATE messages SET status = $2, error = $3, delivered_at = COALESCE($4, delivered_at), read_at = COALESCE($5, read_at)
                WHERE turn_id = $1 AND role = 'user' AND status IN ('pending', 'processing')";
    tx.execute(sql, args![turn, to.as_str(), error, delivered, read]).await.map(drop)
}

/// Puts the messages of a turn that ended without an answer into another turn, to wait there.
pub(crate) async fn move_messages(tx: &mut Tx, from: &str, to: &str) -> Result<()> {
    let sql = "UPDATE messages SET turn_id = $2, status = 'pending', error = NULL, delivered_at = NULL
                WHERE turn_id = $1 AND role = 'user'";
    tx.execute(sql, args![from, to]).await.map(drop)
}

/// The conversations in which messages wait for an agent that runs elsewhere, and their channels.
pub(super) async fn waiting_conversations(tx: &mut Tx, org: &str, agent: &str) -> Result<Vec<(String, String)>> {
    let sql = "SELECT id, channel FROM conversations
                WHERE org_id = $1 AND id IN (SELECT conversation_id FROM messages
                                              WHERE agent_id = $2 AND turn_id IS NULL AND read_at IS NULL AND role = 'user')
                ORDER BY id";
    tx.all(sql, args![org, agent]).await
}

/// Puts the messages that wait in a conversation into a turn.
pub(super) async fn put_waiting_into(tx: &mut Tx, org: &str, conversation: &str, turn: &str) -> Result<()> {
    let sql = "UPDATE messages SET turn_id = $3
                WHERE conversation_id = $2 AND org_id = $1 AND turn_id IS NULL AND read_at IS NULL AND role = 'user'";
    tx.execute(sql, args![org, conversation, turn]).await.map(drop)
}

/// A reply to be stored.
pub(crate) struct Reply<'a> {
    pub(crate) id: &'a str,
    pub(crate) org: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) conversation: &'a str,
    /// The turn that made it; `None` for a reply of an agent that runs elsewhere.
    pub(crate) turn: Option<&'a str>,
    pub(crate) reply_to: Option<&'a str>,
    pub(crate) seq: i64,
    pub(crate) content: &'a str,
    pub(crate) at: Millis,
}

/// What stores a reply under its number.
pub(crate) fn reply_insertion(reply: &Reply<'_>, channel: &str, number: i64) -> Statement {
    let sql = "INSERT INTO messages (id, org_id, agent_id, conversation_id, seq, role, sender_type, sender_id, content, status, channel,
                                     queue_mode, reply_to_id, turn_id, created_at, delivered_at, number)
               VALUES ($1, $2, $3, $4, $5, 'assistant', 'agent', $3, $6, 'completed', $7, 'collect', $8, $9, $10, $10, $11)";
    let args = args![
        reply.id,
        reply.org,
        reply.agent,
        reply.conversation,
        reply.seq,
        reply.content,
        channel,
        reply.reply_to,
        reply.turn,
        reply.at,
        number
    ];
    Statement::new(sql, args)
}

/// Counts a reply in its conversation and returns the conversation.
pub(crate) async fn note_reply(tx: &mut Tx, conversation: &str, at: Millis, preview: &str) -> Result<Conversation> {
    let sql = format!(
        "UPDATE conversations SET message_count = message_count + 1, unread_count = unread_count + 1, last_message_at = $2,
                last_message_preview = $3
          WHERE id = $1 RETURNING {CONVERSATION}"
    );
    tx.one(sql, args![conversation, at, preview]).await
}

/// Keeps a summary of the messages up to and including `seq`.
pub(crate) async fn set_summary(tx: &mut Tx, conversation: &str, summary: &str, seq: i64) -> Result<()> {
    let sql = "UPDATE conversations SET summary = $2, summary_seq = $3 WHERE id = $1 AND summary_seq < $3";
    tx.execute(sql, args![conversation, summary, seq]).await.map(drop)
}

/// Marks replies as read; says whether any was unread.
pub(super) async fn mark_read(tx: &mut Tx, org: &str, id: &str, at: Millis) -> Result<Option<(Conversation, bool)>> {
    let sql =
        format!("UPDATE conversations SET unread_count = 0 WHERE id = $1 AND org_id = $2 RETURNING {CONVERSATION}");
    let conversation = tx.optional(sql, args![id, org]).await?;
    let sql = "UPDATE messages SET read_at = $3 WHERE conversation_id = $1 AND org_id = $2 AND role = 'assistant' AND read_at IS NULL";
    let changed = tx.execute(sql, args![id, org, at]).await? > 0;
    Ok(conversation.map(|conversation| (conversation, changed)))
}
