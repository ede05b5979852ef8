//! All SQL of the figures.

use super::Report;
use muster_base::{Millis, Result, new_id};
use muster_store::{Db, FromRow, Row, Tx, args};

pub(super) struct HourCount {
    pub(super) hour: i64,
    pub(super) role: String,
    pub(super) count: i64,
}

impl FromRow for HourCount {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { hour: row.int("hour")?, role: row.text("role")?, count: row.int("count")? })
    }
}

pub(super) struct TurnCounts {
    pub(super) running: i64,
    pub(super) queued: i64,
    pub(super) failed: i64,
    pub(super) output_tokens: i64,
}

impl FromRow for TurnCounts {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            running: row.int("running")?,
            queued: row.int("queued")?,
            failed: row.int("failed")?,
            output_tokens: row.int("output_tokens")?,
        })
    }
}

/// Agents by a column or expression of ours; never of a caller.
pub(super) async fn agents_by(db: &Db, org: &str, expression: &'static str) -> Result<Vec<(String, i64)>> {
    db.all(format!("SELECT {expression}, count(*) FROM agents WHERE org_id = $1 GROUP BY 1 ORDER BY 1"), args![org])
        .await
}

pub(super) async fn messages_per_hour(db: &Db, org: &str, since: Millis) -> Result<Vec<HourCount>> {
    let sql = "SELECT created_at / 3600000 AS hour, role, count(*) AS count FROM messages
                WHERE org_id = $1 AND created_at >= $2 GROUP BY 1, 2";
    db.all(sql, args![org, since]).await
}

pub(super) async fn turns(db: &Db, org: &str, since: Millis) -> Result<TurnCounts> {
    let sql = "SELECT (SELECT count(*) FROM turns WHERE org_id = $1 AND state = 'running') AS running,
                      (SELECT count(*) FROM turns WHERE org_id = $1 AND state = 'queued') AS queued,
                      (SELECT count(*) FROM turns WHERE org_id = $1 AND state = 'failed' AND finished_at > $2) AS failed,
                      (SELECT CAST(COALESCE(sum(output_tokens), 0) AS BIGINT) FROM turns
                        WHERE org_id = $1 AND finished_at > $2)
                      + (SELECT CAST(COALESCE(sum(output_tokens), 0) AS BIGINT) FROM token_usage
                          WHERE org_id = $1 AND created_at > $2) AS output_tokens";
    db.one(sql, args![org, since]).await
}

/// Keeps a report and adds it to what the agent has used.
pub(super) async fn insert(tx: &mut Tx, org: &str, agent: &str, report: &Report, at: Millis) -> Result<()> {
    let sql = "UPDATE agents SET output_tokens_used = output_tokens_used + $3 WHERE id = $1 AND org_id = $2";
    tx.execute(sql, args![agent, org, report.output_tokens]).await?;
    let sql = "INSERT INTO token_usage (id, org_id, agent_id, task, model, input_tokens, output_tokens, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let args =
        args![new_id("use"), org, agent, report.task, &report.model, report.input_tokens, report.output_tokens, at];
    tx.execute(sql, args).await.map(drop)
}
