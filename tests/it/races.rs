//! Many at once: who is first gets it, and nobody gets it twice.

use crate::support::{on_both_databases, text};
use futures::future::join_all;
use muster_testkit::{Backend, ScriptedModel, Server, eventually};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

on_both_databases!(
    a_name_is_given_once_however_many_ask_at_once,
    a_request_sent_many_times_at_once_under_one_key_is_carried_out_once,
    a_balance_that_many_change_at_once_adds_up,
    an_agent_that_is_paused_and_resumed_while_messages_come_answers_them_all,
    the_event_log_is_followed_over_a_kill_without_a_gap,
);

async fn a_name_is_given_once_however_many_ask_at_once(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let server = Server::start(backend, &model).await;
    let client = server.client();
    let answers = join_all((0..20).map(|_| client.post("/v1/agent/create", json!({"name": "Ann"})))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let taken = answers.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((made, taken), (1, 19), "{answers:?}");
    assert_eq!(client.get("/v1/agent/list").await.expect(200)["pagination"]["total"], 1);
}

async fn a_request_sent_many_times_at_once_under_one_key_is_carried_out_once(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let server = Server::start(backend, &model).await;
    let agent = server.client().agent("Ann").await;
    let (path, body) = (agent.at("messages"), json!({"content": "hello"}));
    let sends = (0..30).map(|_| agent.client.post_once("one-key", &path, &body));
    let mut ids = BTreeSet::new();
    for answer in join_all(sends).await {
        let answer = answer.expect("an answer");
        match answer.status {
            201 => ids.extend(answer.json()["id"].as_str().map(str::to_owned)),
            // Somebody else is at it; the client is told to come back.
            409 => assert!(!answer.header("retry-after").is_empty(), "{}", answer.text),
            status => panic!("{status} {}", answer.text),
        }
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    agent.reply(ids.first().expect("one")).await;
    assert_eq!(agent.messages().await.len(), 2);
}

async fn a_balance_that_many_change_at_once_adds_up(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let server = Server::start(backend, &model).await;
    let agent = server.client().make_agent(json!({"name": "Ann", "output_token_balance": 1000})).await;
    let (path, body) = (agent.at("balance"), json!({"amount": 7, "type": "increment"}));
    for answer in join_all((0..40).map(|_| agent.client.post(&path, body.clone()))).await {
        answer.expect(200);
    }
    assert_eq!(agent.balance().await, 1280);
}

async fn an_agent_that_is_paused_and_resumed_while_messages_come_answers_them_all(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let server = Server::start(backend, &model).await;
    let agent = server.client().agent("Ann").await;
    for round in 0..8 {
        let sends = (0..6).map(|number| {
            agent.send(json!({"content": format!("{round}.{number}"), "conversation_id": format!("c{number}")}))
        });
        let to = if round % 2 == 0 { "paused" } else { "active" };
        let path = agent.at("status");
        let change = agent.client.post(&path, json!({"status": to}));
        let (sent, changed) = tokio::join!(join_all(sends), change);
        changed.expect(200);
        for answer in sent {
            answer.expect(201);
        }
    }
    let messages = crate::support::all_answered_once(&agent, Duration::from_secs(30)).await;
    assert_eq!(messages.iter().filter(|message| message["role"] == "user").count(), 48);
}

async fn the_event_log_is_followed_over_a_kill_without_a_gap(backend: Backend) {
    let model = ScriptedModel::echo().await;
    let mut server = Server::start(backend, &model).await;
    let client = server.client();
    let agent = client.agent("Ann").await;
    let path = "/v1/orgs/default/events?after=0";
    let mut seen: Vec<i64> = Vec::new();
    let mut last = None;
    for round in 0..3 {
        let mut events = client.follow(path, last.as_deref()).await;
        let message = agent.post(&format!("message {round}")).await;
        let turn = text(&agent.message(&message).await["turn_id"]);
        let mut is_over = false;
        while !is_over {
            let heard = events.next().await.expect("the log goes on");
            is_over = heard.kind == "message.completed" && heard.data["data"]["turnId"] == json!(turn);
            seen.push(heard.id.parse().expect("a number"));
            last = Some(heard.id);
        }
        server.kill9();
        // What was on its way when the server died counts as heard.
        while let Some(heard) = events.next().await {
            seen.push(heard.id.parse().expect("a number"));
            last = Some(heard.id);
        }
        server.restart().await;
    }
    let all = client.events(0).await;
    let numbers: Vec<i64> = all.iter().filter_map(|event| event["seq"].as_i64()).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<i64>>(), "the log itself has no gap");
    assert_eq!(seen, numbers[..seen.len()], "a follower misses nothing and hears nothing twice");
    eventually("everything is in the log", Duration::from_secs(5), async || {
        let found = client.get("/v1/orgs/default/events?type=message.completed").await.expect(200);
        (found["data"].as_array().map(Vec::len) == Some(3)).then_some(text(&found["data"][0]["id"]))
    })
    .await;
    client.verify_events().await;
}
