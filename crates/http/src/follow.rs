//! Following the event log live: from a place on, in batches, for as long as the credential holds.

use crate::call::Caller;
use crate::credential::Presented;
use crate::sse::{SseEvent, last_event_id, sse_for};
use crate::state::AppState;
use axum::response::Response;
use futures::{StreamExt, stream};
use http::HeaderMap;
use muster_base::{Error, Result};
use muster_domain::Ctx;
use muster_domain::access::{self, Scope};
use muster_domain::events::{self, Event, EventFilter};
use std::time::Duration;

/// How many events are read at once.
const BATCH: i64 = 200;
/// How often a silent stream looks whether its credential still holds, and whether a wake was lost.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How a dialect shows an event.
pub type ShowEvent = fn(Event) -> Result<SseEvent>;

/// Somebody who follows the log.
pub struct Follower {
    /// Who.
    pub caller: Caller,
    /// What they showed.
    pub credential: Presented,
    /// The scope that they must keep.
    pub scope: Scope,
    /// What they want to see.
    pub filter: EventFilter,
    /// How they see it.
    pub show: ShowEvent,
}

/// Answers with a stream of the events after `place`, or of what is new.
pub async fn follow(state: &AppState, mut follower: Follower, place: Option<i64>) -> Result<Response> {
    let caller = follower.caller.0.clone();
    // Listens before it reads, so that nothing falls in between.
    let changes = follower.caller.db.hub().listen("events", follower.caller.org());
    follower.filter.after = match place {
        Some(place) => Some(place),
        None => Some(events::follow_from(&follower.caller).await?),
    };
    let batches = stream::unfold((follower, changes, false), |(mut follower, mut changes, mut caught_up)| async move {
        loop {
            if caught_up {
                tokio::select! { () = changes.wait() => {}, () = tokio::time::sleep(LOOK_EVERY) => {} }
            }
            let batch = match follower.next_batch().await {
                Ok(batch) => batch,
                Err(error) => {
                    tracing::debug!(?error, "ended an event stream");
                    return None;
                }
            };
            caught_up = (batch.len() as i64) < BATCH;
            if !batch.is_empty() {
                return Some((stream::iter(batch), (follower, changes, caught_up)));
            }
        }
    });
    Ok(sse_for(state, &caller, batches.flatten()))
}

impl Follower {
    /// The next events, none when there are none yet. An error ends the stream: the credential holds no more, or the
    /// database fails and the client had better come back.
    async fn next_batch(&mut self) -> Result<Vec<SseEvent>> {
        self.check_credential().await?;
        // Everything up to the head is committed, so what the filter leaves out is not looked at again.
        let head = events::follow_from(&self.caller).await?;
        let found = events::list(&self.caller, &self.filter, BATCH).await?;
        let is_full = found.len() as i64 == BATCH;
        let last = found.last().map(|event| event.seq);
        let place = if is_full { last } else { last.max(Some(head)) };
        self.filter.after = self.filter.after.max(place);
        found.into_iter().map(self.show).collect()
    }

    /// Looks whether the credential still opens the log, and what it shows by now.
    async fn check_credential(&mut self) -> Result<()> {
        let principal = access::identify(self.caller.app(), self.credential.secret.expose()).await?;
        let ctx = Ctx::new(self.caller.app().clone(), principal, self.caller.request().clone());
        self.caller = Caller(ctx);
        self.caller.require(self.scope)?;
        self.filter = events::check_filter(&self.caller, self.filter.clone())?;
        Ok(())
    }
}

/// The event after which a reader goes on: `Last-Event-ID`, or the same in the query.
pub fn last_place(headers: &HeaderMap, query: Option<&str>) -> Result<Option<i64>> {
    let Some(id) = last_event_id(headers, query) else { return Ok(None) };
    let place = id.parse().ok().filter(|place| *place >= 0);
    let wrong = || Error::invalid("Last-Event-ID", "must be the id of an event of this stream, a whole number");
    place.map(Some).ok_or_else(wrong)
}
