//! `Idempotency-Key`: who repeats a request gets the first answer.

use crate::op::Verb;
use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body::Body as _;
use muster_base::{Error, Kind, Result};
use muster_domain::access::Principal;
use muster_domain::{Ctx, Idempotency, idempotency};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Larger answers are not kept.
const MAX_KEPT: u64 = 1024 * 1024;

/// The key of a request that changes something, if it has one.
pub(crate) fn key_of(verb: Verb, headers: &HeaderMap) -> Result<Option<String>> {
    if verb == Verb::Get {
        return Ok(None);
    }
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value
        .to_str()
        .ok()
        .filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
    match key {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Error::invalid("Idempotency-Key", "must be 1 to 255 visible ASCII characters")),
    }
}

/// The key with a hash of the request that it belongs to.
pub(crate) fn fingerprinted(key: String, parts: &Parts, body: &[u8]) -> Idempotency {
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let mut hash = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), b"\n", target.as_bytes(), b"\n", body] {
        hash.update(part);
    }
    let mut fingerprint = String::with_capacity(64);
    for byte in hash.finalize() {
        let _ = write!(fingerprint, "{byte:02x}");
    }
    Idempotency::new(key, fingerprint)
}

/// The keys whose first request this process is carrying out.
#[derive(Default)]
pub(crate) struct InFlight(Mutex<HashSet<(String, String)>>);

/// Keeps a key in the set while it lives.
pub(crate) struct Running {
    set: Arc<InFlight>,
    key: (String, String),
}

impl InFlight {
    pub(crate) fn enter(self: &Arc<Self>, principal: &Principal, key: &str) -> Result<Running> {
        let key = (principal.id.clone(), key.to_owned());
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        if is_new {
            return Ok(Running { set: Arc::clone(self), key });
        }
        let message = "a request with this Idempotency-Key is being carried out; repeat it in a moment";
        Err(Error::new(Kind::Conflict, "idempotency.in_progress", message).with_retry_after(1))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.set.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// The first answer to this request; `None` when it is to be carried out.
///
/// An answer that held a secret was not kept: the error names what the first request made.
pub(crate) async fn known(ctx: &Ctx, key: &Idempotency, gives_secret: bool) -> Result<Option<Response>> {
    let Some(replay) = idempotency::find(ctx, key).await? else { return Ok(None) };
    if replay.fingerprint != key.fingerprint {
        let message = "this Idempotency-Key was used for another request; take a new one";
        return Err(Error::new(Kind::Conflict, "idempotency.mismatch", message));
    }
    match (replay.answer, replay.subject) {
        (Some((status, body)), _) => Ok(Some(replayed(status, body))),
        (None, Some(made)) if gives_secret => {
            let message = format!(
                "the first request with this Idempotency-Key made `{made}`; its secret was shown once and is not kept: if you do not have it, delete `{made}` and make another with a new Idempotency-Key"
            );
            Err(Error::new(Kind::Conflict, "idempotency.secret_shown", message))
        }
        // The verb knows what was made and answers with it.
        (None, Some(_)) => Ok(None),
        (None, None) => {
            let message = "the request was begun and its outcome is not known; look whether it took effect, then use a new Idempotency-Key";
            Err(Error::new(Kind::Conflict, "idempotency.outcome_unknown", message))
        }
    }
}

fn replayed(status: u16, body: String) -> Response {
    let has_body = !body.is_empty();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    if has_body {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

/// Keeps the answer of a request that changed something.
pub(crate) async fn keep(ctx: &Ctx, key: &Idempotency, response: Response) -> Result<Response> {
    if !key.was_written() || !is_keepable(&response) {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let bytes = crate::extract::collect(body, MAX_KEPT as usize).await?;
    if let Ok(text) = std::str::from_utf8(&bytes)
        && let Err(error) = idempotency::answered(ctx, key, head.status.as_u16(), text.to_owned()).await
    {
        // The change itself is done; saying otherwise would be worse than a repetition that is refused.
        tracing::error!(?error, "could not keep the answer of a request with an Idempotency-Key");
    }
    Ok(Response::from_parts(head, Body::from(bytes)))
}

fn is_keepable(response: &Response) -> bool {
    let is_known_size = response.body().size_hint().exact().is_some_and(|size| size <= MAX_KEPT);
    let is_json =
        response.headers().get(CONTENT_TYPE).is_none_or(|value| value.as_bytes().starts_with(b"application/json"));
    response.status().is_success() && is_known_size && is_json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_bounded_length() {
        let key = |value: &str| {
            let headers = HeaderMap::from_iter([(IDEMPOTENCY_KEY, HeaderValue::from_str(value).unwrap())]);
            key_of(Verb::Post, &headers)
        };
        assert_eq!(key("a-1").unwrap().as_deref(), Some("a-1"));
        for wrong in ["", "a b", &"x".repeat(256)] {
            assert_eq!(key(wrong).unwrap_err().field(), Some("Idempotency-Key"));
        }
        assert!(key_of(Verb::Post, &HeaderMap::new()).unwrap().is_none());
    }

    #[test]
    fn the_fingerprint_tells_requests_apart() {
        let print = |method: &str, uri: &str, body: &[u8]| {
            let parts = http::Request::builder().method(method).uri(uri).body(()).unwrap().into_parts().0;
            fingerprinted("k".to_owned(), &parts, body).fingerprint
        };
        let first = print("POST", "/a?b=1", b"x");
        assert_eq!(first.len(), 64);
        assert_eq!(first, print("POST", "/a?b=1", b"x"));
        for other in [print("PUT", "/a?b=1", b"x"), print("POST", "/a?b=2", b"x"), print("POST", "/a?b=1", b"y")] {
            assert_ne!(first, other);
        }
    }
}
