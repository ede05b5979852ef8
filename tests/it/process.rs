//! The process: start, health, orderly end, and what it refuses to start on.

use crate::support::{all_answered_once, on_both_databases};
use muster_testkit::{Backend, Gate, Script, ScriptedModel, Server, Setup, eventually};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

on_both_databases!(
    a_turn_that_runs_at_the_end_is_finished_after_the_next_start_exactly_once,
    a_turn_that_ends_in_time_is_finished_before_the_process_ends,
    a_key_made_while_the_server_runs_works_at_once,
);

#[tokio::test]
async fn a_started_server_is_healthy_ready_and_keeps_its_data_to_itself() {
    let model = ScriptedModel::echo().await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let visitor = server.client().anonymous();
    assert_eq!(visitor.get("/healthz").await.status, 200);
    assert_eq!(visitor.get("/readyz").await.status, 200);
    assert_eq!(visitor.get("/").await.header("location"), "/ui/");
    assert!(visitor.get("/metrics").await.text.contains("# TYPE"));
    let document = visitor.get("/openapi.json").await.expect(200);
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    let mode = |path: &str| {
        let meta = std::fs::metadata(server.data().join(path)).expect("it is there");
        meta.permissions().mode() & 0o777
    };
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode("secret.key"), 0o600);
}

#[tokio::test]
async fn the_password_of_the_first_start_is_printed_once_and_never_logged() {
    let mut server = Setup::new(Backend::Sqlite).await.without("MUSTER_ADMIN_PASSWORD").start().await;
    let password = |server: &Server| {
        server.printed().iter().find_map(|line| Some(line.split_once("with the password ")?.1.to_owned()))
    };
    let printed = password(&server).expect("it is printed");
    let login = json!({"username": "admin", "password": printed});
    server.client().anonymous().post("/api/auth/login", login.clone()).await.expect(200);
    assert!(!server.log().contains(&printed));
    server.terminate().await;
    server.restart().await;
    assert_eq!(password(&server), None);
    assert!(server.printed().last().is_some_and(|line| line.starts_with("muster ready on http://127.0.0.1:")));
    server.client().anonymous().post("/api/auth/login", login).await.expect(200);
}

#[tokio::test]
async fn an_idle_server_ends_at_once() {
    let mut server = Setup::new(Backend::Sqlite).await.start().await;
    let visitor = server.client().anonymous();
    visitor.get("/healthz").await;
    let follower = server.client().follow("/v1/orgs/default/events?flat=true", None).await;
    let heard = tokio::spawn(async move { follower.rest().await });
    let took = server.terminate().await;
    assert!(took < Duration::from_secs(3), "an idle server took {took:?} to end");
    heard.await.expect("an open stream ends with the server");
}

async fn a_turn_that_runs_at_the_end_is_finished_after_the_next_start_exactly_once(backend: Backend) {
    let gate = Gate::default();
    let model = ScriptedModel::in_order(vec![Script::say("half ").gate(&gate)], Script::say("whole")).await;
    let mut server = Server::start(backend, &model).await;
    let agent = server.client().agent("Ann").await;
    let message = agent.post("hello").await;
    gate.reached(1).await;
    server.terminate().await;
    gate.open();
    server.restart().await;
    assert_eq!(agent.reply(&message).await["content"], "whole");
    assert_eq!(all_answered_once(&agent, Duration::from_secs(5)).await.len(), 2);
    assert_eq!(model.count(), 2);
    server.client().verify_events().await;
}

async fn a_turn_that_ends_in_time_is_finished_before_the_process_ends(backend: Backend) {
    let gate = Gate::default();
    let script = Script::new().gate(&gate).wait(Duration::from_millis(500)).and_say("in time");
    let model = ScriptedModel::in_order(vec![script], Script::say("again")).await;
    let mut server = Server::start(backend, &model).await;
    let agent = server.client().agent("Ann").await;
    let message = agent.post("hello").await;
    gate.reached(1).await;
    gate.open();
    server.terminate().await;
    server.restart().await;
    assert_eq!(agent.reply(&message).await["content"], "in time");
    assert_eq!(model.count(), 1);
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused_and_the_first_goes_on() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let refused = server.setup().clone().try_start().await.expect_err("it is refused");
    assert!(refused.contains("another muster serves"), "{refused}");
    server.client().agent("Ann").await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_plainly() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let address = server.url().trim_start_matches("http://").to_owned();
    let other = Setup::new(Backend::Sqlite).await.env("MUSTER_LISTEN", &address);
    let refused = other.try_start().await.expect_err("it is refused");
    assert!(refused.contains(&address) && refused.contains("choose another"), "{refused}");
}

