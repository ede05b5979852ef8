//! One request of an API, within what is left of a query's limits.

use super::{Api, Auth, faults};
use base64::Engine as _;
use bytes::Bytes;
use muster_base::{Error, Result};
use muster_domain::connectors::{Limits, failed, timed_out};
use muster_outbound::{Call, Method, Response, StatusCode, Url, header::HeaderMap};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::Instant;

/// The most bytes of an error's body that are read.
const ERROR_BODY: usize = 64 * 1024;

/// The longest that a server may make us wait before it is asked once more.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is left of a query's limits, over all its requests.
#[derive(Debug)]
pub(crate) struct Budget {
    end: Instant,
    bytes: usize,
    waited: bool,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { end: Instant::now() + limits.time, bytes: limits.bytes, waited: false }
    }

    /// For what is no query: a test, a list of resources.
    pub(crate) fn small() -> Self {
        Self { end: Instant::now() + Duration::from_secs(15), bytes: 8 * 1024 * 1024, waited: false }
    }

    /// A budget for looking something up on the way: the same time, and bytes of its own.
    pub(crate) fn aside(&self, bytes: usize) -> Self {
        Self { end: self.end, bytes, waited: self.waited }
    }

    /// How much time is left.
    pub(crate) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }
}

/// A request that was not sent yet.
#[derive(Clone)]
pub(crate) struct Ask<'a> {
    api: &'a Api,
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: Option<Result<Bytes>>,
    form: bool,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    title: &'static str,
    status: StatusCode,
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

    /// Sends the parameters of the URL as a form in the body instead: they may be long.
    pub(crate) fn in_body(mut self) -> Self {
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
        self.answer(budget).await?.success(api)
    }

    /// Sends it and reads the answer as JSON.
    pub(crate) async fn fetch<T: DeserializeOwned>(self, budget: &mut Budget) -> Result<T> {
        self.send(budget).await?.json()
    }

    /// Sends it and gives the answer whatever its status, for types that have a meaning of their own for one. When the
    /// server asks for a moment of patience it is asked once more after that, once in all that a budget is for.
    pub(crate) async fn answer(self, budget: &mut Budget) -> Result<Reply> {
        let first = self.clone().once(budget).await?;
        let Some(wait) = patience(&first, budget) else { return Ok(first) };
        budget.waited = true;
        tokio::time::sleep(wait).await;
        self.once(budget).await
    }

    async fn once(self, budget: &mut Budget) -> Result<Reply> {
        let api = self.api;
        let response = self.start(budget).await?;
        if !response.status().is_success() {
            return Reply::of(api, response).await;
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.whole(budget.bytes).await.map_err(|error| faults::of_transport(api, &error))?;
        budget.bytes = budget.bytes.saturating_sub(body.len());
        Ok(Reply { title: api.title(), status, headers, body })
    }

    /// Sends it and gives the answer before its body was read, for bodies that are read as they come.
    pub(crate) async fn start(self, budget: &Budget) -> Result<Response> {
        let api = self.api;
        let call = self.call(budget.left())?;
        // The address is the connector's own setting; that it is refused is no fault of the query.
        api.outbound.send(call).await.map_err(|error| faults::of_transport(api, &error))
    }

    fn call(self, left: Duration) -> Result<Call> {
        if left.is_zero() {
            return Err(timed_out(self.api.title()));
        }
        let mut call = Call::new(self.method, self.url).within(left).header("accept", "application/json")?;
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
        Auth::None => Ok(call),
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

/// How long to wait before asking again: what the server says, where that is short.
fn patience(reply: &Reply, budget: &Budget) -> Option<Duration> {
    let busy = matches!(reply.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let wait = Duration::from_secs(reply.retry_after().filter(|_| busy && !budget.waited)?);
    (wait <= PATIENCE && wait < budget.left()).then_some(wait)
}

impl Reply {
    /// Its status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// An answer that is no success, as far as its body is worth reading.
    pub(crate) async fn of(api: &Api, response: Response) -> Result<Self> {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.read(ERROR_BODY).await.map_err(|error| faults::of_transport(api, &error))?;
        Ok(Self { title: api.title(), status, headers, body: body.bytes })
    }

    /// The answer, if it is a success.
    ///
    /// Errors: see the module `faults`.
    pub(crate) fn success(self, api: &Api) -> Result<Self> {
        if self.status.is_success() { Ok(self) } else { Err(self.refusal(api)) }
    }

    /// What an answer means that is no success.
    pub(crate) fn refusal(&self, api: &Api) -> Error {
        faults::of_status(api, self)
    }

    /// The seconds of `Retry-After`.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        let seconds: f64 = self.header("retry-after")?.trim().parse().ok()?;
        (0.0..1e9).contains(&seconds).then_some(seconds.ceil() as u64)
    }

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
        let mut lines = self.headers.get_all("link").iter().filter_map(|value| value.to_str().ok());
        lines.find_map(next_of)
    }
}

/// The target with `rel="next"`. Targets may have commas in them.
fn next_of(links: &str) -> Option<&str> {
    let mut rest = links;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let end = after.find('<').unwrap_or(after.len());
        let next = after[..end].trim_end_matches([',', ' ']).split(';').any(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let mut relations = value.trim().trim_matches('"').split(' ');
            name.trim().eq_ignore_ascii_case("rel") && relations.any(|word| word.eq_ignore_ascii_case("next"))
        });
        if next {
            return Some(target);
        }
        rest = &after[end..];
    }
    None
}

/// Whether an error says that the answer was larger than the limits let through.
pub(crate) fn is_too_large(error: &Error) -> bool {
    error.code() == faults::TOO_LARGE
}

#[cfg(test)]
mod tests {
    use super::next_of;

    #[test]
    fn the_next_page_is_found_among_links() {
        let links = "<https://a.example/x?page=1>; rel=\"prev\", <https://a.example/x?page=3&in=a,b>; rel=\"next\", \
                     <https://a.example/x?page=9>; rel=\"last\"";
        assert_eq!(next_of(links), Some("https://a.example/x?page=3&in=a,b"));
        assert_eq!(next_of("<https://a.example/x?page=1>; rel=\"first\""), None);
        assert_eq!(next_of("</x?page=2>; rel=next"), Some("/x?page=2"));
        assert_eq!(next_of("nothing"), None);
    }
}
