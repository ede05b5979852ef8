//! All SQL of the registry.

use super::{Agent, AgentFilter, Definition, FileSummary, Lifecycle, NewFile, Presence, Sort, how_to_start};
use crate::context::Ctx;
use muster_base::{Cursor, Error, Kind, Millis, Page, PageRequest, Result};
use muster_store::{Args, Db, FromRow, Row, Tx, args};

/// After how many seconds it is worth trying whether somebody has started an agent again.
const STOPPED_FOR: u64 = 60;

pub(super) const AGENT: &str = "id, number, org_id, name, description, role, source, hosted, session_key, last_activity, agent_version, lifecycle, lifecycle_reason, presence, model, version, mcp_server_count,
    balance, output_tokens_used, message_count, running_turns, last_seen_at, created_at, changed_at";

impl FromRow for Agent {
    fn from_row(row: &Row) -> Result<Self> {
        let running_turns = row.int("running_turns")?;
        let presence = Presence::parse(&row.text("presence")?, "presence")?;
        Ok(Self {
            id: row.text("id")?,
            number: row.int("number")?,
            org: row.text("org_id")?,
            name: row.text("name")?,
            description: row.text_opt("description")?,
            role: row.text_opt("role")?,
            source: row.text("source")?,
            hosted: row.flag("hosted")?,
            session_key: row.text_opt("session_key")?,
            last_activity: row.text_opt("last_activity")?,
            client_version: row.text_opt("agent_version")?,
            lifecycle: Lifecycle::parse(&row.text("lifecycle")?, "lifecycle")?,
            lifecycle_reason: row.text_opt("lifecycle_reason")?,
            presence: if running_turns > 0 { Presence::Busy } else { presence },
            model: row.text_opt("model")?,
            version: row.int("version")?,
            mcp_server_count: row.int("mcp_server_count")?,
            balance: row.int("balance")?,
            output_tokens_used: row.int("output_tokens_used")?,
            message_count: row.int("message_count")?,
            running_turns,
            last_seen_at: row.time_opt("last_seen_at")?,
            created_at: row.time("created_at")?,
            changed_at: row.time("changed_at")?,
        })
    }
}

/// What a list shows of an agent, and how many agents there are in all.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its slug.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it takes turns.
    pub lifecycle: Lifecycle,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last changed.
    pub changed_at: Millis,
    /// Messages from and to it.
    pub message_count: i64,
    /// MCP servers that its definition names.
    pub mcp_server_count: i64,
    total: i64,
}

/// The columns of [`Listed`]; lists are read often, and each column of fifty rows counts.
const LISTED: &str = "id, name, description, lifecycle, created_at, changed_at, message_count, mcp_server_count";

impl FromRow for Listed {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            description: row.text_opt("description")?,
            lifecycle: Lifecycle::parse(&row.text("lifecycle")?, "lifecycle")?,
            created_at: row.time("created_at")?,
            changed_at: row.time("changed_at")?,
            message_count: row.int("message_count")?,
            mcp_server_count: row.int("mcp_server_count")?,
            total: row.int("total")?,
        })
    }
}

/// An agent with what it is told to be and what is in its workspace.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The agent.
    pub agent: Agent,
    /// What it is told to be now.
    pub definition: Definition,
    /// What is in its workspace.
    pub files: FileSummary,
}

impl FromRow for Whole {
    fn from_row(row: &Row) -> Result<Self> {
        let files = FileSummary {
            files: row.int("files")?,
            bytes: row.int("bytes")?,
            changed_at: row.time_opt("files_changed_at")?,
        };
        Ok(Self { agent: Agent::from_row(row)?, definition: row.json("body")?, files })
    }
}

struct Body(Definition);

impl FromRow for Body {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.json("body")?))
    }
}

impl FromRow for FileSummary {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { files: row.int("files")?, bytes: row.int("bytes")?, changed_at: row.time_opt("changed_at")? })
    }
}

pub(super) async fn find(db: &Db, org: &str, id: &str) -> Result<Option<Agent>> {
    db.optional_short(format!("SELECT {AGENT} FROM agents WHERE id = $1 AND org_id = $2"), args![id, org]).await
}

/// The agent, locked until the end of the transaction: what decides on its state starts here.
pub(crate) async fn lock(tx: &mut Tx, org: &str, id: &str) -> Result<Option<Agent>> {
    let sql = format!("UPDATE agents SET version = version WHERE id = $1 AND org_id = $2 RETURNING {AGENT}");
    tx.optional(sql, args![id, org]).await
}

