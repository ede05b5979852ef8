//! Throw-away databases: a SQLite file in a temporary directory, and a fresh PostgreSQL database on the test server.
//!
//! The test server is `MUSTER_TEST_POSTGRES` (a URL of a server where we may create databases), else
//! `postgres://postgres@127.0.0.1:5432/postgres`.

use crate::{Db, Options};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, postgres::PgConnectOptions};
use std::ops::Deref;
use std::str::FromStr;

/// A database that goes away when it is dropped.
pub struct TestDb {
    db: Db,
    url: String,
    _directory: Option<tempfile::TempDir>,
    postgres: Option<(String, String)>,
}

impl Deref for TestDb {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

impl TestDb {
    /// An empty SQLite database.
    pub async fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let url = format!("sqlite://{}", directory.path().join("muster.db").display());
        let db = Db::open(&Options::new(&url)).await.expect("a fresh SQLite database opens");
        Self { db, url, _directory: Some(directory), postgres: None }
    }

    /// An empty PostgreSQL database.
    pub async fn postgres() -> Self {
        let (url, admin, name) = create_postgres().await;
        let options = Options { connections: 5, ..Options::new(&url) };
        let db = Db::open(&options).await.expect("a fresh PostgreSQL database opens");
        Self { db, url, _directory: None, postgres: Some((admin, name)) }
    }

    /// One of each.
    pub async fn both() -> [Self; 2] {
        [Self::sqlite().await, Self::postgres().await]
    }

    /// The URL to open it again.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Creates an empty PostgreSQL database; returns its URL, the URL of the server's own database, and its name.
pub async fn create_postgres() -> (String, String, String) {
    let admin = postgres_server();
    let name = format!("muster_test_{}", uuid::Uuid::now_v7().simple());
    let mut conn = connect(&admin).await;
    let sql = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
    conn.execute(AssertSqlSafe(sql)).await.expect("the test server lets us create databases");
    let _ = conn.close().await;
    let (server, _) = admin.rsplit_once('/').expect("a URL with a database");
    (format!("{server}/{name}"), admin.clone(), name)
}

/// Drops a database that [`create_postgres`] made.
pub async fn drop_postgres(admin: &str, name: &str) {
    let mut conn = connect(admin).await;
    let _ = conn.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await;
}

#[expect(clippy::disallowed_methods, reason = "tests find their server by environment")]
fn postgres_server() -> String {
    std::env::var("MUSTER_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

async fn connect(url: &str) -> sqlx::PgConnection {
    let options = PgConnectOptions::from_str(url).expect("MUSTER_TEST_POSTGRES is a PostgreSQL URL");
    options.connect().await.expect("a PostgreSQL server for tests; set MUSTER_TEST_POSTGRES to its URL")
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let Some((admin, name)) = self.postgres.take() else { return };
        // A test's runtime may be about to end, so the clean-up has its own.
        let cleanup = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(drop_postgres(&admin, &name));
        });
        let _ = cleanup.join();
    }
}
