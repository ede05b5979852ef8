//! Properties over arbitrary input, through HTTP: whatever is sent, the server never fails.

use muster_testkit::{Agent, Backend, Client, Setup};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

const CASES: u32 = 120;

/// What a create or update may hold, so that arbitrary values get past the first check.
const FIELDS: &[&str] = &[
    "name",
    "description",
    "pvc_size",
    "openai_api_key",
    "output_token_balance",
    "system_prompt",
    "system_prompt_type",
    "session_mode",
    "warmth_window_ms",
    "slack_bot_token",
    "configuration",
    "initial_files",
    "files",
    "content",
    "metadata",
    "channel",
    "queue_mode",
    "conversation_id",
    "role",
    "config",
    "gateway_config",
    "soul_content",
    "session_key",
    "status",
    "last_activity",
    "capabilities",
    "memory",
    "working_memory",
    "append",
    "from",
    "to",
    "type",
    "reason",
    "ack",
    "token_usage",
    "title",
    "priority",
    "assigned_to",
    "due_date",
];

const SETTINGS: &[&str] = &[
    "model",
    "timeout_seconds",
    "mcp_servers",
    "memory_config",
    "compaction",
    "custom_env",
    "unread_reminder_interval_ms",
    "webhooks",
    "resources",
    "budget",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no infinity", |number| number.is_finite()).prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[a-z]{1,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".{0,12}", inner), 0..6).prop_map(Value::from_iter),
        ]
    })
}

/// An object with fields that the API knows and values that it may not.
fn nearly_right() -> impl Strategy<Value = Value> {
    let field = prop::sample::select(FIELDS).prop_flat_map(|name| {
        let value = if name == "configuration" {
            let settings = prop::collection::vec((prop::sample::select(SETTINGS), any_json()), 0..4);
            settings
                .prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>())
                .boxed()
        } else {
            prop_oneof![any_json(), ".{1,30}".prop_map(Value::from)].boxed()
        };
        value.prop_map(move |value| (name.to_owned(), value))
    });
    prop::collection::vec(field, 0..5).prop_map(|pairs| Value::from(pairs.into_iter().collect::<Map<_, _>>()))
}

/// Runs a property against a server that all cases share.
fn holds<S: Strategy>(
    backend: Backend,
    input: &S,
    check: impl AsyncFn(&Client, &Agent, S::Value) -> Result<(), TestCaseError>,
) {
    let runtime = Runtime::new().expect("a runtime");
    let server = runtime.block_on(async { Setup::new(backend).await.start().await });
    let client = server.client();
    let agent = runtime.block_on(client.agent("Ann"));
    // The same cases each time, so that a change is blamed for what it broke; PROPTEST_RNG_SEED explores others.
    let mut config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(4711);
    }
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(input, |input| runtime.block_on(check(&client, &agent, input)));
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
    runtime.block_on(client.verify_events());
}

async fn never_fails(client: &Client, method: &str, path: &str, body: &Value) -> Result<(), TestCaseError> {
    let answer = client.raw(method, path, Some(body.to_string().into_bytes())).await;
    prop_assert!(answer.status < 500, "{} {} answers {} {}", method, path, answer.status, answer.text);
    prop_assert!(!answer.json().is_null(), "{} {} answers no JSON: {}", method, path, answer.text);
    Ok(())
}

async fn bodies(client: &Client, agent: &Agent, body: Value) -> Result<(), TestCaseError> {
    never_fails(client, "POST", "/v1/agent/create", &body).await?;
    never_fails(client, "POST", &format!("/v1/agent/update/{}", agent.id), &body).await?;
    never_fails(client, "POST", &agent.at("messages"), &body).await?;
    never_fails(client, "POST", &agent.at("balance"), &body).await?;
    never_fails(client, "PATCH", "/v1/orgs/default", &body).await?;
    never_fails(client, "POST", "/v1/orgs/default/api-keys", &body).await?;
    never_fails(client, "POST", "/v1/orgs/default/users", &body).await?;
    never_fails(&client.anonymous(), "POST", "/api/login", &body).await?;
    never_fails(client, "POST", "/api/agents", &body).await?;
    never_fails(client, "POST", "/api/agents/register", &body).await?;
    never_fails(client, "PUT", &format!("/api/agents/{}", agent.id), &body).await?;
    never_fails(client, "PUT", &format!("/api/agents/{}/soul", agent.id), &body).await?;
    never_fails(client, "PUT", &format!("/api/agents/{}/memory", agent.id), &body).await?;
    never_fails(client, "POST", &format!("/api/agents/{}/keys", agent.id), &body).await?;
    never_fails(client, "POST", "/api/agents/message", &body).await?;
    never_fails(client, "POST", &format!("/api/agents/{}/wake", agent.id), &body).await?;
    never_fails(client, "POST", &format!("/api/agents/{}/heartbeat", agent.id), &body).await?;
    never_fails(client, "POST", "/api/tasks", &body).await?;
    never_fails(client, "PUT", "/api/tasks/1", &body).await?;
    let shown = client.get(&format!("/v1/agent/{}", agent.id)).await;
    prop_assert_eq!(shown.status, 200);
    prop_assert_eq!(client.get("/v1/agent/list").await.status, 200);
    prop_assert_eq!(client.get("/api/agents?limit=200").await.status, 200);
    prop_assert_eq!(client.get(&format!("/api/agents/{}/memory", agent.id)).await.status, 200);
    prop_assert_eq!(client.get(&agent.at("messages")).await.status, 200);
    Ok(())
}

