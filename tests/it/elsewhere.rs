//! Agents that run elsewhere: messages wait for them, tasks are claimed by them, and nothing of it is lost.

use crate::support::{on_both_databases, text};
use futures::future::join_all;
use muster_testkit::{Agent, Backend, Client, ScriptedModel, Server, eventually};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

on_both_databases!(
    messages_and_acknowledgements_survive_a_kill,
    a_message_is_the_same_in_every_dialect,
    tasks_that_many_claim_at_once_are_given_once_each,
);

async fn elsewhere(client: &Client, name: &str) -> Agent {
    let made = client.post("/mission/api/agents", json!({"name": name, "role": "developer"})).await.expect(201);
    assert_eq!(made["agent"]["hosted"], false);
    Agent { id: text(&made["agent"]["slug"]), client: client.clone() }
}

async fn tell(client: &Client, from: &str, to: &str, content: &str) -> i64 {
    let body = json!({"from": from, "to": to, "content": content});
    let sent = client.post("/mission/api/agents/message", body).await.expect(200);
    sent["id"].as_i64().expect("a number")
}

async fn heartbeat(agent: &Agent) -> Value {
    agent.client.get(&format!("/mission/api/agents/{}/heartbeat", agent.id)).await.expect(200)
}

fn contents(list: &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|message| text(&message["content"])).collect()
}

#[tokio::test]
async fn the_stream_of_a_message_that_waits_says_so_and_ends() {
    let model = ScriptedModel::echo().await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let agent = elsewhere(&server.client(), "Ann").await;
    let heard = agent.ask("hello").await.rest().await;
    let kinds: Vec<&str> = heard.iter().map(|heard| heard.kind.as_str()).collect();
    assert_eq!(kinds, ["message.accepted", "message.waiting"]);
    assert_eq!(heard[1].data["message_id"], heard[0].data["id"]);
    let message = text(&heard[0].data["id"]);
    let refused = agent.client.get(&agent.at(&format!("messages/{message}/stream"))).await.expect(409);
    let said = text(&refused["error"]["message"]);
    assert!(said.contains("runs elsewhere"), "{said}");
    let shown = agent.message(&message).await;
    assert_eq!((&shown["status"], &shown["turn_id"]), (&json!("pending"), &Value::Null));
    let found = heartbeat(&agent).await;
    assert_eq!(contents(&found["messages"]), ["hello"]);
    let beat = json!({"ack": [found["messages"][0]["id"]]});
    agent.client.post(&format!("/mission/api/agents/{}/heartbeat", agent.id), beat).await.expect(200);
    assert_eq!(agent.message(&message).await["status"], "completed");
}

async fn messages_and_acknowledgements_survive_a_kill(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let mut server = Server::start(backend, &model).await;
    let client = server.client();
    let (ann, bob) = (elsewhere(&client, "Ann").await, elsewhere(&client, "Bob").await);
    let sends = (0..40).map(|n| {
        let client = client.clone();
        async move { tell(&client, "Ann", "Bob", &format!("message {n}")).await }
    });
    let sent = join_all(sends).await;
    let task = client.post("/mission/api/tasks", json!({"title": "a task", "assigned_to": "Bob"})).await.expect(201);
    let beat = json!({"ack": sent[..10], "token_usage": {"model": "m", "inputTokens": 1, "outputTokens": 2}});
    client.post(&format!("/mission/api/agents/{}/heartbeat", bob.id), beat).await.expect(200);
    server.kill9();
    server.restart().await;
    let client = server.client();
    let found = heartbeat(&Agent { id: bob.id, client: client.clone() }).await;
    let waiting: BTreeSet<i64> =
        found["messages"].as_array().expect("a list").iter().filter_map(|message| message["id"].as_i64()).collect();
    assert_eq!(waiting, sent[10..].iter().copied().collect::<BTreeSet<i64>>());
    assert_eq!(found["pending_tasks"][0]["id"], task["task"]["id"]);
    assert!(heartbeat(&Agent { id: ann.id, client: client.clone() }).await["messages"] == json!([]));
    assert_eq!(client.get("/mission/api/agents/comms").await.expect(200)["total"], 40);
    assert_eq!(client.get("/v1/orgs/default/overview").await.expect(200)["outputTokens24h"], 2);
    client.verify_events().await;
}

async fn a_message_is_the_same_in_every_dialect(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let server = Server::start(backend, &model).await;
    let client = server.client();
    let (hosted, ann) = (client.agent("Bob").await, elsewhere(&client, "Ann").await);
    hosted.talk("from a client").await;
    tell(&client, "Ann", "Bob", "from an agent").await;
    let found = eventually("the reply waits for Ann", Duration::from_secs(30), async || {
        let found = heartbeat(&ann).await;
        (found["total_items"] == 1).then_some(found)
    })
    .await;
    let reply = text(&found["messages"][0]["content"]);
    let in_hosting: Vec<String> = hosted.messages().await.iter().map(|message| text(&message["content"])).collect();
    let comms = client.get("/mission/api/agents/comms").await.expect(200);
    assert_eq!(contents(&comms["messages"]), in_hosting);
    assert_eq!((in_hosting.len(), &in_hosting[3]), (4, &reply));
    let conversations = client.get("/v1/orgs/default/conversations").await.expect(200);
    assert_eq!(conversations["data"].as_array().expect("a list").len(), 2);
    assert!(ann.messages().await.is_empty(), "the reply is in the conversation where it was given");
}

async fn tasks_that_many_claim_at_once_are_given_once_each(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let server = Server::start(backend, &model).await;
    let client = server.client();
    for n in 0..60 {
        client.post("/mission/api/tasks", json!({"title": format!("task {n}")})).await.expect(201);
    }
    let mut workers = Vec::new();
    for n in 0..12 {
        workers.push(elsewhere(&client, &format!("worker {n}")).await);
    }
    let work = workers.iter().map(async |agent| {
        let mut done = Vec::new();
        let queue = format!("/mission/api/tasks/queue?agent={}", agent.id);
        loop {
            let claimed = agent.client.get(&queue).await.expect(200)["task"].take();
            let Some(number) = claimed["id"].as_i64() else {
                let left = agent.client.get("/mission/api/tasks?status=inbox&limit=1").await.expect(200);
                if left["total"] == 0 {
                    return done;
                }
                continue;
            };
            let finish = json!({"status": "done"}).to_string().into_bytes();
            agent.client.raw("PUT", &format!("/mission/api/tasks/{number}"), Some(finish)).await.expect(200);
            done.push(number);
        }
    });
    let done: Vec<i64> = join_all(work).await.concat();
    assert_eq!((done.len(), done.iter().collect::<BTreeSet<_>>().len()), (60, 60));
}
