//! The network surface of the real program: interrupts and their replies, shared memory, and enrolment tokens.

use crate::support::{count_events, on_both_databases, text};
use futures::future::join_all;
use muster_testkit::{Agent, Backend, Client, Gate, Script, ScriptedModel, Server, eventually};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

on_both_databases!(
    interrupts_and_replies_survive_a_kill,
    the_reply_of_a_turn_that_was_killed_is_given_once_to_whoever_waits,
    shared_memory_survives_a_kill_and_counts_its_revisions,
);

/// An agent that runs elsewhere, and its own key.
async fn elsewhere(client: &Client, name: &str) -> (Agent, String) {
    let made = client.post("/mission/api/agents", json!({"name": name, "role": "developer"})).await.expect(201);
    let agent = Agent { id: text(&made["agent"]["slug"]), client: client.clone() };
    let key = client.post(&format!("/mission/api/agents/{}/keys", agent.id), json!({"name": "own"})).await.expect(201);
    (agent, text(&key["api_key"]))
}

async fn interrupt(client: &Client, agent: &Agent, reason: &str) -> Value {
    let path = format!("/network/api/agents/{}/interrupt", agent.id);
    client.post(&path, json!({"reason": reason})).await.expect(200)
}

/// The id of the reply; an error when nobody was there to take it.
async fn reply(own: &Client, message: &str, content: &str) -> Result<String, ()> {
    let path = format!("/network/api/agents/messages/{message}/reply");
    let answer = own.try_post(&path, &json!({"content": content})).await.map_err(drop)?;
    Ok(text(&answer.expect(200)["messageId"]))
}

/// What waits for an agent: the numbers and texts of its messages.
async fn waiting(own: &Client, agent: &Agent) -> Vec<(String, String)> {
    let found = own.get(&format!("/mission/api/agents/{}/heartbeat", agent.id)).await.expect(200);
    let messages = found["messages"].as_array().expect("a list").clone();
    messages.iter().map(|message| (message["id"].to_string(), text(&message["content"]))).collect()
}

async fn interrupts_and_replies_survive_a_kill(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let mut server = Server::start(backend, &model).await;
    let client = server.client();
    let (agent, key) = elsewhere(&client, "Ann").await;
    let own = client.with_key(&key);
    let asked = join_all((0..20).map(|n| {
        let (client, agent) = (client.clone(), agent.clone());
        async move { text(&interrupt(&client, &agent, &format!("question {n}")).await["messageId"]) }
    }))
    .await;
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    for message in &asked[..5] {
        given.insert(message.clone(), reply(&own, message, "an answer").await.expect("an answer"));
    }
    // Some of these arrive and some do not; whoever got no answer asks again.
    let cut = join_all(asked[5..15].iter().map(|message| {
        let (own, message) = (own.clone(), message.clone());
        tokio::spawn(async move { (message.clone(), reply(&own, &message, "an answer").await) })
    }));
    let (cut, ()) = tokio::join!(cut, async { server.kill9() });
    server.restart().await;
    for outcome in cut {
        if let (message, Ok(id)) = outcome.expect("no panic") {
            given.insert(message, id);
        }
    }
    for message in &asked[..15] {
        let again = reply(&own, message, "an answer").await.expect("an answer");
        if let Some(first) = given.get(message) {
            assert_eq!(*first, again, "the same reply");
        }
    }
    assert_eq!(waiting(&own, &agent).await.len(), 5, "what was not answered waits");
    for message in &asked[..15] {
        assert_eq!(agent.message(message).await["status"], "completed");
    }
    let all = agent.messages().await;
    let replies: Vec<&Value> = all.iter().filter(|message| message["role"] == "assistant").collect();
    assert_eq!((all.len(), replies.len()), (35, 15));
    assert_eq!(count_events(&client, "message.completed", &agent.id).await, 15);
    // By its number, as a heartbeat shows it.
    let (number, asked) = waiting(&own, &agent).await.swap_remove(0);
    assert!(asked.starts_with("question"));
    reply(&own, &number, "by number").await.expect("an answer");
    assert_eq!(waiting(&own, &agent).await.len(), 4);
    client.verify_events().await;
}