#[test]
fn no_body_makes_a_server_on_sqlite_fail() {
    holds(Backend::Sqlite, &prop_oneof![any_json(), nearly_right()], bodies);
}

#[test]
fn no_body_makes_a_server_on_postgres_fail() {
    holds(Backend::Postgres, &prop_oneof![any_json(), nearly_right()], bodies);
}

/// Percent-encodes everything but letters and digits.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

async fn words(client: &Client, agent: &Agent, word: String) -> Result<(), TestCaseError> {
    let word = encoded(&word);
    for path in [
        format!("/v1/agent/{word}"),
        format!("/v1/agent/list?limit={word}&page={word}&status={word}&sort={word}"),
        agent.at(&format!("messages?before={word}")),
        agent.at(&format!("messages?after={word}&conversation_id={word}")),
        agent.at(&format!("conversations?before={word}")),
        format!("/v1/orgs/default/agents?q={word}"),
        format!("/v1/orgs/default/agents?pageToken={word}"),
        format!("/v1/orgs/default/turns?pageToken={word}"),
        format!("/v1/orgs/default/turns?conversation={word}"),
        format!("/v1/orgs/default/conversations?pageToken={word}"),
        format!("/v1/orgs/default/api-keys?pageToken={word}"),
        format!("/v1/orgs/default/users?pageToken={word}"),
        format!("/v1/orgs/default/events?type={word}&subject={word}"),
        format!("/v1/orgs/default/turns/{word}"),
        format!("/v1/orgs/default/agents/{}/versions?pageToken={word}", agent.id),
        format!("/v1/orgs/default/agents/{}/versions/{word}?against={word}", agent.id),
        format!("/api/agents/{word}"),
        format!("/api/agents/{word}/memory"),
        format!("/api/agents/{word}/heartbeat"),
        format!("/api/agents/comms?agent={word}&since={word}"),
        format!("/api/agents/comms?limit={word}&offset={word}"),
        format!("/api/tasks/{word}"),
        format!("/api/tasks?status={word}&priority={word}&assigned_to={word}"),
        format!("/api/tasks/queue?agent={word}&max_capacity={word}"),
        format!("/api/agents?limit={word}&offset={word}"),
        format!("/api/agents?q={word}&role={word}"),
    ] {
        let answer = client.get(&path).await;
        prop_assert!(answer.status < 500, "{} answers {} {}", path, answer.status, answer.text);
        prop_assert!(!answer.json().is_null(), "{} answers no JSON: {}", path, answer.text);
    }
    Ok(())
}

/// Arbitrary words, and page tokens that somebody has bent.
fn word() -> impl Strategy<Value = String> {
    let bent = prop::collection::vec(any::<u8>(), 0..24).prop_map(|bytes| {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        bytes.into_iter().map(|byte| char::from(alphabet[usize::from(byte) % 64])).collect::<String>()
    });
    prop_oneof![".{0,60}", bent, "[0-9]{1,25}", "[A-Za-z0-9_-]{1,80}"]
}

#[test]
fn no_cursor_id_or_query_makes_a_server_on_sqlite_fail() {
    holds(Backend::Sqlite, &word(), words);
}

#[test]
fn no_cursor_id_or_query_makes_a_server_on_postgres_fail() {
    holds(Backend::Postgres, &word(), words);
}

async fn conversations(client: &Client, agent: &Agent, text: String) -> Result<(), TestCaseError> {
    // The offline model answers, so this is a whole turn with an arbitrary text.
    let body = json!({"content": text, "metadata": {"text": text}});
    let answer = client.post(&agent.at("messages"), body).await;
    if text.trim().is_empty() || text.contains('\0') {
        prop_assert_eq!(answer.status, 400);
        return Ok(());
    }
    prop_assert_eq!(answer.status, 201, "{}", answer.text);
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    let settled = agent.settled(&id).await;
    prop_assert_eq!(&settled["status"], "completed", "{}", settled);
    prop_assert_eq!(&settled["content"], &json!(text), "what was said is kept as it was said");
    prop_assert_eq!(&settled["metadata"]["text"], &json!(text));
    Ok(())
}

/// Texts of any characters, and commands of the offline model with anything behind them.
fn said() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,200}",
        any::<String>(),
        ("/(tools|call|remember|recall|help|nothing) ?", ".{0,40}").prop_map(|(command, rest)| command + &rest),
        any_json().prop_map(|value| format!("/call memory_set {value}")),
    ]
}

#[test]
fn any_text_is_answered_on_sqlite() {
    holds(Backend::Sqlite, &said(), conversations);
}

#[test]
fn any_text_is_answered_on_postgres() {
    holds(Backend::Postgres, &said(), conversations);
}
