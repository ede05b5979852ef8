//! What follows from a redirect.

use crate::call::Call;
use crate::errors::FAILED;
use crate::url::origin;
use muster_base::{Error, Kind, Result};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION, USER_AGENT};
use reqwest::{Method, StatusCode, Url};

/// Headers that say nothing about who calls.
const HARMLESS: [reqwest::header::HeaderName; 3] = [ACCEPT, ACCEPT_LANGUAGE, USER_AGENT];

/// The call that `status` and `headers` lead to; `None` when they are no redirect.
pub(crate) fn next(call: &Call, status: StatusCode, headers: &HeaderMap) -> Result<Option<Call>> {
    let keeps_method = match status.as_u16() {
        301..=303 => false,
        307 | 308 => true,
        _ => return Ok(None),
    };
    let Some(location) = headers.get(LOCATION) else { return Ok(None) };
    let target = target(call, location.to_str().ok())?;
    let mut next = Call { url: target, redirects: call.redirects.saturating_sub(1), ..call.clone() };
    let elsewhere = origin(&next.url) != origin(&call.url);
    if !keeps_method && next.method != Method::HEAD {
        next.method = Method::GET;
        next.body = None;
        next.headers.remove(CONTENT_TYPE);
        next.headers.remove(CONTENT_LENGTH);
    }
    if elsewhere {
        if next.body.is_some() {
            return Err(refused(call, "sends its request on to another host, which is not done with a body"));
        }
        next.headers =
            HARMLESS.iter().filter_map(|name| Some((name.clone(), call.headers.get(name)?.clone()))).collect();
    }
    Ok(Some(next))
}

fn target(call: &Call, location: Option<&str>) -> Result<Url> {
    let url = location.and_then(|location| call.url.join(location).ok());
    let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) else {
        return Err(refused(call, "redirects to something that is no http address"));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(call, "redirects to an address with a password in it"));
    }
    if call.url.scheme() == "https" && url.scheme() == "http" {
        return Err(refused(call, "redirects from https to http, which is not followed"));
    }
    Ok(url)
}

fn refused(call: &Call, what: &str) -> Error {
    Error::new(Kind::Upstream, FAILED, format!("`{}` {what}", call.host()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn follow(from: &str, status: u16, to: &str) -> Result<Option<Call>> {
        let call = Call::new(Method::POST, from.parse().expect("a URL"))
            .secret_header("Authorization", "Bearer secret")
            .and_then(|call| call.secret_header("X-Token", "secret"))
            .and_then(|call| call.header("Accept", "application/json"))
            .and_then(|call| call.json(&"body"))
            .expect("a call");
        let headers = [(LOCATION, HeaderValue::try_from(to).expect("a header"))].into_iter().collect();
        next(&call, StatusCode::from_u16(status).expect("a status"), &headers)
    }

    #[test]
    fn on_the_same_origin_everything_goes_along() {
        let next = follow("https://example.com/a", 307, "/b").expect("followed").expect("a redirect");
        assert_eq!((next.url.as_str(), &next.method), ("https://example.com/b", &Method::POST));
        assert!(next.headers.contains_key("x-token") && next.body.is_some());
    }

    #[test]
    fn on_another_origin_credentials_are_left_out() {
        for other in ["https://other.example.com/", "https://example.com:8443/", "//other.example.com/"] {
            let next = follow("https://example.com/a", 302, other).expect("followed").expect("a redirect");
            assert_eq!(next.headers.keys().collect::<Vec<_>>(), [&ACCEPT], "{other}");
            assert_eq!((next.method, next.body), (Method::GET, None));
        }
    }

    #[test]
    fn a_body_is_not_sent_to_another_origin_and_https_is_not_left() {
        for (status, to) in [
            (307, "https://other.example.com/"),
            (302, "http://example.com/"),
            (302, "file:///etc/passwd"),
            (302, "https://me:secret@example.com/"),
        ] {
            let error = follow("https://example.com/a", status, to).expect_err(to);
            assert!(!error.message().contains("secret"), "{error}");
        }
    }

    #[test]
    fn what_is_no_redirect_is_an_answer() {
        assert!(follow("https://example.com/a", 200, "/b").expect("fine").is_none());
        assert!(follow("https://example.com/a", 304, "/b").expect("fine").is_none());
    }
}
