//! All SQL of the ledger.

use super::{LOST, Lease, State, Step, StepKind, Turn};
use crate::agents;
use crate::models::Usage;
use muster_base::{Error, Kind, Millis, PageRequest, Result};
use muster_store::{Db, FromRow, Row, Tx, args};
use serde_json::value::RawValue;

const TURN: &str = "id, org_id, agent_id, conversation_id, version, state, hold, attempt, reminders, depth, cancel, model, input_tokens,
    output_tokens, cached_input_tokens, model_ms, cost_micro_usd, reserved, prompt, reply_id, error_code, error_message, created_at,
    started_at, finished_at";
/// Why a queued turn must still wait, computed from what is true now.
const HOLD_NOW: &str = "CASE
      WHEN EXISTS (SELECT 1 FROM turns r WHERE r.conversation_id = turns.conversation_id AND r.state = 'running') THEN 'behind'
      WHEN (SELECT a.lifecycle FROM agents a WHERE a.id = turns.agent_id) <> 'active' THEN 'paused'
      ELSE NULL END";

impl FromRow for Turn {
    fn from_row(row: &Row) -> Result<Self> {
        let error = row.text_opt("error_code")?.zip(row.text_opt("error_message")?);
        Ok(Self {
            id: row.text("id")?,
            org: row.text("org_id")?,
            agent: row.text("agent_id")?,
            conversation: row.text("conversation_id")?,
            version: row.int_opt("version")?,
            state: State::parse(&row.text("state")?, "state")?,
            hold: row.text_opt("hold")?,
            attempt: row.int("attempt")?,
            reminders: row.int("reminders")?,
            depth: row.int("depth")?,
            cancel: row.text_opt("cancel")?,
            model: row.text_opt("model")?,
            usage: usage(row)?,
            model_ms: row.int("model_ms")?,
            cost_micro_usd: row.int_opt("cost_micro_usd")?,
            reserved: row.int("reserved")?,
            prompt: row.text_opt("prompt")?,
            reply: row.text_opt("reply_id")?,
            error,
            created_at: row.time("created_at")?,
            started_at: row.time_opt("started_at")?,
            finished_at: row.time_opt("finished_at")?,
        })
    }
}

fn usage(row: &Row) -> Result<Usage> {
    Ok(Usage {
        input_tokens: row.int("input_tokens")?,
        output_tokens: row.int("output_tokens")?,
        cached_input_tokens: row.int("cached_input_tokens")?,
    })
}

impl FromRow for Step {
    fn from_row(row: &Row) -> Result<Self> {
        let json = |column: &str| row.text_opt(column)?.map(RawValue::from_string).transpose().map_err(Error::internal);
        Ok(Self {
            index: row.int("step")?,
            kind: match row.text("kind")?.as_str() {
                "model" => StepKind::Model,
                "tool" => StepKind::Tool,
                _ => StepKind::Compaction,
            },
            name: row.text("name")?,
            key: row.text("key")?,
            state: row.text("state")?,
            attempts: row.int("attempts")?,
            input: json("input")?,
            output: json("output")?,
            error: row.text_opt("error")?,
            usage: usage(row)?,
            started_at: row.time("started_at")?,
            finished_at: row.time_opt("finished_at")?,
        })
    }
}

/// An open turn of a conversation.
pub(super) struct Open {
    pub(super) id: String,
    pub(super) running: bool,
}

impl FromRow for Open {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { id: row.text("id")?, running: row.text("state")? == "running" })
    }
}

pub(super) async fn open_turns(tx: &mut Tx, conversation: &str) -> Result<Vec<Open>> {
    tx.all(
        "SELECT id, state FROM turns WHERE conversation_id = $1 AND state IN ('queued', 'running')",
        args![conversation],
    )
    .await
}