async fn the_reply_of_a_turn_that_was_killed_is_given_once_to_whoever_waits(backend: Backend) {
    let gate = Gate::default();
    let model = ScriptedModel::in_order(vec![Script::say("half an ").gate(&gate)], Script::say("whole answer")).await;
    let mut server = Server::start(backend, &model).await;
    let client = server.client();
    let agent = client.agent("Ann").await;
    let path = format!("/network/api/agents/{}/interrupt", agent.id);
    let body = json!({"reason": "well?", "wait": 60});
    let first = tokio::spawn({
        let (client, path, body) = (client.clone(), path.clone(), body.clone());
        async move { client.post_once("once", &path, &body).await }
    });
    gate.reached(1).await;
    server.kill9();
    gate.open();
    assert!(first.await.expect("no panic").is_err(), "nobody is there to answer");
    server.restart().await;
    // The same request again: the message is there already, and whoever repeats it gets its reply.
    let answer = eventually("the message is known", Duration::from_secs(30), async || {
        let answer = client.post_once("once", &path, &body).await.expect("an answer");
        (answer.status != 409).then_some(answer)
    })
    .await
    .expect(200);
    assert_eq!(answer["reply"]["content"], "whole answer");
    assert_eq!(agent.messages().await.len(), 2, "one message and one reply");
    client.verify_events().await;
}

async fn shared_memory_survives_a_kill_and_counts_its_revisions(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let mut server = Server::start(backend, &model).await;
    let client = server.client();
    let memory = async |body: Value| client.post("/network/api/agents/memory", body).await;
    for value in 1..=20 {
        let set = json!({"operation": "set", "key": "k", "value": value, "ifRevision": value - 1});
        assert_eq!(memory(set).await.expect(200)["revision"], value);
    }
    server.kill9();
    server.restart().await;
    let found = memory(json!({"operation": "get", "key": "k"})).await.expect(200);
    assert_eq!((&found["value"], &found["revision"]), (&json!(20), &json!(20)));
    memory(json!({"operation": "set", "key": "k", "value": 0, "ifRevision": 19})).await.expect(409);
    // A hosted agent finds what all share.
    let shared = r#"/call memory_get {"key": "k", "shared": true}"#;
    let agent = client.make_agent(json!({"name": "Ann", "configuration": {"model": "offline/echo"}})).await;
    let message = agent.post(shared).await;
    let said = text(&agent.reply(&message).await["content"]);
    assert!(said.contains("20"), "{said}");
    let message = agent.post(r#"/call memory_set {"key": "by Ann", "value": [1], "shared": true}"#).await;
    agent.reply(&message).await;
    let found = memory(json!({"operation": "get", "key": "by Ann"})).await.expect(200);
    assert_eq!((&found["value"], &found["revision"]), (&json!([1]), &json!(1)));
}

#[tokio::test]
async fn the_header_of_a_request_chooses_the_dialect_of_a_shared_path() {
    let model = ScriptedModel::echo().await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let client = server.client();
    client.agent("Ann").await;
    let token = server.setup().cli(&["keys", "agent-token", "--name", "fleet"]).await;
    let visitor = client.anonymous();
    let list = visitor.request("GET", "/api/agents").header("x-agent-token", &token);
    let list = visitor.send(list).await.expect("an answer").expect(200);
    assert_eq!((&list["total"], &list["agents"][0]["source"]), (&json!(1), &json!("hosted")));
    assert!(list["agents"][0]["id"].is_string());
    let list = visitor.request("GET", "/api/agents").header("x-api-key", &token);
    let list = visitor.send(list).await.expect("an answer").expect(200);
    assert!(list["agents"][0]["id"].is_i64(), "mission's");
    let wrong = visitor.request("GET", "/api/agents").header("x-agent-token", "agt_made-up");
    let refused = visitor.send(wrong).await.expect("an answer").expect(401);
    assert_eq!(refused["error"], "the credential is not valid: it is unknown or was revoked");
}

#[tokio::test]
async fn an_end_in_order_does_not_wait_for_those_who_wait() {
    let model = ScriptedModel::echo().await;
    let mut server = Server::start(Backend::Sqlite, &model).await;
    let client = server.client();
    let (agent, _) = elsewhere(&client, "Ann").await;
    let path = format!("/network/api/agents/{}/interrupt", agent.id);
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.post(&path, json!({"reason": "anybody?", "wait": 60})).await.expect(200) }
    });
    eventually("the message is there", Duration::from_secs(20), async || {
        (agent.messages().await.len() == 1).then_some(())
    })
    .await;
    let took = server.terminate().await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(waiting.await.expect("no panic")["reply"], Value::Null);
}

