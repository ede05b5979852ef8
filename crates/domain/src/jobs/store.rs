//! All SQL of jobs.

use super::Job;
use muster_base::{Millis, Result};
use muster_store::{Db, FromRow, Row, Tx, args};

impl FromRow for Job {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            kind: row.text("kind")?,
            key: row.text("key")?,
            org: row.text_opt("org_id")?,
            payload: row.text("payload")?,
            attempts: row.int("attempts")?,
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, job: &Job, run_at: Millis, now: Millis) -> Result<bool> {
    let sql =
        "INSERT INTO jobs (id, kind, key, org_id, payload, run_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (kind, key) DO NOTHING";
    Ok(tx.execute(sql, args![&job.id, &job.kind, &job.key, &job.org, &job.payload, run_at, now]).await? == 1)
}

pub(super) async fn any_due(db: &Db, now: Millis) -> Result<bool> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE run_at <= $1 LIMIT 1) due";
    Ok(db.one::<i64>(sql, args![now]).await? > 0)
}

pub(super) async fn claim(
    tx: &mut Tx,
    owner: &str,
    kinds: &[&str],
    now: Millis,
    until: Millis,
    limit: i64,
) -> Result<Vec<Job>> {
    let mut args = args![owner, now, until, limit];
    let marks: Vec<String> = kinds
        .iter()
        .map(|kind| {
            args.push((*kind).into());
            format!("${}", args.len())
        })
        .collect();
    let skip = if tx.is_postgres() { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE jobs SET lease_owner = $1, lease_until = $3, attempts = attempts + 1
          WHERE id IN (SELECT id FROM jobs WHERE run_at <= $2 AND (lease_until IS NULL OR lease_until <= $2) AND kind IN ({})
                        ORDER BY run_at, id LIMIT $4{skip})
      RETURNING id, kind, key, org_id, payload, attempts",
        marks.join(", ")
    );
    tx.all(sql, args).await
}

pub(super) async fn next_due(db: &Db) -> Result<Option<Millis>> {
    // A job that is being done is due again when its worker has been silent for too long.
    let sql =
        "SELECT CASE WHEN lease_until > run_at THEN lease_until ELSE run_at END AS due FROM jobs ORDER BY due LIMIT 1";
    let next: Option<i64> = db.optional(sql, vec![]).await?;
    Ok(next.map(Millis))
}

/// Ends the lease if it is still `owner`'s: removes the job, or sets when it comes again.
pub(super) async fn settle(
    tx: &mut Tx,
    id: &str,
    owner: &str,
    again: Option<Millis>,
    error: Option<&str>,
) -> Result<()> {
    let Some(again) = again else {
        return tx.execute("DELETE FROM jobs WHERE id = $1 AND lease_owner = $2", args![id, owner]).await.map(drop);
    };
    let sql = "UPDATE jobs SET run_at = $3, lease_owner = NULL, lease_until = NULL, last_error = $4,
                      attempts = CASE WHEN $4 IS NULL THEN 0 ELSE attempts END
                WHERE id = $1 AND lease_owner = $2";
    tx.execute(sql, args![id, owner, again, error]).await.map(drop)
}
