//! The surface on a throw-away database, with a clock that tests move.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use muster_base::{Clock, Millis};
use muster_domain::access::{self, NewKey, Role, Scope};
use muster_domain::agents::{self, Agent, NewAgent, Source};
use muster_domain::connectors::Types;
use muster_domain::links::LinkSettings;
use muster_domain::models::Usage;
use muster_domain::turns::{self, Answer as TurnAnswer, Step, StepDone, StepKind};
use muster_domain::{App, Ctx, Settings};
use muster_http::{AppState, RateClock, router};
use muster_outbound::{Guard, Outbound, Policy};
use muster_store::testing::TestDb;
use muster_store::{KeyRing, SecretBox};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// When every test begins: 2026-11-22T01:30:00Z.
const START: i64 = 1_795_311_000_000;

/// Settings with the types of connectors, which may reach this machine.
fn settings() -> Settings {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outbound = Outbound::new(Guard::new(Policy::All)).expect("a client");
    let sources = Types::new(muster_connectors::types(&outbound)).expect("sound types");
    Settings { sources, ..Settings::default() }
}

/// A clock that stands still until it is moved.
#[derive(Default)]
pub(crate) struct HeldClock(AtomicI64);

impl Clock for HeldClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct TestApp {
    pub(crate) app: Arc<App>,
    pub(crate) shutdown: CancellationToken,
    clock: Arc<HeldClock>,
    router: Router,
    _db: TestDb,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("JSON: {}", self.text))
    }

    /// Asserts a refusal whose only text is `error`.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, error: &str) {
        assert_eq!(self.expect(status), json!({"error": error}));
    }

    /// Asserts a refusal whose text begins like this.
    #[track_caller]
    pub(crate) fn refused_like(&self, status: u16, begin: &str) {
        let body = self.expect(status);
        let text = body["error"].as_str().unwrap_or_default();
        assert!(text.starts_with(begin), "{text} instead of {begin}");
    }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(false).await
    }

    pub(crate) async fn start_with(rate_limit: bool) -> Self {
        Self::start_on(settings(), rate_limit).await
    }

    /// With other limits of links.
    pub(crate) async fn with_links(links: LinkSettings) -> Self {
        Self::start_on(Settings { links, ..settings() }, false).await
    }

    async fn start_on(settings: Settings, rate_limit: bool) -> Self {
        let db = TestDb::sqlite().await;
        let secrets = SecretBox::new(KeyRing::parse(KeyRing::generate().expose()).expect("a fresh key"));
        let clock = Arc::new(HeldClock(AtomicI64::new(START)));
        let app = App::new((*db).clone(), clock.clone(), secrets, settings);
        access::create_org(&app, "acme", "Acme Inc").await.expect("an org");
        access::create_org(&app, "other", "Other Inc").await.expect("another org");
        let state = AppState { rate_limit, rate_clock: RateClock::held(), ..AppState::new(Arc::clone(&app)) };
        let shutdown = state.shutdown.clone();
        let router = router(Arc::new(state), &[muster_surface_network::surface()]);
        Self { app, shutdown, clock, router, _db: db }
    }

    /// Listens on a free port, and looks after links; the address.
    pub(crate) async fn listen(&self) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = self.router.clone().into_make_service_with_connect_info::<std::net::SocketAddr>();
        tokio::spawn(axum::serve(listener, router).into_future());
        tokio::spawn(muster_domain::links::run(Arc::clone(&self.app), self.shutdown.clone()));
        address
    }

    pub(crate) fn ctx(&self) -> Ctx {
        Ctx::system(Arc::clone(&self.app), "acme")
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.0.fetch_add(i64::try_from(time.as_millis()).expect("not that long"), Ordering::SeqCst);
    }

    /// The secret of a key of an org.
    pub(crate) async fn key(&self, org: &str, role: Role, scopes: &[Scope]) -> String {
        let new = NewKey { name: "k".to_owned(), description: None, role, scopes: scopes.to_vec(), expires_at: None };
        let ctx = Ctx::system(Arc::clone(&self.app), org);
        access::create_key(&ctx, new).await.expect("a key").1.expose().clone()
    }

    /// An enrolment token.
    pub(crate) async fn token(&self) -> String {
        access::create_agent_token(&self.ctx(), "fleet", None).await.expect("a token").1.expose().clone()
    }

    /// The secret of an agent's own key.
    pub(crate) async fn key_of(&self, agent: &Agent) -> String {
        access::create_agent_key(&self.ctx(), &agent.id, "own", None).await.expect("a key").1.expose().clone()
    }

    pub(crate) async fn hosted(&self, name: &str) -> Agent {
        self.agent(name, Source::Hosted).await
    }

    /// An agent that runs elsewhere.
    pub(crate) async fn elsewhere(&self, name: &str) -> Agent {
        self.agent(name, Source::Sdk).await
    }

    async fn agent(&self, name: &str, source: Source) -> Agent {
        let new = NewAgent { name: name.to_owned(), source, ..NewAgent::default() };
        agents::create(&self.ctx(), new).await.expect("an agent")
    }

    /// Answers the turns that are ready, until nothing is; says how many.
    pub(crate) async fn answer_turns(&self, text: &str) -> usize {
        let mut count = 0;
        loop {
            let claims = turns::claim(&self.app, 100, 100).await.expect("claims");
            if claims.is_empty() {
                return count;
            }
            for claim in claims {
                let ctx = Ctx::of_agent(Arc::clone(&self.app), &claim.turn.org, &claim.turn.agent, "an agent");
                let answer = TurnAnswer {
                    content: text.to_owned(),
                    step: model_call(),
                    stream: vec![],
                    prompt: None,
                    hand_to: None,
                };
                turns::answer(&ctx, &claim.lease, answer).await.expect("answers");
                count += 1;
            }
        }
    }

    /// Sends `METHOD /path` as whoever has this token; a body of null is none.
    pub(crate) async fn send(&self, token: &str, what: &str, body: Value) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.call(what, &[("x-agent-token", token)], &text).await
    }

    /// An operation on a memory.
    pub(crate) async fn memory(&self, token: &str, body: Value) -> Answer {
        self.send(token, "POST /api/agents/memory", body).await
    }

    pub(crate) async fn call(&self, what: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (method, path) = what.split_once(' ').expect("a method and a path");
        let mut request = Request::builder().method(method).uri(path).header("host", "muster.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("no error");
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).expect("a text"),
        }
    }
}

fn model_call() -> StepDone {
    let step = Step {
        index: 0,
        kind: StepKind::Model,
        name: "a step".to_owned(),
        key: "key-0".to_owned(),
        state: "done".to_owned(),
        attempts: 1,
        input: None,
        output: None,
        error: None,
        usage: Usage { input_tokens: 1, output_tokens: 1, cached_input_tokens: 0 },
        started_at: Millis(1),
        finished_at: Some(Millis(2)),
    };
    StepDone { step, model: "test/model".to_owned(), milliseconds: 1, cost: None }
}
