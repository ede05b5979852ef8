//! The id that ties an answer, the log and the caller's own notes together.

use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id: the caller's if it sent a fit one, else a new one.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        match headers.get(X_REQUEST_ID) {
            Some(sent) if is_fit(sent.as_bytes()) => Self(sent.clone()),
            _ => Self::new(),
        }
    }

    fn new() -> Self {
        let id = bytes::Bytes::from(muster_base::new_id("req"));
        Self(HeaderValue::from_maybe_shared(id).unwrap_or(HeaderValue::from_static("req")))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn into_header(self) -> HeaderValue {
        self.0
    }
}

fn is_fit(id: &[u8]) -> bool {
    (8..=64).contains(&id.len()) && id.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_fit_id_is_taken_over() {
        let of = |id: &'static str| {
            let headers = HeaderMap::from_iter([(X_REQUEST_ID, HeaderValue::from_static(id))]);
            RequestId::of(&headers).as_str().to_owned()
        };
        assert_eq!(of("abcd-1234_X"), "abcd-1234_X");
        for unfit in ["short", "with space in it", "a;drop-table"] {
            assert!(of(unfit).starts_with("req_"), "{unfit}");
        }
        assert!(RequestId::of(&HeaderMap::new()).as_str().len() > 30);
    }
}
