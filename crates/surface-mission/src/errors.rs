//! Errors as this dialect prints them.

use axum::http::StatusCode;
use axum::response::Response;
use muster_base::{Error, Kind};
use muster_domain::gateway::UNREADABLE;
use muster_http::{METHOD_NOT_ALLOWED, Meta, json, status_of};
use schemars::JsonSchema;
use serde::Serialize;

/// What went wrong.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(crate) struct ErrorBody {
    /// A sentence for people.
    error: String,
    /// What is wrong with the input, each as `field: problem`.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Vec<String>>,
}

/// The code of the error for a change that mentions nothing.
const NO_FIELDS: &str = "mission.no_fields";

/// A change that mentions nothing is a mistake of the caller.
pub(crate) fn no_fields() -> Error {
    Error::new(Kind::Invalid, NO_FIELDS, "no fields to update")
}

/// Prints an error.
pub(crate) fn render(error: &Error, _: &Meta<'_>) -> Response {
    let status = if error.code() == UNREADABLE { StatusCode::UNPROCESSABLE_ENTITY } else { status_of(error) };
    json(status, &body(error))
}

fn body(error: &Error) -> ErrorBody {
    if error.kind() == Kind::Invalid && ![METHOD_NOT_ALLOWED, NO_FIELDS, UNREADABLE].contains(&error.code()) {
        return ErrorBody { error: "Validation failed".to_owned(), details: Some(vec![detail(error)]) };
    }
    let sentence = match (error.kind(), error.code()) {
        (Kind::Unauthorized, "auth.missing") => "Authentication required".to_owned(),
        (Kind::RateLimited, _) => "Too many requests. Please try again later.".to_owned(),
        (Kind::NotFound, _) => not_found(error.message()),
        (Kind::Conflict, _) => conflict(error),
        _ => capital(error.message()),
    };
    ErrorBody { error: sentence, details: None }
}

/// A taken name is told in the words of the field.
fn conflict(error: &Error) -> String {
    match error.field() {
        Some("name") => "Agent name already exists".to_owned(),
        Some("session_key") => "Session key already exists".to_owned(),
        Some("username") => "Username already exists".to_owned(),
        _ => capital(error.message()),
    }
}

/// A field as this dialect calls it.
fn own_name(field: &str) -> &str {
    match field {
        "personality" => "soul_content",
        "displayName" => "display_name",
        other => other,
    }
}

fn detail(error: &Error) -> String {
    match error.field().map(own_name) {
        Some(field) if !field.is_empty() => format!("{field}: {}", error.problem()),
        _ => error.message().to_owned(),
    }
}

/// "agent `x` does not exist" is "Agent not found" here.
fn not_found(message: &str) -> String {
    match message.split_once(" `") {
        Some((what, rest)) if rest.ends_with("` does not exist") => format!("{} not found", capital(what)),
        _ => capital(message),
    }
}

/// This dialect begins its sentences with a capital letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(error: &Error) -> String {
        body(error).error
    }

    #[test]
    fn errors_read_as_in_the_field() {
        assert_eq!(said(&Error::new(Kind::Unauthorized, "auth.missing", "x")), "Authentication required");
        let too_low = Error::forbidden("auth.role_too_low", "requires operator role or higher");
        assert_eq!(said(&too_low), "Requires operator role or higher");
        assert_eq!(said(&Error::missing("agent", "x")), "Agent not found");
        assert_eq!(said(&Error::missing("agent", "a `b")), "Agent not found");
        assert_eq!(
            said(&Error::new(Kind::NotFound, "not_found", "there is nothing at `/x`")),
            "There is nothing at `/x`"
        );
        let taken = Error::conflict("an agent named `x` exists already").with_field("name");
        assert_eq!(said(&taken), "Agent name already exists");
        assert_eq!(said(&Error::conflict("a turn is running")), "A turn is running");
        assert_eq!(said(&no_fields()), "No fields to update");
        let throttled = Error::new(Kind::RateLimited, "rate_limited", "slow down");
        assert_eq!(said(&throttled), "Too many requests. Please try again later.");
        assert_eq!(
            said(&Error::new(Kind::Invalid, METHOD_NOT_ALLOWED, "PUT is not allowed here")),
            "PUT is not allowed here"
        );
    }

    #[test]
    fn wrong_input_is_listed_by_field() {
        let of = |error: &Error| body(error).details.expect("details");
        assert_eq!(of(&Error::invalid("name", "is required")), ["name: is required"]);
        assert_eq!(of(&Error::invalid("personality", "is too long")), ["soul_content: is too long"]);
        assert_eq!(of(&Error::invalid("", "the body must be an object")), ["the body must be an object"]);
        assert_eq!(said(&Error::invalid("name", "is required")), "Validation failed");
    }
}
