//! Data sources: which types there are, and the work that their connections need.

use crate::settings::Settings;
use muster_base::Result;
use muster_domain::App;
use muster_domain::connectors::{self, Types};
use muster_outbound::{Guard, Outbound};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often connections that nobody uses are looked for.
const LOOK: Duration = Duration::from_secs(30);

/// The types of data sources, which reach what the operator lets user-supplied addresses reach.
pub(super) fn types(settings: &Settings) -> Result<Types> {
    let outbound = Outbound::new(Guard::new(settings.outbound.clone()))?;
    Types::new(muster_connectors::types(&outbound))
}

/// Closes connections that nobody uses, and those of connectors that were changed, here or on another node.
pub(super) async fn tend(app: Arc<App>, shutdown: CancellationToken) {
    let mut changed = app.db.hub().listen("connectors", "");
    loop {
        tokio::select! {
            () = changed.wait() => {}
            () = tokio::time::sleep(LOOK) => {}
            () = shutdown.cancelled() => return,
        }
        if let Err(error) = connectors::tend(&app).await {
            tracing::warn!(error = ?error, "could not look for connections of no use; trying again");
        }
    }
}

/// Writes to the event log which connectors were queried.
pub(super) async fn write_queries(app: Arc<App>, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(connectors::FLUSH_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
        if let Err(error) = connectors::flush(&app).await {
            tracing::warn!(error = ?error, "could not write which connectors were queried; trying again");
        }
    }
}
