//! What every verb gets: the program's parts, who is asking, and how to write.

use crate::access::{Credentials, LoginThrottle, Principal};
use crate::connectors;
use crate::gateway;
use crate::idempotency::{self, Idempotency};
use crate::links;
use crate::presence;
use muster_base::{Clock, Error, Millis, Result};
use muster_store::{Db, SecretBox, Tx, Work};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

/// Settings that decide what the domain does.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What links, callbacks and install scripts are built from, without a trailing slash.
    pub public_url: String,
    /// How long a sign-in lasts.
    pub session_ttl: Duration,
    /// How long events are kept; `None` keeps them for ever.
    pub event_retention: Option<Duration>,
    /// How long the pieces of a finished turn's stream are kept for readers that come back.
    pub stream_retention: Duration,
    /// How long a worker may be silent before its turns are taken over.
    pub lease: Duration,
    /// How long after the last sign of life an agent counts as offline.
    pub offline_after: Duration,
    /// The model providers that agents can use, for people to see.
    pub model_providers: Vec<String>,
    /// The gateway's file, if there is one.
    pub gateway: Option<gateway::Binding>,
    /// What the links of agents that dial in may take.
    pub links: links::LinkSettings,
    /// The types of data sources.
    pub sources: connectors::Types,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:7717".to_owned(),
            session_ttl: Duration::from_secs(7 * 24 * 3600),
            event_retention: Some(Duration::from_secs(90 * 24 * 3600)),
            stream_retention: Duration::from_secs(24 * 3600),
            lease: Duration::from_secs(15),
            offline_after: Duration::from_secs(600),
            model_providers: vec!["offline".to_owned()],
            gateway: None,
            links: links::LinkSettings::default(),
            sources: connectors::Types::default(),
        }
    }
}

/// The parts of the running program that the domain uses.
pub struct App {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Seals secrets.
    pub secrets: SecretBox,
    /// Settings.
    pub settings: Settings,
    /// Names this process among the nodes; new at every start.
    pub node: String,
    /// When this process started.
    pub started_at: Millis,
    /// Valid credentials that were looked up lately.
    pub credentials: Credentials,
    /// Slows down guessing of passwords.
    pub logins: LoginThrottle,
    /// Signs of life that are not written yet.
    pub presence: presence::Board,
    /// The links of agents that dialled in to this process.
    pub links: links::Links,
    /// Connections to data sources.
    pub pools: connectors::Pools,
    /// Queries of data sources that are not in the event log yet.
    pub queries: connectors::Tally,
    /// When this process last looked for turns to run, in milliseconds since the epoch; 0 before the first time.
    pub worker_beat: AtomicI64,
}

impl App {
    /// Puts the parts together.
    pub fn new(db: Db, clock: Arc<dyn Clock>, secrets: SecretBox, settings: Settings) -> Arc<Self> {
        let node = muster_base::new_id("node");
        let started_at = clock.now();
        Arc::new(Self {
            db,
            clock,
            secrets,
            settings,
            node,
            started_at,
            credentials: Credentials::default(),
            logins: LoginThrottle::default(),
            presence: presence::Board::default(),
            links: links::Links::default(),
            pools: connectors::Pools::default(),
            queries: connectors::Tally::default(),
            worker_beat: AtomicI64::new(0),
        })
    }

    /// Now.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }
}

/// The request that a context belongs to.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Shown to the caller and in the log.
    pub id: String,
    /// The caller's network address, for throttling; never logged.
    pub address: Option<std::net::IpAddr>,
    /// Set when the caller may repeat the request.
    pub idempotency: Option<Idempotency>,
}

/// Who asks, and what to answer with. Cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    app: Arc<App>,
    principal: Arc<Principal>,
    request: Arc<Request>,
}

impl Deref for Ctx {
    type Target = App;
    fn deref(&self) -> &App {
        &self.app
    }
}

impl Ctx {
    /// The context of one request.
    pub fn new(app: Arc<App>, principal: Arc<Principal>, request: Request) -> Self {
        Self { app, principal, request: Arc::new(request) }
    }

    /// The context of work that Muster does by itself in an org.
    pub fn system(app: Arc<App>, org: &str) -> Self {
        Self::new(app, Arc::new(Principal::system(org)), Request::default())
    }

    /// The context of what an agent does in its turn.
    pub fn of_agent(app: Arc<App>, org: &str, agent: &str, name: &str) -> Self {
        Self::new(app, Arc::new(Principal::of_agent(org, agent, name)), Request::default())
    }

    /// The program's parts.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// The caller's org: every query is bound to it.
    pub fn org(&self) -> &str {
        &self.principal.org
    }

    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Who asks, to be kept.
    pub(crate) fn caller(&self) -> Arc<Principal> {
        self.principal.clone()
    }

    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Runs `work` in one transaction, together with the record that makes a repeated request recognisable.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        match &self.request.idempotency {
            Some(key) if key.begin() => {
                let (ctx, key) = (self.clone(), key.clone());
                self.db
                    .write(move |tx| {
                        Box::pin(async move {
                            idempotency::claim(tx, &ctx, &key).await?;
                            work(tx).await
                        })
                    })
                    .await
            }
            _ => self.db.write(work).await,
        }
    }

    /// As [`Self::write`], for frequent work that refuses before its first change or not at all; see
    /// [`Db::write_checked`].
    pub async fn write_checked<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        match &self.request.idempotency {
            // The record of a repetition is a change before the work's own checks.
            Some(_) => self.write(work).await,
            None => self.db.write_checked(work).await,
        }
    }

    /// Refuses unless the caller's token may act for this agent: an agent's own token acts only as its agent.
    pub fn may_act_as(&self, agent: &str) -> Result<()> {
        match &self.principal.agent {
            Some(own) if own.is_empty() => Err(acts_as_none()),
            Some(own) if own != agent => {
                Err(Error::forbidden("auth.other_agent", "this token acts only as its own agent"))
            }
            _ => Ok(()),
        }
    }

    /// The agent that the caller is.
    ///
    /// Errors: `forbidden` for people, for API keys, and for a token that acts as no agent.
    pub fn own_agent(&self) -> Result<&str> {
        match &self.principal.agent {
            Some(own) if own.is_empty() => Err(acts_as_none()),
            Some(own) => Ok(own),
            None => Err(Error::forbidden(
                "auth.no_agent",
                "only an agent has this; use the agent's own key, which an admin makes at POST /api/agents/{id}/keys",
            )),
        }
    }
}

/// The caller has an enrolment token that no machine or several have shown.
fn acts_as_none() -> Error {
    Error::forbidden(
        "auth.other_agent",
        "this token acts as no agent, for no machine or more than one has enrolled with it; use the agent's own key, \
         which an admin makes at POST /api/agents/{id}/keys",
    )
}
