//! All SQL of the event log.

use super::{Event, EventFilter};
use muster_base::{Error, Millis, Result};
use muster_store::{Args, Db, FromRow, Row, Statement, Tx, Value, args};
use serde_json::value::RawValue;

impl FromRow for Event {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.int("seq")?,
            id: row.text("id")?,
            kind: row.text("type")?,
            subject: row.text("subject")?,
            actor: row.json("actor")?,
            at: row.time("at")?,
            data: RawValue::from_string(row.text("data")?).map_err(Error::internal)?,
            hash: row.text("hash")?,
        })
    }
}

/// An event as it is stored.
pub(super) struct NewRow {
    pub(super) seq: i64,
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) actor: String,
    pub(super) at: Millis,
    pub(super) data: String,
}

/// An event as its hash sees it.
pub(super) struct RawRow {
    pub(super) seq: i64,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) subject: String,
    pub(super) actor: String,
    pub(super) at: i64,
    pub(super) data: String,
    pub(super) hash: String,
}

impl FromRow for RawRow {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.int("seq")?,
            id: row.text("id")?,
            kind: row.text("type")?,
            subject: row.text("subject")?,
            actor: row.text("actor")?,
            at: row.int("at")?,
            data: row.text("data")?,
            hash: row.text("hash")?,
        })
    }
}

/// A place in the log and the hash there.
struct Place(i64, String);

impl FromRow for Place {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.int("seq")?, row.text("hash")?))
    }
}

/// The log's last place and the hash there; locked until the commit.
pub(super) async fn lock_head(tx: &mut Tx, org: &str) -> Result<(i64, String)> {
    if let Some([_, Value::Int(Some(seq)), Value::Text(Some(hash))]) = tx.held(&head_name(org)) {
        return Ok((*seq, hash.clone()));
    }
    let lock = if tx.is_postgres() { " FOR UPDATE" } else { "" };
    let Place(seq, hash) =
        tx.one(format!("SELECT seq, hash FROM event_heads WHERE org_id = $1{lock}"), args![org]).await?;
    Ok((seq, hash))
}

/// Carries out the changes that make the log end at a new place.
///
/// On SQLite the end is written once, however many works of one commit append to it. On PostgreSQL others wait for the
/// end of the log until our commit: it is written together with the rest.
pub(super) async fn extend(
    tx: &mut Tx,
    org: &str,
    mut changes: Vec<Statement>,
    (seq, hash): (i64, &str),
) -> Result<()> {
    let sql = "UPDATE event_heads SET seq = $2, hash = $3 WHERE org_id = $1";
    let args = args![org, seq, hash];
    if tx.is_postgres() {
        changes.push(Statement::new(sql, args.clone()));
        tx.remember(&head_name(org), args);
    } else {
        tx.hold_back(&head_name(org), sql, args);
    }
    tx.batch(changes).await
}

fn head_name(org: &str) -> String {
    format!("event_heads {org}")
}

pub(super) fn insertion(org: &str, row: &NewRow, hash: &str) -> Statement {
    let sql = "INSERT INTO events (org_id, seq, id, type, subject, actor, at, data, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    Statement::new(sql, args![org, row.seq, &row.id, row.kind, &row.subject, &row.actor, row.at, &row.data, hash])
}

pub(super) async fn head(db: &Db, org: &str) -> Result<i64> {
    db.one("SELECT seq FROM event_heads WHERE org_id = $1", args![org]).await
}

/// Where the chain begins, after what retention deleted, and the hash there.
pub(super) async fn anchor(tx: &mut Tx, org: &str) -> Result<(i64, String)> {
    let sql = "SELECT pruned_seq AS seq, pruned_hash AS hash FROM event_heads WHERE org_id = $1";
    let Place(seq, hash) = tx.one(sql, args![org]).await?;
    Ok((seq, hash))
}

/// Where the chain ends, and the hash there.
pub(super) async fn end(tx: &mut Tx, org: &str) -> Result<(i64, String)> {
    let Place(seq, hash) = tx.one("SELECT seq, hash FROM event_heads WHERE org_id = $1", args![org]).await?;
    Ok((seq, hash))
}

pub(super) async fn raw_after(tx: &mut Tx, org: &str, seq: i64, limit: i64) -> Result<Vec<RawRow>> {
    let sql = "SELECT seq, id, type, subject, actor, at, data, hash FROM events WHERE org_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    tx.all(sql, args![org, seq, limit]).await
}

pub(super) async fn list(db: &Db, org: &str, filter: &EventFilter, limit: i64) -> Result<Vec<Event>> {
    let mut sql = String::from("SELECT seq, id, type, subject, actor, at, data, hash FROM events WHERE org_id = $1");
    let mut args: Args = args![org];
    if let Some(kind) = &filter.kind {
        if kind.ends_with('.') {
            // A range rather than LIKE, so that the index serves it: "/" follows "." in the collation of both databases.
            args.push(kind.as_str().into());
            sql.push_str(&format!(" AND type >= ${}", args.len()));
            args.push(format!("{}/", kind.trim_end_matches('.')).into());
            sql.push_str(&format!(" AND type < ${}", args.len()));
        } else {
            args.push(kind.as_str().into());
            sql.push_str(&format!(" AND type = ${}", args.len()));
        }
    }
    if let Some(subject) = &filter.subject {
        args.push(subject.as_str().into());
        sql.push_str(&format!(" AND subject = ${}", args.len()));
    }
    if let Some(after) = filter.after {
        args.push(after.into());
        sql.push_str(&format!(" AND seq > ${}", args.len()));
    }
    if let Some(before) = filter.before {
        args.push(before.into());
        sql.push_str(&format!(" AND seq < ${}", args.len()));
    }
    if filter.hide_access {
        sql.push_str(" AND NOT (type >= 'access.' AND type < 'access/')");
    }
    args.push(limit.into());
    let order = if filter.descending { "DESC" } else { "ASC" };
    sql.push_str(&format!(" ORDER BY seq {order} LIMIT ${}", args.len()));
    db.all(sql, args).await
}

/// Deletes at most `limit` of the org's events that are older than `before` and notes where the chain goes on.
pub(crate) async fn prune(tx: &mut Tx, org: &str, before: Millis, limit: i64) -> Result<u64> {
    // Only a beginning of the log is ever deleted, so that the rest stays one chain.
    // Both looks are bounded by the place where the log begins, so they need no index of times.
    let sql = "SELECT seq, hash FROM events
                WHERE org_id = $1 AND seq <= (SELECT pruned_seq FROM event_heads WHERE org_id = $1) + $3
                  AND seq < COALESCE((SELECT min(seq) FROM events
                                       WHERE org_id = $1 AND seq <= (SELECT pruned_seq FROM event_heads WHERE org_id = $1) + $3
                                         AND at >= $2), 9223372036854775807)
                ORDER BY seq DESC LIMIT 1";
    let Some(Place(seq, hash)) = tx.optional(sql, args![org, before, limit]).await? else { return Ok(0) };
    tx.execute("UPDATE event_heads SET pruned_seq = $2, pruned_hash = $3 WHERE org_id = $1", args![org, seq, hash])
        .await?;
    tx.execute("DELETE FROM events WHERE org_id = $1 AND seq <= $2", args![org, seq]).await
}