/// A turn to be queued.
pub(super) struct NewTurn<'a> {
    pub(super) id: &'a str,
    pub(super) org: &'a str,
    pub(super) agent: &'a str,
    pub(super) conversation: &'a str,
    pub(super) hold: Option<&'a str>,
    pub(super) run_at: Millis,
    pub(super) reminders: i64,
    pub(super) depth: i64,
    pub(super) now: Millis,
}

pub(super) async fn insert(tx: &mut Tx, new: &NewTurn<'_>) -> Result<()> {
    let sql =
        "INSERT INTO turns (id, org_id, agent_id, conversation_id, state, hold, run_at, reminders, depth, created_at)
               VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9)";
    let args =
        args![new.id, new.org, new.agent, new.conversation, new.hold, new.run_at, new.reminders, new.depth, new.now];
    tx.execute(sql, args).await.map(drop)
}

pub(super) async fn request_cancel(tx: &mut Tx, turn: &str, why: &str) -> Result<()> {
    let sql = "UPDATE turns SET cancel = COALESCE(cancel, $2), lease_until = CASE WHEN lease_owner IS NULL THEN 0 ELSE lease_until END
                WHERE id = $1 AND state = 'running'";
    tx.execute(sql, args![turn, why]).await.map(drop)
}

pub(super) async fn running_of_agent(tx: &mut Tx, agent: &str) -> Result<Vec<String>> {
    tx.all("SELECT id FROM turns WHERE agent_id = $1 AND state = 'running'", args![agent]).await
}

pub(super) async fn hold_queued(tx: &mut Tx, agent: &str) -> Result<()> {
    let sql = "UPDATE turns SET hold = 'paused' WHERE agent_id = $1 AND state = 'queued' AND hold IS NULL";
    tx.execute(sql, args![agent]).await.map(drop)
}

pub(super) async fn release_of_agent(tx: &mut Tx, agent: &str, hold: &str) -> Result<u64> {
    let sql = format!("UPDATE turns SET hold = {HOLD_NOW} WHERE agent_id = $1 AND state = 'queued' AND hold = $2");
    tx.execute(sql, args![agent, hold]).await
}

pub(super) async fn release_of_conversation(tx: &mut Tx, conversation: &str) -> Result<u64> {
    let sql = format!(
        "UPDATE turns SET hold = {HOLD_NOW} WHERE conversation_id = $1 AND state = 'queued' AND hold = 'behind'"
    );
    tx.execute(sql, args![conversation]).await
}

/// A turn that may be claimed.
pub(super) struct Candidate {
    pub(super) id: String,
    pub(super) org: String,
    pub(super) agent: String,
    pub(super) fresh: bool,
}

impl FromRow for Candidate {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            org: row.text("org_id")?,
            agent: row.text("agent_id")?,
            fresh: row.text("state")? == "queued",
        })
    }
}

/// Up to `limit` turns that are ready or whose lease has run out, the longest waiting first. Locks nothing.
pub(super) async fn candidates(tx: &mut Tx, now: Millis, limit: i64) -> Result<Vec<Candidate>> {
    let sql = "SELECT id, org_id, agent_id, state FROM turns WHERE state = 'queued' AND hold IS NULL AND run_at <= $1
                ORDER BY run_at, id LIMIT $2";
    let mut found: Vec<Candidate> = tx.all(sql, args![now, limit]).await?;
    let room = limit - found.len() as i64;
    if room > 0 {
        let sql = "SELECT id, org_id, agent_id, state FROM turns WHERE state = 'running' AND lease_until <= $1 ORDER BY lease_until LIMIT $2";
        found.extend(tx.all::<Candidate>(sql, args![now, room]).await?);
    }
    Ok(found)
}

