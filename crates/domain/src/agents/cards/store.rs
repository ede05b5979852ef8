//! All SQL of cards.

use super::{Card, TaskCounts};
use crate::agents::config;
use crate::agents::store::{AGENT, RESOLVED, conditions, count, resolved_args};
use crate::agents::{Agent, AgentFilter};
use muster_base::Result;
use muster_store::{Db, FromRow, Row, args};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The part of a definition that a card shows.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    personality: Option<String>,
    #[serde(default)]
    config: Map<String, Value>,
}

impl FromRow for Card {
    fn from_row(row: &Row) -> Result<Self> {
        let agent = Agent::from_row(row)?;
        let told: Told = row.json("body")?;
        let tasks = TaskCounts {
            total: row.int("tasks")?,
            assigned: row.int("assigned")?,
            in_progress: row.int("in_progress")?,
            quality_review: row.int("quality_review")?,
            done: row.int("done")?,
        };
        let config = config::shown(told.config, &agent);
        Ok(Self { agent, personality: told.personality, config, told_at: row.time("told_at")?, tasks })
    }
}

/// A card, and how many there are in all.
struct Listed(Card, i64);

impl FromRow for Listed {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(Card::from_row(row)?, row.int("matching")?))
    }
}

/// The cards of the agents that `which` selects, with `more` columns; `$1` is the org.
///
/// Tasks are bound to the org by their agents: naming it again would lead SQLite to an index of all tasks of the org.
fn cards(which: &str, more: &str) -> String {
    format!(
        "WITH shown AS (SELECT {AGENT} FROM agents WHERE {which})
         SELECT shown.*, d.body, d.created_at AS told_at, COALESCE(t.tasks, 0) AS tasks, COALESCE(t.assigned, 0) AS assigned,
                COALESCE(t.in_progress, 0) AS in_progress, COALESCE(t.quality_review, 0) AS quality_review,
                COALESCE(t.done, 0) AS done{more}
           FROM shown JOIN definitions d ON d.agent_id = shown.id AND d.version = shown.version
           LEFT JOIN (SELECT agent_id, count(*) AS tasks,
                             count(CASE WHEN status = 'assigned' THEN 1 END) AS assigned,
                             count(CASE WHEN status = 'in_progress' THEN 1 END) AS in_progress,
                             count(CASE WHEN status = 'quality_review' THEN 1 END) AS quality_review,
                             count(CASE WHEN status = 'done' THEN 1 END) AS done
                        FROM tasks WHERE agent_id IN (SELECT id FROM shown) GROUP BY agent_id) t
             ON t.agent_id = shown.id
          ORDER BY shown.created_at DESC, shown.number DESC"
    )
}

pub(super) async fn find(db: &Db, org: &str, text: &str) -> Result<Option<Card>> {
    db.optional(cards(&format!("id = {RESOLVED}"), ""), resolved_args(org, text)).await
}

pub(super) async fn page(
    db: &Db,
    org: &str,
    filter: &AgentFilter,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Card>, i64)> {
    let mut args = args![org];
    let conditions = conditions(filter, &mut args);
    args.push(limit.into());
    args.push(offset.into());
    let which = format!(
        "org_id = $1{conditions} ORDER BY created_at DESC, number DESC LIMIT ${} OFFSET ${}",
        args.len() - 1,
        args.len()
    );
    let matching = format!(", (SELECT count(*) FROM agents WHERE org_id = $1{conditions}) AS matching");
    let rows: Vec<Listed> = db.all(cards(&which, &matching), args).await?;
    let total = match rows.first() {
        Some(Listed(_, total)) => *total,
        // A page beyond the last has no row that could tell.
        None if offset > 0 => count(db, org, filter).await?,
        None => 0,
    };
    Ok((rows.into_iter().map(|Listed(card, _)| card).collect(), total))
}
