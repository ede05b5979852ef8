//! Waiting for a condition instead of for a time.

use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Looks until `look` gives something, and panics with `what` when it has not after `within`.
pub async fn eventually<T>(what: &str, within: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + within;
    let mut pause = Duration::from_millis(5);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {within:?}: {what}");
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}

/// As [`eventually`], with a deadline that is right for nearly everything.
pub async fn soon<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually(what, Duration::from_secs(30), look).await
}
