//! All SQL of links, nodes and traffic.

use crate::agents::{Lifecycle, Presence};
use muster_base::{Millis, Result};
use muster_store::{Args, Db, FromRow, Row, Tx, Value, args};

/// A link as it is written down.
#[derive(Debug, Clone)]
pub(super) struct NewRow {
    pub(super) agent: String,
    pub(super) org: String,
    pub(super) node: String,
    pub(super) machine: String,
    pub(super) version: Option<String>,
    pub(super) since: Millis,
}

/// An agent before its link came or went.
pub(super) struct Before {
    pub(super) agent: String,
    pub(super) org: String,
    pub(super) hosted: bool,
    pub(super) presence: Presence,
    pub(super) lifecycle: Lifecycle,
    /// The node of the link that it had, and since when.
    pub(super) node: Option<String>,
    pub(super) since: Option<i64>,
}

impl FromRow for Before {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            agent: row.text("id")?,
            org: row.text("org_id")?,
            hosted: row.flag("hosted")?,
            presence: Presence::parse(&row.text("presence")?, "presence")?,
            lifecycle: Lifecycle::parse(&row.text("lifecycle")?, "lifecycle")?,
            node: row.text_opt("node_id")?,
            since: row.int_opt("since")?,
        })
    }
}

/// Splits into parts whose lengths are powers of two, so that there are few statements to compile.
fn parts<T>(all: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = all;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (part, after) = rest.split_at(1 << rest.len().ilog2().min(8));
        rest = after;
        Some(part)
    })
}

/// `($1, $2), ($3, $4)` for rows of `width` values, after `before` other values.
fn marks(rows: usize, width: usize, before: usize) -> String {
    let row = |row: usize| {
        let marks: Vec<String> = (1..=width).map(|column| format!("${}", before + row * width + column)).collect();
        format!("({})", marks.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// `($3, $4, $5)`: one list.
fn list(length: usize, before: usize) -> String {
    marks(1, length, before)
}

/// Locks agents in the order of their ids, and tells how they are; those that there are no more are left out.
pub(super) async fn lock_agents(tx: &mut Tx, ids: &[String]) -> Result<Vec<Before>> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let mut found = Vec::with_capacity(ids.len());
    for part in parts(&ids) {
        if tx.is_postgres() {
            // What is read after the locks is not older than they are.
            let sql = format!("SELECT id FROM agents WHERE id IN {} ORDER BY id FOR UPDATE", list(part.len(), 0));
            let _: Vec<String> = tx.all(sql, part.iter().map(Value::from).collect()).await?;
        }
        let sql = format!(
            "SELECT a.id, a.org_id, a.hosted, a.presence, a.lifecycle, l.node_id, l.since
               FROM agents a LEFT JOIN links l ON l.agent_id = a.id
              WHERE a.id IN {}",
            list(part.len(), 0)
        );
        found.extend(tx.all::<Before>(sql, part.iter().map(Value::from).collect()).await?);
    }
    Ok(found)
}

/// Writes links down, in the place of older ones of the same agents.
pub(super) async fn put_links(tx: &mut Tx, rows: &[NewRow], now: Millis) -> Result<()> {
    for part in parts(rows) {
        let mut args: Args = Vec::with_capacity(part.len() * 7);
        for row in part {
            args.extend(args![&row.agent, &row.org, &row.node, &row.machine, &row.version, row.since, now]);
        }
        let sql = format!(
            "INSERT INTO links (agent_id, org_id, node_id, machine_id, version, since, active_at) VALUES {}
             ON CONFLICT (agent_id) DO UPDATE SET node_id = excluded.node_id, machine_id = excluded.machine_id,
                version = excluded.version, since = excluded.since, active_at = excluded.active_at,
                bytes_in = 0, bytes_out = 0",
            marks(part.len(), 7, 0)
        );
        tx.execute(sql, args).await?;
    }
    Ok(())
}

/// Deletes links, unless newer ones are in their place; returns the agents of those that were there.
pub(super) async fn delete_links(tx: &mut Tx, rows: &[NewRow]) -> Result<Vec<String>> {
    let mut gone = Vec::new();
    for part in parts(rows) {
        let mut args: Args = Vec::with_capacity(part.len() * 3);
        let mut same = Vec::with_capacity(part.len());
        for row in part {
            args.extend(args![&row.agent, &row.node, row.since]);
            let at = args.len();
            same.push(format!("(agent_id = ${} AND node_id = ${} AND since = ${at})", at - 2, at - 1));
        }
        let sql = format!("DELETE FROM links WHERE {} RETURNING agent_id", same.join(" OR "));
        gone.extend(tx.all::<String>(sql, args).await?);
    }
    Ok(gone)
}

/// States the presence of agents that are locked.
pub(super) async fn put_presences(tx: &mut Tx, ids: &[String], presence: Presence, seen: Option<Millis>) -> Result<()> {
    for part in parts(ids) {
        let mut args: Args = args![presence.as_str(), seen];
        args.extend(part.iter().map(Value::from));
        let sql = format!(
            "UPDATE agents SET presence = $1, last_seen_at = COALESCE($2, last_seen_at) WHERE id IN {}",
            list(part.len(), 2)
        );
        tx.execute(sql, args).await?;
    }
    Ok(())
}

pub(super) async fn beat(tx: &mut Tx, node: &str, started_at: Millis, now: Millis) -> Result<()> {
    let sql = "INSERT INTO nodes (id, started_at, beat_at) VALUES ($1, $2, $3)
               ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at";
    tx.execute(sql, args![node, started_at, now]).await.map(drop)
}

pub(super) async fn forget_node(tx: &mut Tx, node: &str) -> Result<()> {
    tx.execute("DELETE FROM nodes WHERE id = $1", args![node]).await.map(drop)
}

pub(super) async fn forget_other_nodes(tx: &mut Tx, node: &str) -> Result<()> {
    tx.execute("DELETE FROM nodes WHERE id <> $1", args![node]).await.map(drop)
}

/// Nodes that have links or a record and have not beaten since `alive`.
pub(super) async fn nodes_without_life(db: &Db, alive: Millis) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT l.node_id FROM links l LEFT JOIN nodes n ON n.id = l.node_id
                WHERE n.id IS NULL OR n.beat_at <= $1
                UNION SELECT id FROM nodes WHERE beat_at <= $1";
    db.all(sql, args![alive]).await
}

/// Nodes that have beaten since `alive`.
pub(super) async fn living(db: &Db, alive: Millis) -> Result<Vec<String>> {
    db.all("SELECT id FROM nodes WHERE beat_at > $1", args![alive]).await
}

/// A link that a node has written down.
#[derive(Debug, Clone)]
pub(super) struct Lost {
    pub(super) agent: String,
    pub(super) org: String,
    pub(super) name: String,
    pub(super) since: Millis,
}

impl FromRow for Lost {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            agent: row.text("agent_id")?,
            org: row.text("org_id")?,
            name: row.text("name")?,
            since: row.time("since")?,
        })
    }
}