#[tokio::test]
async fn a_wait_ends_when_the_one_who_waits_goes_away() {
    let model = ScriptedModel::echo().await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let client = server.client();
    let (agent, key) = elsewhere(&client, "Ann").await;
    let path = format!("/network/api/agents/{}/interrupt", agent.id);
    let ask = async |client: Client, path: String| {
        client.post_once("once", &path, &json!({"reason": "anybody?", "wait": 60})).await.expect("an answer")
    };
    let first = tokio::spawn(ask(client.clone(), path.clone()));
    let message = eventually("the message is there", Duration::from_secs(20), async || {
        agent.messages().await.first().map(|message| text(&message["id"]))
    })
    .await;
    // While the first request is carried out, the same one again is refused.
    ask(client.clone(), path.clone()).await.expect(409);
    first.abort();
    let second = eventually("the first has ended", Duration::from_secs(20), async || {
        let mut second = tokio::spawn(ask(client.clone(), path.clone()));
        match tokio::time::timeout(Duration::from_millis(300), &mut second).await {
            Ok(refused) => {
                refused.expect("no panic").expect(409);
                None
            }
            Err(_) => Some(second),
        }
    })
    .await;
    reply(&client.with_key(&key), &message, "here").await.expect("an answer");
    let answer = second.await.expect("no panic").expect(200);
    assert_eq!((&answer["messageId"], &answer["reply"]["content"]), (&json!(message), &json!("here")));
}

#[tokio::test]
async fn enrolment_tokens_are_made_listed_and_revoked_on_the_data_directory() {
    let model = ScriptedModel::echo().await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let cli = async |arguments: &[&str]| server.setup().cli(arguments).await;
    let token = cli(&["keys", "agent-token", "--name", "fleet", "--expires-at", "2999-01-01T00:00:00Z"]).await;
    let own = server.client().with_key(&token);
    own.get("/network/api/agents").await.expect(200);
    let listed: Value = serde_json::from_str(&cli(&["keys", "agent-tokens", "--json"]).await).expect("JSON");
    assert_eq!((&listed["name"], &listed["machines"]), (&json!("fleet"), &json!(0)));
    assert!(token.starts_with(&text(&listed["prefix"])));
    let id = text(&listed["id"]);
    assert!(cli(&["keys", "agent-tokens"]).await.starts_with(&id));
    assert_eq!(cli(&["keys", "revoke-agent-token", &id]).await, "revoked fleet");
    // What the server remembers of a credential it remembers for five seconds.
    eventually("it is worth nothing", Duration::from_secs(20), async || {
        (own.get("/network/api/agents").await.status == 401).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_commands_interrupt_and_remember() {
    let model = ScriptedModel::start(|asked| Script::say(asked.last_user())).await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let client = server.client();
    client.agent("Ann").await;
    elsewhere(&client, "Bob").await;
    let (url, key) = (server.url(), muster_testkit::ADMIN_KEY);
    let cli = async |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(["--url", &url, "--key", key]);
        server.setup().cli(&all).await
    };
    assert_eq!(cli(&["interrupt", "Ann", "well?", "--wait", "30"]).await, "well?");
    assert_eq!(cli(&["interrupt", "Bob", "well?"]).await, "queued: the agent gets it when it is there");
    let told: Value = serde_json::from_str(&cli(&["interrupt", "Bob", "x", "--json"]).await).expect("JSON");
    assert_eq!(told["status"], "queued");
    assert_eq!(cli(&["memory", "set", "colour", "red"]).await, "set colour, revision 1");
    assert_eq!(cli(&["memory", "set", "limits", r#"{"cpu": 4}"#, "--as-json"]).await, "set limits, revision 1");
    assert_eq!(cli(&["memory", "get", "colour"]).await, "red");
    let limits: Value = serde_json::from_str(&cli(&["memory", "get", "limits"]).await).expect("JSON");
    assert_eq!(limits, json!({"cpu": 4}));
    let listed: Value = serde_json::from_str(&cli(&["memory", "ls", "--json"]).await).expect("JSON");
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    assert!(cli(&["memory", "ls", "col"]).await.contains("colour"));
    assert_eq!(cli(&["memory", "rm", "colour"]).await, "forgot colour");
}
