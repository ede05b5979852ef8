//! The schema: kept as text, so that a change of a column shows in review; and never one of a newer program.

use muster_store::testing::TestDb;
use muster_store::{Backend, Db, Options, schema_text};
use std::path::PathBuf;

/// Where the schema of a database is kept as text.
fn kept_at(backend: Backend) -> PathBuf {
    let name = match backend {
        Backend::Sqlite => "schema.sqlite.sql",
        Backend::Postgres => "schema.pg.sql",
    };
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(name)
}

#[tokio::test]
async fn the_schema_is_the_one_in_the_repository() {
    for db in TestDb::both().await {
        let text = format!(
            "-- What all migrations together make; a test compares it. To write it anew: UPDATE_SNAPSHOTS=1 cargo test -p muster-store\n{}",
            schema_text(&db).await.expect("reads the schema")
        );
        let path = kept_at(db.backend());
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|value| value == "1") {
            std::fs::write(&path, &text).expect("writes the schema");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "{} is not what the migrations make; run the test with UPDATE_SNAPSHOTS=1",
            path.display()
        );
    }
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let [sqlite, postgres] = TestDb::both().await;
    let (sqlite, postgres) = (tables(&sqlite).await, tables(&postgres).await);
    assert_eq!(sqlite, postgres);
    assert!(sqlite.contains(&"turns".to_owned()));
}

/// The names of all tables.
pub(crate) async fn tables(db: &Db) -> Vec<String> {
    let text = schema_text(db).await.expect("reads the schema");
    text.lines().filter_map(|line| line.strip_prefix("-- ")).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_database_that_a_newer_muster_made_is_refused() {
    for db in TestDb::both().await {
        let sql = "INSERT INTO muster_migrations (version, name, checksum) VALUES (999999, 'from the future', '')";
        db.write(move |tx| Box::pin(async move { tx.execute(sql, vec![]).await })).await.expect("writes");
        let refused = Db::open(&Options::new(db.url())).await.map(drop).expect_err("refused");
        assert_eq!(refused.code(), "store.migration");
        assert!(refused.message().contains("newer"), "{refused}");
    }
}

#[tokio::test]
async fn a_url_of_something_else_is_refused() {
    let refused = Db::open(&Options::new("mysql://localhost/muster")).await.map(drop).expect_err("refused");
    assert_eq!(refused.field(), Some("database_url"));
}