pub(super) async fn links_of(db: &Db, node: &str, limit: i64) -> Result<Vec<Lost>> {
    let sql = "SELECT l.agent_id, l.org_id, l.since, a.name FROM links l JOIN agents a ON a.id = l.agent_id
                WHERE l.node_id = $1 LIMIT $2";
    db.all(sql, args![node, limit]).await
}

/// The agents whose links a node has written down, and since when each is there.
pub(super) async fn own_rows(db: &Db, node: &str) -> Result<Vec<(String, i64)>> {
    struct Own(String, i64);
    impl FromRow for Own {
        fn from_row(row: &Row) -> Result<Self> {
            Ok(Self(row.text("agent_id")?, row.int("since")?))
        }
    }
    let rows: Vec<Own> = db.all("SELECT agent_id, since FROM links WHERE node_id = $1", args![node]).await?;
    Ok(rows.into_iter().map(|Own(agent, since)| (agent, since)).collect())
}

/// Where an agent of the org is linked, if its node lives.
pub(super) async fn node_of(db: &Db, org: &str, agent: &str, alive: Millis) -> Result<Option<String>> {
    let sql = "SELECT l.node_id FROM links l JOIN nodes n ON n.id = l.node_id
                WHERE l.agent_id = $2 AND l.org_id = $1 AND n.beat_at > $3";
    db.optional_short(sql, args![org, agent, alive]).await
}

/// Agents of the org that are linked to other nodes that live, newest first: the agent and its node.
pub(super) async fn remote(db: &Db, org: &str, own: &str, alive: Millis, limit: i64) -> Result<Vec<(String, String)>> {
    struct Remote(String, String);
    impl FromRow for Remote {
        fn from_row(row: &Row) -> Result<Self> {
            Ok(Self(row.text("agent_id")?, row.text("node_id")?))
        }
    }
    let sql = "SELECT l.agent_id, l.node_id FROM links l JOIN nodes n ON n.id = l.node_id
                WHERE l.org_id = $1 AND l.node_id <> $2 AND n.beat_at > $3
                ORDER BY l.since DESC, l.agent_id LIMIT $4";
    let rows: Vec<Remote> = db.all(sql, args![org, own, alive, limit]).await?;
    Ok(rows.into_iter().map(|Remote(agent, node)| (agent, node)).collect())
}

/// How far a link has got.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub(super) agent: String,
    pub(super) since: Millis,
    pub(super) active_at: Millis,
    pub(super) bytes_in: i64,
    pub(super) bytes_out: i64,
}

