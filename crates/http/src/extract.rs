//! Extractors whose failures are errors of the domain, so that each surface prints them in its dialect.

use crate::call::{Call, call};
use crate::depth;
use crate::reply::{Failure, Json};
use crate::text::{Pairs, Texts};
use crate::words;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use muster_base::{Error, Kind, Result};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt::Write;

/// A JSON body that may be left out: an empty body is the default of `T`.
#[derive(Debug, Clone, Copy, Default)]
pub struct OptionalJson<T>(pub T);

/// The query parameters.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

/// The path parameters: one value, a tuple in the order of the path, or a struct by name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

/// The whole body as bytes, up to the operation's limit.
#[derive(Debug, Clone, Default)]
pub struct RawBody(pub Bytes);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        must_be_json(request.headers())?;
        let body = read(request).await?;
        Ok(Self(parse_json(&body)?))
    }
}

impl<T: DeserializeOwned + Default, S: Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let typed = must_be_json(request.headers());
        let body = read(request).await?;
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(T::default()));
        }
        typed?;
        Ok(Self(parse_json(&body)?))
    }
}

impl<S: Sync> FromRequest<S> for RawBody {
    type Rejection = Failure;
    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        Ok(Self(read(request).await?))
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self(parse_query(parts.uri.query().unwrap_or_default())?))
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let path = parts.uri.path();
        let pairs = path_values(call(parts)?, path).ok_or_else(|| nothing_at(path))?;
        T::deserialize(Texts(pairs)).map(Self).map_err(|_| nothing_at(path).into())
    }
}

/// No such path.
pub(crate) fn nothing_at(path: &str) -> Error {
    let shown: String = path.chars().take(200).collect();
    Error::new(Kind::NotFound, "not_found", format!("there is nothing at `{shown}`"))
}

fn path_values<'p>(call: &Call, path: &'p str) -> Option<Pairs<'p>> {
    let mut pairs = Pairs::with_capacity(call.matched.params.len());
    for (index, name) in call.matched.route.names.iter().enumerate() {
        pairs.push((Cow::Borrowed(*name), decode(call.matched.params.get(path, index)?)?));
    }
    Some(pairs)
}

/// The text of a percent-encoded path segment; `None` when it is not UTF-8 or holds a NUL.
pub(crate) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    let text = percent_decode_str(raw).decode_utf8().ok()?;
    (!text.contains('\0')).then_some(text)
}

/// Reads query parameters into `T`.
pub fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T> {
    let pairs: Pairs<'_> = form_urlencoded::parse(query.as_bytes()).collect();
    if let Some((name, _)) = pairs.iter().find(|(name, value)| name.contains('\0') || value.contains('\0')) {
        return Err(Error::invalid(name.replace('\0', ""), "must not contain NUL characters"));
    }
    T::deserialize(Texts(pairs)).map_err(|error| Error::invalid(error.field, error.problem))
}

/// Reads a JSON body into `T`.
pub fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    if let Some(field) = depth::too_deep(body) {
        return Err(nested_too_deeply(field));
    }
    // PostgreSQL stores no NUL characters. In valid JSON they can only be written like this.
    if memchr::memmem::find(body, b"\\u0000").is_some() {
        refuse_nul(body)?;
    }
    words::must_be_object::<T>(body)?;
    serde_json::from_slice(body).map_err(|_| words::explain::<T>(body))
}

fn nested_too_deeply(field: String) -> Error {
    let problem = format!("is nested too deeply: a body may have at most {} levels", depth::DEEPEST);
    if field.is_empty() { Error::invalid("", format!("the body {problem}")) } else { Error::invalid(field, problem) }
}

fn refuse_nul(body: &[u8]) -> Result<()> {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) else { return Ok(()) };
    match find_nul(&value, &mut String::new()) {
        Some(field) => Err(Error::invalid(field, "must not contain NUL characters")),
        None => Ok(()),
    }
}

