//! What the guard learned of a request, and the extractors that hand it to handlers.

use crate::credential::{self, Presented};
use crate::reply::Failure;
use crate::table::Matched;
use axum::extract::FromRequestParts;
use axum::extract::OptionalFromRequestParts;
use http::request::Parts;
use muster_base::{Error, Kind, Result};
use muster_domain::access::{Principal, Scope};
use muster_domain::{App, Ctx, Request};
use std::ops::Deref;
use std::sync::Arc;

/// How many parameters a path may have.
pub(crate) const MAX_PARAMS: usize = 8;

/// The values of the path parameters as ranges of the path, so that nothing is copied.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Params {
    ranges: [(u32, u32); MAX_PARAMS],
    count: usize,
}

impl Params {
    /// Notes where `value`, a part of `path`, lies in it.
    pub(crate) fn push(&mut self, path: &str, value: &str) {
        if self.count == MAX_PARAMS {
            return;
        }
        let start = (value.as_ptr() as usize).saturating_sub(path.as_ptr() as usize) as u32;
        self.ranges[self.count] = (start, start + value.len() as u32);
        self.count += 1;
    }

    /// The raw, still percent-encoded value of the parameter at `index`.
    pub(crate) fn get<'p>(&self, path: &'p str, index: usize) -> Option<&'p str> {
        let (start, end) = *self.ranges.get(index).filter(|_| index < self.count)?;
        path.get(start as usize..end as usize)
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }
}

/// What the guard leaves in the request's extensions.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) who: Who,
    pub(crate) matched: Matched,
}

#[derive(Clone)]
pub(crate) enum Who {
    Caller(Ctx),
    Visitor(Arc<App>, Request),
}

/// The call's record; absent only when a handler is mounted without the guard.
pub(crate) fn call(parts: &Parts) -> Result<&Call> {
    parts.extensions.get::<Call>().ok_or_else(|| Error::internal("the handler is mounted without the guard"))
}

/// Who asks: the domain context of an authenticated request.
#[derive(Clone)]
pub struct Caller(pub Ctx);

impl Caller {
    /// Refuses unless the credential has this scope: for operations whose scope depends on their body.
    pub fn require(&self, scope: Scope) -> Result<()> {
        require_scope(self.0.principal(), scope)
    }
}

impl Deref for Caller {
    type Target = Ctx;
    fn deref(&self) -> &Ctx {
        &self.0
    }
}

pub(crate) fn require_scope(principal: &Principal, scope: Scope) -> Result<()> {
    if principal.scopes.contains(scope) {
        return Ok(());
    }
    let message = format!("the credential lacks the scope {}", scope.as_str());
    Err(Error::forbidden("auth.scope_missing", message))
}

/// No credential was sent.
pub(crate) fn no_credential() -> Error {
    Error::new(Kind::Unauthorized, "auth.missing", "a credential is required: send `Authorization: Bearer <key>`")
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        match &call(parts)?.who {
            Who::Caller(ctx) => Ok(Self(ctx.clone())),
            Who::Visitor(..) => Err(no_credential().into()),
        }
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Failure> {
        match &call(parts)?.who {
            Who::Caller(ctx) => Ok(Some(Self(ctx.clone()))),
            Who::Visitor(..) => Ok(None),
        }
    }
}

/// What a public operation knows of its caller: the program's parts, and the request with its id and address.
#[derive(Clone)]
pub struct Visitor {
    /// The program's parts.
    pub app: Arc<App>,
    /// The request.
    pub request: Request,
    /// The credential that was sent all the same, unchecked.
    pub presented: Option<Presented>,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let call = call(parts)?;
        let (app, request) = match &call.who {
            Who::Caller(ctx) => (ctx.app().clone(), ctx.request().clone()),
            Who::Visitor(app, request) => (app.clone(), request.clone()),
        };
        Ok(Self { app, request, presented: credential::find(parts, true).map(|found| found.to_owned()) })
    }
}

/// The credential of the request, for operations that end it (sign-out).
impl<S: Sync> FromRequestParts<S> for Presented {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let found = credential::find(parts, true).ok_or_else(no_credential)?;
        Ok(found.to_owned())
    }
}