/// Writes down how far links have got.
pub(super) async fn note_progress(tx: &mut Tx, all: &[Progress]) -> Result<()> {
    for part in parts(all) {
        let mut args: Args = Vec::with_capacity(part.len() * 5);
        for link in part {
            args.extend(args![&link.agent, link.since, link.active_at, link.bytes_in, link.bytes_out]);
        }
        let sql = format!(
            "WITH news (agent, since, active, came, went) AS (VALUES {})
             UPDATE links SET active_at = news.active, bytes_in = news.came, bytes_out = news.went FROM news
              WHERE links.agent_id = news.agent AND links.since = news.since",
            marks(part.len(), 5, 0)
        );
        tx.execute(sql, args).await?;
    }
    Ok(())
}

/// Adds bytes to what an org's WebSockets have carried; an org that was deleted counts no more.
pub(super) async fn add_traffic(tx: &mut Tx, org: &str, bytes: i64) -> Result<()> {
    let sql = "INSERT INTO traffic (org_id, bytes) SELECT id, $2 FROM orgs WHERE id = $1
               ON CONFLICT (org_id) DO UPDATE SET bytes = traffic.bytes + excluded.bytes";
    tx.execute(sql, args![org, bytes]).await.map(drop)
}

/// The numbers of an org.
pub(super) struct Numbers {
    pub(super) agents: i64,
    pub(super) online: i64,
    pub(super) links: i64,
    pub(super) bytes: i64,
}

impl FromRow for Numbers {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            agents: row.int("agents")?,
            online: row.int("online")?,
            links: row.int("links")?,
            bytes: row.int("bytes")?,
        })
    }
}

pub(super) async fn numbers(db: &Db, org: &str, alive: Millis) -> Result<Numbers> {
    let sql = "SELECT
        (SELECT count(*) FROM agents WHERE org_id = $1) AS agents,
        (SELECT count(*) FROM agents WHERE org_id = $1
            AND (running_turns > 0 OR presence NOT IN ('offline', 'error'))) AS online,
        (SELECT count(*) FROM links l JOIN nodes n ON n.id = l.node_id WHERE l.org_id = $1 AND n.beat_at > $2) AS links,
        COALESCE((SELECT bytes FROM traffic WHERE org_id = $1), 0) AS bytes";
    db.one(sql, args![org, alive]).await
}

/// A link as it is shown.
pub(super) struct Listed {
    pub(super) agent: String,
    pub(super) name: String,
    pub(super) presence: Presence,
    pub(super) running_turns: i64,
    pub(super) node: String,
    pub(super) machine: String,
    pub(super) version: Option<String>,
    pub(super) since: Millis,
    pub(super) active_at: Millis,
    pub(super) bytes_in: i64,
    pub(super) bytes_out: i64,
}

impl FromRow for Listed {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            agent: row.text("agent_id")?,
            name: row.text("name")?,
            presence: Presence::parse(&row.text("presence")?, "presence")?,
            running_turns: row.int("running_turns")?,
            node: row.text("node_id")?,
            machine: row.text("machine_id")?,
            version: row.text_opt("version")?,
            since: row.time("since")?,
            active_at: row.time("active_at")?,
            bytes_in: row.int("bytes_in")?,
            bytes_out: row.int("bytes_out")?,
        })
    }
}

/// Links of the org at nodes that live, oldest first, after a place.
pub(super) async fn listed(
    db: &Db,
    org: &str,
    alive: Millis,
    (after, agent): (Millis, &str),
    limit: i64,
) -> Result<Vec<Listed>> {
    let sql = "SELECT l.agent_id, l.node_id, l.machine_id, l.version, l.since, l.active_at, l.bytes_in, l.bytes_out,
                      a.name, a.presence, a.running_turns
                 FROM links l JOIN nodes n ON n.id = l.node_id JOIN agents a ON a.id = l.agent_id
                WHERE l.org_id = $1 AND n.beat_at > $2 AND (l.since > $3 OR l.since = $3 AND l.agent_id > $4)
                ORDER BY l.since, l.agent_id LIMIT $5";
    db.all(sql, args![org, alive, after, agent, limit]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_powers_of_two_and_all_there_is() {
        let lengths = |n: usize| parts(&vec![0; n]).map(<[i32]>::len).collect::<Vec<_>>();
        assert_eq!(lengths(0), [0; 0]);
        assert_eq!(lengths(7), [4, 2, 1]);
        assert_eq!(lengths(600), [256, 256, 64, 16, 8]);
    }

    #[test]
    fn marks_go_on_after_other_values() {
        assert_eq!(marks(2, 2, 1), "($2, $3), ($4, $5)");
        assert_eq!(list(2, 0), "($1, $2)");
    }
}
