//! Errors as this surface prints them.

use axum::response::Response;
use muster_base::{Error, Kind, Millis};
use muster_http::{METHOD_NOT_ALLOWED, Meta, json, status_of};
use schemars::JsonSchema;
use serde::Serialize;

/// An error.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HostingError")]
pub(crate) struct Body<'a> {
    /// Always false.
    success: bool,
    /// What went wrong.
    error: Inner<'a>,
    /// The request.
    meta: MetaView<'a>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HostingErrorInner")]
struct Inner<'a> {
    /// e.g. `INVALID_REQUEST`.
    code: &'static str,
    /// What to fix.
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HostingErrorDetails")]
struct Details<'a> {
    /// The input field that is wrong.
    field: &'a str,
    /// What would be right.
    reason: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HostingErrorMeta")]
struct MetaView<'a> {
    request_id: &'a str,
    timestamp: Millis,
}

fn code(error: &Error) -> &'static str {
    match error.kind() {
        _ if error.code() == METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
        Kind::Invalid => "INVALID_REQUEST",
        Kind::Unauthorized => "UNAUTHORIZED",
        Kind::Exhausted => "INSUFFICIENT_BALANCE",
        Kind::Forbidden => "FORBIDDEN",
        Kind::NotFound => "NOT_FOUND",
        Kind::Conflict => "CONFLICT",
        Kind::TooLarge => "PAYLOAD_TOO_LARGE",
        Kind::RateLimited => "RATE_LIMITED",
        Kind::Unavailable if error.code() == "agent.unavailable" => "AGENT_UNAVAILABLE",
        Kind::Unavailable => "SERVICE_UNAVAILABLE",
        Kind::Upstream => "UPSTREAM_ERROR",
        Kind::Internal => "INTERNAL_ERROR",
    }
}

pub(crate) fn render(error: &Error, meta: &Meta<'_>) -> Response {
    let details =
        error.field().filter(|field| !field.is_empty()).map(|field| Details { field, reason: error.problem() });
    let body = Body {
        success: false,
        error: Inner { code: code(error), message: error.message(), details },
        meta: MetaView { request_id: meta.request_id, timestamp: meta.now },
    };
    json(status_of(error), &body)
}