/// Locks agents before anything else, in one order, so that transactions which meet wait instead of blocking each other.
///
/// SQLite has one writer and needs no locks.
pub(crate) async fn lock_first(tx: &mut Tx, org: &str, ids: &[&str]) -> Result<()> {
    if !tx.is_postgres() {
        return Ok(());
    }
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    for id in ids {
        let _: Option<String> =
            tx.optional("SELECT id FROM agents WHERE id = $1 AND org_id = $2 FOR UPDATE", args![id, org]).await?;
    }
    Ok(())
}

/// Locks an agent unless another transaction has it; SQLite has one writer and always says yes.
pub(crate) async fn try_lock(tx: &mut Tx, org: &str, id: &str) -> Result<bool> {
    if !tx.is_postgres() {
        return Ok(true);
    }
    let sql = "SELECT id FROM agents WHERE id = $1 AND org_id = $2 FOR UPDATE SKIP LOCKED";
    Ok(tx.optional::<String>(sql, args![id, org]).await?.is_some())
}

/// What the last message or turn did to an agent's record.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Touched {
    /// Messages added.
    pub(crate) messages: i64,
    /// Turns begun (1) or ended (-1).
    pub(crate) running: i64,
    /// Output tokens to take from the balance.
    pub(crate) used: i64,
    /// Change of what is reserved.
    pub(crate) reserved: i64,
}

/// The state that decides what a message or turn may do.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) lifecycle: Lifecycle,
    pub(crate) message_seq: i64,
    pub(crate) version: i64,
    pub(crate) balance: i64,
    pub(crate) reserved: i64,
    /// How many turns run.
    pub(crate) running_turns: i64,
    pub(crate) name: String,
    /// What was stated, whether or not a turn runs.
    pub(crate) presence: Presence,
    /// Whether its messages become turns.
    pub(crate) hosted: bool,
}

impl FromRow for State {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            lifecycle: Lifecycle::parse(&row.text("lifecycle")?, "lifecycle")?,
            message_seq: row.int("message_seq")?,
            version: row.int("version")?,
            balance: row.int("balance")?,
            reserved: row.int("reserved")?,
            running_turns: row.int("running_turns")?,
            name: row.text("name")?,
            presence: Presence::parse(&row.text("presence")?, "presence")?,
            hosted: row.flag("hosted")?,
        })
    }
}

/// Applies what a message or turn did, locks the agent and returns its state afterwards. The balance never goes below 0.
pub(crate) async fn note_turn(tx: &mut Tx, org: &str, id: &str, touched: Touched, at: Millis) -> Result<Option<State>> {
    let sql = "UPDATE agents SET message_count = message_count + $3, message_seq = message_seq + $3, running_turns = running_turns + $4,
                      output_tokens_used = output_tokens_used + $5,
                      balance = CASE WHEN balance > $5 THEN balance - $5 ELSE 0 END,
                      reserved = CASE WHEN reserved + $6 > 0 THEN reserved + $6 ELSE 0 END,
                      last_seen_at = CASE WHEN $4 <> 0 THEN $7 ELSE last_seen_at END
                WHERE id = $1 AND org_id = $2
            RETURNING lifecycle, message_seq, version, balance, reserved, running_turns, name, presence, hosted";
    let args = args![id, org, touched.messages, touched.running, touched.used, touched.reserved, at];
    tx.optional(sql, args).await
}

/// Counts a message to an agent, locks the agent and returns its state afterwards.
///
/// Nothing is changed when it does not exist, or (`agent.unavailable`) takes no messages.
pub(crate) async fn take_message(tx: &mut Tx, org: &str, id: &str) -> Result<State> {
    let sql = "UPDATE agents SET message_count = message_count + 1, message_seq = message_seq + 1
                WHERE id = $1 AND org_id = $2 AND lifecycle IN ('active', 'paused')
            RETURNING lifecycle, message_seq, version, balance, reserved, running_turns, name, presence, hosted";
    if let Some(state) = tx.optional(sql, args![id, org]).await? {
        return Ok(state);
    }
    let sql = "SELECT lifecycle FROM agents WHERE id = $1 AND org_id = $2";
    match tx.optional::<String>(sql, args![id, org]).await? {
        None => Err(Error::missing("agent", id)),
        Some(lifecycle) => {
            let state = if lifecycle == "error" { "in error" } else { lifecycle.as_str() };
            let message = format!("the agent is {state} and takes no messages; {}", how_to_start(id));
            Err(Error::new(Kind::Unavailable, "agent.unavailable", message).with_retry_after(STOPPED_FOR))
        }
    }
}

