//! One error for all of Muster: a small closed kind that each surface renders in its own dialect.

use std::fmt;
use std::sync::Arc;

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it is, as far as a caller may act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// There is no such thing, or it is none of the caller's business that there is.
    NotFound,
    /// The thing is in a state that does not allow this, or a unique value is taken.
    Conflict,
    /// The input is wrong; `Error::field` names where.
    Invalid,
    /// No credential, or one that is not valid.
    Unauthorized,
    /// The credential is valid and may not do this.
    Forbidden,
    /// The thing cannot serve right now.
    Unavailable,
    /// The input is larger than allowed.
    TooLarge,
    /// A budget is used up.
    Exhausted,
    /// Too many requests.
    RateLimited,
    /// A system that we call failed.
    Upstream,
    /// Our own fault.
    Internal,
}

/// A failure: its kind, a dot-namespaced code, a sentence that says what to do, and a cause that only the log sees.
#[derive(Clone)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: Kind,
    code: &'static str,
    message: String,
    field: Option<String>,
    retry_after: Option<u64>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` with a dot-namespaced `code` and a sentence for a person.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        let inner = Inner { kind, code, message: message.into(), field: None, retry_after: None, cause: None };
        Self { inner: Box::new(inner) }
    }

    /// `what` (e.g. `agent`) with this id does not exist for the caller.
    pub fn missing(what: &str, id: impl fmt::Display) -> Self {
        Self::new(Kind::NotFound, "not_found", format!("{what} `{id}` does not exist"))
    }

    /// The input field `field` is wrong; `problem` says what would be right, e.g. `must be 1 to 100 characters`.
    pub fn invalid(field: impl Into<String>, problem: impl fmt::Display) -> Self {
        let field = field.into();
        let message = if field.is_empty() { problem.to_string() } else { format!("{field}: {problem}") };
        let mut error = Self::new(Kind::Invalid, "validation.invalid", message);
        error.inner.field = Some(field);
        error
    }

    /// The state of the thing does not allow this.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, "conflict", message)
    }

    /// The caller may not do this.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, code, message)
    }

    /// Our own fault; the caller learns nothing but a request id, the log gets `cause`.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut error =
            Self::new(Kind::Internal, "internal", "internal error; the server's log has it under this request id");
        error.inner.cause = Some(Arc::from(cause.into()));
        error
    }

    /// Names the input field that is wrong.
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.inner.field = Some(field.into());
        self
    }

    /// Says in how many seconds it makes sense to try again.
    pub fn with_retry_after(mut self, seconds: u64) -> Self {
        self.inner.retry_after = Some(seconds);
        self
    }

    /// Keeps what caused it, for the log.
    pub fn with_cause(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.cause = Some(Arc::from(cause.into()));
        self
    }

    /// What sort of failure.
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// The dot-namespaced code, e.g. `auth.scope_missing`.
    pub fn code(&self) -> &'static str {
        self.inner.code
    }

    /// The sentence for a person.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The input field that is wrong.
    pub fn field(&self) -> Option<&str> {
        self.inner.field.as_deref()
    }

    /// In how many seconds to try again.
    pub fn retry_after(&self) -> Option<u64> {
        self.inner.retry_after
    }

    /// What caused it; for the log only.
    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync)> {
        self.inner.cause.as_deref()
    }

    /// The message without the field's name in front, for dialects that carry the field apart.
    pub fn problem(&self) -> &str {
        match self.field() {
            Some(field) if !field.is_empty() => {
                self.message().strip_prefix(field).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(self.message())
            }
            _ => self.message(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.inner;
        write!(f, "{:?} {}: {}", inner.kind, inner.code, inner.message)?;
        match &inner.cause {
            Some(cause) => write!(f, " (caused by: {cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.cause.as_ref().map(|cause| cause.as_ref() as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_error_names_the_field_once() {
        let error = Error::invalid("name", "must be 1 to 100 characters");
        assert_eq!(error.message(), "name: must be 1 to 100 characters");
        assert_eq!(error.problem(), "must be 1 to 100 characters");
        assert_eq!(error.field(), Some("name"));
    }

    #[test]
    fn the_cause_of_an_internal_error_stays_out_of_the_message() {
        let error = Error::internal("disk on fire");
        assert!(!error.message().contains("fire"));
        assert!(format!("{error:?}").contains("fire"));
    }
}
