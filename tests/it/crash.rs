//! `kill -9`: what was acknowledged is there afterwards, and everything is answered exactly once.

use crate::support::{all_answered_once, count_events, on_both_databases, text};
use muster_testkit::{Agent, Asked, Backend, Gate, Reading, Script, ScriptedModel, Server};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

on_both_databases!(
    every_acknowledged_message_is_there_after_a_kill_amid_two_hundred_posts_and_is_answered_once,
    a_turn_killed_in_its_model_call_is_answered_once,
    a_turn_killed_in_its_tool_calls_does_none_of_them_twice,
    a_completed_tool_call_is_not_repeated_after_a_kill_in_the_next_model_call,
    a_stream_killed_midway_is_resumed_without_a_gap,
    a_server_that_is_killed_again_and_again_still_answers_once,
);

const LONG: Duration = Duration::from_secs(60);

async fn every_acknowledged_message_is_there_after_a_kill_amid_two_hundred_posts_and_is_answered_once(
    backend: Backend,
) {
    let model = ScriptedModel::start(|asked| {
        Script::new().wait(Duration::from_millis(20)).and_say(&format!("echo: {}", asked.last_user()))
    })
    .await;
    let mut server = Server::start(backend, &model).await;
    let client = server.client();
    let mut agents = Vec::new();
    for number in 0..10 {
        agents.push(client.agent(&format!("Agent {number}")).await);
    }
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let posting: Vec<_> = (0..200)
        .map(|number| tokio::spawn(post_until_cut(agents[number % 10].clone(), number, acknowledged.clone())))
        .collect();
    while acknowledged.load(Ordering::Relaxed) < 300 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.kill9();
    let mut accepted: Vec<BTreeSet<String>> = vec![BTreeSet::new(); 10];
    for (number, task) in posting.into_iter().enumerate() {
        accepted[number % 10].extend(task.await.expect("it ends"));
    }
    assert!(accepted.iter().map(BTreeSet::len).sum::<usize>() >= 300);
    server.restart().await;
    for (agent, accepted) in agents.iter().zip(&accepted) {
        let messages = all_answered_once(agent, LONG).await;
        let there: BTreeSet<String> = messages.iter().map(|message| text(&message["id"])).collect();
        let lost: Vec<&String> = accepted.difference(&there).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let shown = agent.show().await["message_count"].clone();
        let summary = agent.client.get(&agent.at("summary")).await.expect(200);
        assert_eq!(summary["message_count"], json!(messages.len()), "{shown}");
    }
    client.verify_events().await;
}

/// Posts one message after another until the server is gone; gives the ids of those that it acknowledged.
async fn post_until_cut(agent: Agent, poster: usize, acknowledged: Arc<AtomicUsize>) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0.. {
        let body = json!({"content": format!("{poster}/{number}"), "conversation_id": format!("c{}", poster % 4)});
        let Ok(answer) = agent.client.try_post(&agent.at("messages"), &body).await else { break };
        ids.push(text(&answer.expect(201)["id"]));
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    ids
}

async fn a_turn_killed_in_its_model_call_is_answered_once(backend: Backend) {
    let gate = Gate::default();
    let model = ScriptedModel::in_order(vec![Script::say("half an ").gate(&gate)], Script::say("whole answer")).await;
    let mut server = Server::start(backend, &model).await;
    let agent = server.client().agent("Ann").await;
    let message = agent.post("hello").await;
    gate.reached(1).await;
    server.kill9();
    gate.open();
    server.restart().await;
    assert_eq!(agent.reply(&message).await["content"], "whole answer");
    assert_eq!(all_answered_once(&agent, LONG).await.len(), 2);
    assert_eq!(model.count(), 2);
    assert_eq!(agent.turn_of(&message).await["attempt"], 2);
    server.client().verify_events().await;
}

/// How often the model has already asked for tools in this conversation.
fn rounds(asked: &Asked) -> usize {
    asked.messages().iter().filter(|message| message["tool_calls"].is_array()).count()
}

