//! The org's event log: read as JSON, followed live, and checked.

use crate::views::Sizes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use muster_base::{Error, Millis, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::events::{self, Actor, Event, EventFilter, Verification};
use muster_http::{
    AppState, Caller, Failure, Follower, Json, Op, Presented, Query, Reply, SseEvent, follow, get, last_place,
    wants_sse,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Read or follow the event log.
pub(crate) const LIST: Op = get("/v1/orgs/{org}/events")
    .floor(Role::Viewer)
    .scope(Scope::AuditRead)
    .summary("Read the event log, or follow it live with `Accept: text/event-stream`")
    .query::<EventsQuery>()
    .gives::<EventList>()
    .streams();

/// Check the hash chain.
pub(crate) const VERIFY: Op = get("/v1/orgs/{org}/events/_verify")
    .floor(Role::Admin)
    .scope(Scope::AuditRead)
    .summary("Check that no event of the log was changed or removed")
    .gives::<Verification>();

const SIZES: Sizes = Sizes { usual: 100, most: 1000 };

/// Which events are read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventsQuery {
    /// A type such as `agent.created`, or the beginning of one with its full stop: `agent.`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Only about this subject, usually an id.
    subject: Option<String>,
    /// Only events after this `seq`. A stream begins there; without it, at what is new.
    after: Option<i64>,
    /// Only events before this `seq`; not for streams.
    before: Option<i64>,
    /// Oldest first (`asc`) unless said otherwise; a stream is always oldest first.
    order: Option<Order>,
    /// How many at the most, 1 to 1000 (100); a stream has no end.
    limit: Option<i64>,
    /// Sends every event of a stream as a plain `message`, for clients that would have to know all types.
    flat: Option<bool>,
}

/// The order of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// Oldest first.
    Asc,
    /// Newest first.
    Desc,
}

impl EventsQuery {
    fn filter(&self, caller: &Caller) -> Result<EventFilter> {
        for (name, place) in [("after", self.after), ("before", self.before)] {
            if place.is_some_and(|place| place < 0) {
                return Err(Error::invalid(name, "must be 0 or more"));
            }
        }
        let mut filter = EventFilter::default();
        filter.kind.clone_from(&self.kind);
        filter.subject.clone_from(&self.subject);
        filter.after = self.after;
        filter.before = self.before;
        filter.descending = self.order == Some(Order::Desc);
        events::check_filter(caller, filter)
    }

    fn must_fit_a_stream(&self) -> Result<()> {
        if self.before.is_some() {
            return Err(Error::invalid("before", "must be left out of a stream, which goes on with what is new"));
        }
        if self.order == Some(Order::Desc) {
            return Err(Error::invalid("order", "must be asc for a stream, which goes on with what is new"));
        }
        Ok(())
    }
}

/// Something that happened.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub(crate) struct EventView {
    /// Its place in the org's log, from 1.
    seq: i64,
    /// Its id.
    id: String,
    /// What happened, e.g. `agent.created`.
    #[serde(rename = "type")]
    kind: String,
    /// What it happened to, usually an id.
    subject: String,
    /// Who caused it.
    actor: Actor,
    /// When.
    at: Millis,
    /// More about it.
    #[schemars(with = "Map<String, Value>")]
    data: Box<RawValue>,
    /// The hash over this event and the one before.
    hash: String,
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        let Event { seq, id, kind, subject, actor, at, data, hash } = event;
        Self { seq, id, kind, subject, actor, at, data, hash }
    }
}

/// Events; read on with `after` or `before`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EventList {
    /// The events.
    data: Vec<EventView>,
}

pub(crate) async fn list(
    caller: Caller,
    credential: Presented,
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
    Query(query): Query<EventsQuery>,
) -> Result<Response, Failure> {
    let filter = query.filter(&caller)?;
    if !wants_sse(&headers) {
        let limit = SIZES.limit(query.limit)?;
        let found = events::list(&caller, &filter, limit).await?;
        return Ok(Json(EventList { data: found.into_iter().map(EventView::from).collect() }).into_response());
    }
    query.must_fit_a_stream()?;
    let place = last_place(&headers, raw.as_deref())?.or(query.after);
    let show = if query.flat == Some(true) { shown_flat } else { shown };
    let follower = Follower { caller, credential, scope: Scope::AuditRead, filter, show };
    Ok(follow(&state, follower, place).await?)
}

/// An event with its type as the type of the message.
fn shown(event: Event) -> Result<SseEvent> {
    let kind = event.kind.clone();
    Ok(SseEvent { event: Some(kind.into()), ..shown_flat(event)? })
}

fn shown_flat(event: Event) -> Result<SseEvent> {
    let id = event.seq.to_string();
    let data = serde_json::to_string(&EventView::from(event)).map_err(Error::internal)?;
    Ok(SseEvent { id: Some(id), event: None, data })
}

pub(crate) async fn verify(caller: Caller) -> Reply<Verification> {
    Ok(Json(events::verify(&caller).await?))
}