pub(super) async fn next_number(tx: &mut Tx) -> Result<i64> {
    let sql = "INSERT INTO counters (name, value) VALUES ('agent', 1)
               ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value";
    tx.one(sql, vec![]).await
}

pub(super) async fn insert(tx: &mut Tx, agent: &Agent) -> Result<()> {
    let sql = "INSERT INTO agents (id, number, org_id, name, description, source, lifecycle, presence, model, version, balance,
                                   last_seen_at, created_at, changed_at, mcp_server_count, role, hosted, session_key, last_activity)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    let args = args![
        &agent.id,
        agent.number,
        &agent.org,
        &agent.name,
        &agent.description,
        &agent.source,
        agent.lifecycle.as_str(),
        agent.presence.as_str(),
        &agent.model,
        agent.version,
        agent.balance,
        agent.last_seen_at,
        agent.created_at,
        agent.changed_at,
        agent.mcp_server_count,
        &agent.role,
        agent.hosted,
        &agent.session_key,
        &agent.last_activity
    ];
    tx.execute(sql, args).await.map(drop)
}

/// Writes what verbs change; counters are left to [`note_turn`], presence to its own verbs.
pub(super) async fn update(tx: &mut Tx, agent: &Agent) -> Result<()> {
    let sql = "UPDATE agents SET name = $3, description = $4, lifecycle = $5, lifecycle_reason = $6, model = $7,
                      version = $8, balance = $9, changed_at = $10, mcp_server_count = $11, role = $12, hosted = $13,
                      session_key = $14, last_activity = $15, source = $16
                WHERE id = $1 AND org_id = $2";
    let args = args![
        &agent.id,
        &agent.org,
        &agent.name,
        &agent.description,
        agent.lifecycle.as_str(),
        &agent.lifecycle_reason,
        &agent.model,
        agent.version,
        agent.balance,
        agent.changed_at,
        agent.mcp_server_count,
        &agent.role,
        agent.hosted,
        &agent.session_key,
        &agent.last_activity,
        &agent.source
    ];
    tx.execute(sql, args).await.map(drop)
}

pub(super) async fn delete(tx: &mut Tx, org: &str, id: &str) -> Result<()> {
    tx.execute("DELETE FROM memory WHERE org_id = $1 AND owner = $2", args![org, id]).await?;
    // Nobody may come back as another agent with what was given to this one.
    let sql = "DELETE FROM enrolments
                WHERE org_id = $1 AND credential_id IN (SELECT id FROM agent_tokens WHERE org_id = $1 AND agent_id = $2)";
    tx.execute(sql, args![org, id]).await?;
    tx.execute("DELETE FROM agent_tokens WHERE org_id = $1 AND agent_id = $2", args![org, id]).await?;
    tx.execute("DELETE FROM agents WHERE org_id = $1 AND id = $2", args![org, id]).await.map(drop)
}

pub(super) async fn definition(tx: &mut Tx, agent: &str, version: i64) -> Result<Definition> {
    let sql = "SELECT body FROM definitions WHERE agent_id = $1 AND version = $2";
    let Body(definition) = tx.one(sql, args![agent, version]).await?;
    Ok(definition)
}

pub(super) async fn find_definition(db: &Db, org: &str, agent: &str, version: i64) -> Result<Option<Definition>> {
    let sql = "SELECT body FROM definitions WHERE agent_id = $1 AND version = $2 AND org_id = $3";
    Ok(db.optional_short::<Body>(sql, args![agent, version, org]).await?.map(|Body(definition)| definition))
}

pub(super) async fn newest_version(tx: &mut Tx, agent: &str) -> Result<i64> {
    tx.one("SELECT max(version) FROM definitions WHERE agent_id = $1", args![agent]).await
}

