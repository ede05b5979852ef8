//! What can go wrong on the way out, without URLs in it: they may hold credentials.

use muster_base::{Error, Kind};
use std::error::Error as Cause;
use std::fmt;

/// The code of a call that failed.
pub const FAILED: &str = "outbound.failed";

/// The code of a call that took too long.
pub const TIMEOUT: &str = "outbound.timeout";

/// An address that may not be connected to.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    host: String,
}

impl Refused {
    pub(crate) fn new(host: &str) -> Self {
        Self { host: host.to_owned() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is a private address, which is refused; whoever runs this server can allow it with \
             MUSTER_ALLOW_PRIVATE_URLS",
            self.host
        )
    }
}

impl Cause for Refused {}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::invalid("", refused)
    }
}

/// A name without an address.
#[derive(Debug, Clone)]
pub(crate) struct UnknownHost {
    host: String,
    why: String,
}

impl UnknownHost {
    pub(crate) fn new(host: &str, why: String) -> Self {
        Self { host: host.to_owned(), why }
    }
}

impl From<UnknownHost> for Error {
    fn from(unknown: UnknownHost) -> Self {
        Self::new(Kind::Upstream, FAILED, format!("the host `{}` cannot be found: {}", unknown.host, unknown.why))
    }
}

/// What a failed call to `host` means.
pub(crate) fn from_transport(host: &str, error: &reqwest::Error) -> Error {
    if let Some(refused) = find::<Refused>(error) {
        return refused.clone().into();
    }
    if error.is_timeout() {
        return Error::new(Kind::Upstream, TIMEOUT, format!("`{host}` did not answer in time"));
    }
    let doing = match () {
        () if error.is_connect() => "cannot be reached",
        () if error.is_body() || error.is_decode() => "broke off its answer",
        () => "did not answer",
    };
    Error::new(Kind::Upstream, FAILED, format!("`{host}` {doing}: {}", deepest(error)))
}

/// The cause of type `T` in a chain of causes.
fn find<'a, T: Cause + 'static>(error: &'a (dyn Cause + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The first cause, which says the most; those above it repeat the URL.
fn deepest(error: &reqwest::Error) -> String {
    let mut cause: &dyn Cause = match error.source() {
        Some(source) => source,
        None => return "the connection failed".to_owned(),
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