/// Takes a turn that is ready, unless somebody else has taken it meanwhile.
pub(super) async fn claim_ready(
    tx: &mut Tx,
    id: &str,
    owner: &str,
    now: Millis,
    until: Millis,
) -> Result<Option<Turn>> {
    let sql = format!(
        "UPDATE turns SET state = 'running', hold = NULL, lease_owner = $2, lease_until = $4, attempt = attempt + 1, started_at = $3
          WHERE id = $1 AND state = 'queued' AND hold IS NULL
            AND NOT EXISTS (SELECT 1 FROM turns r WHERE r.conversation_id = turns.conversation_id AND r.state = 'running')
      RETURNING {TURN}"
    );
    tx.optional(sql, args![id, owner, now, until]).await
}

/// Takes over a running turn whose lease has run out, unless somebody else has done so meanwhile.
pub(super) async fn claim_expired(
    tx: &mut Tx,
    id: &str,
    owner: &str,
    now: Millis,
    until: Millis,
) -> Result<Option<Turn>> {
    let sql = format!(
        "UPDATE turns SET lease_owner = $2, lease_until = $4, attempt = attempt + 1
          WHERE id = $1 AND state = 'running' AND lease_until <= $3 RETURNING {TURN}"
    );
    tx.optional(sql, args![id, owner, now, until]).await
}

/// How many turns could be claimed now, up to 1, looked at without a write.
pub(super) async fn any_claimable(db: &Db, now: Millis) -> Result<bool> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM turns WHERE state = 'queued' AND hold IS NULL AND run_at <= $1 LIMIT 1) ready";
    if db.one::<i64>(sql, args![now]).await? > 0 {
        return Ok(true);
    }
    let sql =
        "SELECT count(*) FROM (SELECT 1 FROM turns WHERE state = 'running' AND lease_until <= $1 LIMIT 1) expired";
    Ok(db.one::<i64>(sql, args![now]).await? > 0)
}

struct Waiting(i64, Option<Millis>);

impl FromRow for Waiting {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.int("count")?, row.time_opt("first")?))
    }
}

/// How many turns may be taken up, and since when the first of them may.
pub(super) async fn backlog(db: &Db, now: Millis) -> Result<(i64, Option<Millis>)> {
    let sql = "SELECT count(*) AS count, min(run_at) AS first FROM turns WHERE state = 'queued' AND hold IS NULL AND run_at <= $1";
    let Waiting(count, first) = db.one(sql, args![now]).await?;
    Ok((count, first))
}

pub(super) async fn renew(tx: &mut Tx, owner: &str, until: Millis) -> Result<u64> {
    tx.execute("UPDATE turns SET lease_until = $2 WHERE lease_owner = $1 AND state = 'running'", args![owner, until])
        .await
}

pub(super) async fn expire_all(tx: &mut Tx) -> Result<u64> {
    // What waits to be tried again has no owner and keeps its time.
    let sql =
        "UPDATE turns SET lease_owner = NULL, lease_until = 0 WHERE state = 'running' AND lease_owner IS NOT NULL";
    tx.execute(sql, vec![]).await
}

pub(super) async fn hand_back(tx: &mut Tx, owner: &str) -> Result<u64> {
    let sql = "UPDATE turns SET lease_owner = NULL, lease_until = 0 WHERE state = 'running' AND lease_owner = $1";
    tx.execute(sql, args![owner]).await
}

pub(super) async fn begin(tx: &mut Tx, turn: &str, version: i64, reserved: i64) -> Result<()> {
    tx.execute("UPDATE turns SET version = $2, reserved = $3 WHERE id = $1", args![turn, version, reserved])
        .await
        .map(drop)
}

/// Makes sure that the lease still holds, and locks the turn. Returns the turn; the error is [`LOST`] when it is gone.
pub(super) async fn hold_lease(tx: &mut Tx, lease: &Lease) -> Result<Turn> {
    agents::lock_first(tx, &lease.org, &[&lease.agent]).await?;
    let sql = format!(
        "UPDATE turns SET attempt = attempt WHERE id = $1 AND lease_owner = $2 AND attempt = $3 AND state = 'running' RETURNING {TURN}"
    );
    let found = tx.optional(sql, args![&lease.turn, &lease.owner, lease.attempt]).await?;
    found.ok_or_else(|| Error::new(Kind::Conflict, LOST, "the turn was taken over or removed"))
}