/// An agent with what it is told to be and what is in its workspace, in one statement.
pub(super) async fn find_whole(db: &Db, org: &str, id: &str) -> Result<Option<Whole>> {
    let sql = format!(
        "SELECT {AGENT}, d_body AS body, (SELECT count(*) FROM agent_files f WHERE f.agent_id = whole.id) AS files,
                (SELECT CAST(COALESCE(sum(f.size), 0) AS BIGINT) FROM agent_files f WHERE f.agent_id = whole.id) AS bytes,
                (SELECT max(f.changed_at) FROM agent_files f WHERE f.agent_id = whole.id) AS files_changed_at
           FROM (SELECT a.*, d.body AS d_body FROM agents a JOIN definitions d ON d.agent_id = a.id AND d.version = a.version
                  WHERE a.id = $1 AND a.org_id = $2) whole"
    );
    db.optional_short(sql, args![id, org]).await
}

/// Whether another agent than `own` has this name.
pub(super) async fn is_name_taken(db: &Db, org: &str, name: &str, own: &str) -> Result<bool> {
    let sql = "SELECT count(*) FROM agents WHERE org_id = $1 AND name = $2 AND id <> $3";
    Ok(db.one::<i64>(sql, args![org, name, own]).await? > 0)
}

/// Whether an agent of the org has this name, within a transaction.
pub(super) async fn has_name(tx: &mut Tx, org: &str, name: &str) -> Result<bool> {
    let sql = "SELECT id FROM agents WHERE org_id = $1 AND name = $2";
    Ok(tx.optional::<String>(sql, args![org, name]).await?.is_some())
}

pub(super) async fn find_by_name(db: &Db, org: &str, name: &str) -> Result<Option<Agent>> {
    db.optional_short(format!("SELECT {AGENT} FROM agents WHERE org_id = $1 AND name = $2"), args![org, name]).await
}

/// The id of the agent that a number, an id or a name stands for, in this order: the org is `$1`, the text `$2`, the
/// number that it is `$3`. Each look goes through a unique index.
pub(super) const RESOLVED: &str = "COALESCE((SELECT r.id FROM agents r WHERE r.number = $3 AND r.org_id = $1),
    (SELECT r.id FROM agents r WHERE r.id = $2 AND r.org_id = $1), (SELECT r.id FROM agents r WHERE r.org_id = $1 AND r.name = $2))";

/// What a query with [`RESOLVED`] is bound to.
pub(super) fn resolved_args(org: &str, text: &str) -> Args {
    // Only digits are a number: `+7` and `-7` are names at the most.
    let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    args![org, text, number.unwrap_or(0_i64)]
}

pub(super) async fn resolve(db: &Db, org: &str, text: &str) -> Result<Option<Agent>> {
    db.optional_short(format!("SELECT {AGENT} FROM agents WHERE id = {RESOLVED}"), resolved_args(org, text)).await
}

pub(super) fn conditions(filter: &AgentFilter, args: &mut Args) -> String {
    let mut sql = String::new();
    if let Some(query) = filter.query.as_ref().filter(|query| !query.trim().is_empty()) {
        // The database lowers both sides: it may know fewer letters than we do.
        let escaped = query.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        args.push(format!("%{escaped}%").into());
        let n = args.len();
        sql.push_str(&format!(
            " AND (lower(name) LIKE lower(${n}) ESCAPE '\\' OR id LIKE lower(${n}) ESCAPE '\\'
               OR lower(COALESCE(description, '')) LIKE lower(${n}) ESCAPE '\\')"
        ));
    }
    if let Some(lifecycle) = filter.lifecycle {
        args.push(lifecycle.as_str().into());
        sql.push_str(&format!(" AND lifecycle = ${}", args.len()));
    }
    if let Some(role) = &filter.role {
        args.push(role.as_str().into());
        sql.push_str(&format!(" AND role = ${}", args.len()));
    }
    if let Some(presence) = filter.presence {
        args.push(presence.as_str().into());
        // Who has a turn running is busy, whatever was stated.
        sql.push_str(&format!(" AND CASE WHEN running_turns > 0 THEN 'busy' ELSE presence END = ${}", args.len()));
    }
    sql
}

pub(super) async fn count(db: &Db, org: &str, filter: &AgentFilter) -> Result<i64> {
    let mut args = args![org];
    let filter = conditions(filter, &mut args);
    db.one(format!("SELECT count(*) FROM agents WHERE org_id = $1{filter}"), args).await
}

