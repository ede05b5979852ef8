//! The surface on a throw-away database, with a clock that tests move.

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request};
use futures::StreamExt;
use muster_base::{Clock, Millis, Secret};
use muster_domain::access::{self, NewKey, NewUser, Role, Scope, User};
use muster_domain::{App, Ctx, Settings};
use muster_http::{AppState, RateClock, router};
use muster_store::testing::TestDb;
use muster_store::{KeyRing, SecretBox};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tower::ServiceExt;

/// The password of every user.
pub(crate) const PASSWORD: &str = "correct horse";

/// When every test begins, in seconds since the epoch: 2026-11-22T01:30:00Z.
pub(crate) const START: i64 = 1_795_311_000;

/// A clock that stands still until it is moved.
#[derive(Default)]
pub(crate) struct HeldClock(AtomicI64);

impl Clock for HeldClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct TestApp {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<HeldClock>,
    router: Router,
    _db: TestDb,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body of an answer that must have this status.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("JSON: {}", self.text))
    }

    /// Asserts a refusal whose only text is `error`.
    pub(crate) fn refused(&self, status: u16, error: &str) {
        assert_eq!(self.expect(status), json!({"error": error}));
    }

    /// Asserts a refusal of wrong input, which names what is wrong.
    pub(crate) fn invalid(&self, detail: &str) {
        let body = self.expect(400);
        assert_eq!(body["error"], "Validation failed", "{body}");
        let found = body["details"][0].as_str().unwrap_or_default();
        assert!(found.starts_with(detail), "{found} instead of {detail}");
    }

    /// The cookies that it sets.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }
}

impl TestApp {
    /// Without request limits, at an address without https.
    pub(crate) async fn start() -> Self {
        Self::start_with(Settings::default(), false).await
    }

    pub(crate) async fn start_with(settings: Settings, rate_limit: bool) -> Self {
        let db = TestDb::sqlite().await;
        let secrets = SecretBox::new(KeyRing::parse(KeyRing::generate().expose()).expect("a fresh key"));
        let clock = Arc::new(HeldClock(AtomicI64::new(START * 1000)));
        let app = App::new((*db).clone(), clock.clone(), secrets, settings);
        access::create_org(&app, "acme", "Acme Inc").await.expect("an org");
        access::create_org(&app, "other", "Other Inc").await.expect("another org");
        let state = AppState { rate_limit, rate_clock: RateClock::held(), ..AppState::new(Arc::clone(&app)) };
        let router = router(Arc::new(state), &[muster_surface_mission::surface()]);
        Self { app, clock, router, _db: db }
    }

    pub(crate) fn ctx(&self) -> Ctx {
        Ctx::system(Arc::clone(&self.app), "acme")
    }

    pub(crate) async fn user(&self, username: &str, role: Role) -> User {
        let password = Secret::new(PASSWORD.to_owned());
        let display_name = Some(username.to_uppercase());
        let new = NewUser { username: username.to_owned(), password, role, display_name };
        access::create_user(&self.ctx(), new).await.expect("a user")
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// The secret of a key of an org.
    pub(crate) async fn secret(&self, org: &str, role: Role, scopes: &[Scope]) -> String {
        let new = NewKey { name: "k".to_owned(), description: None, role, scopes: scopes.to_vec(), expires_at: None };
        let ctx = Ctx::system(Arc::clone(&self.app), org);
        access::create_key(&ctx, new).await.expect("a key").1.expose().clone()
    }

    /// Sends `METHOD /path` with a key; a body of null is none.
    pub(crate) async fn send(&self, key: &str, what: &str, body: Value) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.call(what, &[("x-api-key", key)], &text).await
    }

    /// Reads `/api...` with a key.
    pub(crate) async fn get(&self, key: &str, path: &str) -> Answer {
        self.send(key, &format!("GET /api{path}"), Value::Null).await
    }

    /// Follows the org's events.
    pub(crate) async fn follow(&self, key: &str, query: &str, headers: &[(&str, &str)]) -> Stream {
        let mut request = Request::builder().uri(format!("/api/events{query}")).header("x-api-key", key);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("no error");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream { body: response.into_body().into_data_stream(), read: String::new() }
    }

    /// A key's id and secret.
    pub(crate) async fn key(&self, name: &str, role: Role) -> (String, String) {
        let new = NewKey { name: name.to_owned(), description: None, role, scopes: vec![], expires_at: None };
        let (key, secret) = access::create_key(&self.ctx(), new).await.expect("a key");
        (key.id, secret.expose().clone())
    }

    /// Sends `METHOD /path` from 192.0.2.`host`.
    pub(crate) async fn call_from(&self, host: u8, what: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (method, path) = what.split_once(' ').expect("a method and a path");
        let mut request = Request::builder().method(method).uri(path).header("host", "muster.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, host], 9))));
        let response = self.router.clone().oneshot(request).await.expect("no error");
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        Answer { status: head.status.as_u16(), headers: head.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    pub(crate) async fn call(&self, what: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.call_from(1, what, headers, body).await
    }

    pub(crate) async fn login(&self, username: &str, password: &str) -> Answer {
        let body = json!({"username": username, "password": password}).to_string();
        self.call("POST /api/auth/login", &[], &body).await
    }

    /// Signs in and returns the cookie as a browser sends it back.
    pub(crate) async fn cookie(&self, username: &str) -> String {
        let answer = self.login(username, PASSWORD).await;
        answer.expect(200);
        answer.cookies()[0].split(';').next().unwrap().to_owned()
    }
}

/// A stream of events, as it is read.
pub(crate) struct Stream {
    body: BodyDataStream,
    read: String,
}

impl Stream {
    /// The fields of the next event, its data as JSON; `None` when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                if !event.starts_with(':') {
                    return Some(parse(&event));
                }
                continue;
            }
            let chunk =
                tokio::time::timeout(Duration::from_secs(20), self.body.next()).await.expect("an event in time");
            self.read.push_str(std::str::from_utf8(&chunk?.expect("a chunk")).unwrap());
        }
    }
}

fn parse(text: &str) -> Value {
    let mut event = json!({});
    for line in text.lines() {
        let (name, value) = line.split_once(": ").expect("a field");
        event[name] = if name == "data" { serde_json::from_str(value).expect("JSON") } else { value.into() };
    }
    event
}
