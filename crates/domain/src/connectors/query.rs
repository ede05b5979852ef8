//! Asking a connector's source.

use super::pools::Open;
use super::port::{Answer, Limits, Query, TIMEOUT, timed_out};
use super::{Connector, MOST_ROWS, USUAL_ROWS, store, verbs};
use crate::context::Ctx;
use muster_base::{Error, Kind, Result};
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::SemaphorePermit;

/// The most bytes of an answer.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// How long a query may take when it says nothing, and the longest that it may ask for.
const USUAL_TIME: Duration = Duration::from_secs(30);
const LONGEST_TIME: Duration = Duration::from_secs(120);

/// How many queries may wait for a place at one connector, and how long.
const WAITING: usize = 64;
const WAIT_FOR_PLACE: Duration = Duration::from_secs(5);

const LONGEST_RESOURCE: usize = 1000;
const LONGEST_QUERY: usize = 64 * 1024;
const MOST_PARAMS: usize = 100;

/// What a caller asks.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// A table, collection or endpoint.
    pub resource: String,
    /// SQL, a filter, a search expression.
    pub query: String,
    /// Named values.
    pub params: Map<String, Value>,
    /// The most rows, from 1 to [`MOST_ROWS`].
    pub limit: Option<i64>,
    /// The longest time in milliseconds, from 1 to 120000.
    pub timeout_ms: Option<i64>,
}

/// An answer, and what it took.
#[derive(Debug)]
pub struct Answered {
    /// Rows or items.
    pub answer: Answer,
    /// How long the source took.
    pub took: Duration,
}

impl Ask {
    fn limits(&self) -> Result<Limits> {
        let rows = match self.limit {
            None => USUAL_ROWS,
            Some(rows) if (1..=MOST_ROWS as i64).contains(&rows) => rows as usize,
            Some(_) => return Err(Error::invalid("limit", format!("must be from 1 to {MOST_ROWS}"))),
        };
        let longest = LONGEST_TIME.as_millis() as i64;
        let time = match self.timeout_ms {
            None => USUAL_TIME,
            Some(ms) if (1..=longest).contains(&ms) => Duration::from_millis(ms.unsigned_abs()),
            Some(_) => return Err(Error::invalid("timeoutMs", format!("must be from 1 to {longest}"))),
        };
        Ok(Limits { rows, bytes: MOST_BYTES, time })
    }

    fn check(self) -> Result<Query> {
        let limits = self.limits()?;
        if self.resource.len() > LONGEST_RESOURCE {
            return Err(Error::invalid("resource", format!("must have at most {LONGEST_RESOURCE} bytes")));
        }
        if self.query.len() > LONGEST_QUERY {
            return Err(Error::invalid("query", format!("must have at most {LONGEST_QUERY} bytes")));
        }
        if self.params.len() > MOST_PARAMS {
            return Err(Error::invalid("params", format!("must have at most {MOST_PARAMS} values")));
        }
        Ok(Query { resource: self.resource, query: self.query, params: self.params, limits })
    }
}

/// Asks a connector, by its id or name. Dropping the future cancels the query at the source where that is possible.
///
/// Errors: `not_found` when there is none or it is disabled; `invalid` for what it refuses; `upstream` when the source
/// fails or takes too long; `rate_limited` when too many ask at once.
pub async fn query(ctx: &Ctx, named: &str, ask: Ask) -> Result<Answered> {
    let query = ask.check()?;
    let connector = verbs::connector(ctx, named).await?;
    run(ctx, &connector, query).await
}

/// As [`query`], for a hosted agent in its turn: only what it was granted is there for it.
pub async fn query_as_agent(ctx: &Ctx, agent: &str, id: &str, ask: Ask) -> Result<Answered> {
    let query = ask.check()?;
    let connector = verbs::connector(ctx, id).await?;
    if !store::is_granted(&ctx.db, &connector.id, agent).await? {
        return Err(Error::missing("connector", &connector.name));
    }
    run(ctx, &connector, query).await
}

pub(super) fn must_be_enabled(connector: &Connector) -> Result<()> {
    if connector.enabled {
        return Ok(());
    }
    let message = format!("the connector `{}` is disabled; an admin can enable it", connector.name);
    Err(Error::new(Kind::NotFound, "connector.disabled", message))
}

async fn run(ctx: &Ctx, connector: &Connector, query: Query) -> Result<Answered> {
    must_be_enabled(connector)?;
    let open = ctx.pools.open(ctx, connector).await?;
    let _place = place(&open).await?;
    let (begun, resource, time) = (Instant::now(), query.resource.clone(), query.limits.time);
    // Counted also when the caller goes away in the middle.
    let mut counted = Counted { ctx, connector, resource: &resource, begun, rows: 0, outcome: "cancelled" };
    let asked = tokio::time::timeout(time, open.source.query(query)).await;
    let answer = match asked {
        Ok(answer) => answer,
        Err(_) => {
            let about = ctx.settings.sources.about(&connector.kind);
            Err(timed_out(about.map_or(connector.kind.as_str(), |about| about.title)))
        }
    };
    counted.outcome = outcome(&answer);
    counted.rows = answer.as_ref().map_or(0, rows);
    Ok(Answered { answer: answer?, took: begun.elapsed() })
}

fn rows(answer: &Answer) -> usize {
    match answer {
        Answer::Table { rows, .. } => rows.len(),
        Answer::Items { items, .. } => items.len(),
    }
}

fn outcome(answer: &Result<Answer>) -> &'static str {
    match answer {
        Ok(_) => "answered",
        Err(error) if error.code() == TIMEOUT => "timeout",
        Err(error) if error.kind() == Kind::Invalid => "refused",
        Err(_) => "failed",
    }
}

/// A place among those who ask at once.
async fn place(open: &Open) -> Result<SemaphorePermit<'_>> {
    let busy = || {
        let message = "too many queries of this connector run at once; wait for some of them";
        Error::new(Kind::RateLimited, "connector.busy", message).with_retry_after(1)
    };
    if let Ok(place) = open.places.try_acquire() {
        return Ok(place);
    }
    let _waiting = Waiting::begin(&open.waiting).ok_or_else(busy)?;
    match tokio::time::timeout(WAIT_FOR_PLACE, open.places.acquire()).await {
        Ok(Ok(place)) => Ok(place),
        _ => Err(busy()),
    }
}

/// One who waits for a place.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Option<Self> {
        let before = count.fetch_add(1, Ordering::Relaxed);
        let waiting = Self(count);
        (before < WAITING).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts a query when it is over, however it ends.
struct Counted<'a> {
    ctx: &'a Ctx,
    connector: &'a Connector,
    resource: &'a str,
    begun: Instant,
    rows: usize,
    outcome: &'static str,
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        let kind = self.connector.kind.clone();
        metrics::counter!("muster_connector_queries_total", "type" => kind.clone(), "outcome" => self.outcome)
            .increment(1);
        metrics::histogram!("muster_connector_query_seconds", "type" => kind).record(took.as_secs_f64());
        let failed = self.outcome != "answered";
        self.ctx.queries.count(
            self.ctx,
            self.connector,
            self.resource,
            super::tally::Done { rows: self.rows, took, failed },
        );
    }
}
