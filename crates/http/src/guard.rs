//! What every request passes before its handler: who is it, may they, how often, and was this asked before.

use crate::call::{Call, Params, Who, no_credential, require_scope};
use crate::credential::{self, Found, Source};
use crate::extract;
use crate::limit::{self, Standing, Subject};
use crate::op::{Access, Rate};
use crate::repeat::{self, InFlight};
use crate::request_id::RequestId;
use crate::state::AppState;
use crate::table::Mounted;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::request::Parts;
use http_body::Body as _;
use http_body_util::Limited;
use muster_base::{Error, Kind, Result};
use muster_domain::access::{self, Principal, Role};
use muster_domain::{Ctx, Request as Asked};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many refusals are being written down at once; more are only counted.
const REFUSALS_AT_ONCE: usize = 32;

pub(crate) struct Guard {
    state: Arc<AppState>,
    public_host: String,
    in_flight: Arc<InFlight>,
    refusals: Arc<Semaphore>,
}

/// Why a request stops here, and who it was.
struct Refusal {
    principal: Option<Arc<Principal>>,
    error: Error,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { principal: None, error }
    }
}

impl Guard {
    pub(crate) fn new(state: Arc<AppState>) -> Self {
        let public_host = credential::host_of(&state.app.settings.public_url).unwrap_or_default().to_owned();
        Self { state, public_host, in_flight: Arc::default(), refusals: Arc::new(Semaphore::new(REFUSALS_AT_ONCE)) }
    }

    pub(crate) fn state(&self) -> &AppState {
        &self.state
    }

