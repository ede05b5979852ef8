//! What a failed request means to who asked.

use super::{Api, Auth, BASE_URL, Reply};
use base64::Engine as _;
use muster_base::{Error, Kind};
use muster_domain::connectors::{failed, timed_out};
use muster_outbound::TIMEOUT;
use serde_json::Value;

/// The most characters of a server's own message that are passed on.
const LONGEST_MESSAGE: usize = 300;

/// The code of an answer that is larger than what may be read of it.
pub(super) const TOO_LARGE: &str = "connector.too_large";

/// A request that got no answer, or one that is too long.
pub(super) fn of_transport(api: &Api, error: &Error) -> Error {
    match error.kind() {
        Kind::Invalid => Error::invalid(BASE_URL, error.message()),
        Kind::TooLarge => {
            let message =
                format!("{} answers with more than may be read; ask for less, e.g. by params.limit", api.title());
            Error::new(Kind::Invalid, TOO_LARGE, message).with_field("query")
        }
        Kind::Upstream if error.code() == TIMEOUT => timed_out(api.title()),
        _ => failed(error.message()),
    }
}

/// An answer that is not success.
///
/// 400, 404, 405, 409 and 422 are taken as a refusal of the query (`invalid`); everything else as a failure of the
/// source (`upstream`): 401 and 403 with a hint at the credentials, 429 with the time after which to try again.
pub(super) fn of_status(api: &Api, reply: &Reply) -> Error {
    let (title, code) = (api.title(), reply.status().as_u16());
    let said = said(api, reply.body()).map(|text| format!(": {text}")).unwrap_or_default();
    match code {
        300..=399 => failed(format!("{title} redirects elsewhere ({code}); set {BASE_URL} to where it leads")),
        401 => failed(format!("{title} does not accept the credentials (401); check the token or password{said}")),
        403 => failed(format!("{title} does not allow this with these credentials (403){said}")),
        404 => Error::invalid("resource", format!("{title} has no such thing (404){said}")),
        400 | 405 | 409 | 422 => Error::invalid("query", format!("{title} refuses it ({code}){said}")),
        429 => too_often(api, reply, reply.retry_after()),
        503 => wait(failed(format!("{title} failed ({code}){said}")), reply.retry_after()),
        _ => failed(format!("{title} failed ({code}){said}")),
    }
}

/// The server was asked too often, and says to wait so many seconds.
pub(crate) fn too_often(api: &Api, reply: &Reply, seconds: Option<u64>) -> Error {
    let (title, code) = (api.title(), reply.status().as_u16());
    let said = said(api, reply.body()).map(|text| format!(": {text}")).unwrap_or_default();
    let when = seconds.map_or("later".to_owned(), |seconds| format!("in {seconds} s"));
    wait(failed(format!("{title} says that it was asked too often ({code}); try again {when}{said}")), seconds)
}

fn wait(error: Error, seconds: Option<u64>) -> Error {
    match seconds {
        Some(seconds) => error.with_retry_after(seconds),
        None => error,
    }
}

/// The server's own words for what is wrong, as far as they can be found, short and without our credentials.
fn said(api: &Api, body: &[u8]) -> Option<String> {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(json) => match (message(&json)?, details(&json)) {
            (message, Some(details)) if details != message => format!("{message}: {details}"),
            (message, _) => message,
        },
        // Pages of proxies say nothing to a program.
        Err(_) if body.trim_ascii_start().starts_with(b"<") => return None,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let short = words(api, &text);
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

/// What is wrong in detail, where the message only says that something is: up to three of the `errors` beside it.
fn details(json: &Value) -> Option<String> {
    let errors = json.get("errors").or_else(|| json.pointer("/error/errors"))?.as_array()?;
    let details: Vec<String> = errors.iter().take(3).filter_map(detail).collect();
    (!details.is_empty()).then(|| details.join("; "))
}

fn detail(error: &Value) -> Option<String> {
    let text = |name: &str| error[name].as_str();
    match (error.as_str().or(text("message")), text("field"), text("code")) {
        (Some(message), ..) => Some(message.to_owned()),
        (None, Some(field), Some(code)) => Some(format!("{field} is {code}")),
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
        Auth::Bearer(_, secret) | Auth::Header(_, secret) => secrets.push(secret.expose().clone()),
        Auth::Basic(user, password) => {
            secrets.push(base64::engine::general_purpose::STANDARD.encode(format!("{user}:{}", password.expose())));
            secrets.push(password.expose().clone());
        }
    }
    secrets.iter().filter(|secret| secret.len() >= 4).fold(line, |line, secret| line.replace(secret, "[redacted]"))
}

/// Another side's words as they may be handed on: one line, short, without our credentials.
pub(crate) fn words(api: &Api, text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = scrubbed(api, line);
    line.chars().filter(|c| !c.is_control()).take(LONGEST_MESSAGE).collect()
}
