//! A tiny surface on a throw-away database.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use muster_base::{Error, Result, SystemClock};
use muster_domain::access::{self, NewKey, Role, Scope};
use muster_domain::{App, Ctx, Settings};
use muster_http::*;
use muster_store::testing::TestDb;
use muster_store::{KeyRing, SecretBox};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tower::ServiceExt;

/// A thing.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Thing {
    /// Its name.
    pub(crate) name: String,
    /// How many.
    #[serde(default)]
    pub(crate) count: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Paging {
    /// How many at most.
    pub(crate) limit: Option<i64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ErrorBody {
    code: String,
    message: String,
    field: Option<String>,
    surface: String,
}

pub(crate) const LIST: Op = get("/v1/things")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .query::<Paging>()
    .gives::<Vec<Thing>>()
    .summary("List");
pub(crate) const SHOW: Op = get("/v1/things/{id}").floor(Role::Viewer).gives::<Thing>();
pub(crate) const MAKE: Op = post("/v1/things")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .takes::<Thing>()
    .gives::<Thing>()
    .status(201)
    .body_limit(1000);
pub(crate) const REMOVE: Op = delete("/v1/orgs/{org}/things/{thing}").floor(Role::Admin).status(204);
pub(crate) const TAKE: Op =
    get("/v1/things/next").floor(Role::Operator).scope(Scope::AgentsWrite).own_agent().changes();
pub(crate) const READ: Op = get("/v1/files/{*path}").floor(Role::Viewer).gives_media("application/octet-stream");
pub(crate) const PANIC: Op = get("/v1/panic").floor(Role::Viewer);
pub(crate) const LOGIN: Op = post("/v1/login").public().rate(Rate::Login).takes::<Thing>();
pub(crate) const BEAT: Op = post("/v1/things/{id}/beat").floor(Role::Viewer).rate(Rate::Heartbeat).gives::<Thing>();
pub(crate) const KEY: Op = post("/v1/keys").floor(Role::Admin).takes_optional::<Option<Thing>>().status(201);
pub(crate) const EVENTS: Op = get("/v1/events").floor(Role::Viewer).streams();
pub(crate) const TEXT: Op = get("/v1/text").floor(Role::Viewer);
pub(crate) const SHARED: Op = get("/api/agents").floor(Role::Viewer);

async fn list(_: Caller, Query(paging): Query<Paging>) -> Reply<Vec<Thing>> {
    Ok(Json(vec![Thing { name: "a".to_owned(), count: paging.limit.unwrap_or(0) }]))
}

async fn show(Path(id): Path<String>) -> Reply<Thing> {
    Ok(Json(Thing { name: id, count: 0 }))
}

async fn beat(Path(id): Path<String>) -> Reply<Thing> {
    Ok(Json(Thing { name: id, count: 0 }))
}

async fn make(_: Caller, Json(thing): Json<Thing>) -> Result<Created<Thing>, Failure> {
    Ok(Created(thing))
}

async fn remove(Path((_org, thing)): Path<(String, i64)>) -> Result<NoContent, Failure> {
    if thing == 0 { Err(Error::conflict("the last thing stays").into()) } else { Ok(NoContent) }
}

async fn take(caller: Caller) -> Result<NoContent, Failure> {
    caller.may_act_as("agent-own")?;
    Ok(NoContent)
}

async fn read(Path(path): Path<String>) -> String {
    path
}

async fn panics() -> NoContent {
    panic!("a secret detail")
}

async fn login(visitor: Visitor, Json(_): Json<Thing>) -> Reply<Value> {
    Ok(Json(json!({"address": visitor.request.address})))
}

static KEYS: AtomicUsize = AtomicUsize::new(0);

async fn key(caller: Caller) -> Result<Created<Value>, Failure> {
    let name = format!("key {}", KEYS.fetch_add(1, Ordering::SeqCst));
    let new = NewKey { name, description: None, role: Role::Viewer, scopes: Vec::new(), expires_at: None };
    let (key, _) = access::create_key(&caller, new).await?;
    Ok(Created(json!({"id": key.id})))
}

async fn events(axum::extract::State(state): axum::extract::State<Arc<AppState>>) -> Response {
    let all =
        ["a", "b"].map(|data| SseEvent { id: Some(data.to_owned()), event: Some("x".into()), data: data.to_owned() });
    sse(&state, futures::stream::iter(all))
}

async fn text() -> (StatusCode, &'static str) {
    (StatusCode::IM_A_TEAPOT, "plain words")
}

async fn name_of_mission() -> Reply<&'static str> {
    Ok(Json("mission"))
}

async fn name_of_network() -> Reply<&'static str> {
    Ok(Json("network"))
}

fn body_of(error: &Error, surface: &str) -> Response {
    let body = ErrorBody {
        code: error.code().to_owned(),
        message: error.message().to_owned(),
        field: error.field().map(str::to_owned),
        surface: surface.to_owned(),
    };
    json(status_of(error), &body)
}

pub(crate) fn surfaces() -> Vec<Surface> {
    let orgs = Surface::new("orgs", |error, _| body_of(error, "orgs"))
        .title("Things.")
        .owns("/v1")
        .errors::<ErrorBody>()
        .limits(Limits::split(1000, 300))
        .route(LIST, list)
        .route(SHOW, show)
        .route(MAKE, make)
        .route(REMOVE, remove)
        .route(TAKE, take)
        .route(READ, read)
        .route(PANIC, panics)
        .route(BEAT, beat)
        .route(LOGIN, login)
        .route(KEY, key)
        .route(EVENTS, events)
        .route(TEXT, text);
    let mission =
        Surface::new("mission", |error, _| body_of(error, "mission")).owns("/api").route(SHARED, name_of_mission);
    let network = Surface::new("network", |error, _| body_of(error, "network")).route(SHARED, name_of_network);
    vec![orgs, mission, network]
}

pub(crate) struct TestApp {
    pub(crate) app: Arc<App>,
    pub(crate) router: Router,
    _db: TestDb,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("JSON: {}", self.text))
    }
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
    pub(crate) fn code(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut AppState)) -> Self {
        let db = TestDb::sqlite().await;
        let secrets = SecretBox::new(KeyRing::parse(KeyRing::generate().expose()).expect("a fresh key"));
        let app = App::new((*db).clone(), Arc::new(SystemClock), secrets, Settings::default());
        access::create_org(&app, "acme", "Acme").await.expect("an org");
        let mut state = AppState { rate_clock: RateClock::held(), ..AppState::new(Arc::clone(&app)) };
        change(&mut state);
        let router = router(Arc::new(state), &surfaces());
        Self { app, router, _db: db }
    }

    pub(crate) async fn key(&self, role: Role, scopes: &[Scope]) -> String {
        let ctx = Ctx::system(Arc::clone(&self.app), "acme");
        let new = NewKey { name: "k".to_owned(), description: None, role, scopes: scopes.to_vec(), expires_at: None };
        access::create_key(&ctx, new).await.expect("a key").1.expose().clone()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("no error");
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).expect("text"),
        }
    }

    /// Sends `METHOD /path` with headers and a body, from 127.0.0.1.
    pub(crate) async fn call(&self, what: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (method, path) = what.split_once(' ').expect("a method and a path");
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).expect("a request");
        let peer: SocketAddr = "127.0.0.1:9".parse().expect("an address");
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        self.send(request).await
    }

    pub(crate) async fn call_as(&self, key: &str, what: &str, body: &str) -> Answer {
        self.call(what, &[("authorization", &format!("Bearer {key}"))], body).await
    }
}