/// The path of the first text with a NUL; the recursion is bounded by the parser's.
fn find_nul(value: &serde_json::Value, path: &mut String) -> Option<String> {
    let length = path.len();
    match value {
        serde_json::Value::String(text) if text.contains('\0') => return Some(path.clone()),
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let _ = write!(path, "[{index}]");
                if let Some(found) = find_nul(item, path) {
                    return Some(found);
                }
                path.truncate(length);
            }
        }
        serde_json::Value::Object(fields) => {
            for (name, item) in fields {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&name.replace('\0', ""));
                let found = if name.contains('\0') { Some(path.clone()) } else { find_nul(item, path) };
                if found.is_some() {
                    return found;
                }
                path.truncate(length);
            }
        }
        _ => {}
    }
    None
}

fn must_be_json(headers: &HeaderMap) -> Result<()> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let media = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is_json = media.eq_ignore_ascii_case("application/json")
        || media.is_empty()
        || media.len() > 5
            && media.is_char_boundary(media.len() - 5)
            && media[media.len() - 5..].eq_ignore_ascii_case("+json");
    if is_json {
        return Ok(());
    }
    Err(Error::new(Kind::Invalid, "body.not_json", "content-type: must be application/json").with_field("content-type"))
}

async fn read(request: Request) -> Result<Bytes> {
    let limit = request
        .extensions()
        .get::<Call>()
        .map_or(crate::op::DEFAULT_BODY_LIMIT, |call| call.matched.route.spec.body_limit);
    collect(request.into_body(), limit).await
}

/// The whole body, unless it is larger than `limit` bytes.
pub(crate) async fn collect(body: Body, limit: usize) -> Result<Bytes> {
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(cause) if is_too_large(cause.as_ref()) => Err(too_large(limit)),
        Err(cause) => Err(Error::new(Kind::Invalid, "body.incomplete", "the body ended early").with_cause(cause)),
    }
}

/// A stream of the body may have been limited twice, so the mark can lie deep.
fn is_too_large(cause: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(cause);
    while let Some(error) = next {
        if error.is::<LengthLimitError>() {
            return true;
        }
        next = error.source();
    }
    false
}

pub(crate) fn too_large(limit: usize) -> Error {
    Error::new(Kind::TooLarge, "body.too_large", format!("the body is larger than {limit} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Sort {
        Name,
        Age,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Params {
        limit: Option<i64>,
        #[serde(default)]
        deep: bool,
        sort: Option<Sort>,
        q: Option<String>,
    }

    fn said(query: &str) -> String {
        parse_query::<Params>(query).unwrap_err().message().to_owned()
    }

    #[test]
    fn query_parameters_are_typed() {
        let read = parse_query::<Params>("limit=5&deep=true&sort=age&q=a+b%26&unknown=x").unwrap();
        assert_eq!(read, Params { limit: Some(5), deep: true, sort: Some(Sort::Age), q: Some("a b&".to_owned()) });
        assert_eq!(parse_query::<Params>("").unwrap().limit, None);
    }

    #[test]
    fn a_wrong_query_parameter_is_named() {
        assert_eq!(said("limit=abc"), "limit: must be a whole number");
        assert_eq!(said("limit="), "limit: must be a whole number");
        assert_eq!(said("deep=maybe"), "deep: must be true or false");
        assert_eq!(said("sort=x"), "sort: must be one of name, age");
        assert_eq!(said("limit=1&limit=2"), "limit: must be given only once");
        assert_eq!(said("q=%00"), "q: must not contain NUL characters");
    }

    #[test]
    fn nul_characters_are_refused_with_their_place() {
        let parse = |body: &str| parse_json::<serde_json::Value>(body.as_bytes());
        assert_eq!(parse(r#"{"a":["x",{"b":"y\u0000"}]}"#).unwrap_err().field(), Some("a[1].b"));
        assert_eq!(parse(r#"{"a\u0000":1}"#).unwrap_err().field(), Some("a"));
        assert!(parse(r#"{"a":"\\u0000"}"#).is_ok(), "an escaped backslash is no NUL");
    }
}
