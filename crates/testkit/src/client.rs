//! An HTTP client that says in one line what a test asks and what it expects.

use crate::sse::Events;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::sync::{Arc, RwLock};
use std::time::Duration;

/// A client of one server under one credential.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Arc<RwLock<String>>,
    key: Option<String>,
}

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    asked: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The body, after the status was the one that is expected.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}", self.asked, self.text);
        self.json()
    }

    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Client {
    pub(crate) fn new(base: Arc<RwLock<String>>, key: Option<&str>) -> Self {
        let http = http();
        Self { http, base, key: key.map(str::to_owned) }
    }

    /// The same server under another key.
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// The same server without a credential.
    pub fn anonymous(&self) -> Self {
        Self { key: None, ..self.clone() }
    }

    /// A request to be completed; `path` begins with a slash.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let url = format!("{}{path}", self.base.read().expect("no panic while it is held"));
        let request = self.http.request(method, url);
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// Sends a request; the error is that the connection failed.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let request = request.build()?;
        let asked = format!("{} {}", request.method(), request.url().path());
        let response = self.http.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await?, asked })
    }

    async fn must(&self, request: RequestBuilder) -> Answer {
        self.send(request).await.unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// The status of an answer whose body may never end.
    pub async fn status(&self, method: &str, path: &str) -> u16 {
        let request = self.request(method, path).build().expect("a request");
        self.http.execute(request).await.unwrap_or_else(|error| panic!("no answer: {error:?}")).status().as_u16()
    }

    /// GET
    pub async fn get(&self, path: &str) -> Answer {
        self.must(self.request("GET", path)).await
    }

    /// POST
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.must(self.request("POST", path).json(&body)).await
    }

    /// POST without a body.
    pub async fn act(&self, path: &str) -> Answer {
        self.must(self.request("POST", path)).await
    }

    /// As [`Self::post`]; the error is that the connection failed.
    pub async fn try_post(&self, path: &str, body: &Value) -> Result<Answer, reqwest::Error> {
        self.send(self.request("POST", path).json(body)).await
    }

    /// POST with an `Idempotency-Key`.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> Result<Answer, reqwest::Error> {
        self.send(self.request("POST", path).header("Idempotency-Key", key).json(body)).await
    }

    /// PATCH
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.must(self.request("PATCH", path).json(&body)).await
    }

    /// DELETE
    pub async fn delete(&self, path: &str) -> Answer {
        self.must(self.request("DELETE", path)).await
    }

    /// Any method with bytes that claim to be JSON, or without a body.
    pub async fn raw(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> Answer {
        let request = self.request(method, path);
        self.must(match body {
            Some(bytes) => request.header(CONTENT_TYPE, "application/json").body(bytes),
            None => request,
        })
        .await
    }

    /// Any method with a JSON body in pieces, whose length is not said before.
    pub async fn send_chunked(&self, method: &str, path: &str, chunks: Vec<std::io::Result<Vec<u8>>>) -> Answer {
        let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
        self.must(self.request(method, path).header(CONTENT_TYPE, "application/json").body(body)).await
    }

    /// Follows a stream from the place after `last`.
    pub async fn follow(&self, path: &str, last: Option<&str>) -> Events {
        let request = self.request("GET", path).header(ACCEPT, "text/event-stream");
        Events::open(match last {
            Some(last) => request.header("Last-Event-ID", last),
            None => request,
        })
        .await
    }

    /// Posts and follows the stream that is the answer.
    pub async fn post_following(&self, path: &str, body: &Value) -> Events {
        Events::open(self.request("POST", path).header(ACCEPT, "text/event-stream").json(body)).await
    }

    /// All events of the org's log from `after` on, oldest first.
    pub async fn events(&self, after: i64) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), after);
        loop {
            let page = self.get(&format!("/v1/orgs/default/events?limit=1000&after={after}")).await.expect(200);
            let page = page["data"].as_array().cloned().expect("a list");
            let Some(last) = page.last() else { return all };
            after = last["seq"].as_i64().expect("a number");
            all.extend(page);
        }
    }

    /// Checks the hash chain of the event log.
    pub async fn verify_events(&self) {
        let verified = self.get("/v1/orgs/default/events/_verify").await.expect(200);
        assert_eq!(verified["intact"], true, "the event log is broken: {verified}");
    }

    /// Makes a key; gives its id and its secret.
    pub async fn make_key(&self, role: &str, scopes: &[&str]) -> (String, String) {
        let body = serde_json::json!({"name": format!("{role} {scopes:?}"), "role": role, "scopes": scopes});
        let made = self.post("/v1/orgs/default/api-keys", body).await.expect(201);
        (text(&made["id"]), text(&made["key"]))
    }
}

/// An HTTP client that follows no redirects.
pub(crate) fn http() -> reqwest::Client {
    // It only fails when it was done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(Duration::from_secs(150))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

/// A JSON text; panics when it is something else.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}
