//! What went wrong with a request, as a sentence for a person: every error shape of the API, and no answer at all.

use muster_base::{Error, Kind};
use serde_json::Value;

/// The code of a request that got no answer, or an answer that broke off.
pub(super) const BROKEN: &str = "client.connection";
/// The code of a request that cannot have arrived.
pub(super) const UNREACHABLE: &str = "client.unreachable";

/// An answer that is no success.
#[derive(Debug, Default)]
pub(super) struct Refusal<'a> {
    pub(super) status: u16,
    pub(super) body: &'a str,
    /// `Retry-After`, in seconds.
    pub(super) retry_after: Option<u64>,
    /// `x-request-id`, by which the server's log is searched.
    pub(super) request_id: Option<&'a str>,
    pub(super) has_key: bool,
    pub(super) server: &'a str,
}

impl Refusal<'_> {
    pub(super) fn explain(&self) -> Error {
        let (kind, code) = kind_of(self.status);
        let said = said(self.body);
        let message = match (self.status, said) {
            (401, _) => self.unauthorized(),
            (403, Some(said)) => forbidden(&said),
            (429, said) => self.too_many(said),
            (500..=502 | 504.., Some(said)) => match self.request_id {
                Some(id) => format!("{said} (request id {id})"),
                None => said,
            },
            (_, Some(said)) => said,
            (status, None) => self.strange(status),
        };
        let error = Error::new(kind, code, message);
        match self.retry_after {
            Some(seconds) => error.with_retry_after(seconds),
            None => error,
        }
    }

    fn unauthorized(&self) -> String {
        let problem = if self.has_key { "the key is not valid" } else { "a key is needed" };
        format!(
            "{problem}; make one with `muster keys create --name me --role operator` and pass it by --key or MUSTER_API_KEY"
        )
    }

    fn too_many(&self, said: Option<String>) -> String {
        let said = said.unwrap_or_else(|| "too many requests".to_owned());
        let said = said.trim_end_matches('.');
        match self.retry_after {
            Some(seconds) => format!("{said}; try again in {seconds} s"),
            None => said.to_owned(),
        }
    }

    fn strange(&self, status: u16) -> String {
        let line = super::terminal::one_line(self.body, 120);
        let line = if line.is_empty() || line.starts_with('<') { String::new() } else { format!(": {line}") };
        format!("{} answered {status}{line}; is it a Muster server, and of this version? (--url)", self.server)
    }
}

fn kind_of(status: u16) -> (Kind, &'static str) {
    match status {
        400 | 422 => (Kind::Invalid, "client.invalid"),
        401 => (Kind::Unauthorized, "client.unauthorized"),
        402 => (Kind::Exhausted, "client.exhausted"),
        403 => (Kind::Forbidden, "client.forbidden"),
        404 => (Kind::NotFound, "client.not_found"),
        409 => (Kind::Conflict, "client.conflict"),
        413 => (Kind::TooLarge, "client.too_large"),
        429 => (Kind::RateLimited, "client.rate_limited"),
        503 => (Kind::Unavailable, "client.unavailable"),
        _ => (Kind::Upstream, "client.answer"),
    }
}

fn forbidden(said: &str) -> String {
    let key = "make another key with `muster keys create --name me --role ROLE`";
    if said.to_ascii_lowercase().contains("requires") || said.contains("scope") {
        format!("the key may not do this: {said}; {key}")
    } else {
        said.to_owned()
    }
}

