//! The stream of a turn, as a client reads it.

use muster_testkit::{Agent, Backend, Gate, Reading, Script, ScriptedModel, Server};
use serde_json::json;

async fn reading(agent: &Agent, content: &str) -> Reading {
    let mut reading = Reading::default();
    reading.read(agent.ask(content).await).await;
    reading
}

#[tokio::test]
async fn deltas_put_together_are_the_reply() {
    let model = ScriptedModel::start(|_| Script::say("Grüße, 日本 and 🦀: all of it arrives")).await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let agent = server.client().agent("Ann").await;
    let reading = reading(&agent, "hello").await;
    assert_eq!(reading.finished(), "Grüße, 日本 and 🦀: all of it arrives");
    assert_eq!(reading.heard[0].kind, "message.accepted");
    let accepted = &reading.heard[0].data;
    let reply = reading.reply.as_ref().expect("a reply");
    assert_eq!(reply["reply_to_id"], accepted["id"]);
    assert_eq!(reply["conversation_id"], accepted["conversation_id"]);
    assert_eq!(agent.replies().await[0]["content"], reading.text);
}

#[tokio::test]
async fn text_is_streamed_while_the_model_still_speaks() {
    let gate = Gate::default();
    let script = Script::say("first words ").gate(&gate).and_say("and last words");
    let model = ScriptedModel::in_order(vec![], script).await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let agent = server.client().agent("Ann").await;
    let mut events = agent.ask("hello").await;
    let mut reading = Reading::default();
    while reading.text != "first words " {
        reading.take(events.next().await.expect("the stream goes on"));
        assert!(!reading.is_over());
    }
    gate.open();
    reading.read(events).await;
    assert_eq!(reading.finished(), "first words and last words");
}

#[tokio::test]
async fn every_event_has_an_id_that_rises_and_resumes_right_after_it() {
    let answer = Script::say("Let me look. ").and_call("current_time", "{}");
    let model = ScriptedModel::in_order(vec![answer], Script::say("It is late, go home.")).await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let agent = server.client().agent("Ann").await;
    let whole = reading(&agent, "what time is it?").await;
    let message = whole.heard[0].data["id"].as_str().expect("an id").to_owned();
    let streamed = &whole.heard[1..];
    let places: Vec<u64> = streamed
        .iter()
        .map(|heard| heard.id.rsplit(':').next().expect("a number").parse().expect("a number"))
        .collect();
    assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
    for (at, heard) in streamed.iter().enumerate().take(streamed.len() - 1) {
        let rest = agent.follow(&message, Some(&heard.id)).await.rest().await;
        assert_eq!(rest, streamed[at + 1..], "after {}", heard.id);
    }
    let again = agent.follow(&message, None).await.rest().await;
    assert_eq!(again, streamed);
    let last = streamed.last().expect("events");
    assert_eq!(agent.follow(&message, Some(&last.id)).await.rest().await, vec![]);
}

#[tokio::test]
async fn a_late_reader_of_a_running_turn_gets_the_whole_text() {
    let gate = Gate::default();
    let script = Script::say("one two three ").gate(&gate).and_say("four");
    let model = ScriptedModel::in_order(vec![], script).await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let agent = server.client().agent("Ann").await;
    let message = agent.post("count").await;
    gate.reached(1).await;
    let events = agent.follow(&message, None).await;
    gate.open();
    let mut reading = Reading::default();
    reading.read(events).await;
    assert_eq!(reading.finished(), "one two three four");
}

#[tokio::test]
async fn tools_show_in_the_stream_between_the_texts() {
    let first = Script::say("I note that. ").and_call("memory_set", r#"{"key": "sky", "value": "blue"}"#);
    let model = ScriptedModel::in_order(vec![first], Script::say("Noted.")).await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let agent = server.client().agent("Ann").await;
    let reading = reading(&agent, "the sky is blue").await;
    assert!(reading.finished().starts_with("I note that."), "{}", reading.text);
    assert!(reading.finished().ends_with("Noted."), "{}", reading.text);
    let of = |kind: &str| reading.heard.iter().find(|heard| heard.kind == kind).map(|heard| heard.data.clone());
    let (started, finished) = (of("tool.started").expect("it started"), of("tool.finished").expect("it finished"));
    assert_eq!(started["name"], "memory_set");
    assert_eq!(started["arguments"], json!({"key": "sky", "value": "blue"}));
    assert_eq!(finished["call_id"], started["call_id"]);
    assert_eq!(finished["ok"], true);
    assert!(finished["duration_ms"].is_number());
    assert_eq!(finished["result"]["key"], "sky");
}

#[tokio::test]
async fn a_cut_connection_is_tried_again_and_a_naive_reader_ends_with_the_reply() {
    let half = Script::say("The answer is forty and ").cut();
    let model = ScriptedModel::in_order(vec![half], Script::say("The answer is forty-two, as you know.")).await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let agent = server.client().agent("Ann").await;
    let reading = reading(&agent, "what is the answer?").await;
    assert_eq!(reading.finished(), "The answer is forty-two, as you know.");
    assert_eq!(model.count(), 2);
    assert_eq!(agent.replies().await.len(), 1);
}

#[tokio::test]
async fn a_retry_that_says_the_same_is_not_repeated_to_the_reader() {
    let half = Script::say("one two three ").cut();
    let model = ScriptedModel::in_order(vec![half], Script::say("one two three four")).await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let agent = server.client().agent("Ann").await;
    let reading = reading(&agent, "count").await;
    assert_eq!(reading.finished(), "one two three four");
    let resets = reading.heard.iter().filter(|heard| heard.data["reset"] == true).count();
    assert_eq!(resets, 0, "{:?}", reading.heard);
}

#[tokio::test]
async fn the_stream_of_a_failed_turn_ends_with_the_failure() {
    let model = ScriptedModel::in_order(vec![], Script::status(400)).await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let agent = server.client().agent("Ann").await;
    let reading = reading(&agent, "hello").await;
    assert_eq!(reading.failed.as_ref().expect("it failed")["code"], "MODEL_ERROR");
    assert_eq!(reading.kinds().last(), Some(&"turn.failed"));
    assert_eq!(model.count(), 1, "a refused request is not tried again");
}
