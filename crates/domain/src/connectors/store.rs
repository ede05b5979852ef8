//! All SQL of connectors.

use super::Connector;
use muster_base::{Cursor, Millis, Page, PageRequest, Result};
use muster_store::{Db, FromRow, Row, Tx, args};

const CONNECTOR: &str =
    "c.id, c.name, c.type, c.description, c.enabled, c.settings, c.revision, c.created_at, c.changed_at";

impl FromRow for Connector {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            kind: row.text("type")?,
            description: row.text_opt("description")?,
            enabled: row.flag("enabled")?,
            settings: row.json("settings")?,
            revision: row.int("revision")?,
            created_at: row.time("created_at")?,
            changed_at: row.time("changed_at")?,
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, org: &str, connector: &Connector) -> Result<()> {
    let sql = "INSERT INTO connectors (id, org_id, name, type, description, enabled, settings, revision, created_at, changed_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let args = args![
        &connector.id,
        org,
        &connector.name,
        &connector.kind,
        &connector.description,
        connector.enabled,
        serde_json::to_string(&connector.settings).unwrap_or_default(),
        connector.revision,
        connector.created_at,
        connector.changed_at,
    ];
    tx.execute(sql, args).await.map(drop)
}

/// Writes a connector down if it is still at the revision before; says whether it was.
pub(super) async fn update(tx: &mut Tx, org: &str, connector: &Connector) -> Result<bool> {
    let sql =
        "UPDATE connectors SET name = $3, description = $4, enabled = $5, settings = $6, revision = $7, changed_at = $8
                WHERE id = $1 AND org_id = $2 AND revision = $7 - 1";
    let args = args![
        &connector.id,
        org,
        &connector.name,
        &connector.description,
        connector.enabled,
        serde_json::to_string(&connector.settings).unwrap_or_default(),
        connector.revision,
        connector.changed_at,
    ];
    Ok(tx.execute(sql, args).await? == 1)
}

pub(super) async fn delete(tx: &mut Tx, org: &str, id: &str) -> Result<Option<Connector>> {
    let returning = CONNECTOR.replace("c.", "");
    let sql = format!("DELETE FROM connectors WHERE id = $1 AND org_id = $2 RETURNING {returning}");
    tx.optional(sql, args![id, org]).await
}

/// A connector by its id or its name; no name looks like an id.
pub(super) async fn find(db: &Db, org: &str, named: &str) -> Result<Option<Connector>> {
    let column = if named.starts_with("con_") { "id" } else { "name" };
    let sql = format!("SELECT {CONNECTOR} FROM connectors c WHERE c.org_id = $1 AND c.{column} = $2");
    db.optional_short(sql, args![org, named]).await
}

/// The connector, locked until the end of the transaction.
pub(super) async fn lock(tx: &mut Tx, org: &str, id: &str) -> Result<Option<Connector>> {
    let returning = CONNECTOR.replace("c.", "");
    let sql = format!("UPDATE connectors SET revision = revision WHERE id = $1 AND org_id = $2 RETURNING {returning}");
    tx.optional(sql, args![id, org]).await
}

/// The org's connectors, newest first.
pub(super) async fn list(db: &Db, org: &str, page: &PageRequest) -> Result<Page<Connector>> {
    let mut args = args![org];
    let mut after = String::new();
    if let Some(cursor) = &page.after {
        args.push(cursor.number("pageToken")?.into());
        args.push(cursor.id.clone().into());
        after.push_str("AND (c.created_at < $2 OR (c.created_at = $2 AND c.id < $3))");
    }
    args.push((page.limit + 1).into());
    let sql = format!(
        "SELECT {CONNECTOR} FROM connectors c WHERE c.org_id = $1 {after}
          ORDER BY c.created_at DESC, c.id DESC LIMIT ${}",
        args.len()
    );
    let rows: Vec<Connector> = db.all(sql, args).await?;
    Ok(Page::from_rows(rows, page.limit, |row| Cursor::new(row.created_at.0, &row.id)))
}

/// The org's connectors by name, at most `limit`.
pub(super) async fn all(db: &Db, org: &str, limit: i64) -> Result<Vec<Connector>> {
    let sql = format!("SELECT {CONNECTOR} FROM connectors c WHERE c.org_id = $1 ORDER BY c.name LIMIT $2");
    db.all(sql, args![org, limit]).await
}

/// The revisions of connectors, whatever their org: which open sources are still right.
pub(super) async fn revisions(db: &Db, ids: &[String]) -> Result<Vec<(String, i64)>> {
    let args = ids.iter().map(Into::into).collect();
    let marks: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
    db.all(format!("SELECT id, revision FROM connectors WHERE id IN ({})", marks.join(", ")), args).await
}

/// The connectors that an agent has as tools and that answer queries, oldest first, at most `limit`.
pub(super) async fn of_agent(db: &Db, org: &str, agent: &str, limit: i64) -> Result<Vec<Connector>> {
    let sql = format!(
        "SELECT {CONNECTOR} FROM connector_grants g JOIN connectors c ON c.id = g.connector_id
          WHERE g.agent_id = $2 AND c.org_id = $1 AND c.enabled = 1 ORDER BY c.created_at, c.id LIMIT $3"
    );
    db.all_short(sql, args![org, agent, limit]).await
}

pub(super) async fn is_granted(db: &Db, id: &str, agent: &str) -> Result<bool> {
    let sql = "SELECT count(*) FROM connector_grants WHERE connector_id = $1 AND agent_id = $2";
    let found: i64 = db.one(sql, args![id, agent]).await?;
    Ok(found > 0)
}

/// Ids and names of the agents that have a connector, by name.
pub(super) async fn agents_of(db: &Db, org: &str, id: &str) -> Result<Vec<(String, String)>> {
    let sql = "SELECT a.id, a.name FROM connector_grants g JOIN agents a ON a.id = g.agent_id
                WHERE g.connector_id = $2 AND a.org_id = $1 ORDER BY a.name";
    db.all(sql, args![org, id]).await
}

/// The ids of the agents that have a connector.
pub(super) async fn grants(tx: &mut Tx, id: &str) -> Result<Vec<String>> {
    tx.all("SELECT agent_id FROM connector_grants WHERE connector_id = $1 ORDER BY agent_id", args![id]).await
}

/// Gives a connector to an agent of the org; says whether there is such an agent.
pub(super) async fn grant(tx: &mut Tx, org: &str, id: &str, agent: &str, at: Millis) -> Result<bool> {
    let sql = "INSERT INTO connector_grants (connector_id, agent_id, created_at)
               SELECT $1, a.id, $4 FROM agents a WHERE a.id = $2 AND a.org_id = $3";
    Ok(tx.execute(sql, args![id, agent, org, at]).await? == 1)
}

pub(super) async fn revoke(tx: &mut Tx, id: &str, agent: &str) -> Result<()> {
    let sql = "DELETE FROM connector_grants WHERE connector_id = $1 AND agent_id = $2";
    tx.execute(sql, args![id, agent]).await.map(drop)
}
