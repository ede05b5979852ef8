//! What accepted messages are compared with: the same rows, written by hand with the same driver and settings.

use crate::Outcome;
use muster_base::new_id;
use muster_store::{Db, Options, Tx, Work, args};
use rusqlite::Connection as Sqlite;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// How many messages share a commit on SQLite.
pub(crate) const GROUP: usize = 32;
/// How many connections write at once to PostgreSQL: as many as the program has.
const POSTGRES_CONNECTIONS: usize = 16;
/// As many agents as the program is given.
pub(crate) const AGENTS: usize = 32;

const ACTOR: &str = r#"{"kind":"key","id":"key_019a0000000070008000000000000000","name":"bootstrap"}"#;
const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const AT: i64 = 1_767_225_600_000;

const AGENT: &str = "UPDATE agents SET message_count = message_count + 1, message_seq = message_seq + 1 WHERE id = $1";
const CONVERSATION: &str = "UPDATE conversations SET message_count = message_count + 1, last_message_at = $2,
    last_message_preview = $3 WHERE id = $1";
const MESSAGE: &str = "INSERT INTO messages (id, org_id, agent_id, conversation_id, seq, role, sender_type, sender_id, content, status,
                                             channel, queue_mode, turn_id, created_at)
    VALUES ($1, 'bench', $2, $3, $4, 'user', 'user', 'key_019a0000000070008000000000000000', $5, 'pending', 'api', 'collect', $6, $7)";
const HEAD: &str = "UPDATE event_heads SET seq = $1, hash = $2 WHERE org_id = 'bench'";
const EVENT: &str = "INSERT INTO events (org_id, seq, id, type, subject, actor, at, data, hash)
    VALUES ('bench', $1, $2, 'message.received', $3, $4, $5, $6, $7)";

/// What is bound for one message.
struct Message {
    id: String,
    event: String,
    agent: String,
    conversation: String,
    seq: i64,
    data: String,
}

impl Message {
    fn new(at: usize, turn: &str, content: &str) -> Self {
        let (agent, conversation) = (format!("agent-{}", at % AGENTS), format!("conv-{}", at % AGENTS));
        let id = new_id("msg");
        let data = format!(
            r#"{{"messageId":"{id}","conversationId":"{conversation}","agentId":"{agent}","turnId":"{turn}","role":"user","channel":"api","preview":"{content}"}}"#,
        );
        Self { id, event: new_id("evt"), agent, conversation, seq: at as i64 + 1, data }
    }
}

/// A database with the program's schema and the agents that are written to.
pub(crate) enum Bare {
    Sqlite { conn: Sqlite, count: usize },
    Postgres { conns: Vec<PgConnection>, count: usize },
}

impl Bare {
    pub(crate) async fn sqlite(folder: &Path) -> Outcome<Self> {
        let path = folder.join("bare.db");
        prepare(&format!("sqlite://{}", path.display())).await?;
        // As muster_store opens its writing connection.
        let conn = Sqlite::open(path)?;
        conn.set_prepared_statement_cache_capacity(64);
        for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "ON")] {
            conn.pragma_update(None, name, value)?;
        }
        Ok(Self::Sqlite { conn, count: 0 })
    }

    pub(crate) async fn postgres(url: &str) -> Outcome<Self> {
        prepare(url).await?;
        let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
        let mut conns = Vec::new();
        for _ in 0..POSTGRES_CONNECTIONS {
            conns.push(options.connect().await?);
        }
        Ok(Self::Postgres { conns, count: 0 })
    }

    /// Writes messages for `duration`, `group` of them in each commit (on SQLite). Returns how many a second.
    pub(crate) async fn write(&mut self, content: &str, group: usize, duration: Duration) -> Outcome<f64> {
        let begun = Instant::now();
        let written = match self {
            Self::Sqlite { conn, count } => write_sqlite(conn, count, content, group, begun + duration)?,
            Self::Postgres { conns, count } => write_postgres(conns, count, content, begun + duration).await?,
        };
        Ok(written as f64 / begun.elapsed().as_secs_f64())
    }
}

