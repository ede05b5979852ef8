//! The surface on a throw-away database.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request};
use muster_base::{Secret, SystemClock};
use muster_domain::access::{self, NewKey, NewUser, Role, User};
use muster_domain::{App, Ctx, Settings};
use muster_http::{AppState, router};
use muster_store::testing::TestDb;
use muster_store::{KeyRing, SecretBox};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tower::ServiceExt;

/// The password of every user.
pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct TestApp {
    pub(crate) app: Arc<App>,
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
        let app = App::new((*db).clone(), Arc::new(SystemClock), secrets, settings);
        access::create_org(&app, "acme", "Acme Inc").await.expect("an org");
        let state = AppState { rate_limit, ..AppState::new(Arc::clone(&app)) };
        let router = router(Arc::new(state), &[muster_surface_mission::surface()]);
        Self { app, router, _db: db }
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