#[tokio::test]
async fn a_wrong_secret_key_is_refused_with_a_clear_message() {
    let keys = ["11".repeat(32), "22".repeat(32)];
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let setup = Setup::new(backend).await.env("MUSTER_SECRET_KEY", &keys[0]);
        let server = setup.clone().start().await;
        let body = json!({"name": "Ann", "openai_api_key": "sk-agents-own"});
        server.client().make_agent(body).await;
        drop(server);
        let refused = setup.clone().env("MUSTER_SECRET_KEY", &keys[1]).try_start().await.expect_err("it is refused");
        assert!(refused.contains("MUSTER_SECRET_KEY") || refused.contains("secret key"), "{refused}");
        assert!(!refused.contains(&keys[0]) && !refused.contains(&keys[1]), "it prints the key: {refused}");
        let server = setup.start().await;
        assert_eq!(server.client().get("/v1/agent/list").await.expect(200)["pagination"]["total"], 1);
    }
}

async fn a_key_made_while_the_server_runs_works_at_once(backend: Backend) {
    let server = Setup::new(backend).await.start().await;
    let scoped = ["keys", "create", "--name", "reader", "--role", "operator", "--scope", "agents:read"];
    let reader = server.client().with_key(&server.setup().cli(&scoped).await);
    reader.get("/v1/agent/list").await.expect(200);
    reader.post("/v1/agent/create", json!({"name": "Ann"})).await.expect(403);
    let whole = server.setup().cli(&["keys", "create", "--name", "all", "--role", "operator"]).await;
    server.client().with_key(&whole).agent("Ann").await;
    let past = ["keys", "create", "--name", "old", "--role", "viewer", "--expires-at", "2020-01-01T00:00:00Z"];
    let output = server.setup().run(&past).await;
    if output.status.success() {
        let key = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        server.client().with_key(&key).get("/v1/agent/list").await.expect(401);
    }
}

#[tokio::test]
async fn a_key_ends_with_its_time() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let client = server.client();
    let soon = client.get("/v1/orgs/default").await;
    // The server's own clock, whatever ours says; a second or two ahead.
    let now = soon.header("date").to_owned();
    assert!(!now.is_empty(), "answers carry a date");
    let body = json!({"name": "short", "role": "viewer", "expiresAt": in_seconds(2)});
    let made = client.post("/v1/orgs/default/api-keys", body).await.expect(201);
    let short = client.with_key(made["key"].as_str().expect("a key"));
    short.get("/v1/agent/list").await.expect(200);
    eventually("the key has ended", Duration::from_secs(10), async || {
        (short.get("/v1/agent/list").await.status == 401).then_some(())
    })
    .await;
}

/// A time a little ahead, as the API writes times.
fn in_seconds(seconds: u64) -> String {
    let output = std::process::Command::new("date")
        .args(["-u", "-d", &format!("+{seconds} seconds"), "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .expect("date runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[tokio::test]
async fn requests_over_the_limit_are_told_when_to_come_back() {
    let server = Setup::new(Backend::Sqlite).await.env("MUSTER_RATE_LIMIT", "on").start().await;
    let client = server.client();
    let mut limited = None;
    for _ in 0..12 {
        let answers = futures::future::join_all((0..100).map(|_| client.get("/v1/agent/list"))).await;
        limited = answers.into_iter().find(|answer| answer.status == 429);
        if limited.is_some() {
            break;
        }
    }
    let limited = limited.expect("more than 1000 requests within a minute are limited");
    assert!(limited.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
    assert!(!limited.header("ratelimit").is_empty() && !limited.header("ratelimit-policy").is_empty());
    assert_eq!(limited.json()["error"]["code"], "RATE_LIMITED");
    let other = server.setup().cli(&["keys", "create", "--name", "b", "--role", "viewer"]).await;
    client.with_key(&other).get("/v1/agent/list").await.expect(200);
}