async fn a_turn_killed_in_its_tool_calls_does_none_of_them_twice(backend: Backend) {
    let model = ScriptedModel::start(|asked| match rounds(asked) {
        0..6 => (0..5).fold(Script::new(), |script, _| script.and_call("memory_set", r#"{"key": "n", "value": 1}"#)),
        _ => Script::say("done"),
    })
    .await;
    let mut server = Server::start(backend, &model).await;
    let agent = server.client().agent("Ann").await;
    let message = agent.post("count").await;
    for delay in [0u64, 3, 11] {
        let mut events = agent.follow(&message, None).await;
        events.until("tool.started").await;
        tokio::time::sleep(Duration::from_millis(delay)).await;
        drop(events);
        server.kill9();
        server.restart().await;
    }
    assert_eq!(agent.reply(&message).await["content"], "done");
    let turn = agent.turn_of(&message).await;
    let tools: Vec<_> = turn["steps"].as_array().expect("steps").iter().filter(|step| step["kind"] == "tool").collect();
    assert_eq!(tools.len(), 30);
    let revisions: Vec<i64> = tools.iter().map(|step| step["output"]["revision"].as_i64().expect("a number")).collect();
    assert_eq!(revisions, (1..=30).collect::<Vec<i64>>(), "each call was carried out once, in order");
    assert_eq!(count_events(&server.client(), "memory.set", &agent.id).await, 30);
    assert_eq!(count_events(&server.client(), "tool.called", &agent.id).await, 30);
    let mut reading = Reading::default();
    reading.read(agent.follow(&message, None).await).await;
    let finished = reading.kinds().iter().filter(|kind| **kind == "tool.finished").count();
    assert_eq!(finished, 30, "a reader is told of each call once");
    assert_eq!(agent.replies().await.len(), 1);
    server.client().verify_events().await;
}

async fn a_completed_tool_call_is_not_repeated_after_a_kill_in_the_next_model_call(backend: Backend) {
    let gate = Gate::default();
    let first = Script::say("I note it.").and_call("memory_set", r#"{"key": "n", "value": 1}"#);
    let model = ScriptedModel::in_order(vec![first, Script::new().gate(&gate)], Script::say("It is noted.")).await;
    let mut server = Server::start(backend, &model).await;
    let agent = server.client().agent("Ann").await;
    let message = agent.post("note this").await;
    gate.reached(1).await;
    server.kill9();
    server.restart().await;
    let reply = agent.reply(&message).await;
    assert_eq!(reply["content"], "I note it.\n\nIt is noted.");
    assert_eq!(model.count(), 3, "the first model call is not paid twice");
    assert_eq!(count_events(&server.client(), "memory.set", &agent.id).await, 1);
    let asked = model.asked();
    // The instructions may show by now what was remembered meanwhile.
    assert_eq!(asked[1].messages()[1..], asked[2].messages()[1..], "it goes on with the same conversation");
    server.client().verify_events().await;
    gate.open();
}

async fn a_stream_killed_midway_is_resumed_without_a_gap(backend: Backend) {
    let slowly = |text: &str| {
        text.split_inclusive(' ')
            .fold(Script::new(), |script, word| script.and_say(word).wait(Duration::from_millis(15)))
    };
    let story = "once upon a time there was a server that was killed in the middle of a story about itself and ";
    let again = slowly(&format!("{story}it went on"));
    let otherwise = slowly("once upon a time there was another story, told from the beginning to its very end");
    let model = ScriptedModel::in_order(vec![slowly(story), again, otherwise], Script::say("too late")).await;
    let mut server = Server::start(backend, &model).await;
    let agent = server.client().agent("Ann").await;
    let mut reading = Reading::default();
    let mut events = agent.ask("tell me a story").await;
    for begun in [20, 40] {
        while reading.text.len() < begun {
            reading.take(events.next().await.expect("the stream goes on"));
        }
        server.kill9();
        reading.read(events).await;
        assert!(!reading.is_over(), "it was killed too late: {:?}", reading.kinds());
        server.restart().await;
        let message = text(&reading.heard[0].data["id"]);
        events = agent.follow(&message, reading.last.as_deref()).await;
    }
    reading.read(events).await;
    assert_eq!(reading.finished(), "once upon a time there was another story, told from the beginning to its very end");
    let message = text(&reading.heard[0].data["id"]);
    let mut afresh = Reading::default();
    afresh.read(agent.follow(&message, None).await).await;
    assert_eq!(afresh.finished(), reading.text, "who reads it from the start ends with the same");
    assert_eq!(agent.replies().await.len(), 1);
    server.client().verify_events().await;
}

async fn a_server_that_is_killed_again_and_again_still_answers_once(backend: Backend) {
    let model = ScriptedModel::start(|asked| {
        Script::new().wait(Duration::from_millis(40)).and_say(&format!("echo: {}", asked.last_user()))
    })
    .await;
    let mut server = Server::start(backend, &model).await;
    let agent = server.client().agent("Ann").await;
    for (round, delay) in [5u64, 60, 25].into_iter().enumerate() {
        for number in 0..8 {
            let body = json!({"content": format!("{round}.{number}"), "conversation_id": format!("c{number}")});
            agent.send(body).await.expect(201);
        }
        tokio::time::sleep(Duration::from_millis(delay)).await;
        server.kill9();
        server.restart().await;
    }
    let messages = all_answered_once(&agent, LONG).await;
    assert_eq!(messages.iter().filter(|message| message["role"] == "user").count(), 24);
    assert_eq!(agent.show().await["status"], "active");
    server.client().verify_events().await;
}
