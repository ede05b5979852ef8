//! Server-sent events: live answers that end when the program stops.

use crate::credential::query_value;
use crate::state::AppState;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use muster_domain::{Ctx, access};
use std::borrow::Cow;
use std::convert::Infallible;
use std::time::Duration;

const PING_EVERY: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_secs(30);
const PING: &[u8] = b": ping\n\n";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// One event on the wire.
#[derive(Debug, Clone, Default)]
pub struct SseEvent {
    /// What a client that comes back sends as `Last-Event-ID`.
    pub id: Option<String>,
    /// The type; `message` when it is missing.
    pub event: Option<Cow<'static, str>>,
    /// The data, usually JSON.
    pub data: String,
}

impl SseEvent {
    fn encode(&self) -> Bytes {
        let mut out = String::with_capacity(self.data.len() + 64);
        for (name, value) in [("id", self.id.as_deref()), ("event", self.event.as_deref())] {
            // A line break would begin another field.
            if let Some(value) = value.filter(|value| !value.contains(['\n', '\r', '\0'])) {
                field(&mut out, name, value);
            }
        }
        for line in self.data.split('\n') {
            field(&mut out, "data", line.strip_suffix('\r').unwrap_or(line));
        }
        out.push('\n');
        Bytes::from(out)
    }
}

fn field(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push_str(": ");
    out.push_str(value);
    out.push('\n');
}

/// Answers with a stream of events. It ends with the stream or when the program stops; a silent one is kept alive.
pub fn sse<S>(state: &AppState, events: S) -> Response
where
    S: Stream<Item = SseEvent> + Send + 'static,
{
    let events = events.take_until(state.shutdown.clone().cancelled_owned()).boxed();
    let chunks = stream::unfold(events, |mut events| async move {
        let chunk = match tokio::time::timeout(PING_EVERY, events.next()).await {
            Ok(Some(event)) => event.encode(),
            Ok(None) => return None,
            Err(_) => Bytes::from_static(PING),
        };
        Some((Ok::<_, Infallible>(chunk), events))
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

/// As [`sse`], for a caller: the stream also ends when their credential is revoked or expires.
pub fn sse_for<S>(state: &AppState, caller: &Ctx, events: S) -> Response
where
    S: Stream<Item = SseEvent> + Send + 'static,
{
    sse(state, events.take_until(revoked(caller.clone())))
}

/// Returns when the caller's credential holds no longer.
async fn revoked(ctx: Ctx) {
    let mut changed = ctx.db.hub().listen("access", "");
    loop {
        // The timer is for what ends by itself, and for changes of another process.
        let _ = tokio::time::timeout(LOOK_EVERY, changed.wait()).await;
        if !access::still_holds(ctx.app(), ctx.principal()).await {
            return;
        }
    }
}

/// Whether the caller asks for events rather than one answer.
pub fn wants_sse(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepts
        .flat_map(|value| value.split(','))
        .any(|media| media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/event-stream"))
}

/// After which event the caller wants to go on: the header, or `last_event_id` or `lastEventId` in the query.
pub fn last_event_id(headers: &HeaderMap, query: Option<&str>) -> Option<String> {
    let sent = headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty());
    if let Some(sent) = sent {
        return Some(sent.to_owned());
    }
    let query = query?;
    query_value(query, "last_event_id").or_else(|| query_value(query, "lastEventId"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_cannot_forge_another() {
        let event =
            SseEvent { id: Some("1\nevent: x".into()), event: Some("a.b".into()), data: "x\r\ny\n\nid: 9".into() };
        assert_eq!(event.encode(), "event: a.b\ndata: x\ndata: y\ndata: \ndata: id: 9\n\n");
    }

    #[test]
    fn the_place_to_go_on_from_is_read_from_header_or_query() {
        let mut headers = HeaderMap::new();
        assert_eq!(last_event_id(&headers, Some("lastEventId=7")).as_deref(), Some("7"));
        headers.insert(LAST_EVENT_ID, HeaderValue::from_static("8"));
        assert_eq!(last_event_id(&headers, Some("lastEventId=7")).as_deref(), Some("8"));
        assert!(!wants_sse(&headers));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream;q=0.5"));
        assert!(wants_sse(&headers));
    }
}
