//! A server that answers as a test says, and remembers what it was asked.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let query = request.url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let headers = request.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        Self {
            method: request.method.to_string(),
            path: request.url.path().to_owned(),
            query,
            headers: headers.collect(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
        }
    }

    /// A parameter of the query.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// All values of a parameter.
    pub(crate) fn params(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }

    /// A parameter that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.param(name).and_then(|text| text.parse().ok())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// The server; it ends when it is dropped.
pub(crate) struct Fake {
    server: MockServer,
}

struct Answers<F>(F);

impl<F: Fn(&Asked) -> ResponseTemplate + Send + Sync> Respond for Answers<F> {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let asked = Asked::of(request);
        // Nothing that a connector sends to an API but reads.
        assert!(matches!(asked.method.as_str(), "GET" | "POST"), "{asked:?}");
        (self.0)(&asked)
    }
}

impl Fake {
    pub(crate) async fn start(answers: impl Fn(&Asked) -> ResponseTemplate + Send + Sync + 'static) -> Self {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(Answers(answers)).mount(&server).await;
        Self { server }
    }

    pub(crate) fn url(&self) -> String {
        self.server.uri()
    }

    pub(crate) async fn asked(&self) -> Vec<Asked> {
        self.server.received_requests().await.expect("they are kept").iter().map(Asked::of).collect()
    }

    /// Asserts that no secret was ever in a URL.
    pub(crate) async fn never_saw_in_urls(&self, secret: &str) {
        for request in self.server.received_requests().await.expect("they are kept") {
            assert!(!request.url.as_str().contains(secret), "{}", request.url);
        }
    }
}

pub(crate) fn ok(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

pub(crate) fn status(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// Numbered objects `{"id": n}` from `from`, `count` of them.
pub(crate) fn numbered(from: usize, count: usize) -> Vec<Value> {
    (from..from + count).map(|id| json!({"id": id})).collect()
}

/// A page of numbered objects, by offset and size, of `total`.
pub(crate) fn page(total: usize, offset: usize, size: usize) -> Vec<Value> {
    numbered(offset, size.min(total.saturating_sub(offset)))
}
