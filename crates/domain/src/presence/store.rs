//! All SQL of presence.

use crate::agents::Presence;
use muster_base::{Millis, Result};
use muster_store::{Args, Db, FromRow, Row, Tx, args};

/// An agent that has been silent.
pub(super) struct Silent {
    pub(super) id: String,
    pub(super) org: String,
    pub(super) name: String,
    pub(super) presence: Presence,
}

impl FromRow for Silent {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            org: row.text("org_id")?,
            name: row.text("name")?,
            presence: Presence::parse(&row.text("presence")?, "presence")?,
        })
    }
}

/// States a presence. `changed_at` stays where only time or a turn changed it.
pub(super) async fn put(tx: &mut Tx, org: &str, id: &str, presence: Presence, seen: Option<Millis>) -> Result<()> {
    let sql =
        "UPDATE agents SET presence = $3, last_seen_at = COALESCE($4, last_seen_at) WHERE id = $1 AND org_id = $2";
    tx.execute(sql, args![id, org, presence.as_str(), seen]).await.map(drop)
}

pub(super) async fn put_activity(tx: &mut Tx, org: &str, id: &str, activity: &str, at: Millis) -> Result<()> {
    let sql = "UPDATE agents SET last_activity = $3, changed_at = $4 WHERE id = $1 AND org_id = $2";
    tx.execute(sql, args![id, org, activity, at]).await.map(drop)
}

/// Brings an agent back that was offline; says whether it was.
pub(super) async fn bring_back(tx: &mut Tx, org: &str, id: &str, at: Millis) -> Result<bool> {
    let sql = "UPDATE agents SET presence = 'online', last_seen_at = $3
                WHERE id = $1 AND org_id = $2 AND presence = 'offline' AND lifecycle <> 'stopped'";
    Ok(tx.execute(sql, args![id, org, at]).await? == 1)
}

/// Whether a token was made for one agent, and lets in no machines.
pub(super) async fn is_own_token(db: &Db, org: &str, token: &str) -> Result<bool> {
    let sql = "SELECT id FROM agent_tokens WHERE id = $1 AND org_id = $2 AND enrols = 0 AND agent_id IS NOT NULL";
    Ok(db.optional_short::<String>(sql, args![token, org]).await?.is_some())
}

/// Notes when agents were seen, in one statement for each sort of number of them; an older sign changes nothing.
pub(super) async fn note_seen(tx: &mut Tx, signs: &[(String, Millis)]) -> Result<()> {
    // Padded to few lengths, so that there are few statements to compile.
    let length = [8, 64].into_iter().find(|length| signs.len() <= *length).unwrap_or(signs.len());
    let padded = signs.iter().chain(std::iter::repeat_n(&signs[signs.len() - 1], length - signs.len()));
    let mut args: Args = Vec::with_capacity(2 * length);
    let mut rows = Vec::with_capacity(length);
    for (agent, at) in padded {
        args.push(agent.as_str().into());
        args.push((*at).into());
        rows.push(format!("(${}, ${})", args.len() - 1, args.len()));
    }
    let seen = format!("WITH seen (agent, at) AS (VALUES {})", rows.join(", "));
    if tx.is_postgres() {
        // In one order with everybody else who locks several agents.
        let sql = format!("{seen} SELECT id FROM agents WHERE id IN (SELECT agent FROM seen) ORDER BY id FOR UPDATE");
        let _: Vec<String> = tx.all(sql, args.clone()).await?;
    }
    let sql = format!(
        "{seen} UPDATE agents SET last_seen_at = seen.at FROM seen
          WHERE agents.id = seen.agent AND (agents.last_seen_at IS NULL OR agents.last_seen_at < seen.at)"
    );
    tx.execute(sql, args).await.map(drop)
}

/// Whether a node that has beaten since `alive` has the agent's link.
pub(super) async fn is_linked(tx: &mut Tx, org: &str, id: &str, alive: Millis) -> Result<bool> {
    let sql = "SELECT l.agent_id FROM links l JOIN nodes n ON n.id = l.node_id
                WHERE l.agent_id = $2 AND l.org_id = $1 AND n.beat_at > $3";
    Ok(tx.optional::<String>(sql, args![org, id, alive]).await?.is_some())
}

/// Who may fall silent: who runs elsewhere, has no turn left here, and no link. Links notice themselves that they are
/// dead, and are taken up when their node is.
const MAY_FALL_SILENT: &str = "hosted = 0 AND running_turns = 0
    AND NOT EXISTS (SELECT 1 FROM links WHERE links.agent_id = agents.id)";

/// Agents that run elsewhere, unlinked, and were not seen since `before`, in the order of their ids, after the id `after`.
pub(super) async fn silent(db: &Db, before: Millis, after: &str, limit: i64) -> Result<Vec<Silent>> {
    let sql = format!(
        "SELECT id, org_id, name, presence FROM agents
          WHERE presence <> 'offline' AND COALESCE(last_seen_at, created_at) < $1 AND id > $2 AND {MAY_FALL_SILENT}
          ORDER BY id LIMIT $3"
    );
    db.all(sql, args![before, after, limit]).await
}

/// Makes an agent offline if it is still as silent as it was found to be.
pub(super) async fn fall_silent(tx: &mut Tx, agent: &Silent, before: Millis) -> Result<bool> {
    let sql = format!(
        "UPDATE agents SET presence = 'offline'
          WHERE id = $1 AND org_id = $2 AND presence = $3 AND COALESCE(last_seen_at, created_at) < $4 AND {MAY_FALL_SILENT}"
    );
    Ok(tx.execute(sql, args![&agent.id, &agent.org, agent.presence.as_str(), before]).await? == 1)
}
