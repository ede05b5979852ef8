//! What every handler can reach.

use crate::limit::RateClock;
use ipnet::IpNet;
use muster_domain::App;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The program's parts as the HTTP layer sees them; handlers get it with `axum::extract::State<Arc<AppState>>`.
pub struct AppState {
    /// The domain.
    pub app: Arc<App>,
    /// Whether requests are limited.
    pub rate_limit: bool,
    /// What the limits measure time by.
    pub rate_clock: RateClock,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Cancelled when the program stops: live streams end then.
    pub shutdown: CancellationToken,
}

impl AppState {
    /// With limits on and no trusted proxy.
    pub fn new(app: Arc<App>) -> Self {
        Self {
            app,
            rate_limit: true,
            rate_clock: RateClock::steady(),
            trusted_proxies: Vec::new(),
            shutdown: CancellationToken::new(),
        }
    }
}
