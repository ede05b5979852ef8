//! Two nodes on one PostgreSQL, which wake each other over NATS.

use crate::support::{all_answered_once, text};
use muster_testkit::{Agent, Backend, Gate, Nats, Reading, Script, ScriptedModel, Server, Setup, eventually, soon};
use serde_json::json;
use std::time::{Duration, Instant};

const SECRET_KEY: &str = "3333333333333333333333333333333333333333333333333333333333333333";

pub(crate) struct Nodes {
    pub(crate) a: Server,
    pub(crate) b: Server,
    _nats: Nats,
}

pub(crate) async fn two(model: &ScriptedModel) -> Nodes {
    let nats = Nats::start().await;
    let setup = Setup::new(Backend::Postgres).await.model(model).env("MUSTER_BUS_URL", nats.url());
    let a = setup.env("MUSTER_SECRET_KEY", SECRET_KEY).start().await;
    let b = a.another_node().start().await;
    Nodes { a, b, _nats: nats }
}

/// The same agent, asked for at another node.
fn at(node: &Server, agent: &Agent) -> Agent {
    Agent { id: agent.id.clone(), client: node.client() }
}

#[tokio::test]
async fn a_message_posted_at_one_node_streams_from_the_other() {
    let gate = Gate::default();
    let model = ScriptedModel::in_order(vec![], Script::say("first ").gate(&gate).and_say("and second")).await;
    let nodes = two(&model).await;
    let at_a = nodes.a.client().agent("Ann").await;
    let message = at_a.post("hello").await;
    let at_b = at(&nodes.b, &at_a);
    let mut events = at_b.follow(&message, None).await;
    let mut reading = Reading::default();
    while reading.text != "first " {
        reading.take(events.next().await.expect("the stream goes on"));
    }
    let begun = Instant::now();
    gate.open();
    reading.read(events).await;
    assert_eq!(reading.finished(), "first and second");
    assert!(begun.elapsed() < Duration::from_millis(1500), "the bus wakes the reader: {:?}", begun.elapsed());
    assert_eq!(at_b.replies().await, at_a.replies().await);
    assert_eq!(model.count(), 1, "only one node has answered");
}

#[tokio::test]
async fn the_turn_of_a_killed_node_is_finished_once_by_the_other() {
    let gate = Gate::default();
    let model = ScriptedModel::start({
        let gate = gate.clone();
        move |asked| match asked.number {
            0..6 => Script::say("half ").gate(&gate),
            _ => Script::say("whole"),
        }
    })
    .await;
    let mut nodes = two(&model).await;
    let agent = nodes.a.client().agent("Ann").await;
    for number in 0..6 {
        agent.send(json!({"content": "hello", "conversation_id": format!("c{number}")})).await.expect(201);
    }
    gate.reached(6).await;
    nodes.a.kill9();
    gate.open();
    let agent = at(&nodes.b, &agent);
    let messages = all_answered_once(&agent, Duration::from_secs(30)).await;
    assert_eq!(messages.len(), 12);
    nodes.b.client().verify_events().await;
    nodes.a.restart().await;
    let again = at(&nodes.a, &agent);
    assert_eq!(again.messages().await, messages);
    assert_eq!(again.talk("and now?").await, "whole");
}

#[tokio::test]
async fn a_turn_can_be_cancelled_at_the_node_that_does_not_run_it() {
    let gate = Gate::default();
    let model = ScriptedModel::in_order(vec![], Script::new().gate(&gate)).await;
    let nodes = two(&model).await;
    let agent = nodes.a.client().agent("Ann").await;
    for node in [&nodes.a, &nodes.b] {
        let agent = at(node, &agent);
        let message = agent.post("hello").await;
        soon("the turn runs", async || (agent.message(&message).await["status"] == "processing").then_some(())).await;
        let turn = text(&agent.message(&message).await["turn_id"]);
        for other in [&nodes.a, &nodes.b] {
            other.client().act(&format!("/v1/orgs/default/turns/{turn}/_cancel")).await.expect(200);
        }
        assert_eq!(agent.settled(&message).await["status"], "cancelled");
    }
}

#[tokio::test]
async fn a_key_revoked_at_one_node_is_refused_by_the_other() {
    let model = ScriptedModel::echo().await;
    let nodes = two(&model).await;
    let (id, key) = nodes.a.client().make_key("viewer", &[]).await;
    let at_b = nodes.b.client().with_key(&key);
    at_b.get("/v1/agent/list").await.expect(200);
    nodes.a.client().delete(&format!("/v1/orgs/default/api-keys/{id}")).await.expect(204);
    eventually("the other node refuses it", Duration::from_secs(6), async || {
        (at_b.get("/v1/agent/list").await.status == 401).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nodes_share_their_work_and_one_event_log() {
    let model = ScriptedModel::start(|asked| {
        Script::new().wait(Duration::from_millis(30)).and_say(&format!("echo: {}", asked.last_user()))
    })
    .await;
    let nodes = two(&model).await;
    let agent = nodes.a.client().agent("Ann").await;
    let follower = nodes.b.client().follow("/v1/orgs/default/events?type=message.completed&after=0", None).await;
    let heard = tokio::spawn(async move {
        let (mut follower, mut heard) = (follower, 0);
        while heard < 40 {
            follower.next().await.expect("the log goes on");
            heard += 1;
        }
    });
    let sends = (0..40).map(|number| {
        let agent = at(if number % 2 == 0 { &nodes.a } else { &nodes.b }, &agent);
        async move { agent.send(json!({"content": "go", "conversation_id": format!("c{number}")})).await.expect(201) }
    });
    futures::future::join_all(sends).await;
    let messages = all_answered_once(&agent, Duration::from_secs(30)).await;
    assert_eq!(messages.len(), 80);
    tokio::time::timeout(Duration::from_secs(10), heard).await.expect("all events reach the follower").expect("heard");
    nodes.b.client().verify_events().await;
}

#[tokio::test]
async fn whoever_waits_at_one_node_hears_at_once_what_is_replied_at_the_other() {
    let model = ScriptedModel::echo().await;
    let nodes = two(&model).await;
    let (client, other) = (nodes.a.client(), nodes.b.client());
    let made = client.post("/mission/api/agents", json!({"name": "Bob", "role": "developer"})).await.expect(201);
    let bob = Agent { id: text(&made["agent"]["slug"]), client: other.clone() };
    let key = client.post(&format!("/mission/api/agents/{}/keys", bob.id), json!({"name": "own"})).await.expect(201);
    let path = format!("/network/api/agents/{}/interrupt", bob.id);
    let waiting = tokio::spawn(async move { client.post(&path, json!({"reason": "well?", "wait": 60})).await });
    let messages = eventually("the message is there", Duration::from_secs(20), async || {
        let messages = bob.messages().await;
        (!messages.is_empty()).then_some(messages)
    })
    .await;
    let reply = format!("/network/api/agents/messages/{}/reply", text(&messages[0]["id"]));
    let begun = Instant::now();
    other.with_key(&text(&key["api_key"])).post(&reply, json!({"content": "well"})).await.expect(200);
    let heard = waiting.await.expect("no panic").expect(200);
    assert_eq!(heard["reply"]["content"], "well");
    assert!(begun.elapsed() < Duration::from_millis(1500), "the bus wakes who waits: {:?}", begun.elapsed());
}
