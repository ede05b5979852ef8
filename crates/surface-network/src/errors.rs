//! Errors as this dialect prints them.

use axum::http::StatusCode;
use axum::response::Response;
use muster_base::{Error, Kind};
use muster_http::{Meta, json, status_of};
use schemars::JsonSchema;
use serde::Serialize;

/// What went wrong.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "NetworkError")]
pub(crate) struct ErrorBody {
    /// A sentence that says what to do; it begins with the field's name when the input is wrong.
    error: String,
}

/// Prints an error.
pub(crate) fn render(error: &Error, _: &Meta<'_>) -> Response {
    json(status(error), &body(error))
}

fn status(error: &Error) -> StatusCode {
    match error.code() {
        // Not the server is unavailable but the agent, and trying again does not help.
        "agent.unavailable" => StatusCode::CONFLICT,
        _ => status_of(error),
    }
}

fn body(error: &Error) -> ErrorBody {
    let error = match (error.kind(), error.code()) {
        (Kind::Unauthorized, "auth.missing") => {
            "a token is required: send an API key or an agent token as `x-agent-token`"
        }
        _ => error.message(),
    };
    ErrorBody { error: error.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(error: &Error) -> (u16, String) {
        (status(error).as_u16(), body(error).error)
    }

    #[test]
    fn errors_read_as_in_the_field() {
        let missing = Error::new(Kind::Unauthorized, "auth.missing", "a credential is required");
        let text = "a token is required: send an API key or an agent token as `x-agent-token`";
        assert_eq!(said(&missing), (401, text.to_owned()));
        assert_eq!(said(&Error::missing("agent", "x")), (404, "agent `x` does not exist".to_owned()));
        assert_eq!(said(&Error::invalid("reason", "is required")), (400, "reason: is required".to_owned()));
        let failed = Error::new(Kind::Upstream, "connector.failed", "the table is gone");
        assert_eq!(said(&failed), (502, "the table is gone".to_owned()));
        assert_eq!(said(&Error::new(Kind::Upstream, "connector.timeout", "too slow")).0, 504);
        assert_eq!(said(&Error::new(Kind::Unavailable, "agent.unavailable", "it is stopped")).0, 409);
        assert_eq!(said(&Error::new(Kind::RateLimited, "rate_limited", "slow down")).0, 429);
    }
}
