//! Migrations: one text for both databases, only ever added to. Each runs once, in a transaction of its own.

use crate::error::{from_sqlite, from_sqlx};
use muster_base::{Error, Kind, Result};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use sqlx::{Acquire, AssertSqlSafe, Executor, PgConnection, PgPool, Row};

/// A step of the schema.
struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "access", sql: include_str!("../../../migrations/0001_access.sql") },
    Migration { version: 2, name: "events", sql: include_str!("../../../migrations/0002_events.sql") },
    Migration { version: 3, name: "agents", sql: include_str!("../../../migrations/0003_agents.sql") },
    Migration { version: 4, name: "conversations", sql: include_str!("../../../migrations/0004_conversations.sql") },
    Migration { version: 5, name: "turns", sql: include_str!("../../../migrations/0005_turns.sql") },
    Migration { version: 6, name: "memory", sql: include_str!("../../../migrations/0006_memory.sql") },
    Migration { version: 7, name: "jobs", sql: include_str!("../../../migrations/0007_jobs.sql") },
    Migration { version: 8, name: "mission", sql: include_str!("../../../migrations/0008_mission.sql") },
    Migration { version: 9, name: "network", sql: include_str!("../../../migrations/0009_network.sql") },
    Migration { version: 10, name: "connectors", sql: include_str!("../../../migrations/0010_connectors.sql") },
];

const TABLE: &str = "CREATE TABLE IF NOT EXISTS muster_migrations (
    version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";
const APPLIED: &str = "SELECT version, checksum FROM muster_migrations ORDER BY version";

impl Migration {
    /// Tells whether an applied migration was edited afterwards.
    fn checksum(&self) -> String {
        Sha256::digest(self.sql.as_bytes()).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// The step and the note that it was applied, as one script.
    fn script(&self) -> String {
        let Self { version, name, sql } = self;
        format!(
            "{sql}\nINSERT INTO muster_migrations (version, name, checksum) VALUES ({version}, '{name}', '{}');",
            self.checksum()
        )
    }
}

/// What is still to be applied. A schema that a newer program made, and a migration that was edited, are refused.
fn missing(applied: &[(i64, String)]) -> Result<Vec<&'static Migration>> {
    let refuse = |message: String| Err(Error::new(Kind::Internal, "store.migration", message));
    for (version, checksum) in applied {
        match MIGRATIONS.iter().find(|migration| migration.version == *version) {
            None => {
                return refuse(format!("a newer Muster made this database (migration {version}); start that version"));
            }
            Some(known) if known.checksum() != *checksum => {
                return refuse(format!("migration {version} was applied in another form than this program has"));
            }
            Some(_) => {}
        }
    }
    let is_missing = |migration: &&Migration| !applied.iter().any(|(version, _)| *version == migration.version);
    Ok(MIGRATIONS.iter().filter(is_missing).collect())
}

pub(crate) fn run_sqlite(conn: &mut Connection) -> Result<()> {
    // Two programs may open a fresh file at once: the lock is taken before looking.
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(from_sqlite)?;
    tx.execute_batch(TABLE).map_err(from_sqlite)?;
    let applied = {
        let mut statement = tx.prepare(APPLIED).map_err(from_sqlite)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(from_sqlite)?;
        rows.collect::<Result<Vec<(i64, String)>, _>>().map_err(from_sqlite)?
    };
    for migration in missing(&applied)? {
        tx.execute_batch(&migration.script()).map_err(from_sqlite)?;
    }
    tx.commit().map_err(from_sqlite)
}

pub(crate) async fn run_postgres(pool: &PgPool) -> Result<()> {
    let mut conn = pool.acquire().await.map_err(from_sqlx)?;
    let mut tx = conn.begin().await.map_err(from_sqlx)?;
    apply_postgres(&mut tx).await?;
    tx.commit().await.map_err(from_sqlx)
}

async fn apply_postgres(conn: &mut PgConnection) -> Result<()> {
    // Nodes that start together apply one after the other; the number is ours and means nothing.
    conn.execute("SELECT pg_advisory_xact_lock(7717001)").await.map_err(from_sqlx)?;
    conn.execute(TABLE).await.map_err(from_sqlx)?;
    let rows = conn.fetch_all(APPLIED).await.map_err(from_sqlx)?;
    let applied = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<Vec<(i64, String)>, sqlx::Error>>();
    for migration in missing(&applied.map_err(from_sqlx)?)? {
        conn.execute(sqlx::raw_sql(AssertSqlSafe(migration.script()))).await.map_err(from_sqlx)?;
    }
    Ok(())
}
