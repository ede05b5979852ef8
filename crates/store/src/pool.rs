//! Connections to PostgreSQL: so many at the most, handed out in the order in which they are asked for.

use crate::error::from_sqlx;
use crate::tx::{Conn, Tx};
use muster_base::{Error, Kind, Result};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How many may wait for a connection before callers are told to come back.
const QUEUE: usize = 4096;
/// How long a caller waits for a connection: as long as clients commonly wait for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The connections of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pool {
    connections: PgPool,
    waiting: Arc<AtomicUsize>,
}

impl Pool {
    /// Connects once, to see that there is a database.
    pub(crate) async fn open(connect: PgConnectOptions, connections: u32) -> Result<Self> {
        let options = PgPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE);
        // Whoever starts a server wants to know sooner than a caller in a crowd that there is no database.
        let opened = tokio::time::timeout(Duration::from_secs(10), options.connect_with(connect)).await;
        let connections = opened.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(from_sqlx)?;
        Ok(Self { connections, waiting: Arc::default() })
    }

    /// A connection, as soon as it is the caller's turn.
    ///
    /// Errors: `store.busy` when too many wait already.
    pub(crate) async fn acquire(&self) -> Result<Tx> {
        let _place = Place::take(&self.waiting)?;
        Ok(Tx::new(Conn::Postgres(self.connections.acquire().await.map_err(from_sqlx)?)))
    }

    /// What migrations work on.
    pub(crate) fn connections(&self) -> &PgPool {
        &self.connections
    }

    /// Closes all connections once their work is done.
    pub(crate) async fn close(&self) {
        self.connections.close().await;
    }
}

/// A place among those who wait.
struct Place<'p>(&'p AtomicUsize);

impl<'p> Place<'p> {
    fn take(waiting: &'p AtomicUsize) -> Result<Self> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) < QUEUE {
            return Ok(place);
        }
        let message = "too many requests are waiting for the database; try again";
        Err(Error::new(Kind::Unavailable, "store.busy", message).with_retry_after(2))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_when_too_many_wait_is_told_to_come_back() {
        let waiting = AtomicUsize::new(QUEUE - 1);
        let last = Place::take(&waiting).expect("there is one place");
        let refused = Place::take(&waiting).err().expect("there is none");
        assert_eq!((refused.code(), refused.retry_after()), ("store.busy", Some(2)));
        drop(last);
        assert!(Place::take(&waiting).is_ok(), "the refused one holds no place");
    }
}
