//! A world for a test: a fresh database, a clock that stands still, an org, and short words for what tests do often.

use muster_base::{Clock, Error, Millis, PageRequest, Result, Secret};
use muster_domain::access::{self, Principal, PrincipalKind, Role, Scopes};
use muster_domain::agents::{self, Agent, NewAgent, Source};
use muster_domain::conversations::{self, Message, NewMessage, Posted, QueueMode, Sender};
use muster_domain::events::{self, EventFilter};
use muster_domain::models::Usage;
use muster_domain::turns::{self, Answer, Claim, Ending, Lease, State, Step, StepDone, StepKind, ToolRound, Turn};
use muster_domain::{App, Ctx, Idempotency, Request, Settings};
use muster_store::testing::TestDb;
use muster_store::{Args, KeyRing, SecretBox};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The org that a world begins with.
pub(crate) const ORG: &str = "acme";
/// What workers of tests reserve for a model call.
pub(crate) const WANT: i64 = 100;

/// A clock that moves when a test says so.
pub(crate) struct FakeClock(AtomicI64);

impl FakeClock {
    pub(crate) fn advance(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_millis()).expect("not that long"), Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

/// A message that was taken into a turn.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) message: Message,
    pub(crate) turn: String,
}

impl From<Posted> for Taken {
    fn from(posted: Posted) -> Self {
        Self { turn: posted.turn.expect("a hosted agent's message is in a turn"), message: posted.message }
    }
}

/// A program over a fresh database with one org.
pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) secrets: SecretBox,
    /// The key in the box, as text.
    pub(crate) secret_key: Secret<String>,
}

/// Runs a test on SQLite and on PostgreSQL.
pub(crate) async fn on_both(test: impl AsyncFn(World)) {
    for db in TestDb::both().await {
        eprintln!("on {:?}", db.backend());
        test(World::new(db).await).await;
    }
}

/// Fails when `future` does not come to an end.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(Duration::from_secs(60), future).await;
    done.unwrap_or_else(|_| panic!("waited too long: {what}"))
}

pub(crate) fn fresh_secrets() -> SecretBox {
    SecretBox::new(KeyRing::parse(KeyRing::generate().expose()).expect("an own key"))
}

pub(crate) fn page(limit: i64) -> PageRequest {
    PageRequest { limit, after: None }
}

pub(crate) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

pub(crate) fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// The error that a worker gets whose lease is gone.
pub(crate) fn is_lost<T>(result: &Result<T>) -> bool {
    result.as_ref().err().is_some_and(|error| error.code() == turns::LOST)
}

impl World {
    pub(crate) async fn new(db: TestDb) -> Self {
        let clock = Arc::new(FakeClock(AtomicI64::new(1_800_000_000_000)));
        let secret_key = KeyRing::generate();
        let secrets = SecretBox::new(KeyRing::parse(secret_key.expose()).expect("an own key"));
        let app = App::new((*db).clone(), clock.clone(), secrets.clone(), Settings::default());
        access::create_org(&app, ORG, "Acme").await.expect("a first org");
        Self { db, app, clock, secrets, secret_key }
    }

    /// Another process on the same database.
    pub(crate) fn other_node(&self) -> Arc<App> {
        App::new((*self.db).clone(), self.clock.clone(), self.secrets.clone(), Settings::default())
    }

    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    pub(crate) fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Muster itself, in the first org.
    pub(crate) fn ctx(&self) -> Ctx {
        Ctx::system(self.app.clone(), ORG)
    }

    /// Muster itself, in another org that is made when it is missing.
    pub(crate) async fn ctx_in(&self, org: &str) -> Ctx {
        access::ensure_org(&self.app, org).await.expect("an org");
        Ctx::system(self.app.clone(), org)
    }

    /// Somebody with a role.
    pub(crate) fn ctx_as(&self, id: &str, role: Role) -> Ctx {
        self.ctx_with(id, role, Scopes::of_role(role))
    }

    /// Somebody with a role and scopes.
    pub(crate) fn ctx_with(&self, id: &str, role: Role, scopes: Scopes) -> Ctx {
        let mut principal = Principal::system(ORG);
        (principal.kind, principal.role, principal.scopes) = (PrincipalKind::User, role, scopes);
        (principal.id, principal.name) = (id.to_owned(), id.to_owned());
        Ctx::new(self.app.clone(), Arc::new(principal), Request::default())
    }

    /// A request that may be repeated.
    pub(crate) fn repeatable(&self, key: &str) -> Ctx {
        let idempotency = Some(Idempotency::new(key.to_owned(), "fingerprint".to_owned()));
        Ctx::new(self.app.clone(), Arc::new(Principal::system(ORG)), Request { idempotency, ..Request::default() })
    }

    /// The agent's own context in its turn.
    pub(crate) fn ctx_of(&self, turn: &Turn) -> Ctx {
        Ctx::of_agent(self.app.clone(), &turn.org, &turn.agent, "an agent")
    }

    pub(crate) async fn agent(&self, name: &str) -> Agent {
        self.agent_with_balance(name, 1_000_000).await
    }