fn write_sqlite(conn: &Sqlite, count: &mut usize, content: &str, group: usize, until: Instant) -> Outcome<usize> {
    let (before, turn) = (*count, new_id("turn"));
    while Instant::now() < until {
        conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for _ in 0..group {
            let new = Message::new(*count, &turn, content);
            conn.prepare_cached(AGENT)?.execute([&new.agent])?;
            conn.prepare_cached(CONVERSATION)?.execute((&new.conversation, AT, content))?;
            let message = (&new.id, &new.agent, &new.conversation, new.seq, content, &turn, AT);
            conn.prepare_cached(MESSAGE)?.execute(message)?;
            let event = (new.seq, &new.event, &new.agent, ACTOR, AT, &new.data, HASH);
            conn.prepare_cached(EVENT)?.execute(event)?;
            conn.prepare_cached(HEAD)?.execute((new.seq, HASH))?;
            *count += 1;
        }
        conn.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(*count - before)
}

/// Each connection commits each of its messages; the database groups what commits at the same moment.
async fn write_postgres(
    conns: &mut [PgConnection],
    count: &mut usize,
    content: &str,
    until: Instant,
) -> Outcome<usize> {
    let (before, turn) = (*count, new_id("turn"));
    let next = std::sync::atomic::AtomicUsize::new(before);
    let writing = conns.iter_mut().map(|conn| {
        let (next, turn) = (&next, &turn);
        async move {
            while Instant::now() < until {
                let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let mut tx = conn.begin().await?;
                let new = Message::new(at, turn, content);
                sqlx::query(AGENT).bind(&new.agent).execute(&mut *tx).await?;
                sqlx::query(CONVERSATION).bind(&new.conversation).bind(AT).bind(content).execute(&mut *tx).await?;
                let message = sqlx::query(MESSAGE).bind(&new.id).bind(&new.agent).bind(&new.conversation).bind(new.seq);
                message.bind(content).bind(turn).bind(AT).execute(&mut *tx).await?;
                let event = sqlx::query(EVENT).bind(new.seq).bind(&new.event).bind(&new.agent).bind(ACTOR).bind(AT);
                event.bind(&new.data).bind(HASH).execute(&mut *tx).await?;
                sqlx::query(HEAD).bind(new.seq).bind(HASH).execute(&mut *tx).await?;
                tx.commit().await?;
            }
            Outcome::Ok(())
        }
    });
    futures::future::try_join_all(writing).await?;
    *count = next.into_inner();
    Ok(*count - before)
}

/// The program's own schema, an org, agents and their conversations.
async fn prepare(url: &str) -> Outcome<()> {
    let db = Db::open(&Options::new(url)).await?;
    db.write(|tx| -> Work<'_, ()> { Box::pin(fill(tx)) }).await?;
    db.close().await;
    Ok(())
}

async fn fill(tx: &mut Tx) -> muster_base::Result<()> {
    tx.execute(
        "INSERT INTO orgs (id, name, features, created_at, changed_at) VALUES ('bench', 'Bench', '[]', 0, 0)",
        args![],
    )
    .await?;
    tx.execute("INSERT INTO event_heads (org_id, seq, hash) VALUES ('bench', 0, '')", args![]).await?;
    for number in 0..AGENTS as i64 {
        let (agent, conversation) = (format!("agent-{number}"), format!("conv-{number}"));
        let sql = "INSERT INTO agents (id, number, org_id, name, source, lifecycle, presence, version, balance, created_at, changed_at)
                   VALUES ($1, $2, 'bench', $1, 'api', 'paused', 'online', 1, 1000000, 0, 0)";
        tx.execute(sql, args![&agent, number]).await?;
        let sql = "INSERT INTO conversations (id, org_id, agent_id, key, channel, counterparty_id, counterparty_type, counterparty_name,
                                              last_message_at, created_at)
                   VALUES ($1, 'bench', $2, 'default:api:user:key', 'api', 'key', 'user', 'key', 0, 0)";
        tx.execute(sql, args![conversation, agent]).await?;
    }
    Ok(())
}
