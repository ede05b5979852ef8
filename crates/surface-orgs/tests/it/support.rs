//! The surface on a throw-away database, with a clock that tests move.

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, Request};
use futures::StreamExt;
use muster_base::{Clock, Millis, Secret};
use muster_domain::access::{self, NewKey, NewUser, Role, Scope, User};
use muster_domain::agents::{self, Agent, NewAgent};
use muster_domain::connectors::Types;
use muster_domain::conversations::{self, Message, NewMessage, Posted, QueueMode, Sender};
use muster_domain::{App, Ctx, Settings};
use muster_http::{AppState, router};
use muster_outbound::{Guard, Outbound, Policy};
use muster_store::testing::TestDb;
use muster_store::{KeyRing, SecretBox};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tower::ServiceExt;

/// Settings with the types of connectors, which may reach what the policy permits.
fn settings(policy: Policy) -> Settings {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outbound = Outbound::new(Guard::new(policy)).expect("a client");
    let sources = Types::new(muster_connectors::types(&outbound)).expect("sound types");
    Settings { sources, ..Settings::default() }
}

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
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("JSON: {}", self.text))
    }

    /// The body of an answer that must have this status.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Asserts a refusal in this dialect; returns its message.
    pub(crate) fn refused(&self, status: u16, code: &str, field: Option<&str>) -> String {
        let body = self.expect(status);
        assert_eq!(body["statusCode"], status, "{body}");
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body.get("field").and_then(Value::as_str), field, "{body}");
        body["message"].as_str().expect("a message").to_owned()
    }
}

/// A message that was taken into a turn.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) message: Message,
    pub(crate) turn: String,
}

impl From<Posted> for Taken {
    fn from(posted: Posted) -> Self {
        Self { turn: posted.turn.expect("a hosted agent's message is in a turn"), message: posted.message }
    }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(Policy::All).await
    }

    /// As an operator sets it up who allows these private addresses.
    pub(crate) async fn start_with(policy: Policy) -> Self {
        let db = TestDb::sqlite().await;
        let secrets = SecretBox::new(KeyRing::parse(KeyRing::generate().expose()).expect("a fresh key"));
        let clock = Arc::new(HeldClock::default());
        // 2026-11-22T01:30:00Z
        clock.0.store(1_795_311_000_000, Ordering::SeqCst);
        let app = App::new((*db).clone(), clock.clone(), secrets, settings(policy));
        access::create_org(&app, "acme", "Acme").await.expect("an org");
        access::create_org(&app, "other", "Other").await.expect("another org");
        let state = AppState { rate_limit: false, ..AppState::new(Arc::clone(&app)) };
        let router = router(Arc::new(state), &[muster_surface_orgs::surface()]);
        Self { app, clock, router, _db: db }
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.clock.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn ctx(&self, org: &str) -> Ctx {
        Ctx::system(Arc::clone(&self.app), org)
    }

    pub(crate) async fn key(&self, role: Role, scopes: &[Scope]) -> String {
        self.key_in("acme", role, scopes).await
    }

    pub(crate) async fn key_in(&self, org: &str, role: Role, scopes: &[Scope]) -> String {
        let new = NewKey { name: "k".to_owned(), description: None, role, scopes: scopes.to_vec(), expires_at: None };
        access::create_key(&self.ctx(org), new).await.expect("a key").1.expose().clone()
    }

    pub(crate) async fn user(&self, username: &str, role: Role) -> User {
        let new = NewUser {
            username: username.to_owned(),
            password: Secret::new("correct horse".to_owned()),
            role,
            display_name: None,
        };
        access::create_user(&self.ctx("acme"), new).await.expect("a user")
    }

    /// The token of a new session.
    pub(crate) async fn session(&self, username: &str) -> String {
        let password = Secret::new("correct horse".to_owned());
        let signed_in = access::login(&self.app, username, password, &muster_domain::Request::default()).await;
        signed_in.expect("a session").token.expose().clone()
    }

    pub(crate) async fn agent(&self, org: &str, name: &str) -> Agent {
        let new = NewAgent { name: name.to_owned(), ..NewAgent::default() };
        agents::create(&self.ctx(org), new).await.expect("an agent")
    }

    pub(crate) async fn message(&self, agent: &Agent, conversation: Option<&str>, content: &str) -> Taken {
        let new = NewMessage {
            content: content.to_owned(),
            metadata: None,
            channel: "api".to_owned(),
            queue_mode: QueueMode::Collect,
            conversation: conversation.map(str::to_owned),
            sender: Sender { kind: "user".to_owned(), id: "usr_1".to_owned(), name: "Ann".to_owned() },
            depth: 0,
        };
        conversations::post(&self.ctx(&agent.org), &agent.id, new).await.expect("a message").into()
    }

    async fn send(&self, key: &str, what: &str, headers: &[(&str, &str)], body: &str) -> axum::response::Response {
        let (method, path) = what.split_once(' ').expect("a method and a path");
        let mut request = Request::builder().method(method).uri(path);
        if !key.is_empty() {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        self.router.clone().oneshot(request).await.expect("no error")
    }

    pub(crate) async fn call_with(&self, key: &str, what: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (head, body) = self.send(key, what, headers, body).await.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        Answer { status: head.status.as_u16(), headers: head.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// Sends `METHOD /path`; an empty key sends no credential.
    pub(crate) async fn call(&self, key: &str, what: &str, body: &str) -> Answer {
        self.call_with(key, what, &[], body).await
    }

    pub(crate) async fn get(&self, key: &str, path: &str) -> Answer {
        self.call(key, &format!("GET /v1/orgs/acme{path}"), "").await
    }

    pub(crate) async fn write(&self, key: &str, method: &str, path: &str, body: Value) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.call(key, &format!("{method} /v1/orgs/acme{path}"), &text).await
    }

    /// Opens a stream of events.
    pub(crate) async fn follow(&self, key: &str, query: &str, headers: &[(&str, &str)]) -> Stream {
        let mut all = vec![("accept", "text/event-stream")];
        all.extend_from_slice(headers);
        let response = self.send(key, &format!("GET /v1/orgs/acme/events{query}"), &all, "").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream { body: response.into_body().into_data_stream(), read: String::new() }
    }
}

/// A stream of events, as it is read.
pub(crate) struct Stream {
    body: BodyDataStream,
    read: String,
}

impl Stream {
    /// The next event as `{"id", "event"?, "data"}`; `None` when the stream has ended.
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

    /// The types of the next events.
    pub(crate) async fn types(&mut self, count: usize) -> Vec<String> {
        let mut types = Vec::new();
        for _ in 0..count {
            let event = self.next().await.expect("an event");
            types.push(event["data"]["type"].as_str().expect("a type").to_owned());
        }
        types
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
