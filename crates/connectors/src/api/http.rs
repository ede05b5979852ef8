//! Calls to one API: its base URL, its credentials, and how much a question may still take.

use super::refusal::{Refusal, Why, cut};
use bytes::Bytes;
use muster_base::{Error, Kind, Result, Secret};
use muster_domain::connectors::Limits;
use muster_outbound::header::{HeaderMap, HeaderName, HeaderValue};
use muster_outbound::{Call, Outbound, Response, TIMEOUT as OUT_OF_TIME, Url};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The code of a source that failed.
pub(crate) const FAILED: &str = "connector.failed";

/// The code of a source that took too long.
pub(crate) const TIMEOUT: &str = "connector.timeout";

/// The longest that an API may make us wait before we ask once more; what is longer is told to the caller.
const PATIENCE: u64 = 3;

/// An API with credentials. What was configured goes into headers only; no secret is ever in a URL or a message.
#[derive(Debug)]
pub(crate) struct Http {
    title: &'static str,
    outbound: Outbound,
    base: Url,
    headers: HeaderMap,
    secrets: Vec<Secret<String>>,
}

/// What a question may still take.
#[derive(Debug)]
pub(crate) struct Budget {
    end: Instant,
    /// Bytes of answers that may still be read.
    pub(crate) bytes: usize,
    waited: bool,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What is sent besides the path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sent<'a> {
    /// A GET with these parameters.
    Get(&'a [(String, String)]),
    /// A POST that the API documents as a read, with these parameters as a form.
    Form(&'a [(String, String)]),
}

impl Budget {
    pub(crate) fn of(limits: &Limits) -> Self {
        Self { end: Instant::now() + limits.time, bytes: limits.bytes, waited: false }
    }

    /// For `test` and lists of resources.
    pub(crate) fn small() -> Self {
        Self { end: Instant::now() + Duration::from_secs(15), bytes: 4 << 20, waited: false }
    }

    /// The time that is left.
    pub(crate) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }
}

impl Answered {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body where it is JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The seconds of `Retry-After`.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.header("retry-after").and_then(|text| text.trim().parse::<f64>().ok()).map(|wait| wait.ceil() as u64)
    }
}

impl Http {
    pub(crate) fn new(title: &'static str, outbound: &Outbound, base: Url) -> Self {
        let (outbound, secrets) = (outbound.clone(), Vec::new());
        Self { title, outbound, base, headers: HeaderMap::new(), secrets }
    }

    /// Sends this header each time.
    ///
    /// Errors: `invalid` with `field`.
    pub(crate) fn header(mut self, field: &str, name: &str, value: &str) -> Result<Self> {
        let (name, value) = (header_name(field, name)?, header_value(field, value)?);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Sends `secret`, put into words by `say`, in this header each time, and never shows it.
    ///
    /// Errors: `invalid` with `field`; the value is not repeated.
    pub(crate) fn secret(mut self, field: &str, name: &str, secret: &str, say: impl Fn(&str) -> String) -> Result<Self> {
        let said = say(secret.trim());
        let mut value = header_value(field, &said)?;
        value.set_sensitive(true);
        self.headers.insert(header_name(field, name)?, value);
        let as_sent = said.rsplit(' ').next().unwrap_or_default().to_owned();
        self.secrets.extend([Secret::new(as_sent), Secret::new(secret.trim().to_owned())]);
        Ok(self)
    }

    /// `Authorization: Bearer`.
    pub(crate) fn bearer(self, field: &str, token: &str) -> Result<Self> {
        self.secret(field, "authorization", token, |token| format!("Bearer {token}"))
    }

    /// `Authorization: Basic`.
    pub(crate) fn basic(self, field: &str, user: &str, password: &str) -> Result<Self> {
        use base64::Engine as _;
        let say = |password: &str| {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
            format!("Basic {pair}")
        };
        self.secret(field, "authorization", password, say)
    }

    /// What it is called.
    pub(crate) fn title(&self) -> &'static str {
        self.title
    }

    /// The host of its base URL.
    pub(crate) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// A GET.
    pub(crate) async fn get(&self, path: &str, query: &[(String, String)], budget: &mut Budget) -> Result<Answered> {
        self.send(path, Sent::Get(query), budget).await
    }

    /// Asks, waits once when the API says for how long and that is short, and reads the answer as far as the budget goes.
    ///
    /// Errors: `upstream`; any status is an answer.
    pub(crate) async fn send(&self, path: &str, sent: Sent<'_>, budget: &mut Budget) -> Result<Answered> {
        loop {
            let answer = self.once(path, sent, budget).await?;
            let wait = answer.retry_after().filter(|_| matches!(answer.status, 429 | 503) && !budget.waited);
            match wait.filter(|wait| *wait <= PATIENCE && Duration::from_secs(*wait) < budget.left()) {
                Some(wait) => tokio::time::sleep(Duration::from_secs(wait)).await,
                None => return Ok(answer),
            }
            budget.waited = true;
        }
    }

