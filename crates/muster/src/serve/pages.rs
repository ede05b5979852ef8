//! What the program serves beside the surfaces: the console, the API's description, health and metrics.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use muster_domain::turns;
use muster_http::{AppState, Asset, Surface, file, router as api_router, secure_page};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tower_http::compression::CompressionLayer;

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
struct Console;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Assets;

/// What a program that was built without the console says in its place.
const NO_CONSOLE: &str = "<!doctype html><title>Muster</title><h1>This build has no console</h1>\
<p>Build it with <code>make console</code>, then build the program again. The API is complete without it: see <a href=\"/docs\">/docs</a>.</p>";

/// How long counting the queue may take before the figures of the last time are shown.
const QUEUE_WITHIN: Duration = Duration::from_secs(1);

struct Pages {
    state: Arc<AppState>,
    openapi: Asset,
    metrics: PrometheusHandle,
}

/// The whole HTTP side of the program.
pub(super) fn router(state: Arc<AppState>, surfaces: &[Surface], metrics: PrometheusHandle) -> Router {
    let document = muster_http::openapi(surfaces, env!("CARGO_PKG_VERSION")).to_string();
    let pages = Arc::new(Pages {
        state: state.clone(),
        openapi: asset(Cow::Owned(document.into_bytes()), "application/json", false),
        metrics,
    });
    let compressed = Router::new()
        .route("/ui", get(|| async { Redirect::permanent("/ui/") }))
        .route("/ui/", get(console_index))
        .route("/ui/{*path}", get(console))
        .route("/docs", get(|headers: HeaderMap| async move { embedded(&headers, "docs.html") }))
        .route(
            "/docs/{file}",
            get(|headers: HeaderMap, Path(name): Path<String>| async move { embedded(&headers, &name) }),
        )
        .route(
            "/openapi.json",
            get(|State(pages): State<Arc<Pages>>, headers: HeaderMap| async move { file(&headers, &pages.openapi) }),
        )
        .layer(CompressionLayer::new());
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/ui/") }))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(prometheus))
        .merge(compressed)
        .with_state(pages)
        .merge(api_router(state, surfaces))
}

async fn ready(State(pages): State<Arc<Pages>>) -> Response {
    let ping = tokio::time::timeout(Duration::from_secs(2), pages.state.app.db.ping()).await;
    let reachable = matches!(ping, Ok(Ok(())));
    if reachable && !pages.state.shutdown.is_cancelled() {
        return "ready\n".into_response();
    }
    let why = if reachable { "shutting down\n" } else { "the database cannot be reached\n" };
    (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
}

async fn prometheus(State(pages): State<Arc<Pages>>) -> Response {
    // Counted when asked for, since only the database knows the queue of all nodes.
    if let Ok(Ok(queue)) = tokio::time::timeout(QUEUE_WITHIN, turns::backlog(&pages.state.app)).await {
        metrics::gauge!("muster_turns_queued").set(queue.count as f64);
        metrics::gauge!("muster_turns_queued_age_seconds").set(queue.oldest.as_secs_f64());
    }
    let text = pages.metrics.render();
    ([(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"))], text).into_response()
}

async fn console_index(headers: HeaderMap) -> Response {
    match Console::get("index.html") {
        Some(index) => file(&headers, &embedded_asset("index.html", index)),
        None => {
            let mut response = Response::new(Body::from(NO_CONSOLE));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            secure_page(response.headers_mut());
            response
        }
    }
}

/// A file of the console; any other path under it is one of its pages.
async fn console(headers: HeaderMap, Path(path): Path<String>) -> Response {
    match Console::get(&path) {
        Some(found) => file(&headers, &embedded_asset(&path, found)),
        None if path.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        None => console_index(headers).await,
    }
}

fn embedded(headers: &HeaderMap, name: &str) -> Response {
    match Assets::get(name) {
        Some(found) => file(headers, &embedded_asset(name, found)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn embedded_asset(name: &str, found: rust_embed::EmbeddedFile) -> Asset {
    // Vite puts the hash of the content into the names of what it builds.
    asset(found.data, mime_of(name), name.starts_with("assets/"))
}

fn mime_of(name: &str) -> &'static str {
    match mime_guess::from_path(name).first_raw() {
        Some("text/html") => "text/html; charset=utf-8",
        Some("text/css") => "text/css; charset=utf-8",
        Some("text/javascript" | "application/javascript") => "text/javascript; charset=utf-8",
        Some(other) => other,
        None => "application/octet-stream",
    }
}

fn asset(bytes: Cow<'static, [u8]>, mime: &'static str, is_hashed: bool) -> Asset {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Asset { etag: format!("{:016x}-{:x}", hasher.finish(), bytes.len()), bytes, mime, is_hashed }
}
