//! What handlers answer with.

use axum::response::{IntoResponse, Response};
use bytes::{BufMut, Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use muster_base::{Error, Kind};
use muster_domain::connectors::TIMEOUT;
use serde::Serialize;

/// The code of the error for a known path with a method that it does not have.
pub const METHOD_NOT_ALLOWED: &str = "method_not_allowed";

/// The result of a handler that answers with JSON.
pub type Reply<T> = std::result::Result<Json<T>, Failure>;

/// A JSON body: of an answer, and as an extractor of a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

/// A JSON answer with status 201.
#[derive(Debug, Clone, Copy)]
pub struct Created<T>(pub T);

/// A JSON answer with status 202.
#[derive(Debug, Clone, Copy)]
pub struct Accepted<T>(pub T);

/// An empty answer with status 204.
#[derive(Debug, Clone, Copy)]
pub struct NoContent;

/// A handler's error; the guard prints it in the dialect of the surface.
#[derive(Debug, Clone)]
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        *response.status_mut() = status_of(&self.0);
        response.extensions_mut().insert(self);
        response
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        json(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        json(StatusCode::CREATED, &self.0)
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        json(StatusCode::ACCEPTED, &self.0)
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// A JSON answer with this status; for error renderers and unusual statuses.
pub fn json<T: Serialize + ?Sized>(status: StatusCode, body: &T) -> Response {
    let mut buffer = BytesMut::with_capacity(256).writer();
    if let Err(cause) = serde_json::to_writer(&mut buffer, body) {
        return Failure(Error::internal(cause)).into_response();
    }
    json_bytes(status, buffer.into_inner().freeze())
}

/// A JSON answer that is written out already.
pub(crate) fn json_bytes(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The usual status of an error; a dialect may choose another.
pub fn status_of(error: &Error) -> StatusCode {
    if error.code() == METHOD_NOT_ALLOWED {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    if error.code() == TIMEOUT {
        return StatusCode::GATEWAY_TIMEOUT;
    }
    match error.kind() {
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthorized => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Exhausted => StatusCode::PAYMENT_REQUIRED,
        Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Upstream => StatusCode::BAD_GATEWAY,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