    async fn once(&self, path: &str, sent: Sent<'_>, budget: &mut Budget) -> Result<Answered> {
        let response = self.start(self.call(path, sent)?, budget).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.read(budget.bytes).await.map_err(|error| self.fault(&error))?;
        if body.truncated {
            let message = format!("{} answered with more than may be read at once; ask for less", self.title);
            return Err(Error::new(Kind::TooLarge, FAILED, message));
        }
        budget.bytes -= body.bytes.len();
        Ok(Answered { status, headers, body: body.bytes })
    }

    /// Sends a call that was made by `call` and gives its answer before its body.
    pub(crate) async fn start(&self, call: Call, budget: &Budget) -> Result<Response> {
        self.outbound.send(call.within(budget.left())).await.map_err(|error| self.fault(&error))
    }

    /// A call with the credentials.
    pub(crate) fn call(&self, path: &str, sent: Sent<'_>) -> Result<Call> {
        let mut url = self.base.clone();
        // What is in `path` is encoded already; the URL keeps it as it is.
        url.set_path(&format!("{}/{}", self.base.path().trim_end_matches('/'), path.trim_start_matches('/')));
        let mut call = match sent {
            Sent::Get(query) => {
                if !query.is_empty() {
                    url.query_pairs_mut().extend_pairs(query);
                }
                Call::get(url).follow(3)
            }
            Sent::Form(form) => {
                let body = form_of(form);
                Call::new(muster_outbound::Method::POST, url).body("application/x-www-form-urlencoded", body)?
            }
        };
        for (name, value) in &self.headers {
            let text = value.to_str().map_err(Error::internal)?;
            call = match value.is_sensitive() {
                true => call.secret_header(name.as_str(), text)?,
                false => call.header(name.as_str(), text)?,
            };
        }
        Ok(call)
    }

    /// What a refusal of the API means to the caller.
    pub(crate) fn refused(&self, answer: &Answered, refusal: &Refusal) -> Error {
        let (title, said) = (self.title, cut(&self.hide(&refusal.message)));
        let message = match refusal.why {
            Why::Credentials => format!("{title} refused the credentials ({said}); check the token"),
            Why::Forbidden => format!("{title} refused this ({said}); check what the token may read"),
            Why::Throttled(Some(wait)) => format!("{title} is asked too often ({said}); try again in {wait} seconds"),
            Why::Throttled(None) => format!("{title} is asked too often ({said}); try again later"),
            Why::Param(field) => return Error::invalid(field, said),
            Why::Other if (300..400).contains(&answer.status) => {
                format!("{title} answered {} and leads elsewhere; check the base URL", answer.status)
            }
            Why::Other => format!("{title} answered {}: {said}", answer.status),
        };
        let error = Error::new(Kind::Upstream, FAILED, message);
        match refusal.why {
            Why::Throttled(Some(wait)) => error.with_retry_after(wait),
            _ => error,
        }
    }

    /// An answer that is not what the API documents.
    pub(crate) fn unreadable(&self) -> Error {
        let message = format!("{} answered with something other than its API gives; check the base URL", self.title);
        Error::new(Kind::Upstream, FAILED, message)
    }

    /// A failure on the way, in the words of connectors.
    pub(crate) fn fault(&self, error: &Error) -> Error {
        match error.kind() {
            Kind::Upstream if error.code() == OUT_OF_TIME => {
                Error::new(Kind::Upstream, TIMEOUT, format!("{} did not answer in time", self.title))
            }
            Kind::Upstream => Error::new(Kind::Upstream, FAILED, cut(&self.hide(error.message()))),
            _ => error.clone(),
        }
    }

    /// The text without any of the secrets, should the other side repeat one.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets.iter().map(Secret::expose).filter(|secret| secret.len() >= 4) {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "[redacted]");
            }
        }
        text
    }
}

/// Pairs as a form.
pub(crate) fn form_of(pairs: &[(String, String)]) -> String {
    // The only thing at hand that writes forms is a URL's query.
    let mut url = Url::parse("http://form").expect("it is one");
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}

fn header_name(field: &str, name: &str) -> Result<HeaderName> {
    HeaderName::try_from(name).map_err(|_| Error::invalid(field, format!("`{name}` cannot be the name of a header")))
}

fn header_value(field: &str, value: &str) -> Result<HeaderValue> {
    let printable = value.chars().all(|c| (' '..='~').contains(&c));
    let value = HeaderValue::try_from(value).ok().filter(|_| printable);
    value.ok_or_else(|| Error::invalid(field, "has characters that cannot be sent in a header"))
}
