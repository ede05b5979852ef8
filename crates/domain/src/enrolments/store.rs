//! All SQL of enrolments.

use muster_base::{Millis, Result};
use muster_store::{Db, FromRow, Row, Tx, args};

/// What is known of a machine that shows a token.
pub(super) struct Shown {
    /// The one agent that the token is for, or has been so far.
    pub(super) agent: Option<String>,
    /// Whether the token enrols machines, or was made for one agent.
    pub(super) enrols: bool,
    /// What the machine is, if it has shown the token before.
    pub(super) known: Option<Known>,
}

/// A machine that was enrolled before: its agent, or `None` when that was deleted.
pub(super) struct Known(pub(super) Option<String>);

impl FromRow for Shown {
    fn from_row(row: &Row) -> Result<Self> {
        let agent = row.text_opt("own_agent")?;
        let machine = row.text_opt("machine_id")?;
        let known = match machine {
            Some(_) => Some(Known(row.text_opt("machine_agent")?)),
            None => None,
        };
        Ok(Self { enrols: row.flag("enrols")? || agent.is_none(), agent, known })
    }
}

impl FromRow for Known {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.text_opt("agent_id")?))
    }
}

/// A token, and what it makes of a machine.
pub(super) async fn shown(db: &Db, org: &str, token: &str, machine: &str) -> Result<Option<Shown>> {
    let sql = "SELECT t.agent_id AS own_agent, t.enrols, e.machine_id, e.agent_id AS machine_agent
                 FROM agent_tokens t LEFT JOIN enrolments e ON e.credential_id = t.id AND e.machine_id = $3 AND e.org_id = $1
                WHERE t.id = $2 AND t.org_id = $1";
    db.optional_short(sql, args![org, token, machine]).await
}

/// What an API key makes of a machine.
pub(super) async fn known(db: &Db, org: &str, credential: &str, machine: &str) -> Result<Option<Known>> {
    let sql = "SELECT agent_id FROM enrolments WHERE credential_id = $2 AND machine_id = $3 AND org_id = $1";
    db.optional_short(sql, args![org, credential, machine]).await
}

/// What an agent's client said of itself.
pub(super) struct Client {
    pub(super) version: Option<String>,
    pub(super) public_key: Option<String>,
}

impl FromRow for Client {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { version: row.text_opt("agent_version")?, public_key: row.text_opt("public_key")? })
    }
}

pub(super) async fn client(db: &Db, org: &str, agent: &str) -> Result<Option<Client>> {
    let sql = "SELECT agent_version, public_key FROM agents WHERE id = $1 AND org_id = $2";
    db.optional_short(sql, args![agent, org]).await
}

/// Notes what an agent's client says of itself.
pub(super) async fn set_client(tx: &mut Tx, org: &str, agent: &str, client: &Client) -> Result<()> {
    let sql = "UPDATE agents SET agent_version = $3, public_key = $4 WHERE id = $1 AND org_id = $2";
    tx.execute(sql, args![agent, org, &client.version, &client.public_key]).await.map(drop)
}

/// A token that enrols from now on, locked, so that two machines which show it first come one after the other.
///
/// The agent that it acts as; `None` when there is no such token.
pub(super) async fn lock_token(tx: &mut Tx, org: &str, token: &str) -> Result<Option<Known>> {
    let sql = "UPDATE agent_tokens SET enrols = 1 WHERE id = $1 AND org_id = $2 RETURNING agent_id";
    tx.optional(sql, args![token, org]).await
}

/// How many machines have shown a credential.
pub(super) async fn count(tx: &mut Tx, org: &str, credential: &str) -> Result<i64> {
    tx.one("SELECT count(*) FROM enrolments WHERE credential_id = $1 AND org_id = $2", args![credential, org]).await
}

/// As which agent a token acts from now on.
pub(super) async fn bind_token(tx: &mut Tx, org: &str, token: &str, agent: Option<&str>) -> Result<()> {
    let agent = agent.map(str::to_owned);
    tx.execute("UPDATE agent_tokens SET agent_id = $3 WHERE id = $1 AND org_id = $2", args![token, org, agent])
        .await
        .map(drop)
}

/// Forgets a machine whose agent was deleted.
pub(super) async fn forget(tx: &mut Tx, org: &str, credential: &str, machine: &str) -> Result<()> {
    let sql =
        "DELETE FROM enrolments WHERE credential_id = $2 AND machine_id = $3 AND org_id = $1 AND agent_id IS NULL";
    tx.execute(sql, args![org, credential, machine]).await.map(drop)
}

/// Remembers which agent a machine is; a unique violation when it is one already.
pub(super) async fn insert(
    tx: &mut Tx,
    org: &str,
    (credential, machine): (&str, &str),
    agent: &str,
    at: Millis,
) -> Result<()> {
    let sql =
        "INSERT INTO enrolments (credential_id, machine_id, org_id, agent_id, created_at) VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, args![credential, machine, org, agent, at]).await.map(drop)
}
