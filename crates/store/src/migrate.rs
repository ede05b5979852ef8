//! Migrations: one text for both databases, only ever added to.

use muster_base::{Error, Result};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, PgPool, SqlSafeStr, SqliteConnection};
use std::borrow::Cow;

/// Version, name and text of each migration, in order.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "access", include_str!("../../../migrations/0001_access.sql")),
    (2, "events", include_str!("../../../migrations/0002_events.sql")),
    (3, "agents", include_str!("../../../migrations/0003_agents.sql")),
    (4, "conversations", include_str!("../../../migrations/0004_conversations.sql")),
    (5, "turns", include_str!("../../../migrations/0005_turns.sql")),
    (6, "memory", include_str!("../../../migrations/0006_memory.sql")),
    (7, "jobs", include_str!("../../../migrations/0007_jobs.sql")),
];

fn migrator() -> Migrator {
    let migrations = MIGRATIONS
        .iter()
        .map(|(version, name, sql)| {
            let sql = AssertSqlSafe(*sql).into_sql_str();
            Migration::new(*version, Cow::Borrowed(name), MigrationType::Simple, sql, false)
        })
        .collect();
    Migrator::with_migrations(migrations)
}

pub(crate) async fn run_sqlite(conn: &mut SqliteConnection) -> Result<()> {
    migrator().run(conn).await.map_err(explain)
}

pub(crate) async fn run_postgres(pool: &PgPool) -> Result<()> {
    migrator().run(pool).await.map_err(explain)
}

fn explain(error: sqlx::migrate::MigrateError) -> Error {
    let hint = match &error {
        sqlx::migrate::MigrateError::VersionMissing(_) => "a newer Muster made this database; start that version",
        _ => "the database's schema could not be brought up to date",
    };
    Error::new(muster_base::Kind::Internal, "store.migration", format!("{hint}: {error}"))
}
