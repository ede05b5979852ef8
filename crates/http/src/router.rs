//! One axum router over all surfaces: finds the operation, runs the guard, and finishes every answer alike.

use crate::guard::Guard;
use crate::limit::Standing;
use crate::reply::{Failure, METHOD_NOT_ALLOWED, json, status_of};
use crate::request_id::RequestId;
use crate::state::AppState;
use crate::surface::{Meta, Surface};
use crate::table::{Chooser, Dialect, Lookup, Matched, Mounted, Table, choose_by_credential};
use crate::unread::{self, Unread};
use axum::extract::Request;
use axum::response::Response;
use futures::FutureExt;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use muster_base::{Error, Kind};
use serde::Serialize;
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// The router over all surfaces, as the fallback of an axum router: pages and probes can be added to it.
///
/// # Panics
/// When two operations collide: found at start, named in the message.
pub fn router(state: Arc<AppState>, surfaces: &[Surface]) -> axum::Router {
    router_with(state, surfaces, choose_by_credential)
}

/// As [`router`], with another rule for paths that several surfaces share.
pub fn router_with(state: Arc<AppState>, surfaces: &[Surface], choose: Chooser) -> axum::Router {
    let table = Table::new(surfaces, choose, &state.rate_clock);
    let dispatcher = Arc::new(Dispatcher { table, guard: Guard::new(state) });
    axum::Router::new().fallback(move |request: Request| {
        let dispatcher = Arc::clone(&dispatcher);
        async move { dispatcher.answer(request).await }
    })
}

struct Dispatcher {
    table: Table,
    guard: Guard,
}

impl Dispatcher {
    async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let id = RequestId::of(&parts.headers);
        match self.table.lookup(&parts) {
            Lookup::Found(matched) => {
                let span = tracing::info_span!(
                    "request",
                    request.id = id.as_str(),
                    method = parts.method.as_str(),
                    route = matched.route.spec.path,
                    surface = matched.route.dialect.name
                );
                self.run(matched, id, Request::from_parts(parts, body)).instrument(span).await
            }
            Lookup::WrongMethod(dialect, allow) => self.wrong_method(&dialect, allow, &id, parts.method.as_str()),
            Lookup::Nothing(dialect) => {
                let error = crate::extract::nothing_at(parts.uri.path());
                self.finish(self.rendered(&dialect, &id, &error), id, None)
            }
        }
    }

    async fn run(&self, matched: Matched, id: RequestId, request: Request) -> Response {
        let mounted = Arc::clone(&matched.route);
        let started = Instant::now();
        let mut standing = None;
        let (request, unread) = watched(request);
        let guarded = self.guard.pass(matched, &id, request, &mut standing);
        let response = match AssertUnwindSafe(guarded).catch_unwind().await {
            Ok(Ok(response)) => self.in_dialect(&mounted, &id, response).await,
            Ok(Err(error)) => self.rendered(&mounted.dialect, &id, &error),
            Err(panic) => self.rendered(&mounted.dialect, &id, &Error::internal(panic_text(panic.as_ref()))),
        };
        unread.drain(response.status()).await;
        let response = self.finish(response, id, standing);
        let took = started.elapsed();
        let status = response.status().as_u16();
        tracing::debug!(status, took_us = took.as_micros() as u64, "answered");
        mounted.meters.answered(status, took);
        response
    }

    /// Prints a handler's failure, and the plain texts of axum's own extractors, in the surface's dialect.
    async fn in_dialect(&self, mounted: &Mounted, id: &RequestId, mut response: Response) -> Response {
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
            return response;
        }
        if let Some(Failure(error)) = response.extensions_mut().remove() {
            return self.rendered(&mounted.dialect, id, &error);
        }
        let is_text =
            response.headers().get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
        if !is_text {
            return response;
        }
        let text = axum::body::to_bytes(response.into_body(), 4096).await.unwrap_or_default();
        let error = Error::new(kind_of(status), "http.refused", String::from_utf8_lossy(&text));
        let mut response = self.rendered(&mounted.dialect, id, &error);
        *response.status_mut() = status;
        response
    }

    fn wrong_method(&self, dialect: &Dialect, allow: Option<HeaderValue>, id: &RequestId, method: &str) -> Response {
        let allowed = allow.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
        let message = format!("{method} is not allowed here; allowed: {allowed}");
        let error = Error::new(Kind::Invalid, METHOD_NOT_ALLOWED, message);
        let mut response = self.rendered(dialect, id, &error);
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        if let Some(allow) = allow {
            response.headers_mut().insert(ALLOW, allow);
        }
        self.finish(response, id.clone(), None)
    }

    /// Prints an error in a dialect, and logs what is not the caller's fault.
    fn rendered(&self, dialect: &Dialect, id: &RequestId, error: &Error) -> Response {
        match error.kind() {
            Kind::Internal => tracing::error!(request.id = id.as_str(), ?error, "request failed"),
            Kind::Upstream | Kind::Unavailable => tracing::warn!(request.id = id.as_str(), ?error, "request failed"),
            kind => tracing::debug!(request.id = id.as_str(), ?kind, error.code = error.code(), "refused request"),
        }
        let meta = Meta { request_id: id.as_str(), now: self.guard.state().app.now() };
        let mut response = (dialect.render)(error, &meta);
        if let Some(seconds) = error.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }

    /// Adds the headers that all answers have.
    #[expect(clippy::unused_self, reason = "reads as the last step of an answer")]
    fn finish(&self, mut response: Response, id: RequestId, standing: Option<Standing>) -> Response {
        let headers = response.headers_mut();
        headers.insert(crate::request_id::X_REQUEST_ID, id.into_header());
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        if let Some(standing) = standing {
            standing.write(headers);
        }
        response
    }
}

fn watched(request: Request) -> (Request, Unread) {
    let (parts, body) = request.into_parts();
    let (body, unread) = unread::watch(body);
    (Request::from_parts(parts, body), unread)
}

#[derive(Serialize)]
struct PlainError<'e> {
    error: &'e str,
    request_id: &'e str,
}

/// The error body of paths that belong to no surface.
pub(crate) fn plain_error(error: &Error, meta: &Meta<'_>) -> Response {
    json(status_of(error), &PlainError { error: error.message(), request_id: meta.request_id })
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("without a message"))
}

fn kind_of(status: StatusCode) -> Kind {
    match status {
        StatusCode::NOT_FOUND => Kind::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
        StatusCode::CONFLICT => Kind::Conflict,
        status if status.is_server_error() => Kind::Internal,
        _ => Kind::Invalid,
    }
}
