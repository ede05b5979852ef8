//! All SQL of the roster.

use super::{Reach, Rostered};
use crate::agents::Agent;
use crate::agents::store::AGENT;
use muster_base::{Millis, PageRequest, Result};
use muster_store::{Db, FromRow, Row, args};

/// Whether an agent can be reached, by its presence, its turns and its link; `$2` is since when a silent one is idle.
const REACH: &str = "CASE WHEN running_turns > 0 OR presence = 'busy' THEN 'ONLINE'
    WHEN presence IN ('offline', 'error') THEN 'OFFLINE'
    WHEN presence = 'idle' OR EXISTS (SELECT 1 FROM links l WHERE l.agent_id = agents.id AND l.active_at <= $2) THEN 'IDLE'
    ELSE 'ONLINE' END";

impl FromRow for Rostered {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { agent: Agent::from_row(row)?, reach: Reach::parse(&row.text("reach")?, "reach")? })
    }
}

/// Agents that can be reached in this way, the newest seen first; one more than the page has.
pub(super) async fn page(
    db: &Db,
    org: &str,
    (reach, idle): (Option<Reach>, Millis),
    page: &PageRequest,
) -> Result<Vec<Rostered>> {
    let mut args = args![org, idle];
    let mut sql = format!("SELECT {AGENT}, {REACH} AS reach FROM agents WHERE org_id = $1");
    if let Some(reach) = reach {
        args.push(reach.as_str().into());
        sql.push_str(&format!(" AND {REACH} = ${}", args.len()));
    }
    if let Some(cursor) = &page.after {
        args.push(cursor.number("cursor")?.into());
        args.push(cursor.id.as_str().into());
        let (seen, id) = (args.len() - 1, args.len());
        // The first condition follows from the second; by it the index is entered at the right place.
        sql.push_str(&format!(
            " AND COALESCE(last_seen_at, 0) <= ${seen} AND (COALESCE(last_seen_at, 0), id) < (${seen}, ${id})"
        ));
    }
    args.push((page.limit + 1).into());
    sql.push_str(&format!(" ORDER BY COALESCE(last_seen_at, 0) DESC, id DESC LIMIT ${}", args.len()));
    db.all(sql, args).await
}

pub(super) async fn count(db: &Db, org: &str, (reach, idle): (Option<Reach>, Millis)) -> Result<i64> {
    let Some(reach) = reach else {
        return db.one("SELECT count(*) FROM agents WHERE org_id = $1", args![org]).await;
    };
    let sql = format!("SELECT count(*) FROM agents WHERE org_id = $1 AND {REACH} = $3");
    db.one(sql, args![org, idle, reach.as_str()]).await
}