    pub(crate) async fn agent_with_balance(&self, name: &str, balance: i64) -> Agent {
        let new = NewAgent { name: name.to_owned(), balance: Some(balance), ..NewAgent::default() };
        agents::create(&self.ctx(), new).await.expect("makes an agent")
    }

    /// An agent that runs elsewhere.
    pub(crate) async fn elsewhere(&self, name: &str) -> Agent {
        let new = NewAgent { name: name.to_owned(), source: Source::Sdk, ..NewAgent::default() };
        agents::create(&self.ctx(), new).await.expect("makes an agent")
    }

    /// Whoever has the token of an agent.
    pub(crate) fn ctx_with_token(&self, agent: &Agent) -> Ctx {
        let mut principal = Principal::of_agent(&agent.org, &agent.id, "a token");
        (principal.id, principal.role) = ("tok_1".to_owned(), Role::Operator);
        principal.scopes = Scopes::of_agent_token();
        Ctx::new(self.app.clone(), Arc::new(principal), Request::default())
    }

    pub(crate) async fn find(&self, agent: &Agent) -> Agent {
        agents::find(&self.ctx(), &agent.id).await.expect("the agent is there")
    }

    /// A message from a person into a conversation that they name.
    pub(crate) async fn post(&self, agent: &Agent, conversation: &str, text: &str) -> Taken {
        self.try_post(agent, conversation, text).await.expect("the message is taken")
    }

    pub(crate) async fn try_post(&self, agent: &Agent, conversation: &str, text: &str) -> Result<Taken> {
        conversations::post(&self.ctx(), &agent.id, message(conversation, text)).await.map(Taken::from)
    }

    pub(crate) async fn interrupt(&self, agent: &Agent, conversation: &str, text: &str) -> Taken {
        let new = NewMessage { queue_mode: QueueMode::Interrupt, ..message(conversation, text) };
        conversations::post(&self.ctx(), &agent.id, new).await.expect("the message is taken").into()
    }

    pub(crate) async fn claim(&self) -> Vec<Claim> {
        turns::claim(&self.app, 100, WANT).await.expect("claims")
    }

    /// The one turn that is ready.
    pub(crate) async fn claim_one(&self) -> Claim {
        let mut claims = self.claim().await;
        assert_eq!(claims.len(), 1, "one turn is ready");
        claims.remove(0)
    }

    /// Ends a turn without a reply, and with nothing left behind.
    pub(crate) async fn end(&self, claim: &Claim, ending: Ending) {
        let ctx = self.ctx_of(&claim.turn);
        turns::end(&ctx, &claim.lease, ending, turns::Trace::default()).await.expect("ends");
    }

    /// Answers a turn with so many output tokens.
    pub(crate) async fn answer(&self, claim: &Claim, text: &str, tokens: i64) -> Result<String> {
        let ctx = self.ctx_of(&claim.turn);
        let with = conversations::conversation(&ctx, &claim.turn.conversation)
            .await
            .ok()
            .map(|conversation| conversation.counterparty);
        let hand_to = with.filter(|with| with.kind == "agent").map(|with| with.id);
        turns::answer(&ctx, &claim.lease, Answer { hand_to, ..answer(text, 0, tokens) }).await
    }

    /// Answers all turns that are ready, one after the other, until nothing is.
    pub(crate) async fn answer_all(&self, text: &str) -> usize {
        let mut count = 0;
        loop {
            let claims = self.claim().await;
            if claims.is_empty() {
                return count;
            }
            for claim in claims {
                self.answer(&claim, text, 10).await.expect("answers");
                count += 1;
            }
        }
    }

    pub(crate) async fn turn(&self, id: &str) -> Turn {
        turns::find(&self.ctx(), id).await.expect("the turn is there").turn
    }

    /// The state of a turn and why it waits.
    pub(crate) async fn state(&self, id: &str) -> (State, Option<String>) {
        let turn = self.turn(id).await;
        (turn.state, turn.hold)
    }

    /// The kinds of all events, oldest first.
    pub(crate) async fn event_kinds(&self) -> Vec<String> {
        let all = events::list(&self.ctx(), &events::EventFilter::default(), 10_000).await.expect("lists events");
        all.into_iter().map(|event| event.kind).collect()
    }

    pub(crate) async fn count(&self, sql: &'static str, args: Args) -> i64 {
        self.db.one(sql, args).await.expect("counts")
    }

    /// Changes a row behind the program's back.
    pub(crate) async fn tamper(&self, sql: impl Into<String>) -> u64 {
        let sql = sql.into();
        self.db.write(move |tx| Box::pin(async move { tx.execute(sql, vec![]).await })).await.expect("tampers")
    }

    /// As if a node had the agent's link, and something had just gone over it.
    pub(crate) async fn link(&self, agent: &Agent) {
        let now = self.now().0;
        let node = format!(
            "INSERT INTO nodes (id, started_at, beat_at) VALUES ('node_1', {now}, {now})
             ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at"
        );
        self.tamper(node).await;
        let link = format!(
            "INSERT INTO links (agent_id, org_id, node_id, machine_id, since, active_at)
             VALUES ('{}', '{}', 'node_1', 'm', {now}, {now})",
            agent.id, agent.org
        );
        self.tamper(link).await;
    }

