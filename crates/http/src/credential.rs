//! Where a request carries its credential, and whether a browser was tricked into sending it.

use crate::op::Verb;
use http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, REFERER};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use muster_base::{Error, Result, Secret};
use std::borrow::Cow;

/// The header of network agents.
pub(crate) const X_AGENT_TOKEN: HeaderName = HeaderName::from_static("x-agent-token");
/// The header of host agents.
pub(crate) const X_AGENT_KEY: HeaderName = HeaderName::from_static("x-agent-key");
/// The header of API keys.
pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// The session cookie on plain http.
pub const SESSION_COOKIE: &str = "mc-session";
/// The session cookie under https.
pub const SECURE_SESSION_COOKIE: &str = "__Host-mc-session";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// How a credential was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `Authorization: Bearer`.
    Bearer,
    /// `x-api-key`.
    ApiKey,
    /// `x-agent-token`.
    AgentToken,
    /// `X-Agent-Key`.
    AgentKey,
    /// The session cookie.
    Cookie,
    /// `?token=`, on streams and WebSockets only.
    Query,
}

/// A credential as it was sent, not checked by itself.
#[derive(Debug, Clone)]
pub struct Presented {
    /// How it was sent.
    pub source: Source,
    /// The secret.
    pub secret: Secret,
}

/// A credential where it lies in the request.
#[derive(Debug)]
pub(crate) struct Found<'r> {
    pub(crate) source: Source,
    pub(crate) secret: Cow<'r, str>,
}

impl Found<'_> {
    pub(crate) fn to_owned(&self) -> Presented {
        Presented { source: self.source, secret: Secret::new(self.secret.as_ref().to_owned()) }
    }
}

/// Finds the credential of a request; `query` says whether `?token=` counts.
pub(crate) fn find(parts: &Parts, query: bool) -> Option<Found<'_>> {
    let headers = &parts.headers;
    let found = bearer(headers)
        .map(|secret| (Source::Bearer, secret))
        .or_else(|| text(headers, &X_API_KEY).map(|secret| (Source::ApiKey, secret)))
        .or_else(|| text(headers, &X_AGENT_TOKEN).map(|secret| (Source::AgentToken, secret)))
        .or_else(|| text(headers, &X_AGENT_KEY).map(|secret| (Source::AgentKey, secret)))
        .or_else(|| session_cookie(headers).map(|secret| (Source::Cookie, secret)));
    if let Some((source, secret)) = found {
        return Some(Found { source, secret: Cow::Borrowed(secret) });
    }
    if !query {
        return None;
    }
    let secret = query_value(parts.uri.query()?, "token")?;
    Some(Found { source: Source::Query, secret: Cow::Owned(secret) })
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = text(headers, &AUTHORIZATION)?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim()).filter(|secret| !secret.is_empty())
}

pub(crate) fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    let mut plain = None;
    for header in headers.get_all(COOKIE) {
        for pair in header.to_str().ok()?.split(';') {
            let Some((name, value)) = pair.trim().split_once('=') else { continue };
            match name {
                SECURE_SESSION_COOKIE if !value.is_empty() => return Some(value),
                SESSION_COOKIE if !value.is_empty() => plain = plain.or(Some(value)),
                _ => {}
            }
        }
    }
    plain
}

/// Whether the session cookie is the one that only this host can set.
pub(crate) fn is_secure_cookie(parts: &Parts) -> bool {
    let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    cookies
        .flat_map(|header| header.split(';'))
        .any(|pair| pair.trim().split_once('=').is_some_and(|(name, _)| name == SECURE_SESSION_COOKIE))
}

pub(crate) fn query_value(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.into_owned())
}

/// Refuses a change that another site made a signed-in browser send.
///
/// Only requests that a browser authenticates by itself, with the cookie, can be forged so. `does_more` says that a GET
/// does more than read.
pub(crate) fn same_origin(parts: &Parts, verb: Verb, does_more: bool, public_host: &str) -> Result<()> {
    if verb == Verb::Get && !does_more {
        return Ok(());
    }
    let headers = &parts.headers;
    let refused = || Error::forbidden("auth.csrf", "CSRF origin mismatch");
    if headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site") {
        return Err(refused());
    }
    let Some(origin) = headers.get(ORIGIN).or_else(|| headers.get(REFERER)) else { return Ok(()) };
    let origin = origin.to_str().ok().and_then(host_of).ok_or_else(refused)?;
    let own = headers.get(HOST).and_then(|host| host.to_str().ok()).or(parts.uri.host());
    let is_own = own.is_some_and(|host| host.eq_ignore_ascii_case(origin)) || public_host.eq_ignore_ascii_case(origin);
    if is_own { Ok(()) } else { Err(refused()) }
}

/// Host and port of a URL.
pub(crate) fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().uri("/v1/x?token=q%20t");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn each_way_to_send_a_credential_is_understood() {
        let cases: [(&str, &str, Source, &str); 6] = [
            ("authorization", "bearer abc", Source::Bearer, "abc"),
            ("x-api-key", "abc", Source::ApiKey, "abc"),
            ("x-agent-token", "agt_1", Source::AgentToken, "agt_1"),
            ("x-agent-key", "h", Source::AgentKey, "h"),
            ("cookie", "a=b; mc-session=s1", Source::Cookie, "s1"),
            ("cookie", "mc-session=s1; __Host-mc-session=s2", Source::Cookie, "s2"),
        ];
        for (name, value, source, secret) in cases {
            let parts = parts(&[(name, value)]);
            let found = find(&parts, false).unwrap();
            assert_eq!((found.source, found.secret.as_ref()), (source, secret));
        }
        assert!(find(&parts(&[]), false).is_none(), "a token in the query counts on streams only");
        assert_eq!(find(&parts(&[]), true).unwrap().secret, "q t");
        assert!(find(&parts(&[("authorization", "Basic abc")]), false).is_none());
    }

    #[test]
    fn a_write_from_another_site_is_refused_and_reads_are_not() {
        let check =
            |headers: &[(&str, &str)]| same_origin(&parts(headers), Verb::Post, false, "muster.example").is_ok();
        assert!(check(&[("host", "a:1"), ("origin", "http://a:1")]));
        assert!(check(&[("host", "a:1"), ("origin", "https://muster.example")]));
        assert!(check(&[("host", "a:1")]));
        assert!(check(&[("host", "a:1"), ("referer", "http://a:1/ui/page")]));
        assert!(!check(&[("host", "a:1"), ("origin", "http://evil")]));
        assert!(!check(&[("host", "a:1"), ("origin", "null")]));
        assert!(!check(&[("host", "a:1"), ("origin", "http://a:1@evil")]));
        assert!(!check(&[("host", "a:1"), ("referer", "http://evil/a:1")]));
        assert!(!check(&[("host", "a:1"), ("sec-fetch-site", "cross-site")]));
        let evil = parts(&[("host", "a"), ("origin", "http://evil")]);
        assert!(same_origin(&evil, Verb::Get, false, "a").is_ok());
        assert!(same_origin(&evil, Verb::Get, true, "a").is_err(), "a WebSocket is more than a read");
    }
}
