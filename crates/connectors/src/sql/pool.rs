//! A few connections to one server. A query that is given up in the middle is stopped at the server.

use super::rows::Table;
use super::{Dialect, Sql, admit, statement};
use crate::idle::Idle;
use muster_base::{Error, Result};
use muster_domain::connectors::{Answer, Limits, Query};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a connection is kept at the most.
const OLDEST: Duration = Duration::from_secs(30 * 60);

/// How long stopping a query may take.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// How long ending a transaction may take before its connection is given up.
const END_WITHIN: Duration = Duration::from_secs(5);

/// One kind of database.
pub(crate) trait Driver: Send + Sync + 'static {
    type Connection: Send + Sync + 'static;

    /// Whose SQL it takes.
    const DIALECT: Dialect;

    /// Makes a connection that can only read.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection>> + Send;

    /// Begins a read-only transaction whose statements take no longer than the limits let them.
    fn begin(&self, connection: &mut Self::Connection, limits: &Limits) -> impl Future<Output = Result<()>> + Send;

    /// Runs a statement that was admitted, with its values.
    fn read(
        &self,
        connection: &mut Self::Connection,
        sql: &Sql,
        params: &Map<String, Value>,
        limits: &Limits,
    ) -> impl Future<Output = Result<Read>> + Send;

    /// Ends the transaction.
    fn end(&self, connection: &mut Self::Connection) -> impl Future<Output = Result<()>> + Send;

    /// Stops what runs on `busy`, by way of another connection.
    fn stop(&self, busy: &Self::Connection, other: &mut Self::Connection) -> impl Future<Output = ()> + Send;
}

/// How an answer came about.
pub(crate) enum Read {
    /// All of it was read.
    Whole(Table),
    /// More is on its way that nobody wants.
    Stopped(Table),
}

/// Connections of one source.
pub(crate) struct Pool<D: Driver> {
    inner: Arc<Inner<D>>,
}

struct Inner<D: Driver> {
    driver: D,
    idle: Idle<Kept<D::Connection>>,
    places: Arc<Semaphore>,
}

struct Kept<C> {
    connection: C,
    made: Instant,
}

impl<D: Driver> Pool<D> {
    /// A pool of at most `most` connections.
    pub(crate) fn new(driver: D, most: usize) -> Self {
        Self::keeping(driver, most, Idle::new())
    }

    fn keeping(driver: D, most: usize, idle: Idle<Kept<D::Connection>>) -> Self {
        let places = Arc::new(Semaphore::new(most));
        Self { inner: Arc::new(Inner { driver, idle, places }) }
    }

    /// A pool that keeps connections for as long as this.
    #[cfg(test)]
    pub(crate) fn keeping_for(driver: D, most: usize, kept_for: Duration) -> Self {
        Self::keeping(driver, most, Idle::for_up_to(kept_for))
    }

    /// Admits a caller's query and runs it.
    pub(crate) async fn query(&self, query: Query) -> Result<Answer> {
        let text = statement(D::DIALECT, &query)?;
        let sql = Sql::read(D::DIALECT.parser(), &text, &query.params)?;
        admit(D::DIALECT, &sql)?;
        let is_whole_table = query.query.trim().is_empty();
        let answer = self.ask(&sql, &query.params, &query.limits).await.map_err(|error| match error.field() {
            // There is no query that could be wrong.
            Some("query") if is_whole_table => Error::invalid("resource", error.problem()),
            _ => error,
        });
        Ok(answer?.answer())
    }

    /// Runs a query of our own.
    pub(crate) async fn rows(&self, text: &str, limits: &Limits) -> Result<Vec<Vec<Value>>> {
        let sql = Sql::read(D::DIALECT.parser(), text, &Map::new())?;
        Ok(self.ask(&sql, &Map::new(), limits).await?.into_rows())
    }

