//! Errors as this dialect prints them.

use axum::response::Response;
use muster_base::Error;
use muster_http::{Meta, json, status_of};
use schemars::JsonSchema;
use serde::Serialize;

/// What went wrong.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Error")]
pub(crate) struct ErrorBody {
    /// The HTTP status.
    status_code: u16,
    /// A dot-namespaced code for programs, e.g. `auth.scope_missing`.
    code: String,
    /// A sentence for people that says what to do.
    message: String,
    /// The input field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

/// Prints an error.
pub(crate) fn render(error: &Error, _: &Meta<'_>) -> Response {
    let status = status_of(error);
    let body = ErrorBody {
        status_code: status.as_u16(),
        code: error.code().to_owned(),
        message: error.message().to_owned(),
        field: error.field().filter(|field| !field.is_empty()).map(str::to_owned),
    };
    json(status, &body)
}
