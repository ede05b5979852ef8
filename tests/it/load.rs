//! Many agents at once.

use crate::support::{all_answered_once, on_both_databases, text};
use futures::future::join_all;
use muster_testkit::{Agent, Backend, Script, ScriptedModel, Server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

on_both_databases!(a_hundred_agents_answer_twenty_messages_each_once_and_in_order);

const DEADLINE: Duration = Duration::from_secs(120);

async fn a_hundred_agents_answer_twenty_messages_each_once_and_in_order(backend: Backend) {
    let model = ScriptedModel::start(|asked| {
        Script::new().wait(Duration::from_millis(50)).and_say(&format!("echo: {}", asked.last_user()))
    })
    .await;
    let server = Server::start(backend, &model).await;
    let client = server.client();
    let agents: Vec<Agent> =
        join_all((0..100).map(async |number| client.agent(&format!("Agent {number}")).await)).await;
    let begun = Instant::now();
    let posts = agents.iter().flat_map(|agent| {
        (0..20).map(move |number| {
            agent.send(json!({"content": format!("message {number}"), "conversation_id": format!("c{}", number % 4)}))
        })
    });
    for sent in join_all(posts).await {
        sent.expect(201);
    }
    for agent in &agents {
        let left = DEADLINE.saturating_sub(begun.elapsed());
        let messages = all_answered_once(agent, left).await;
        assert_eq!(messages.iter().filter(|message| message["role"] == "user").count(), 20);
        echoes_what_it_answers(&messages);
    }
    assert!(begun.elapsed() < DEADLINE, "{:?}", begun.elapsed());
    client.verify_events().await;
}

/// The model saw the messages in the order in which they are listed: it echoes the last one of its turn.
fn echoes_what_it_answers(messages: &[Value]) {
    let by_id: BTreeMap<String, &Value> = messages.iter().map(|message| (text(&message["id"]), message)).collect();
    for reply in messages.iter().filter(|message| message["role"] == "assistant") {
        let asked = by_id[&text(&reply["reply_to_id"])];
        assert_eq!(text(&reply["content"]), format!("echo: {}", text(&asked["content"])));
    }
}