pub(super) async fn set_prompt(tx: &mut Tx, turn: &str, prompt: &str) -> Result<()> {
    tx.execute("UPDATE turns SET prompt = COALESCE(prompt, $2) WHERE id = $1", args![turn, prompt]).await.map(drop)
}

/// What a model call adds to a turn.
pub(super) struct Spent<'a> {
    pub(super) model: &'a str,
    pub(super) usage: Usage,
    pub(super) milliseconds: i64,
    pub(super) cost: Option<i64>,
    /// What is reserved for the next model call.
    pub(super) reserved: i64,
}

pub(super) async fn add_usage(tx: &mut Tx, turn: &str, spent: &Spent<'_>) -> Result<()> {
    let sql = "UPDATE turns SET model = $2, input_tokens = input_tokens + $3, output_tokens = output_tokens + $4,
                      cached_input_tokens = cached_input_tokens + $5, model_ms = model_ms + $6,
                      cost_micro_usd = CASE WHEN $7 IS NULL THEN cost_micro_usd ELSE COALESCE(cost_micro_usd, 0) + $7 END, reserved = $8
                WHERE id = $1";
    let usage = &spent.usage;
    let args = args![
        turn,
        spent.model,
        usage.input_tokens,
        usage.output_tokens,
        usage.cached_input_tokens,
        spent.milliseconds,
        spent.cost,
        spent.reserved
    ];
    tx.execute(sql, args).await.map(drop)
}

pub(super) async fn set_reserved(tx: &mut Tx, turn: &str, reserved: i64) -> Result<()> {
    tx.execute("UPDATE turns SET reserved = $2 WHERE id = $1", args![turn, reserved]).await.map(drop)
}

/// Writes a step, or writes it again on another attempt. One that had failed counts as begun once more.
pub(super) async fn put_step(tx: &mut Tx, org: &str, turn: &str, step: &Step) -> Result<()> {
    let sql = "INSERT INTO turn_steps (turn_id, step, org_id, kind, name, key, state, attempts, input, output, error, input_tokens,
                                       output_tokens, cached_input_tokens, started_at, finished_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11, $12, $13, $14, $15)
               ON CONFLICT (turn_id, step) DO UPDATE
                  SET name = excluded.name, state = excluded.state, input = excluded.input, output = excluded.output, error = excluded.error,
                      started_at = excluded.started_at, finished_at = excluded.finished_at,
                      attempts = turn_steps.attempts + CASE WHEN turn_steps.state = 'failed' THEN 1 ELSE 0 END,
                      input_tokens = turn_steps.input_tokens + excluded.input_tokens,
                      output_tokens = turn_steps.output_tokens + excluded.output_tokens,
                      cached_input_tokens = turn_steps.cached_input_tokens + excluded.cached_input_tokens";
    let kind = match step.kind {
        StepKind::Model => "model",
        StepKind::Tool => "tool",
        StepKind::Compaction => "compaction",
    };
    let args = args![
        turn,
        step.index,
        org,
        kind,
        step.name.replace('\0', ""),
        &step.key,
        &step.state,
        step.input.as_ref().map(|json| json.get()),
        step.output.as_ref().map(|json| json.get()),
        step.error.as_ref().map(|error| error.replace('\0', "")),
        step.usage.input_tokens,
        step.usage.output_tokens,
        step.usage.cached_input_tokens,
        step.started_at,
        step.finished_at
    ];
    tx.execute(sql, args).await.map(drop)
}

pub(super) async fn note_attempt_of_steps(tx: &mut Tx, turn: &str) -> Result<()> {
    tx.execute("UPDATE turn_steps SET attempts = attempts + 1 WHERE turn_id = $1 AND state = 'running'", args![turn])
        .await
        .map(drop)
}

