//! Requests to the server.

use super::failure::{BROKEN, Refusal, no_answer};
use eventsource_stream::{Event, Eventsource};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use muster_base::{Error, Kind, Result};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::net::IpAddr;
use std::time::Duration;
use tokio::sync::OnceCell;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long a plain request may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// A stream says something every 15 seconds; one that is silent for longer is dead.
const SILENT_AT_MOST: Duration = Duration::from_secs(45);
/// The largest error that is read.
const LARGEST_ERROR: usize = 64 * 1024;

/// A stream of events; an error is a connection that broke off.
pub(super) type Events = BoxStream<'static, Result<Event>>;

/// A server and the key that it is asked with.
pub(crate) struct Api {
    http: reqwest::Client,
    base: Url,
    has_key: bool,
    answer_within: Duration,
    org: OnceCell<Org>,
}

/// The org that the key belongs to, and who the key is.
#[derive(Debug, Clone)]
pub(super) struct Org {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) who: String,
    pub(super) role: String,
}

impl Api {
    pub(super) fn new(url: &str, key: Option<&str>) -> Result<Self> {
        Self::patient(url, key, Duration::ZERO)
    }

    /// As [`Self::new`], for a server that is asked to take its time over an answer.
    pub(super) fn patient(url: &str, key: Option<&str>, time: Duration) -> Result<Self> {
        let base = base(url)?;
        let key = key.map(str::trim).filter(|key| !key.is_empty());
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            let value = HeaderValue::from_str(&format!("Bearer {key}"));
            let mut value =
                value.map_err(|_| Error::invalid("key", "has characters that no key has; copy it again"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(CONNECT_WITHIN)
            .read_timeout(SILENT_AT_MOST + time);
        if is_local(&base) {
            // A proxy for the world cannot reach this machine.
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(Error::internal)?;
        Ok(Self { http, base, has_key: key.is_some(), answer_within: ANSWER_WITHIN + time, org: OnceCell::new() })
    }

    /// The server's address as the person gave it.
    pub(super) fn server(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    pub(super) fn has_key(&self) -> bool {
        self.has_key
    }

    /// The org of the key; asked once.
    pub(super) async fn org(&self) -> Result<&Org> {
        self.org.get_or_try_init(|| self.ask_org()).await
    }

    async fn ask_org(&self) -> Result<Org> {
        let answer = self.get(&self.at(&["api", "auth", "me"], &[])).await?;
        let user = &answer["user"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let org = Org {
            id: text(&user["org"]["id"]),
            name: text(&user["org"]["name"]),
            who: text(&user["username"]),
            role: text(&user["role"]),
        };
        if org.id.is_empty() { Err(self.not_understood("user.org.id is missing")) } else { Ok(org) }
    }

    /// The URL of a path, given by its segments, under the server's own.
    pub(super) fn at(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The URL of a path under `/v1/orgs/{org}`.
    pub(super) async fn in_org(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url> {
        let mut segments = vec!["v1", "orgs", self.org().await?.id.as_str()];
        segments.extend(path);
        Ok(self.at(&segments, query))
    }

    /// The URL of a path of the mission surface, under its own prefix: there any kind of key will do.
    pub(super) fn in_mission(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let segments: Vec<&str> = ["mission", "api"].iter().chain(path).copied().collect();
        self.at(&segments, query)
    }

    /// The URL of a path of the network surface, under its own prefix: there any kind of key will do.
    pub(super) fn in_network(&self, path: &[&str]) -> Url {
        let segments: Vec<&str> = ["network", "api"].iter().chain(path).copied().collect();
        self.at(&segments, &[])
    }

    pub(super) async fn get(&self, url: &Url) -> Result<Value> {
        self.json(self.http.get(url.clone())).await
    }

    pub(super) async fn post(&self, url: &Url, body: &Value) -> Result<Value> {
        self.json(self.http.post(url.clone()).json(body)).await
    }

    pub(super) async fn put(&self, url: &Url, body: &Value) -> Result<Value> {
        self.json(self.http.put(url.clone()).json(body)).await
    }

    pub(super) async fn delete(&self, url: &Url) -> Result<Value> {
        self.json(self.http.delete(url.clone())).await
    }

    async fn json(&self, request: RequestBuilder) -> Result<Value> {
        let response = self.send(request.timeout(self.answer_within)).await?;
        let bytes = response.bytes().await.map_err(|error| no_answer(&error, self.server()))?;
        serde_json::from_slice(&bytes).map_err(|error| self.not_understood(error))
    }

    /// A text that the server gives to anybody, whatever its status.
    pub(super) async fn text(&self, url: &Url) -> Result<(u16, String)> {
        let sent = self.http.get(url.clone()).timeout(ANSWER_WITHIN).send().await;
        let response = sent.map_err(|error| no_answer(&error, self.server()))?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(|error| no_answer(&error, self.server()))?;
        Ok((status, text))
    }

    /// Opens a stream of events after the one with the id `last`.
    pub(super) async fn stream(&self, url: &Url, last: Option<&str>) -> Result<Events> {
        let mut request = self.http.get(url.clone());
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        self.events(request).await
    }

    /// Sends something whose answer is a stream of events; `once` makes it safe to repeat.
    pub(super) async fn post_stream(&self, url: &Url, body: &Value, once: &str) -> Result<Events> {
        self.events(self.http.post(url.clone()).json(body).header("idempotency-key", once)).await
    }

    async fn events(&self, request: RequestBuilder) -> Result<Events> {
        let response = self.send(request.header(ACCEPT, "text/event-stream")).await?;
        let server = self.server().to_owned();
        let events = response.bytes_stream().eventsource();
        let broken = move |error| {
            Error::new(Kind::Unavailable, BROKEN, format!("the connection to {server} broke off: {error}"))
        };
        Ok(events.map_err(broken).boxed())
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let response = request.send().await.map_err(|error| no_answer(&error, self.server()))?;
        if response.status().is_success() { Ok(response) } else { Err(self.refused(response).await) }
    }

    async fn refused(&self, response: Response) -> Error {
        let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let retry_after = header("retry-after").and_then(|text| text.parse().ok());
        let request_id = header("x-request-id").map(str::to_owned);
        let status = response.status().as_u16();
        let mut body = response.bytes().await.unwrap_or_default();
        body.truncate(LARGEST_ERROR);
        let body = String::from_utf8_lossy(&body);
        let refusal = Refusal {
            status,
            body: &body,
            retry_after,
            request_id: request_id.as_deref(),
            has_key: self.has_key,
            server: self.server(),
        };
        refusal.explain()
    }

    /// Reads an answer, or a part of one, into a type of ours.
    pub(super) fn read<T: DeserializeOwned>(&self, answer: Value) -> Result<T> {
        serde_json::from_value(answer).map_err(|error| self.not_understood(error))
    }

    fn not_understood(&self, problem: impl std::fmt::Display) -> Error {
        let message = format!(
            "the answer of {} is not understood ({problem}); is it a Muster server, and of this version? (--url)",
            self.server()
        );
        Error::new(Kind::Upstream, "client.answer", message)
    }
}

fn base(text: &str) -> Result<Url> {
    let wrong = || Error::invalid("url", format!("`{text}` must be a URL such as http://127.0.0.1:7717"));
    let mut url = Url::parse(text.trim()).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong());
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(url: &str) -> Api {
        // Every test may be the first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Api::new(url, None).unwrap()
    }

    #[test]
    fn what_people_name_cannot_leave_its_place_in_a_path() {
        let url = api("http://h:1").at(&["v1", "agent", "a/b?c#d e"], &[("q", "x&y")]);
        assert_eq!(url.as_str(), "http://h:1/v1/agent/a%2Fb%3Fc%23d%20e?q=x%26y");
    }

    #[test]
    fn a_server_may_live_under_a_path() {
        let api = api("https://example.com/muster/");
        assert_eq!(api.server(), "https://example.com/muster");
        assert_eq!(api.at(&["healthz"], &[]).as_str(), "https://example.com/muster/healthz");
    }

    #[test]
    fn a_url_without_a_scheme_is_told_so() {
        for wrong in ["localhost:7717", "127.0.0.1:7717", "ftp://h", ""] {
            let error = base(wrong).unwrap_err();
            assert!(error.message().contains("must be a URL such as http://127.0.0.1:7717"), "{error}");
        }
    }

    #[test]
    fn this_machine_is_not_asked_through_a_proxy() {
        for (url, expected) in
            [("http://localhost:1", true), ("http://[::1]:1", true), ("http://127.0.0.9", true), ("http://h", false)]
        {
            assert_eq!(is_local(&base(url).unwrap()), expected, "{url}");
        }
    }
}
