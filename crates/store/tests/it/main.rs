//! Promises of the storage, kept on SQLite and on PostgreSQL.

mod batches;
mod dumps;
mod reads;
mod schema;
mod writes;

use muster_base::Result;
use muster_store::{Db, args};
use std::time::Duration;

/// How long a test waits for what must happen before it gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// What `future` gives, or a failed test when it does not come to an end.
async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, future).await;
    done.unwrap_or_else(|_| panic!("waited too long: {what}"))
}

/// Writes one row under this name.
async fn put(db: &Db, name: &str) -> Result<()> {
    let name = name.to_owned();
    db.write(move |tx| Box::pin(async move { insert(tx, &name).await })).await
}

async fn insert(tx: &mut muster_store::Tx, name: &str) -> Result<()> {
    tx.execute("INSERT INTO meta (name, value) VALUES ($1, 'value')", args![name]).await.map(drop)
}

/// The names of all rows that tests wrote, in order.
async fn names(db: &Db) -> Vec<String> {
    db.all("SELECT name FROM meta ORDER BY name", vec![]).await.expect("reads")
}
