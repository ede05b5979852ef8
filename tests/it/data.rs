//! The data: backups, rotation of the key, and that no secret ever shows.

use crate::document::operations;
use crate::support::{on_both_databases, text};
use flate2::read::GzDecoder;
use muster_testkit::{ADMIN_KEY, ADMIN_PASSWORD, Agent, Backend, Client, Script, ScriptedModel, Server, Setup};
use serde_json::{Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

on_both_databases!(
    a_backup_taken_while_the_server_runs_restores_everything,
    secrets_survive_the_rotation_of_their_key,
    a_rotation_that_is_killed_loses_no_secret,
);

/// Keeps writing messages until it is told to stop.
async fn write_on(agent: Agent, stop: Arc<AtomicBool>) -> usize {
    let mut sent = 0;
    while !stop.load(Ordering::Relaxed) {
        agent.send(json!({"content": format!("meanwhile {sent}")})).await.expect(201);
        sent += 1;
    }
    sent
}

async fn a_backup_taken_while_the_server_runs_restores_everything(from: Backend) {
    let model = ScriptedModel::echo().await;
    let server = Server::start(from, &model).await;
    let client = server.client();
    let (_, key) = client.make_key("operator", &[]).await;
    let body = json!({"name": "Ann", "openai_api_key": "sk-anns-own", "system_prompt": "Be kind."});
    let ann = client.with_key(&key).make_agent(body).await;
    ann.talk("my cat is called Miez").await;
    let (before, agent) = (ann.messages().await, ann.show().await);

    let stop = Arc::new(AtomicBool::new(false));
    let busy = tokio::spawn(write_on(client.agent("Busy").await, stop.clone()));
    // Not in the server's own directory, which goes away with it.
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("backup.gz");
    let path = file.to_str().expect("a path");
    server.setup().cli(&["backup", path, "--include-key"]).await;
    stop.store(true, Ordering::Relaxed);
    assert!(busy.await.expect("it ends") > 0);
    let again = server.setup().run(&["backup", path]).await;
    assert!(!again.status.success(), "a backup never overwrites another");
    drop(server);

    for to in [Backend::Sqlite, Backend::Postgres] {
        // The automation key must come out of the backup.
        let setup = Setup::new(to).await.model(&model).without("MUSTER_API_KEY");
        setup.cli(&["restore", path]).await;
        let twice = setup.run(&["restore", path]).await;
        assert!(!twice.status.success(), "restoring over data is refused");
        let server = setup.start().await;
        let client = server.client();
        client.verify_events().await;
        let ann = Agent { id: ann.id.clone(), client: client.with_key(&key) };
        assert_eq!(ann.show().await, agent);
        assert_eq!(ann.messages().await, before);
        let heard = model.count();
        assert_eq!(ann.talk("still there?").await, "echo: still there?");
        let call = model.asked().into_iter().skip(heard).find(|asked| asked.last_user() == "still there?");
        let call = call.expect("it was called");
        assert_eq!(call.key, "sk-anns-own", "sealed secrets open again");
        assert!(call.everything().contains("Miez"));
        client.post("/api/auth/login", json!({"username": "admin", "password": ADMIN_PASSWORD})).await.expect(200);
        client.agent("Newcomer").await;
        client.verify_events().await;
    }
}

async fn secrets_survive_the_rotation_of_their_key(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let mut server = Server::start(backend, &model).await;
    let client = server.client();
    let ann = client.make_agent(json!({"name": "Ann", "openai_api_key": "sk-anns-own"})).await;
    ann.talk("before").await;
    let key_file = server.data().join("secret.key");
    let old = std::fs::read_to_string(&key_file).expect("a key");
    let stop = Arc::new(AtomicBool::new(false));
    let busy = tokio::spawn(make_agents_with_keys(client.clone(), stop.clone()));
    server.setup().cli(&["secrets", "rotate"]).await;
    stop.store(true, Ordering::Relaxed);
    let made = busy.await.expect("it ends");
    let new = std::fs::read_to_string(&key_file).expect("a key");
    assert_ne!(old, new);
    assert!(!new.contains(old.trim()), "the old key is gone");
    ann.talk("after").await;
    let bob = client.make_agent(json!({"name": "Bob", "openai_api_key": "sk-bobs-own"})).await;
    bob.talk("hello").await;
    server.kill9();
    server.restart().await;
    ann.talk("after a restart").await;
    bob.talk("after a restart").await;
    let keys: Vec<String> = model.asked().into_iter().map(|asked| asked.key).collect();
    assert_eq!(keys, ["sk-anns-own", "sk-anns-own", "sk-bobs-own", "sk-anns-own", "sk-bobs-own"]);
    for (number, agent) in made.iter().enumerate() {
        agent.talk("hello").await;
        assert_eq!(model.asked().last().expect("a call").key, format!("sk-number-{number}"), "of {}", made.len());
    }
    let rotated = client.get("/v1/orgs/default/events?type=secrets.rotated").await.expect(200);
    assert_eq!(rotated["data"].as_array().map(Vec::len), Some(1));
}

async fn a_rotation_that_is_killed_loses_no_secret(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let mut server = Server::start(backend, &model).await;
    let client = server.client();
    for number in 0..10 {
        let body = json!({"name": format!("Number {number}"), "openai_api_key": format!("sk-number-{number}")});
        client.make_agent(body).await;
    }
    let ann = client.make_agent(json!({"name": "Ann", "openai_api_key": "sk-anns-own"})).await;
    for delay in [0, 60, 1500, 2030, 2060] {
        let mut rotation = server.setup().command(&["secrets", "rotate"]).spawn().expect("it starts");
        tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
        // It may have ended by itself; both are right.
        let _ = rotation.kill();
        rotation.wait().expect("it is our child");
        ann.talk("hello").await;
        assert_eq!(model.asked().last().expect("a call").key, "sk-anns-own", "killed after {delay} ms");
    }
    server.kill9();
    server.restart().await;
    server.setup().cli(&["secrets", "rotate"]).await;
    ann.talk("hello again").await;
    assert_eq!(model.asked().last().expect("a call").key, "sk-anns-own");
}

/// Makes agents with keys of their own until it is told to stop.
async fn make_agents_with_keys(client: Client, stop: Arc<AtomicBool>) -> Vec<Agent> {
    let mut made: Vec<Agent> = Vec::new();
    while !stop.load(Ordering::Relaxed) && made.len() < 40 {
        let number = made.len();
        let body = json!({"name": format!("Number {number}"), "openai_api_key": format!("sk-number-{number}")});
        made.push(client.make_agent(body).await);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    made
}

/// Every secret that the test below gives to the server; each has a part that is in no other text.
const SECRETS: &[&str] = &[
    "sk-secret-openai-4711",
    "sk-ant-secret-4712",
    "discord-secret-4713",
    "xoxb-secret-4714",
    "signing-secret-4715",
    "xapp-secret-4716",
    "telegram-secret-4717",
    "mcp-header-secret-4718",
    "environment-secret-4719",
    "users-secret-password-4720",
    "wrong-secret-password-4721",
    "not-a-known-key-secret-4722",
    "updated-secret-openai-4723",
    "sk-operators-own-model-key",
    ADMIN_PASSWORD,
    ADMIN_KEY,
];

fn no_secret_in(what: &str, bytes: &[u8], secrets: &[String]) {
    let text = String::from_utf8_lossy(bytes);
    for secret in secrets {
        if let Some(at) = text.find(secret.as_str()) {
            let around: String = text[..at].chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("{what} holds the secret {secret}: ...{around}");
        }
    }
}

#[tokio::test]
async fn no_secret_shows_in_answers_events_logs_backups_or_the_database() {
    let model = ScriptedModel::start(|asked| match asked.last_user() {
        "refuse" => Script::status(401),
        text => Script::say(&format!("echo: {text}")),
    })
    .await;
    let setup = Setup::new(Backend::Sqlite).await.model(&model).env("MUSTER_LOG", "debug");
    let mut server = setup.start().await;
    let client = server.client();
    let mut answers: Vec<String> = Vec::new();
    let mut secrets: Vec<String> = SECRETS.iter().map(|&secret| secret.to_owned()).collect();

    let body = json!({
        "name": "Ann", "openai_api_key": SECRETS[0], "anthropic_api_key": SECRETS[1], "discord_bot_token": SECRETS[2],
        "slack_bot_token": {"bot_token": SECRETS[3], "signing_secret": SECRETS[4], "app_token": SECRETS[5]},
        "telegram_bot_token": SECRETS[6],
        "configuration": {
            "mcp_servers": {"tools": {"url": "https://example.com/mcp", "headers": {"Authorization": SECRETS[7]}}},
            "custom_env": {"SERVICE_TOKEN": SECRETS[8]},
        },
    });
    let made = client.post_once("the-agent", "/v1/agent/create", &body).await.expect("an answer");
    let ann = Agent { id: text(&made.expect(201)["id"]), client: client.clone() };
    answers.push(made.text);
    let update = json!({"openai_api_key": SECRETS[12], "description": "changed"});
    answers.push(client.post(&format!("/v1/agent/update/{}", ann.id), update).await.text);
    ann.talk("hello").await;
    let refused = ann.post("refuse").await;
    ann.settled(&refused).await;

    let user = json!({"username": "carl", "password": SECRETS[9], "role": "operator"});
    answers.push(client.post_once("the-user", "/v1/orgs/default/users", &user).await.expect("an answer").text);
    let visitor = client.anonymous();
    answers.push(visitor.post("/api/auth/login", json!({"username": "carl", "password": SECRETS[10]})).await.text);
    answers.push(visitor.with_key(SECRETS[11]).get("/v1/agent/list").await.text);
    answers.push(visitor.get(&format!("/v1/orgs/default/events?token={}", SECRETS[11])).await.text);
    // What is shown once on purpose is kept out of the answers, and must be found nowhere else.
    let key = json!({"name": "k", "role": "viewer"});
    let key = client.post_once("the-key", "/v1/orgs/default/api-keys", &key).await.expect("an answer").expect(201);
    secrets.push(text(&key["key"]));
    let token = visitor.post("/api/login", json!({"username": "carl", "password": SECRETS[9]})).await.expect(200);
    let token = text(&token["token"]);
    answers.push(visitor.with_key(&token).get("/api/auth/me").await.text);
    client.get(&format!("/v1/orgs/default/events?token={token}")).await;
    secrets.push(token);

    answers.extend(every_answer(&client, &ann).await);
    no_secret_in("an answer", answers.join("\n").as_bytes(), &secrets);
    assert!(answers.iter().any(|answer| answer.contains("turn.failed")), "the answers hold the event log");
    let backup = server.home().join("backup.gz");
    server.setup().cli(&["backup", backup.to_str().expect("a path")]).await;
    let mut plain = Vec::new();
    GzDecoder::new(std::fs::File::open(&backup).expect("a backup")).read_to_end(&mut plain).expect("it is whole");
    assert!(String::from_utf8_lossy(&plain).contains("echo: hello"), "the backup holds the messages");
    no_secret_in("the backup", &plain, &secrets);
    server.terminate().await;
    for file in files(&server.data()) {
        no_secret_in(&file.display().to_string(), &std::fs::read(&file).expect("a file"), &secrets);
    }
    let log = server.log();
    assert!(log.contains("DEBUG"), "the log is as talkative as asked for");
    no_secret_in("the log", log.as_bytes(), &secrets);
}

/// What every operation answers that only reads.
async fn every_answer(client: &Client, agent: &Agent) -> Vec<String> {
    let turns = agent.turns().await;
    let mut answers = Vec::new();
    for operation in operations(client).await.into_iter().filter(|one| one.method == "GET" && !one.streams) {
        let known = operation.path.replace("{id}", &agent.id).replace("{org}", "default").replace("{agent}", &agent.id);
        for turn in &turns {
            let path = known.replace("{turn}", &text(&turn["id"]));
            answers.push(client.get(&path).await.text);
        }
    }
    for message in agent.messages().await {
        let heard = agent.follow(&text(&message["id"]), None).await.rest().await;
        answers.push(heard.iter().map(|heard| heard.data.to_string()).collect());
    }
    answers.push(Value::from(client.events(0).await).to_string());
    answers
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()).collect()
}
