//! The job that keeps the database from growing for ever: retention of events, finished streams, sessions and keys.

use super::{Job, enqueue};
use crate::context::App;
use crate::{access, events, idempotency, turns};
use muster_base::{Millis, Result, new_id};
use std::time::Duration;

/// How often it runs.
const EVERY: Duration = Duration::from_secs(60);
/// How long a used `Idempotency-Key` is remembered.
const IDEMPOTENCY: Duration = Duration::from_secs(24 * 3600);
/// How many rows a transaction deletes at the most, so that others do not wait long.
const BATCH: i64 = 2000;

/// Makes sure that the job exists.
pub async fn register_housekeeping(app: &App) -> Result<()> {
    let now = app.now();
    let job = Job {
        id: new_id("job"),
        kind: "housekeeping".to_owned(),
        key: "housekeeping".to_owned(),
        org: None,
        payload: "{}".to_owned(),
        attempts: 0,
    };
    app.db.write(move |tx| Box::pin(async move { enqueue(tx, &job, now, now).await.map(drop) })).await
}

/// Does it once. Returns when it should run again.
pub async fn housekeep(app: &App) -> Result<Millis> {
    let now = app.now();
    let used = app.credentials.take_used();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                access::touch_keys(tx, &used).await?;
                access::expire_sessions(tx, now).await?;
                idempotency::forget(tx, now - IDEMPOTENCY).await.map(drop)
            })
        })
        .await?;
    let streams_before = now - app.settings.stream_retention;
    while app.db.write(move |tx| Box::pin(async move { turns::prune_streams(tx, streams_before, BATCH).await })).await?
        > 0
    {}
    if let Some(retention) = app.settings.event_retention {
        for org in access::list_orgs(app).await? {
            let before = now - retention;
            loop {
                let org = org.id.clone();
                let pruned = app
                    .db
                    .write(move |tx| Box::pin(async move { events::prune(tx, &org, before, BATCH).await }))
                    .await?;
                if pruned == 0 {
                    break;
                }
                tracing::info!(pruned, "deleted events past their retention");
            }
        }
    }
    Ok(now + EVERY)
}
