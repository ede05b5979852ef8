//! An answer whose body was not read yet.

use crate::errors::{FAILED, from_transport};
use bytes::{Bytes, BytesMut};
use muster_base::{Error, Kind, Result};
use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Url};
use serde::de::DeserializeOwned;

/// Status and headers of an answer; its body is read as far as the caller wants it.
#[derive(Debug)]
pub struct Response {
    inner: reqwest::Response,
}

/// The body of an answer, or its beginning.
#[derive(Debug, Clone)]
pub struct Body {
    /// What was read.
    pub bytes: Bytes,
    /// Whether more was there.
    pub truncated: bool,
}

impl Response {
    pub(crate) fn new(inner: reqwest::Response) -> Self {
        Self { inner }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Where it came from in the end.
    pub fn url(&self) -> &Url {
        self.inner.url()
    }

    /// The next piece of the body, `None` at its end. The caller bounds what it takes.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.inner.chunk().await.map_err(|error| from_transport(self.host(), &error))
    }

    /// Reads the body, at most `most` bytes of it.
    pub async fn read(mut self, most: usize) -> Result<Body> {
        let announced = self.inner.content_length().unwrap_or(0).min(most as u64);
        // What the other side announces is no reason to reserve much.
        let mut bytes = BytesMut::with_capacity(announced.min(64 * 1024) as usize);
        while let Some(chunk) = self.chunk().await? {
            let room = most - bytes.len();
            if chunk.len() > room {
                bytes.extend_from_slice(&chunk[..room]);
                return Ok(Body { bytes: bytes.freeze(), truncated: true });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Body { bytes: bytes.freeze(), truncated: false })
    }

    /// Reads the whole body.
    ///
    /// Errors: `too_large` when it is longer than `most` bytes.
    pub async fn whole(self, most: usize) -> Result<Bytes> {
        let host = self.host().to_owned();
        let body = self.read(most).await?;
        if body.truncated {
            let message = format!("`{host}` answered with more than {most} bytes; ask for less");
            return Err(Error::new(Kind::TooLarge, "outbound.too_large", message));
        }
        Ok(body.bytes)
    }

    /// Reads the whole body as JSON.
    ///
    /// Errors: as [`Response::whole`]; `upstream` when it is no JSON of that shape. The body is not repeated.
    pub async fn json<T: DeserializeOwned>(self, most: usize) -> Result<T> {
        let host = self.host().to_owned();
        let body = self.whole(most).await?;
        serde_json::from_slice(&body).map_err(|cause| {
            let place = format!("line {}, column {}", cause.line(), cause.column());
            Error::new(Kind::Upstream, FAILED, format!("the answer of `{host}` cannot be read as JSON ({place})"))
        })
    }

    fn host(&self) -> &str {
        self.inner.url().host_str().unwrap_or_default()
    }
}
