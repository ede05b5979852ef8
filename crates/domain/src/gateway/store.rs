//! SQL about agents that a gateway runs.

use super::sync::Known;
use crate::agents::Definition;
use muster_base::Result;
use muster_store::{Db, FromRow, Row, Tx, args};

impl FromRow for Known {
    fn from_row(row: &Row) -> Result<Self> {
        let definition: Definition = row.json("body")?;
        Ok(Self {
            id: row.text("id")?,
            number: row.int("number")?,
            name: row.text("name")?,
            role: row.text_opt("role")?,
            source: row.text("source")?,
            session_key: row.text_opt("session_key")?,
            definition,
        })
    }
}

/// Locks the agents that may have an entry, in the order in which all transactions lock; SQLite has one writer.
pub(super) async fn lock_known(tx: &mut Tx, org: &str) -> Result<()> {
    if !tx.is_postgres() {
        return Ok(());
    }
    let sql = "SELECT id FROM agents WHERE org_id = $1 AND (source = 'gateway' OR session_key LIKE 'agent:%:main')
                ORDER BY id FOR UPDATE";
    tx.all::<String>(sql, args![org]).await.map(drop)
}

/// The agents that may have an entry, oldest first.
pub(super) async fn known(tx: &mut Tx, org: &str, limit: i64) -> Result<Vec<Known>> {
    let sql = "SELECT a.id, a.number, a.name, a.role, a.source, a.session_key, d.body
                 FROM agents a JOIN definitions d ON d.agent_id = a.id AND d.version = a.version
                WHERE a.org_id = $1 AND (a.source = 'gateway' OR a.session_key LIKE 'agent:%:main')
                ORDER BY a.number LIMIT $2";
    tx.all(sql, args![org, limit]).await
}

/// The agent with this name.
pub(super) async fn named(tx: &mut Tx, org: &str, name: &str) -> Result<Option<String>> {
    tx.optional("SELECT id FROM agents WHERE org_id = $1 AND name = $2", args![org, name]).await
}

/// Takes the name from an agent that gets another one in the same transaction, so that agents may swap names.
pub(super) async fn unname(tx: &mut Tx, org: &str, id: &str) -> Result<()> {
    tx.execute("UPDATE agents SET name = id WHERE id = $1 AND org_id = $2", args![id, org]).await.map(drop)
}

/// The agent with this session key.
pub(super) async fn holder(db: &Db, org: &str, session_key: &str) -> Result<Option<String>> {
    db.optional("SELECT id FROM agents WHERE org_id = $1 AND session_key = $2", args![org, session_key]).await
}
