//! Embedded files: the console and other pages that the program serves itself.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use std::borrow::Cow;

/// What the console's pages may load and do.
pub const CONSOLE_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// One embedded file.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// The media type, with its charset.
    pub mime: &'static str,
    /// A hash of the content, without quotes.
    pub etag: String,
    /// Whether the name changes with the content, so that browsers may keep it for ever.
    pub is_hashed: bool,
}

/// Answers with an embedded file, or with 304 when the caller has it already.
pub fn file(request: &HeaderMap, asset: &Asset) -> Response {
    let tag = format!("\"{}\"", asset.etag);
    let is_known = request.get_all(IF_NONE_MATCH).iter().any(|value| matches(value, &tag));
    let content = match &asset.bytes {
        _ if is_known => Bytes::new(),
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::copy_from_slice(bytes),
    };
    let mut response = Response::new(Body::from(content));
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    let cache = if asset.is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.mime));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    secure_page(headers);
    response
}

/// Adds the headers that keep a page from loading or leaking anything it should not.
pub fn secure_page(headers: &mut HeaderMap) {
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONSOLE_CSP));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

fn matches(value: &HeaderValue, tag: &str) -> bool {
    let Ok(value) = value.to_str() else { return false };
    value.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_the_browser_has_is_not_sent_again() {
        let asset =
            Asset { bytes: b"hello".as_slice().into(), mime: "text/plain", etag: "abc".to_owned(), is_hashed: false };
        let first = file(&HeaderMap::new(), &asset);
        assert_eq!(first.status(), 200);
        assert_eq!(first.headers()[ETAG], "\"abc\"");
        assert_eq!(first.headers()[CACHE_CONTROL], "no-cache");
        assert!(
            first.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'none'; script-src")
        );
        let again = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static("\"x\", W/\"abc\""))]);
        assert_eq!(file(&again, &asset).status(), 304);
    }
}