    /// Takes a request through all checks and its handler. `standing` is set as soon as the request was counted.
    pub(crate) async fn pass(
        &self,
        mounted: &Arc<Mounted>,
        params: Params,
        id: &RequestId,
        request: Request,
        standing: &mut Option<Standing>,
    ) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let address = limit::address(peer, &parts.headers, &self.state.trusted_proxies);
        let asked = Asked { id: id.as_str().to_owned(), address, idempotency: None };
        let principal = match self.admit(mounted, params, &parts, &asked, standing).await {
            Ok(principal) => principal,
            Err(refusal) => {
                self.note(mounted, asked, &refusal);
                return Err(refusal.error);
            }
        };
        let limit = mounted.spec.body_limit;
        let size = body.size_hint();
        if size.lower() > limit as u64 {
            return Err(extract::too_large(limit));
        }
        // A length that is known is kept by the transport; one that is not is watched while the handler reads.
        let body = if size.upper().is_some() { body } else { Body::new(Limited::new(body, limit)) };
        let Some(principal) = principal else {
            let who = Who::Visitor(Arc::clone(&self.state.app), asked);
            return Ok(self.call(mounted, params, who, parts, body).await);
        };
        match repeat::key_of(mounted.spec.verb, &parts.headers)? {
            None => {
                let who = Who::Caller(Ctx::new(Arc::clone(&self.state.app), principal, asked));
                Ok(self.call(mounted, params, who, parts, body).await)
            }
            Some(key) => self.call_once(mounted, params, key, principal, asked, Request::from_parts(parts, body)).await,
        }
    }

    /// Who it is, and whether they may; `None` for operations that need no credential.
    async fn admit(
        &self,
        mounted: &Mounted,
        params: Params,
        parts: &Parts,
        asked: &Asked,
        standing: &mut Option<Standing>,
    ) -> Result<Option<Arc<Principal>>, Refusal> {
        let spec = &mounted.spec;
        let first = || params.get(parts.uri.path(), 0).unwrap_or_default();
        let Access::Floor(role) = spec.access else {
            self.count(mounted, Subject::Address(asked.address), standing)?;
            return Ok(None);
        };
        let found = credential::find(parts, spec.upgrades || spec.streams && parts.method == http::Method::GET);
        let found = found.ok_or_else(no_credential)?;
        let principal = access::identify(&self.state.app, &found.secret).await?;
        let checked = self.authorise(mounted, params, parts, &found, &principal, role).await.and_then(|()| {
            let subject = match spec.rate {
                Rate::Login => Subject::Address(asked.address),
                Rate::Heartbeat => Subject::Agent(&principal.id, first()),
                _ => Subject::Principal(&principal.id),
            };
            self.count(mounted, subject, standing)
        });
        match checked {
            Ok(()) => Ok(Some(principal)),
            Err(error) => Err(Refusal { principal: Some(principal), error }),
        }
    }

    async fn authorise(
        &self,
        mounted: &Mounted,
        params: Params,
        parts: &Parts,
        found: &Found<'_>,
        principal: &Arc<Principal>,
        role: Role,
    ) -> Result<()> {
        own_org(mounted, params, parts, principal)?;
        if principal.role < role {
            let message = format!("requires {} role or higher", role.as_str());
            return Err(Error::forbidden("auth.role_too_low", message));
        }
        if let Some(scope) = mounted.spec.scope {
            require_scope(principal, scope)?;
        }
        if found.source == Source::Cookie {
            credential::same_origin(parts, mounted.spec.verb, mounted.spec.upgrades, &self.public_host)?;
        }
        match mounted.dialect.gate {
            Some(gate) => gate(Ctx::new(Arc::clone(&self.state.app), Arc::clone(principal), Asked::default())).await,
            None => Ok(()),
        }
    }

    fn count(&self, mounted: &Mounted, subject: Subject<'_>, standing: &mut Option<Standing>) -> Result<()> {
        if !self.state.rate_limit {
            return Ok(());
        }
        *standing = mounted.dialect.limiters.count(mounted.spec.rate, subject);
        match standing.as_ref().and_then(Standing::refusal) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Has a refusal written down, without keeping the caller waiting.
    fn note(&self, mounted: &Mounted, asked: Asked, refusal: &Refusal) {
        let matters = match refusal.error.kind() {
            Kind::Unauthorized | Kind::Forbidden => true,
            Kind::RateLimited => mounted.spec.rate == Rate::Login,
            _ => false,
        };
        if !matters {
            return;
        }
        let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else {
            metrics::counter!("muster_refusals_unwritten_total").increment(1);
            return;
        };
        let (app, operation) = (Arc::clone(&self.state.app), mounted.id.clone());
        let (principal, error) = (refusal.principal.clone(), refusal.error.clone());
        tokio::spawn(async move {
            access::note_refusal(&app, principal.as_deref(), &asked, &operation, &error).await;
            drop(permit);
        });
    }

    async fn call(&self, mounted: &Arc<Mounted>, params: Params, who: Who, parts: Parts, body: Body) -> Response {
        let mut request = Request::from_parts(parts, body);
        request.extensions_mut().insert(Call { who, route: Arc::clone(mounted), params });
        (mounted.endpoint)(request, Arc::clone(&self.state)).await
    }

    /// A request with an `Idempotency-Key`: the first answer is kept, and given again to whoever repeats the request.
    async fn call_once(
        &self,
        mounted: &Arc<Mounted>,
        params: Params,
        key: String,
        principal: Arc<Principal>,
        asked: Asked,
        request: Request,
    ) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let body = extract::collect(body, mounted.spec.body_limit).await?;
        let running = self.in_flight.enter(&principal, &key)?;
        let key = repeat::fingerprinted(key, &parts, &body);
        let asked = Asked { idempotency: Some(key.clone()), ..asked };
        let ctx = Ctx::new(Arc::clone(&self.state.app), principal, asked);
        if let Some(answer) = repeat::known(&ctx, &key).await? {
            return Ok(answer);
        }
        let response = self.call(mounted, params, Who::Caller(ctx.clone()), parts, Body::from(body)).await;
        let response = repeat::keep(&ctx, &key, response).await;
        drop(running);
        response
    }
}

/// A path in another org does not exist for the caller.
fn own_org(mounted: &Mounted, params: Params, parts: &Parts, principal: &Principal) -> Result<()> {
    let Some(index) = mounted.org else { return Ok(()) };
    let raw = params.get(parts.uri.path(), index).unwrap_or_default();
    match extract::decode(raw) {
        Some(org) if org == principal.org => Ok(()),
        Some(org) => Err(Error::missing("org", org)),
        None => Err(extract::nothing_at(parts.uri.path())),
    }
}
