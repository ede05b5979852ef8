//! The worker of jobs.

use muster_base::Result;
use muster_domain::jobs::{self, Job};
use muster_domain::{App, presence};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The kinds of jobs that this process can do.
const KINDS: &[&str] = &["housekeeping", "presence"];
/// How often it looks by itself, for jobs of other nodes.
const LOOK: Duration = Duration::from_secs(5);

pub(super) async fn run(app: Arc<App>, shutdown: CancellationToken) {
    let mut wake = app.db.hub().listen("jobs", "");
    while !shutdown.is_cancelled() {
        if let Err(error) = round(&app).await {
            tracing::error!(error = ?error, "could not run jobs");
        }
        tokio::select! {
            () = wake.wait() => {}
            () = tokio::time::sleep(wait(&app).await) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

async fn wait(app: &App) -> Duration {
    match jobs::next_due(app).await {
        Ok(Some(at)) => Duration::from_millis((at.0 - app.now().0).max(50).unsigned_abs()).min(LOOK),
        _ => LOOK,
    }
}

async fn round(app: &Arc<App>) -> Result<()> {
    for job in jobs::claim_due(app, KINDS, 10).await? {
        match perform(app, &job).await {
            Ok(again) => jobs::done(app, &job, again).await?,
            Err(error) => {
                tracing::warn!(job.kind = job.kind, error = ?error, "a job failed; it is tried again");
                jobs::failed(app, &job, error.message()).await?;
            }
        }
    }
    Ok(())
}

async fn perform(app: &Arc<App>, job: &Job) -> Result<Option<muster_base::Millis>> {
    match job.kind.as_str() {
        "housekeeping" => jobs::housekeep(app).await.map(Some),
        "presence" => presence::sweep(app).await.map(Some),
        other => Err(muster_base::Error::internal(format!("nobody does jobs of the kind {other}"))),
    }
}
