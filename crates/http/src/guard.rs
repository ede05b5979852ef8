//! What every request passes before its handler: who is it, may they, how often, and was this asked before.

use crate::aliases::Aliases;
use crate::answers::Answers;
use crate::call::{Call, Who, no_credential, require_scope};
use crate::credential::{self, Source};
use crate::extract;
use crate::limit::{self, Standing, Subject};
use crate::op::{Access, Rate};
use crate::repeat::{self, InFlight};
use crate::reply::{Failure, METHOD_NOT_ALLOWED};
use crate::request_id::RequestId;
use crate::state::AppState;
use crate::table::{Matched, Mounted};
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::request::Parts;
use http_body::Body as _;
use http_body_util::Limited;
use muster_base::{Error, Kind, Result};
use muster_domain::access::{self, Principal, PrincipalKind};
use muster_domain::{Ctx, Request as Asked};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many refusals are being written down at once; more are only counted.
const REFUSALS_AT_ONCE: usize = 32;

pub(crate) struct Guard {
    state: Arc<AppState>,
    public_host: String,
    in_flight: Arc<InFlight>,
    answers: Answers,
    aliases: Aliases,
    is_https: bool,
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
        let is_https = state.app.settings.public_url.starts_with("https://");
        let refusals = Arc::new(Semaphore::new(REFUSALS_AT_ONCE));
        Self {
            state,
            public_host,
            in_flight: Arc::default(),
            answers: Answers::default(),
            aliases: Aliases::default(),
            is_https,
            refusals,
        }
    }

    pub(crate) fn state(&self) -> &AppState {
        &self.state
    }

    /// Takes a request through all checks and its handler. `standing` is set as soon as the request was counted.
    pub(crate) async fn pass(
        &self,
        matched: Matched,
        id: &RequestId,
        request: Request,
        standing: &mut Option<Standing>,
    ) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let address = limit::address(peer, &parts.headers, &self.state.trusted_proxies);
        let asked = Asked { id: id.as_str().to_owned(), address, idempotency: None };
        let principal = match self.admit(&matched, &parts, address, standing).await {
            Ok(principal) => principal,
            Err(refusal) => {
                self.note(&matched.route, asked, &refusal);
                return Err(refusal.error);
            }
        };
        let body = bounded(body, matched.route.spec.body_limit)?;
        let Some(principal) = principal else {
            let who = Who::Visitor(Arc::clone(&self.state.app), asked);
            return Ok(self.call(matched, who, Request::from_parts(parts, body)).await);
        };
        match repeat::key_of(matched.route.spec.verb, &parts.headers)? {
            None => {
                let ctx = Ctx::new(Arc::clone(&self.state.app), principal, asked);
                let place = if matched.route.spec.reusable { Answers::place(&ctx, &parts) } else { None };
                if let Some(answer) = place.as_ref().and_then(|place| self.answers.find(place)) {
                    return Ok(answer);
                }
                let answer = self.call(matched, Who::Caller(ctx), Request::from_parts(parts, body)).await;
                match place {
                    Some(place) => self.answers.keep(place, answer).await,
                    None => Ok(answer),
                }
            }
            Some(key) => self.call_once(matched, key, (principal, asked), Request::from_parts(parts, body)).await,
        }
    }

    /// Who it is, and whether they may; `None` for operations that need no credential.
    ///
    /// Refusals count as well: of those whom we know for themselves, of all others for their address.
    async fn admit(
        &self,
        matched: &Matched,
        parts: &Parts,
        address: Option<IpAddr>,
        standing: &mut Option<Standing>,
    ) -> Result<Option<Arc<Principal>>, Refusal> {
        let spec = &matched.route.spec;
        if spec.access == Access::Public {
            self.count(&matched.route, Subject::Address(address), standing)?;
            return Ok(None);
        }
        let (principal, source) = match self.identify(matched, parts).await {
            Ok(known) => known,
            Err(error) => {
                if error.kind() == Kind::Unauthorized {
                    self.count(&matched.route, Subject::Address(address), standing)?;
                }
                return Err(error.into());
            }
        };
        let checked = match self.count_caller(matched, parts, (&principal, address), standing).await {
            Ok(()) => self.authorise(matched, parts, source, &principal).await,
            Err(error) => Err(error),
        };
        match checked {
            Ok(()) => Ok(Some(principal)),
            Err(error) => Err(Refusal { principal: Some(principal), error }),
        }
    }

    async fn identify(&self, matched: &Matched, parts: &Parts) -> Result<(Arc<Principal>, Source)> {
        let spec = &matched.route.spec;
        let in_query = spec.upgrades || spec.streams && parts.method == http::Method::GET;
        let found = credential::find(parts, in_query).ok_or_else(no_credential)?;
        // Under https only the cookie that no other host of the domain can set counts.
        if self.is_https && found.source == Source::Cookie && !credential::is_secure_cookie(parts) {
            return Err(no_credential());
        }
        Ok((access::identify(&self.state.app, &found.secret).await?, found.source))
    }

    async fn count_caller(
        &self,
        matched: &Matched,
        parts: &Parts,
        (principal, address): (&Arc<Principal>, Option<IpAddr>),
        standing: &mut Option<Standing>,
    ) -> Result<()> {
        match matched.route.spec.rate {
            Rate::Login => self.count(&matched.route, Subject::Address(address), standing),
            Rate::Heartbeat if self.state.rate_limit => {
                // However it is encoded, and by whichever name, it is the same agent.
                let text = matched.params.get(parts.uri.path(), 0).and_then(extract::decode).unwrap_or_default();
                let agent = self.aliases.agent(&self.state.app, principal, &text).await;
                self.count(&matched.route, Subject::Agent(&principal.id, &agent), standing)
            }
            _ => self.count(&matched.route, Subject::Principal(&principal.id), standing),
        }
    }

    async fn authorise(
        &self,
        matched: &Matched,
        parts: &Parts,
        source: Source,
        principal: &Arc<Principal>,
    ) -> Result<()> {
        let spec = &matched.route.spec;
        own_org(matched, parts, principal)?;
        if let Access::Floor(role) = spec.access
            && principal.role < role
        {
            let message = format!("requires {} role or higher", role.as_str());
            return Err(Error::forbidden("auth.role_too_low", message));
        }
        let is_own = spec.own_agent && principal.kind == PrincipalKind::Agent;
        if let Some(scope) = spec.scope.filter(|_| !is_own) {
            require_scope(principal, scope)?;
        }
        if spec.changes && parts.method == http::Method::HEAD {
            let message = "HEAD is not allowed here: it would change something; use GET";
            return Err(Error::new(Kind::Invalid, METHOD_NOT_ALLOWED, message));
        }
        if source == Source::Cookie {
            credential::same_origin(parts, spec.verb, spec.upgrades || spec.changes, &self.public_host)?;
        }
        match matched.route.dialect.gate {
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
            self.state.app.credentials.leave_out_refusal();
            return;
        };
        let (app, operation) = (Arc::clone(&self.state.app), mounted.id.clone());
        let (principal, error) = (refusal.principal.clone(), refusal.error.clone());
        tokio::spawn(async move {
            access::note_refusal(&app, principal.as_deref(), &asked, &operation, &error).await;
            drop(permit);
        });
    }

    async fn call(&self, matched: Matched, who: Who, mut request: Request) -> Response {
        let route = Arc::clone(&matched.route);
        request.extensions_mut().insert(Call { who: who.clone(), matched });
        let response = (route.endpoint)(request, Arc::clone(&self.state)).await;
        // Signing in in vain is noted where it is decided.
        if let Some(Failure(error)) = response.extensions().get::<Failure>().filter(|failure| is_forbidden(failure)) {
            let (principal, asked) = match who {
                Who::Caller(ctx) => (Some(Arc::new(ctx.principal().clone())), ctx.request().clone()),
                Who::Visitor(_, asked) => (None, asked),
            };
            self.note(&route, asked, &Refusal { principal, error: error.clone() });
        }
        response
    }

    /// A request with an `Idempotency-Key`: the first answer is kept, and given again to whoever repeats the request.
    async fn call_once(
        &self,
        matched: Matched,
        key: String,
        (principal, asked): (Arc<Principal>, Asked),
        request: Request,
    ) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let body = extract::collect(body, matched.route.spec.body_limit).await?;
        let running = self.in_flight.enter(&principal, &key)?;
        let spec = &matched.route.spec;
        let (takes_secret, gives_secret) = (spec.takes_secret, spec.gives_secret);
        let key = repeat::fingerprinted(key, &parts, if takes_secret { b"" } else { &body });
        let asked = Asked { idempotency: Some(key.clone()), ..asked };
        let ctx = Ctx::new(Arc::clone(&self.state.app), principal, asked);
        if let Some(answer) = repeat::known(&ctx, &key, gives_secret).await? {
            return Ok(answer);
        }
        let request = Request::from_parts(parts, Body::from(body));
        let response = self.call(matched, Who::Caller(ctx.clone()), request).await;
        let response = if gives_secret { Ok(response) } else { repeat::keep(&ctx, &key, response).await };
        drop(running);
        response
    }
}

fn is_forbidden(failure: &Failure) -> bool {
    failure.0.kind() == Kind::Forbidden
}

/// Refuses a body that says it is too large; one that does not say is watched while the handler reads.
fn bounded(body: Body, limit: usize) -> Result<Body> {
    let size = body.size_hint();
    if size.lower() > limit as u64 {
        return Err(extract::too_large(limit));
    }
    Ok(if size.upper().is_some() { body } else { Body::new(Limited::new(body, limit)) })
}

/// A path in another org does not exist for the caller.
fn own_org(matched: &Matched, parts: &Parts, principal: &Principal) -> Result<()> {
    let Some(index) = matched.route.org else { return Ok(()) };
    let raw = matched.params.get(parts.uri.path(), index).unwrap_or_default();
    match extract::decode(raw) {
        Some(org) if org == principal.org => Ok(()),
        Some(org) => Err(Error::missing("org", org)),
        None => Err(extract::nothing_at(parts.uri.path())),
    }
}