pub(super) async fn steps(db: &Db, org: &str, turn: &str) -> Result<Vec<Step>> {
    let sql = "SELECT step, kind, name, key, state, attempts, input, output, error, input_tokens, output_tokens, cached_input_tokens,
                      started_at, finished_at
                 FROM turn_steps WHERE turn_id = $1 AND org_id = $2 ORDER BY step";
    db.all(sql, args![turn, org]).await
}

/// How a turn ended.
pub(super) struct Ended<'a> {
    pub(super) state: State,
    pub(super) reply: Option<&'a str>,
    pub(super) error: Option<(&'a str, &'a str)>,
    pub(super) at: Millis,
}

pub(super) async fn end(tx: &mut Tx, turn: &str, ended: &Ended<'_>) -> Result<()> {
    let sql = "UPDATE turns SET state = $2, reply_id = $3, error_code = $4, error_message = $5, finished_at = $6, reserved = 0,
                      lease_owner = NULL, lease_until = NULL, hold = NULL
                WHERE id = $1";
    let (code, message) = ended.error.unzip();
    tx.execute(sql, args![turn, ended.state.as_str(), ended.reply, code, message, ended.at]).await.map(drop)
}

pub(super) async fn let_go(tx: &mut Tx, turn: &str, again: Millis, error: &str) -> Result<()> {
    let sql = "UPDATE turns SET lease_owner = NULL, lease_until = $2, error_message = $3 WHERE id = $1";
    tx.execute(sql, args![turn, again, error]).await.map(drop)
}

/// Puts a turn that was just claimed back into the queue, to wait for balance.
pub(super) async fn put_back(tx: &mut Tx, turn: &str) -> Result<()> {
    let sql = "UPDATE turns SET state = 'queued', hold = 'balance', attempt = attempt - 1, lease_owner = NULL, lease_until = NULL,
                      started_at = NULL
                WHERE id = $1";
    tx.execute(sql, args![turn]).await.map(drop)
}

/// Lets go of a turn that was just taken over, to be taken over again at `again`.
pub(super) async fn put_off(tx: &mut Tx, turn: &str, again: Millis) -> Result<()> {
    let sql = "UPDATE turns SET attempt = attempt - 1, lease_owner = NULL, lease_until = $2 WHERE id = $1";
    tx.execute(sql, args![turn, again]).await.map(drop)
}

/// Holds a turn that was just queued if something is true now that it must wait for.
pub(super) async fn hold_if_needed(tx: &mut Tx, turn: &str) -> Result<()> {
    let sql = format!("UPDATE turns SET hold = {HOLD_NOW} WHERE id = $1 AND state = 'queued' AND hold IS NULL");
    tx.execute(sql, args![turn]).await.map(drop)
}

pub(super) async fn find(db: &Db, org: &str, id: &str) -> Result<Option<Turn>> {
    db.optional_short(format!("SELECT {TURN} FROM turns WHERE id = $1 AND org_id = $2"), args![id, org]).await
}

pub(super) async fn agent_of(tx: &mut Tx, org: &str, id: &str) -> Result<Option<String>> {
    tx.optional("SELECT agent_id FROM turns WHERE id = $1 AND org_id = $2", args![id, org]).await
}

pub(super) async fn lock(tx: &mut Tx, org: &str, id: &str) -> Result<Option<Turn>> {
    tx.optional(
        format!("UPDATE turns SET attempt = attempt WHERE id = $1 AND org_id = $2 RETURNING {TURN}"),
        args![id, org],
    )
    .await
}

/// Which turns are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this agent.
    pub agent: Option<String>,
    /// Of this conversation, by its id inside Muster.
    pub conversation: Option<String>,
    /// In this state.
    pub state: Option<State>,
}

