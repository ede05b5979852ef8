//! One call to make.

use bytes::Bytes;
use muster_base::{Error, Result};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::Serialize;
use std::time::Duration;

/// How long a call may take when it says nothing.
const WITHIN: Duration = Duration::from_secs(30);

/// A request that was not sent yet.
#[derive(Debug, Clone)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) within: Duration,
    pub(crate) redirects: u8,
}

impl Call {
    /// A request without a body. It follows no redirect and may take 30 seconds.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: None, within: WITHIN, redirects: 0 }
    }

    /// A GET.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// Sets a header.
    ///
    /// Errors: `invalid` when it cannot be one; the value is not repeated.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        let name = HeaderName::try_from(name)
            .map_err(|_| Error::invalid("", format!("`{name}` cannot be the name of a header")))?;
        let value = HeaderValue::try_from(value).map_err(|_| {
            Error::invalid("", format!("the value of the header `{name}` has characters that are not allowed in it"))
        })?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Sets a header whose value is a secret: it is not shown when the call is logged.
    ///
    /// Errors: as [`Call::header`].
    pub fn secret_header(self, name: &str, value: &str) -> Result<Self> {
        let mut call = self.header(name, value)?;
        if let Some(value) = call.headers.get_mut(name) {
            value.set_sensitive(true);
        }
        Ok(call)
    }

    /// Sends `value` as JSON.
    pub fn json(self, value: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(value).map_err(Error::internal)?;
        Ok(self.body("application/json", body))
    }

    /// Sends these bytes.
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
        self.body = Some(body.into());
        self
    }

    /// Bounds the call in time, to the last byte of the answer.
    pub fn within(mut self, limit: Duration) -> Self {
        self.within = limit;
        self
    }

    /// Follows up to `most` redirects. On another origin everything is left out that the caller set, but for `Accept`
    /// and the like, and a body is not sent there; https is never left for http.
    pub fn follow(mut self, most: u8) -> Self {
        self.redirects = most;
        self
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn host(&self) -> String {
        self.url.host_str().unwrap_or_default().to_owned()
    }
}
