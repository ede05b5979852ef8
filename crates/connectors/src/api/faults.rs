//! What a failed request means to who asked.

use super::{Api, Auth, BASE_URL};
use base64::Engine as _;
use muster_base::{Error, Kind, Result};
use muster_domain::connectors::{failed, timed_out};
use muster_outbound::{StatusCode, TIMEOUT, header::HeaderMap};
use serde_json::Value;

/// The most characters of a server's own message that are passed on.
const LONGEST_MESSAGE: usize = 300;

/// A request that got no answer, or one that is too long.
pub(super) fn of_transport(api: &Api, error: &Error) -> Error {
    match error.kind() {
        Kind::Invalid => Error::invalid(BASE_URL, error.message()),
        Kind::TooLarge => Error::invalid("query", format!("{} {}", api.title(), "answers with too much; ask for less")),
        Kind::Upstream if error.code() == TIMEOUT => timed_out(api.title()),
        _ => failed(error.message()),
    }
}

/// An answer that is not success.
///
/// 400, 404, 405, 409 and 422 are taken as a refusal of the query (`invalid`); everything else as a failure of the
/// source (`upstream`): 401 and 403 with a hint at the credentials, 429 with the time after which to try again.
pub(super) fn of_status(api: &Api, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let (title, code) = (api.title(), status.as_u16());
    let said = said(api, body).map(|text| format!(": {text}")).unwrap_or_default();
    match code {
        300..=399 => failed(format!("{title} redirects elsewhere ({code}); set {BASE_URL} to where it leads")),
        401 => failed(format!("{title} does not accept the credentials (401); set them again{said}")),
        403 => failed(format!("{title} does not allow this with these credentials (403){said}")),
        404 => Error::invalid("resource", format!("{title} has no such thing (404){said}")),
        400 | 405 | 409 | 422 => Error::invalid("query", format!("{title} refuses it ({code}){said}")),
        429 => slow_down(title, headers, &said),
        _ => failed(format!("{title} failed ({code}){said}")),
    }
}

fn slow_down(title: &str, headers: &HeaderMap, said: &str) -> Error {
    let after = headers.get("retry-after").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let message = format!("{title} says that it was asked too often (429); try again later{said}");
    match after {
        Some(seconds) => failed(message).with_retry_after(seconds),
        None => failed(message),
    }
}

/// The server's own words for what is wrong, as far as they can be found, short and without our credentials.
fn said(api: &Api, body: &[u8]) -> Option<String> {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(json) => message(&json)?,
        // Pages of proxies say nothing to a program.
        Err(_) if body.trim_ascii_start().starts_with(b"<") => return None,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = scrubbed(api, line);
    let short: String = line.chars().filter(|c| !c.is_control()).take(LONGEST_MESSAGE).collect();
    (!short.is_empty()).then_some(short)
}

/// Where APIs put their message.
fn message(json: &Value) -> Option<String> {
    match json {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => items.first().and_then(message),
        Value::Object(fields) => {
            let names =
                ["message", "errorMessages", "error_description", "detail", "error", "errors", "title", "reason"];
            names.iter().find_map(|name| fields.get(*name).filter(|value| !is_empty(value)).and_then(message)).or_else(
                || {
                    // Jira: `{"errors": {"jql": "..."}}` has the message as the value of a name of its own.
                    fields.values().find_map(|value| value.as_str().map(str::to_owned))
                },
            )
        }
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// A server may repeat what it was sent.
fn scrubbed(api: &Api, line: String) -> String {
    let mut secrets = Vec::new();
    match &api.auth {
        Auth::None => {}
        Auth::Bearer(_, secret) | Auth::Header(_, secret) | Auth::Query(_, secret) => {
            secrets.push(secret.expose().clone())
        }
        Auth::Basic(user, password) => {
            secrets.push(base64::engine::general_purpose::STANDARD.encode(format!("{user}:{}", password.expose())));
            secrets.push(password.expose().clone());
        }
    }
    secrets.iter().filter(|secret| secret.len() >= 4).fold(line, |line, secret| line.replace(secret, "[redacted]"))
}

/// For APIs that answer 200 and say inside that they failed: their words as a failure.
pub(crate) fn refused<T>(api: &Api, words: &str) -> Result<T> {
    let line = scrubbed(api, words.chars().take(LONGEST_MESSAGE).collect());
    Err(failed(format!("{} refuses: {line}", api.title())))
}