    /// What is reserved of an agent's balance.
    pub(crate) async fn reserved(&self, agent: &Agent) -> i64 {
        self.count("SELECT reserved FROM agents WHERE id = $1", muster_store::args![&agent.id]).await
    }

    /// What must hold of every agent and turn whenever nothing runs.
    pub(crate) async fn check_at_rest(&self) {
        assert_eq!(
            self.count("SELECT count(*) FROM turns WHERE state IN ('queued', 'running')", vec![]).await,
            0,
            "open turns"
        );
        self.check_books().await;
        assert_eq!(
            self.count("SELECT count(*) FROM agents WHERE reserved <> 0 OR running_turns <> 0", vec![]).await,
            0,
            "left over"
        );
    }

    /// What must hold of every agent and turn at any time.
    pub(crate) async fn check_books(&self) {
        let wrong = "SELECT count(*) FROM agents a WHERE a.balance < 0 OR a.reserved < 0
             OR a.reserved <> (SELECT CAST(COALESCE(sum(t.reserved), 0) AS BIGINT) FROM turns t WHERE t.agent_id = a.id)
             OR a.running_turns <> (SELECT count(*) FROM turns t WHERE t.agent_id = a.id AND t.state = 'running')
             OR a.message_count <> (SELECT count(*) FROM messages m WHERE m.agent_id = a.id)
             OR a.message_seq <> (SELECT COALESCE(max(m.seq), 0) FROM messages m WHERE m.agent_id = a.id)";
        assert_eq!(self.count(wrong, vec![]).await, 0, "an agent's figures do not fit its turns and messages");
        let wrong = "SELECT count(*) FROM conversations c
             WHERE c.message_count <> (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id)
             OR c.unread_count <> (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id AND m.role = 'assistant' AND m.read_at IS NULL)";
        assert_eq!(self.count(wrong, vec![]).await, 0, "a conversation's figures do not fit its messages");
        self.check_presences().await;
    }

    /// The log tells every change of presence: each begins where the one before ended, and the last is what is shown.
    async fn check_presences(&self) {
        let mut filter = EventFilter::default();
        filter.kind = Some("agent.presence_changed".to_owned());
        let mut told: BTreeMap<String, String> = BTreeMap::new();
        for event in events::list(&self.ctx(), &filter, 10_000).await.expect("lists") {
            let data: Value = serde_json::from_str(event.data.get()).expect("JSON");
            let (from, to) = (data["from"].as_str().expect("a word"), data["to"].as_str().expect("a word"));
            let before = told.insert(event.subject, to.to_owned());
            assert!(from != to && before.is_none_or(|before| before == from), "a gap in {data}");
        }
        for (id, presence) in told {
            if let Ok(agent) = agents::find(&self.ctx(), &id).await {
                assert_eq!(agent.presence.as_str(), presence, "of {}", agent.name);
            }
        }
    }
}

pub(crate) fn message(conversation: &str, text: &str) -> NewMessage {
    NewMessage {
        content: text.to_owned(),
        metadata: None,
        channel: "api".to_owned(),
        queue_mode: QueueMode::Collect,
        conversation: Some(conversation.to_owned()),
        sender: Sender { kind: "user".to_owned(), id: "usr_1".to_owned(), name: "Ann".to_owned() },
        depth: 0,
    }
}

/// A step that is being done, or is done.
pub(crate) fn step(index: i64, kind: StepKind, tokens: i64) -> Step {
    Step {
        index,
        kind,
        name: "a step".to_owned(),
        key: format!("key-{index}"),
        state: "done".to_owned(),
        attempts: 1,
        input: None,
        output: None,
        error: None,
        usage: Usage { input_tokens: 2 * tokens, output_tokens: tokens, cached_input_tokens: tokens },
        started_at: Millis(1),
        finished_at: Some(Millis(2)),
    }
}

/// A model call that is done.
pub(crate) fn model_call(index: i64, tokens: i64) -> StepDone {
    StepDone {
        step: step(index, StepKind::Model, tokens),
        model: "test/model".to_owned(),
        milliseconds: 7,
        cost: Some(3),
    }
}

/// What follows a model call that asked for no tool: a reservation for the next.
pub(crate) fn reserving(want: i64) -> ToolRound {
    ToolRound { prompt: None, tools: vec![], stream: vec![], want }
}

pub(crate) fn answer(text: &str, index: i64, tokens: i64) -> Answer {
    Answer { content: text.to_owned(), step: model_call(index, tokens), stream: vec![], prompt: None, hand_to: None }
}

/// A lease that is like this one but for its attempt.
pub(crate) fn older(lease: &Lease) -> Lease {
    Lease { attempt: lease.attempt - 1, ..lease.clone() }
}

/// The kind of an error, for comparisons.
pub(crate) fn refused<T>(result: Result<T>) -> Error {
    result.map(drop).expect_err("must be refused")
}