/// The sentence in an error's body with the field in front; `None` when it is none of our shapes.
fn said(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let text = |value: &Value| value.as_str().map(str::to_owned).filter(|text| !text.is_empty());
    // hosting: {"error": {"message", "details": {"field"}}}; orgs: {"message", "field"}; mission: {"error", "details": []}
    if let Some(message) = text(&body["error"]["message"]) {
        return Some(at_field(message, body["error"]["details"]["field"].as_str()));
    }
    if let Some(message) = text(&body["message"]) {
        return Some(at_field(message, body["field"].as_str()));
    }
    let message = text(&body["error"])?;
    let details: Vec<&str> = body["details"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    Some(if details.is_empty() { message } else { details.join("; ") })
}

fn at_field(message: String, field: Option<&str>) -> String {
    match field {
        Some(field) if !field.is_empty() && !message.contains(field) => format!("{field}: {message}"),
        _ => message,
    }
}

/// Why a request got no answer.
pub(super) fn no_answer(error: &reqwest::Error, server: &str) -> Error {
    if error.is_connect() {
        let cause = root(error);
        let cause = if cause.contains("refused") { String::new() } else { format!(" ({cause})") };
        let message = format!("no server answers at {server}{cause}; start one with `muster serve` or pass --url");
        return Error::new(Kind::Unavailable, UNREACHABLE, message);
    }
    let message = if error.is_timeout() {
        format!("{server} did not answer in time; look at its log, or whether something stands between")
    } else {
        format!("the connection to {server} broke off: {}", root(error))
    };
    Error::new(Kind::Unavailable, BROKEN, message)
}

/// What is at the bottom of an error; all above it only says that something failed.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Whether the same request may work in a moment.
pub(super) fn is_passing(error: &Error) -> bool {
    matches!(error.kind(), Kind::Unavailable | Kind::RateLimited | Kind::Upstream | Kind::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(status: u16, body: &str) -> String {
        let refusal = Refusal { status, body, has_key: true, server: "http://h", ..Refusal::default() };
        refusal.explain().message().to_owned()
    }

    #[test]
    fn each_shape_of_error_names_field_and_problem_once() {
        let hosting = r#"{"success":false,"error":{"code":"INVALID_REQUEST","message":"name: must be 1 to 100 characters",
            "details":{"field":"name","reason":"must be 1 to 100 characters"}},"meta":{"request_id":"r"}}"#;
        assert_eq!(explained(400, hosting), "name: must be 1 to 100 characters");
        let orgs =
            r#"{"statusCode":400,"code":"validation.invalid","message":"must be from 1 to 200","field":"limit"}"#;
        assert_eq!(explained(400, orgs), "limit: must be from 1 to 200");
        let mission = r#"{"error":"Validation failed","details":["name: is required","port: must be a number"]}"#;
        assert_eq!(explained(400, mission), "name: is required; port: must be a number");
        assert_eq!(explained(404, r#"{"error":"Agent not found"}"#), "Agent not found");
    }

    #[test]
    fn a_key_that_is_not_valid_is_told_apart_from_none() {
        let expected = "the key is not valid; make one with `muster keys create --name me --role operator` and pass it by --key or MUSTER_API_KEY";
        assert_eq!(explained(401, r#"{"error":"Authentication required"}"#), expected);
        let refusal = Refusal { status: 401, server: "http://h", ..Refusal::default() };
        assert!(refusal.explain().message().starts_with("a key is needed; make one"));
    }

    #[test]
    fn a_key_that_may_not_says_what_it_lacks() {
        let body =
            r#"{"statusCode":403,"code":"auth.scope_missing","message":"the credential lacks the scope agents:write"}"#;
        assert_eq!(
            explained(403, body),
            "the key may not do this: the credential lacks the scope agents:write; make another key with `muster keys create --name me --role ROLE`"
        );
        let off =
            r#"{"success":false,"error":{"code":"FORBIDDEN","message":"the hosting feature is off in this org"}}"#;
        assert_eq!(explained(403, off), "the hosting feature is off in this org");
    }

    #[test]
    fn too_many_requests_say_when_to_come_back() {
        let refusal = Refusal {
            status: 429,
            body: r#"{"error":"Too many requests. Please try again later."}"#,
            retry_after: Some(7),
            server: "http://h",
            ..Refusal::default()
        };
        let error = refusal.explain();
        assert_eq!(error.message(), "Too many requests. Please try again later; try again in 7 s");
        assert!(is_passing(&error));
    }

    #[test]
    fn a_failure_of_the_server_can_be_found_in_its_log() {
        let refusal = Refusal {
            status: 500,
            body: r#"{"statusCode":500,"code":"internal","message":"internal error"}"#,
            request_id: Some("req_1"),
            server: "http://h",
            ..Refusal::default()
        };
        assert_eq!(refusal.explain().message(), "internal error (request id req_1)");
    }

    #[test]
    fn something_that_is_no_muster_is_doubted() {
        let expected = "http://h answered 502: bad gateway; is it a Muster server, and of this version? (--url)";
        assert_eq!(explained(502, "bad\ngateway\n"), expected);
        assert!(!explained(404, "<html><body>nginx").contains("nginx"));
    }
}