pub(super) async fn list(db: &Db, org: &str, filter: &Filter, page: &PageRequest) -> Result<Vec<Turn>> {
    let mut sql = format!("SELECT {TURN} FROM turns WHERE org_id = $1");
    let mut args = args![org];
    for (column, value) in [
        ("agent_id", filter.agent.as_deref()),
        ("conversation_id", filter.conversation.as_deref()),
        ("state", filter.state.map(State::as_str)),
    ] {
        if let Some(value) = value {
            args.push(value.into());
            sql.push_str(&format!(" AND {column} = ${}", args.len()));
        }
    }
    if let Some(cursor) = &page.after {
        args.push(cursor.number("pageToken")?.into());
        args.push(cursor.id.as_str().into());
        sql.push_str(&format!(" AND (created_at, id) < (${}, ${})", args.len() - 1, args.len()));
    }
    args.push((page.limit + 1).into());
    sql.push_str(&format!(" ORDER BY created_at DESC, id DESC LIMIT ${}", args.len()));
    db.all(sql, args).await
}

/// Output tokens that an agent's turns used since `since`, running ones included.
pub async fn usage_of_day(db: &Db, agent: &str, since: Millis) -> Result<i64> {
    let sql =
        "SELECT CAST(COALESCE(sum(output_tokens), 0) AS BIGINT) FROM turns WHERE agent_id = $1 AND created_at > $2";
    db.one(sql, args![agent, since]).await
}

/// The row of a turn's stream.
pub(super) struct StreamRow {
    pub(super) seq: i64,
    pub(super) kind: String,
    pub(super) data: String,
}

impl FromRow for StreamRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { seq: row.int("seq")?, kind: row.text("type")?, data: row.text("data")? })
    }
}

pub(super) async fn append_stream(tx: &mut Tx, turn: &str, rows: &[(&str, String)], at: Millis) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let count = rows.len() as i64;
    let sql = "UPDATE turns SET stream_seq = stream_seq + $2 WHERE id = $1 RETURNING stream_seq";
    let last: i64 = tx.one(sql, args![turn, count]).await?;
    for (seq, (kind, data)) in (last - count + 1..).zip(rows) {
        let sql = "INSERT INTO turn_stream (turn_id, seq, type, data, at) VALUES ($1, $2, $3, $4, $5)";
        tx.execute(sql, args![turn, seq, *kind, data, at]).await?;
    }
    tx.announce("stream", turn);
    Ok(())
}

pub(super) async fn stream_after(db: &Db, turn: &str, seq: i64, limit: i64) -> Result<Vec<StreamRow>> {
    let sql = "SELECT seq, type, data FROM turn_stream WHERE turn_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    db.all(sql, args![turn, seq, limit]).await
}

/// Deletes at most `limit` pieces of streams that are older than `before`.
pub(crate) async fn prune_streams(tx: &mut Tx, before: Millis, limit: i64) -> Result<u64> {
    let sql = "DELETE FROM turn_stream WHERE (turn_id, seq) IN
                 (SELECT s.turn_id, s.seq FROM turn_stream s JOIN turns t ON t.id = s.turn_id
                   WHERE s.at < $1 AND t.state NOT IN ('queued', 'running') ORDER BY s.at LIMIT $2)";
    tx.execute(sql, args![before, limit]).await
}

/// Lets a waiting turn take what a turn that ended had: the reason to wait, and how often and how far it has come.
pub(super) async fn join(tx: &mut Tx, turn: &str, ended: &NewTurn<'_>) -> Result<()> {
    let sql =
        "UPDATE turns SET hold = COALESCE($2, hold), reminders = CASE WHEN reminders < $3 THEN $3 ELSE reminders END,
                      depth = CASE WHEN depth < $4 THEN $4 ELSE depth END
                WHERE id = $1 AND state = 'queued'";
    tx.execute(sql, args![turn, ended.hold, ended.reminders, ended.depth]).await.map(drop)
}
