//! `GET /api/events`: what happens in the org, live.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use muster_base::{Error, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::events::{self, Actor, Event, EventFilter};
use muster_http::{AppState, Caller, Failure, Follower, Op, Presented, Query, SseEvent, follow, get, last_place};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Follow the event log.
pub(crate) const FOLLOW: Op = get("/api/events")
    .floor(Role::Viewer)
    .scope(Scope::AuditRead)
    .summary("Follow what happens in the org, from `Last-Event-ID` on or from now")
    .query::<EventsQuery>()
    .streams();

/// What is followed.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "EventsQuery")]
pub(crate) struct EventsQuery {
    /// A type such as `agent.created`, or the beginning of one with its full stop: `agent.`.
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Something that happened, as one message of the stream.
#[derive(Serialize)]
struct EventView {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    actor: Actor,
    timestamp: i64,
    data: Box<RawValue>,
}

pub(crate) async fn stream(
    caller: Caller,
    credential: Presented,
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    RawQuery(raw): RawQuery,
    Query(query): Query<EventsQuery>,
) -> Result<Response, Failure> {
    let mut filter = EventFilter::default();
    filter.kind = query.kind;
    let filter = events::check_filter(&caller, filter)?;
    let place = last_place(&headers, raw.as_deref())?;
    let follower = Follower { caller, credential, scope: Scope::AuditRead, filter, show: shown };
    Ok(follow(&state, follower, place).await?)
}

/// A plain message: clients of this dialect tell events apart by the type within.
fn shown(event: Event) -> Result<SseEvent> {
    let Event { seq, kind, subject, actor, at, data, .. } = event;
    let view = EventView { id: seq, kind, subject, actor, timestamp: at.seconds(), data };
    let data = serde_json::to_string(&view).map_err(Error::internal)?;
    Ok(SseEvent { id: Some(seq.to_string()), event: None, data })
}
