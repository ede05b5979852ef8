//! Enqueueing, claiming and settling jobs.

use super::store;
use crate::context::App;
use muster_base::{Millis, Result};
use muster_store::Tx;
use std::time::Duration;

/// How long a worker has for one job before another may take it.
const LEASE: Duration = Duration::from_secs(120);
/// The longest wait before a failed job is tried again.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// A piece of work.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What sort of work.
    pub kind: String,
    /// Makes it exist once among its kind.
    pub key: String,
    /// The org it belongs to, if to one.
    pub org: Option<String>,
    /// JSON text.
    pub payload: String,
    /// How often it was taken up, this time included.
    pub attempts: i64,
}

/// Adds a job; a job with this kind and key that waits already is kept as it is. Says whether it was added.
pub async fn enqueue(tx: &mut Tx, job: &Job, run_at: Millis, now: Millis) -> Result<bool> {
    let added = store::insert(tx, job, run_at, now).await?;
    tx.announce("jobs", "");
    Ok(added)
}

/// Takes up to `limit` jobs that are due, of the kinds that this process can do.
pub async fn claim_due(app: &App, kinds: &'static [&'static str], limit: i64) -> Result<Vec<Job>> {
    let (owner, now) = (app.node.clone(), app.now());
    if !store::any_due(&app.db, now).await? {
        return Ok(vec![]);
    }
    app.db
        .write(move |tx| Box::pin(async move { store::claim(tx, &owner, kinds, now, now + LEASE, limit).await }))
        .await
}

/// When the next job is due.
pub async fn next_due(app: &App) -> Result<Option<Millis>> {
    store::next_due(&app.db).await
}

/// The job is done: it goes away, or comes again at `again`.
pub async fn done(app: &App, job: &Job, again: Option<Millis>) -> Result<()> {
    let (owner, id) = (app.node.clone(), job.id.clone());
    app.db.write(move |tx| Box::pin(async move { store::settle(tx, &id, &owner, again, None).await })).await
}

/// The job failed: it comes again after a wait that doubles each time.
pub async fn failed(app: &App, job: &Job, error: &str) -> Result<()> {
    let exponent = u32::try_from(job.attempts.clamp(0, 20)).unwrap_or(20);
    let wait = Duration::from_secs(2u64.saturating_pow(exponent)).min(LONGEST_WAIT);
    let (owner, id, again, error) =
        (app.node.clone(), job.id.clone(), app.now() + wait, error.chars().take(500).collect::<String>());
    app.db
        .write(move |tx| Box::pin(async move { store::settle(tx, &id, &owner, Some(again), Some(&error)).await }))
        .await
}