pub(super) async fn list_page(
    db: &Db,
    org: &str,
    filter: &AgentFilter,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Listed>, i64)> {
    let mut args = args![org];
    let conditions = conditions(filter, &mut args);
    let order = match filter.sort {
        Sort::Created => "created_at DESC, id DESC",
        Sort::Changed => "changed_at DESC, id DESC",
        Sort::Name => "name, id",
    };
    args.push(limit.into());
    args.push(offset.into());
    let sql = format!(
        "SELECT {LISTED}, (SELECT count(*) FROM agents WHERE org_id = $1{conditions}) AS total
           FROM agents WHERE org_id = $1{conditions} ORDER BY {order} LIMIT ${} OFFSET ${}",
        args.len() - 1,
        args.len()
    );
    let rows: Vec<Listed> = db.all(sql, args).await?;
    let total = match rows.first() {
        Some(row) => row.total,
        // A page beyond the last has no row that could tell.
        None if offset > 0 => count(db, org, filter).await?,
        None => 0,
    };
    Ok((rows, total))
}

pub(super) async fn list(db: &Db, org: &str, filter: &AgentFilter, page: &PageRequest) -> Result<Page<Agent>> {
    let mut args = args![org];
    let mut sql = format!("SELECT {AGENT} FROM agents WHERE org_id = $1{}", conditions(filter, &mut args));
    let (column, direction, sign) = match filter.sort {
        Sort::Created => ("created_at", "DESC", "<"),
        Sort::Changed => ("changed_at", "DESC", "<"),
        Sort::Name => ("name", "ASC", ">"),
    };
    if let Some(cursor) = &page.after {
        match filter.sort {
            Sort::Name => args.push(cursor.key.as_str().into()),
            _ => args.push(cursor.number("pageToken")?.into()),
        }
        args.push(cursor.id.as_str().into());
        sql.push_str(&format!(" AND ({column}, id) {sign} (${}, ${})", args.len() - 1, args.len()));
    }
    args.push((page.limit + 1).into());
    sql.push_str(&format!(" ORDER BY {column} {direction}, id {direction} LIMIT ${}", args.len()));
    let sort = filter.sort;
    let cursor = move |agent: &Agent| match sort {
        Sort::Created => Cursor::new(agent.created_at.0, &agent.id),
        Sort::Changed => Cursor::new(agent.changed_at.0, &agent.id),
        Sort::Name => Cursor::new(&agent.name, &agent.id),
    };
    Ok(Page::from_rows(db.all(sql, args).await?, page.limit, cursor))
}

pub(super) async fn names(db: &Db, org: &str, limit: i64) -> Result<Vec<Agent>> {
    db.all(format!("SELECT {AGENT} FROM agents WHERE org_id = $1 ORDER BY name, id LIMIT $2"), args![org, limit]).await
}

pub(super) async fn file_summary(db: &Db, org: &str, agent: &str) -> Result<FileSummary> {
    let sql = "SELECT count(*) AS files, CAST(COALESCE(sum(size), 0) AS BIGINT) AS bytes, max(changed_at) AS changed_at
                 FROM agent_files WHERE agent_id = $1 AND org_id = $2";
    db.one(sql, args![agent, org]).await
}

pub(super) async fn put_file(tx: &mut Tx, ctx: &Ctx, agent: &str, file: &NewFile, size: i64) -> Result<()> {
    let sql = "INSERT INTO agent_files (agent_id, path, org_id, content, encoding, size, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (agent_id, path) DO UPDATE
                  SET content = excluded.content, encoding = excluded.encoding, size = excluded.size, changed_at = excluded.changed_at";
    tx.execute(sql, args![agent, &file.path, ctx.org(), &file.content, &file.encoding, size, ctx.now()]).await.map(drop)
}

pub(super) async fn delete_file(tx: &mut Tx, agent: &str, path: &str) -> Result<()> {
    tx.execute("DELETE FROM agent_files WHERE agent_id = $1 AND path = $2", args![agent, path]).await.map(drop)
}

/// Puts an agent into error: only a person can do something about it.
pub(crate) async fn set_error(tx: &mut Tx, org: &str, id: &str, reason: &str, at: Millis) -> Result<()> {
    let sql = "UPDATE agents SET lifecycle = 'error', lifecycle_reason = $3, changed_at = $4 WHERE id = $1 AND org_id = $2 AND lifecycle = 'active'";
    tx.execute(sql, args![id, org, reason, at]).await.map(drop)
}