    async fn ask(&self, sql: &Sql, params: &Map<String, Value>, limits: &Limits) -> Result<Table> {
        let mut lease = self.begin(limits).await?;
        match self.inner.driver.read(lease.connection()?, sql, params, limits).await {
            Ok(Read::Whole(table)) => {
                lease.end();
                Ok(table)
            }
            // Dropping the connection stops the rest at the server.
            Ok(Read::Stopped(table)) => Ok(table),
            Err(error) => {
                lease.end();
                Err(error)
            }
        }
    }

    /// A connection with a read-only transaction on it.
    async fn begin(&self, limits: &Limits) -> Result<Lease<D>> {
        loop {
            let mut lease = self.take().await?;
            match self.inner.driver.begin(lease.connection()?, limits).await {
                Ok(()) => return Ok(lease),
                // The server may have closed a connection that was kept; another one will do.
                Err(error) if !lease.fresh => {
                    tracing::debug!(error = %error, "a kept connection was of no use any more");
                    lease.discard();
                }
                Err(error) => {
                    lease.discard();
                    return Err(error);
                }
            }
        }
    }

    /// A connection that was used before, if there is one, else a new one. Waits while all are in use.
    async fn take(&self) -> Result<Lease<D>> {
        let place = self.inner.places.clone().acquire_owned().await.map_err(Error::internal)?;
        let (kept, fresh) = match self.inner.kept() {
            Some(kept) => (kept, false),
            None => (self.fresh().await?, true),
        };
        Ok(Lease { inner: self.inner.clone(), kept: Some(kept), place: Some(place), fresh })
    }

    async fn fresh(&self) -> Result<Kept<D::Connection>> {
        let connection = self.inner.driver.connect().await?;
        Ok(Kept { connection, made: Instant::now() })
    }
}

impl<D: Driver> Inner<D> {
    /// A connection that is kept and not too old.
    fn kept(&self) -> Option<Kept<D::Connection>> {
        std::iter::from_fn(|| self.idle.take()).find(|kept| kept.made.elapsed() < OLDEST)
    }
}

/// A connection in use.
struct Lease<D: Driver> {
    inner: Arc<Inner<D>>,
    kept: Option<Kept<D::Connection>>,
    place: Option<OwnedSemaphorePermit>,
    /// Whether it was just made; one that was kept may have been closed by the server meanwhile.
    fresh: bool,
}

impl<D: Driver> Lease<D> {
    fn connection(&mut self) -> Result<&mut D::Connection> {
        let kept = self.kept.as_mut().ok_or_else(|| Error::internal("a connection that was given back"))?;
        Ok(&mut kept.connection)
    }

    /// Ends the transaction and keeps the connection; nobody waits for it.
    fn end(mut self) {
        tokio::spawn(async move {
            let inner = self.inner.clone();
            let Ok(connection) = self.connection() else { return };
            match tokio::time::timeout(END_WITHIN, inner.driver.end(connection)).await {
                Ok(Ok(())) => self.give_back(),
                _ => self.discard(),
            }
        });
    }

    /// Keeps the connection for others. Nothing may run on it.
    fn give_back(mut self) {
        if let Some(kept) = self.kept.take() {
            self.inner.idle.keep(kept);
        }
    }

    /// Closes the connection, which is of no use any more.
    fn discard(mut self) {
        drop(self.kept.take());
    }
}

impl<D: Driver> Drop for Lease<D> {
    fn drop(&mut self) {
        let (Some(busy), Some(place)) = (self.kept.take(), self.place.take()) else { return };
        let inner = self.inner.clone();
        // Without a runtime the process ends, and its connections with it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            let stop = async {
                let mut other = match inner.kept() {
                    Some(kept) => kept.connection,
                    None => inner.driver.connect().await?,
                };
                inner.driver.stop(&busy.connection, &mut other).await;
                Ok::<_, Error>(())
            };
            match tokio::time::timeout(STOP_WITHIN, stop).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::info!(error = %error, "could not stop a query at its source"),
                Err(_) => tracing::info!("could not stop a query at its source in time"),
            }
            // The place is free when the server has nothing to do for it any more.
            drop(busy);
            drop(place);
        });
    }
}
