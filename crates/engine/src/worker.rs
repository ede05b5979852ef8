//! The worker: claims turns as long as it has places, runs them side by side, and renews their leases.

use crate::models::{Models, Prices};
use crate::tools::Tools;
use crate::turn;
use muster_base::Result;
use muster_domain::{App, turns};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often the ledger is looked at when nothing wakes the worker: for turns of other nodes, and for those to be retried.
const LOOK: Duration = Duration::from_millis(250);
/// How long running turns have to finish when the process ends.
const GRACE: Duration = Duration::from_secs(6);
/// How many turns one claim takes at the most.
const CLAIM: usize = 32;

/// How turns are run.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// How many turns run at once in this process.
    pub concurrency: usize,
    /// The most output tokens of one model call, and so what is reserved for it.
    pub max_output_tokens: i64,
    /// How often a turn is tried before it fails.
    pub max_attempts: i64,
    /// The wait before the first retry; it doubles each time.
    pub retry_base: Duration,
    /// The longest piece of time between two writes of a streamed text.
    pub flush_every: Duration,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            concurrency: 64,
            max_output_tokens: 8192,
            max_attempts: 6,
            retry_base: Duration::from_secs(1),
            flush_every: Duration::from_millis(40),
        }
    }
}

/// Everything that a turn needs to run.
pub struct Engine {
    pub(crate) app: Arc<App>,
    pub(crate) models: Models,
    pub(crate) prices: Prices,
    pub(crate) tools: Tools,
    pub(crate) settings: EngineSettings,
}

impl Engine {
    /// Puts the parts together.
    pub fn new(app: Arc<App>, models: Models, prices: Prices, tools: Tools, settings: EngineSettings) -> Arc<Self> {
        Arc::new(Self { app, models, prices, tools, settings })
    }

    /// Runs turns until `shutdown`; then lets running turns finish for some seconds and gives back the rest.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.settings.concurrency));
        let freed = Arc::new(Notify::new());
        let mut running = JoinSet::new();
        let mut wake = self.app.db.hub().listen("turns", "");
        let renewing = tokio::spawn(self.clone().renew(shutdown.clone()));
        while !shutdown.is_cancelled() {
            while running.try_join_next().is_some() {}
            self.app.worker_beat.store(self.app.now().0, Ordering::Relaxed);
            let claimed = match self.claim(places.available_permits()).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::error!(error = ?error, "could not claim turns");
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
            };
            let full = claimed.len() == CLAIM;
            for claim in claimed {
                let Ok(place) = places.clone().acquire_owned().await else { break };
                let (engine, freed, shutdown) = (self.clone(), freed.clone(), shutdown.clone());
                running.spawn(async move {
                    turn::run(engine, claim, shutdown).await;
                    drop(place);
                    freed.notify_one();
                });
            }
            if full {
                continue;
            }
            tokio::select! {
                () = wake.wait() => {}
                () = freed.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
                () = shutdown.cancelled() => {}
            }
        }
        self.finish(running).await;
        renewing.abort();
    }

    async fn claim(&self, places: usize) -> Result<Vec<turns::Claim>> {
        if places == 0 {
            return Ok(vec![]);
        }
        let limit = i64::try_from(places.min(CLAIM)).unwrap_or(1);
        turns::claim(&self.app, limit, self.settings.max_output_tokens).await
    }

    async fn finish(&self, mut running: JoinSet<()>) {
        let all_done = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, all_done).await.is_err() {
            tracing::info!("handing back turns that are still running");
        }
        running.shutdown().await;
        if let Err(error) = turns::hand_back(&self.app).await {
            tracing::warn!(error = ?error, "could not hand back turns; they are taken over when their lease runs out");
        }
    }

    async fn renew(self: Arc<Self>, shutdown: CancellationToken) {
        let every = self.app.settings.lease / 3;
        loop {
            // The turns that finish during the shutdown need their lease as well, so only the end of the worker ends this.
            tokio::time::sleep(every).await;
            if let Err(error) = turns::renew(&self.app).await {
                tracing::warn!(error = ?error, stopping = shutdown.is_cancelled(), "could not renew leases");
            }
        }
    }
}
