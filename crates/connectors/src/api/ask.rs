//! One request of an API, within what is left of a query's limits.

use super::{Api, Auth, faults};
use base64::Engine as _;
use bytes::Bytes;
use muster_base::{Error, Kind, Result};
use muster_domain::connectors::{Limits, failed, timed_out};
use muster_outbound::{Call, Method, StatusCode, Url, header::HeaderMap};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::Instant;

/// The most bytes of an error's body that are read.
const ERROR_BODY: usize = 64 * 1024;

/// What is left of a query's limits, over all its requests.
#[derive(Debug)]
pub(crate) struct Budget {
    end: Instant,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { end: Instant::now() + limits.time, bytes: limits.bytes }
    }

    /// For what is no query: a test, a list of resources.
    pub(crate) fn small() -> Self {
        Self { end: Instant::now() + Duration::from_secs(15), bytes: 8 * 1024 * 1024 }
    }

    /// How much time is left.
    pub(crate) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }
}

/// A request that was not sent yet.
pub(crate) struct Ask<'a> {
    api: &'a Api,
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: Option<Result<Bytes>>,
    form: bool,
}

/// A successful answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    title: &'static str,
    headers: HeaderMap,
    body: Bytes,
}

impl<'a> Ask<'a> {
    pub(super) fn new(api: &'a Api, method: Method, url: Url) -> Self {
        Self { api, method, url, headers: Vec::new(), body: None, form: false }
    }

    /// Adds a parameter to the URL.
    pub(crate) fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.url.query_pairs_mut().append_pair(name, &value.to_string());
        self
    }

    /// Adds a parameter to the URL if there is one.
    pub(crate) fn maybe(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Sets a header for this request; it is no secret.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends `value` as JSON.
    pub(crate) fn json(mut self, value: &impl Serialize) -> Self {
        self.body = Some(serde_json::to_vec(value).map(Bytes::from).map_err(Error::internal));
        self
    }

    /// Sends the parameters of the URL as a form in the body instead: they may be long.
    pub(crate) fn as_form(mut self) -> Self {
        let form = self.url.query().unwrap_or_default().to_owned();
        self.url.set_query(None);
        self.body = Some(Ok(form.into()));
        self.form = true;
        self
    }

    /// Sends text as it is.
    pub(crate) fn text(mut self, body: String) -> Self {
        self.headers.push(("content-type".to_owned(), "text/plain; charset=utf-8".to_owned()));
        self.body = Some(Ok(body.into()));
        self
    }

    /// Sends it. Any status but success is an error; see the module `faults` for which.
    pub(crate) async fn send(self, budget: &mut Budget) -> Result<Reply> {
        let api = self.api;
        let call = self.call(budget.left())?;
        // The address is the connector's own setting; that it is refused is no fault of the query.
        let response = api.outbound.send(call).await.map_err(|error| faults::of_transport(api, &error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        if !status.is_success() {
            let body = response.read(ERROR_BODY).await.map_err(|error| faults::of_transport(api, &error))?;
            return Err(faults::of_status(api, status, &headers, &body.bytes));
        }
        let body = response.whole(budget.bytes).await.map_err(|error| faults::of_transport(api, &error))?;
        budget.bytes -= body.len();
        Ok(Reply { title: api.title(), headers, body })
    }

    /// Sends it and reads the answer as JSON.
    pub(crate) async fn fetch<T: DeserializeOwned>(self, budget: &mut Budget) -> Result<T> {
        self.send(budget).await?.json()
    }

    /// Sends it and tells which status came instead of success, for types that have a meaning of their own for it.
    pub(crate) async fn status(self, budget: &mut Budget) -> Result<StatusCode> {
        let api = self.api;
        let call = self.call(budget.left())?;
        let response = api.outbound.send(call).await.map_err(|error| faults::of_transport(api, &error))?;
        Ok(response.status())
    }

    fn call(self, left: Duration) -> Result<Call> {
        if left.is_zero() {
            return Err(timed_out(self.api.title()));
        }
        let mut url = self.url;
        if let Auth::Query(name, value) = &self.api.auth {
            url.query_pairs_mut().append_pair(name, value.expose());
        }
        let mut call = Call::new(self.method, url).within(left).header("accept", "application/json")?;
        for (name, value) in self.api.headers.iter().chain(&self.headers) {
            call = call.header(name, value)?;
        }
        call = authorized(call, &self.api.auth)?;
        if let Some(body) = self.body {
            let kind = if self.form { "application/x-www-form-urlencoded" } else { "application/json" };
            call = call.body(kind, body?);
        }
        Ok(call)
    }
}

fn authorized(call: Call, auth: &Auth) -> Result<Call> {
    let authorized = match auth {
        Auth::None | Auth::Query(..) => Ok(call),
        Auth::Bearer(word, token) => call.secret_header("authorization", &format!("{word} {}", token.expose())),
        Auth::Basic(user, password) => {
            let pair = format!("{user}:{}", password.expose());
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            call.secret_header("authorization", &format!("Basic {encoded}"))
        }
        Auth::Header(name, value) => call.secret_header(name, value.expose()),
    };
    authorized.map_err(|_| failed("the credentials hold characters that cannot be sent; set them again"))
}

impl Reply {
    /// A header that is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as JSON. It is not repeated when it is none.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|cause| {
            let place = format!("line {}, column {}", cause.line(), cause.column());
            failed(format!("{} answered with what cannot be read as its JSON ({place})", self.title))
        })
    }

    /// The `next` of a `Link` header (RFC 8288).
    pub(crate) fn next_link(&self) -> Option<&str> {
        self.header("link")?.split(',').find_map(|link| {
            let (target, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
            let next = rest.split(';').any(|part| matches!(part.trim(), "rel=\"next\"" | "rel=next"));
            next.then_some(target)
        })
    }
}

/// Whether an error says that the answer was larger than the limits let through.
pub(crate) fn is_too_large(error: &Error) -> bool {
    error.kind() == Kind::TooLarge
}
