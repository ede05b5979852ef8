//! How turns meet what goes wrong, and how they are steered.

use muster_testkit::{Agent, Backend, Gate, Reading, Script, ScriptedModel, Server, Setup, soon};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn server(model: &ScriptedModel) -> Server {
    Server::start(Backend::Sqlite, model).await
}

fn texts(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["content"].as_str().unwrap_or_default()).collect()
}

fn steps_of(turn: &Value, kind: &str) -> Vec<Value> {
    turn["steps"].as_array().expect("steps").iter().filter(|step| step["kind"] == kind).cloned().collect()
}

async fn failure(agent: &Agent, message: &str) -> String {
    let turn = agent.turn_of(message).await;
    turn["error"]["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn tools_loop_until_the_model_answers() {
    let model = ScriptedModel::in_order(
        vec![
            Script::call("memory_set", r#"{"key": "a", "value": 1}"#),
            Script::new().and_call("memory_get", r#"{"key": "a"}"#).and_call("current_time", "{}"),
        ],
        Script::say("a is 1"),
    )
    .await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    let message = agent.post("remember that a is 1, then read it").await;
    assert_eq!(agent.reply(&message).await["content"], "a is 1");
    let turn = agent.turn_of(&message).await;
    assert_eq!(steps_of(&turn, "model").len(), 3);
    let tools = steps_of(&turn, "tool");
    let names: Vec<&Value> = tools.iter().map(|step| &step["name"]).collect();
    assert_eq!(names, ["memory_set", "memory_get", "current_time"]);
    assert!(tools.iter().all(|step| step["state"] == "done"), "{tools:?}");
    let asked = model.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[1].last_role(), "tool");
    assert!(asked[2].everything().contains("call_2"), "every call is answered: {}", asked[2].everything());
}

#[tokio::test]
async fn a_limited_model_is_asked_again_after_the_time_it_says() {
    let limited = Script::status(429).retry_after(1);
    let model = ScriptedModel::in_order(vec![limited], Script::say("now I can")).await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    let begun = Instant::now();
    let message = agent.post("hello").await;
    assert_eq!(agent.reply(&message).await["content"], "now I can");
    assert!(begun.elapsed() >= Duration::from_secs(1), "it did not wait as it was told");
    assert_eq!(model.count(), 2);
    assert_eq!(agent.replies().await.len(), 1);
    assert_eq!(agent.turn_of(&message).await["attempt"], 2);
}

#[tokio::test]
async fn a_model_that_keeps_failing_fails_the_turn_after_all_attempts() {
    let model = ScriptedModel::in_order(vec![], Script::status(500)).await;
    let setup = Setup::new(Backend::Sqlite).await.model(&model).env("MUSTER_TURN_ATTEMPTS", "3");
    let server = setup.start().await;
    let agent = server.client().agent("Ann").await;
    let mut reading = Reading::default();
    reading.read(agent.ask("hello").await).await;
    let failed = reading.failed.as_ref().expect("it failed");
    assert_eq!(failed["code"], "MODEL_ERROR");
    assert!(failed["message"].as_str().is_some_and(|message| message.contains("scripted 500")), "{failed}");
    assert_eq!(model.count(), 3);
    let message = reading.heard[0].data["id"].as_str().expect("an id");
    let message = agent.message(message).await;
    assert_eq!(message["status"], "failed");
    assert!(message["error"].as_str().is_some_and(|error| !error.is_empty()), "{message}");
    assert_eq!(agent.replies().await, Vec::<Value>::new());
    assert_eq!(agent.balance().await, 1_000_000, "what failed costs nothing");
}

#[tokio::test]
async fn a_model_that_hangs_times_the_turn_out() {
    let model = ScriptedModel::in_order(vec![], Script::hang()).await;
    let server = server(&model).await;
    let agent = server.client().make_agent(json!({"name": "Ann", "configuration": {"timeout_seconds": 1}})).await;
    let begun = Instant::now();
    let message = agent.post("hello").await;
    assert_eq!(agent.settled(&message).await["status"], "failed");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!(failure(&agent, &message).await, "TIMEOUT");
}

#[tokio::test]
async fn malformed_tool_arguments_are_told_to_the_model_which_recovers() {
    let model = ScriptedModel::in_order(
        vec![
            Script::call("memory_set", r#"{"key": "a", "val"#),
            Script::call("memory_set", r#"{"key": 7}"#),
            Script::call("no_such_tool", "{}"),
            Script::call("memory_set", r#"{"key": "a", "value": "x"}"#),
        ],
        Script::say("now it is right"),
    )
    .await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    let message = agent.post("remember a").await;
    assert_eq!(agent.reply(&message).await["content"], "now it is right");
    let asked = model.asked();
    for (call, word) in [(1, "JSON"), (2, "key"), (3, "no_such_tool")] {
        assert_eq!(asked[call].last_role(), "tool");
        assert!(asked[call].last_text().contains(word), "call {call} was told: {}", asked[call].last_text());
    }
    let turn = agent.turn_of(&message).await;
    let states: Vec<Value> = steps_of(&turn, "tool").iter().map(|step| step["state"].clone()).collect();
    assert_eq!(states, ["failed", "failed", "failed", "done"]);
}

#[tokio::test]
async fn nul_characters_of_a_model_do_no_harm() {
    let model = ScriptedModel::in_order(
        vec![
            Script::call("memory_set", r#"{"key": "a\u0000", "value": 1}"#),
            Script::call("memory_set", r#"{"key": "a", "value": "x\u0000y"}"#),
            Script::call("memory_set", r#"{"\u0000": 1}"#),
            Script::call("no\u{0}tool", "{}"),
        ],
        Script::say("all \u{0}right"),
    )
    .await;
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let server = Server::start(backend, &model).await;
        let agent = server.client().agent("Ann").await;
        let message = agent.post("remember").await;
        let reply = agent.reply(&message).await;
        assert_eq!(reply["content"].as_str().map(|text| text.replace('\0', "")).as_deref(), Some("all right"));
        server.client().verify_events().await;
    }
}

#[tokio::test]
async fn a_model_that_never_stops_calling_tools_is_stopped() {
    let model = ScriptedModel::in_order(vec![], Script::call("current_time", "{}")).await;
    let server = server(&model).await;
    let body = json!({"name": "Ann", "configuration": {"budget": {"max_tool_calls_per_turn": 3}}});
    let agent = server.client().make_agent(body).await;
    let message = agent.post("loop").await;
    assert_eq!(agent.settled(&message).await["status"], "failed");
    assert_eq!(failure(&agent, &message).await, "TOOL_LIMIT");
    let done = steps_of(&agent.turn_of(&message).await, "tool").iter().filter(|step| step["state"] == "done").count();
    assert_eq!(done, 3);
}

#[tokio::test]
async fn messages_that_come_while_a_turn_runs_are_answered_together_by_one_more_turn() {
    let gate = Gate::default();
    let script = Script::new().gate(&gate).and_say("first");
    let model = ScriptedModel::in_order(vec![script], Script::say("all three")).await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    let first = agent.post("one").await;
    gate.reached(1).await;
    let mut waiting = Vec::new();
    for content in ["two", "three", "four"] {
        waiting.push(agent.post(content).await);
    }
    gate.open();
    assert_eq!(agent.reply(&first).await["content"], "first");
    for message in &waiting {
        assert_eq!(agent.reply(message).await["content"], "all three");
    }
    assert_eq!(agent.turns().await.len(), 2);
    assert_eq!(texts(&agent.messages().await), ["one", "two", "three", "four", "first", "all three"]);
    let replies = agent.replies().await;
    assert_eq!(replies[0]["reply_to_id"], json!(first));
    assert_eq!(replies[1]["reply_to_id"], json!(waiting[2]), "the last message is the one that is answered");
    let second = &model.asked()[1];
    for word in ["two", "three", "four"] {
        assert!(second.everything().contains(word), "{}", second.everything());
    }
    assert_eq!(model.count(), 2);
}

#[tokio::test]
async fn an_interrupting_message_cancels_the_running_turn_and_is_answered() {
    let gate = Gate::default();
    let script = Script::say("I begin ").gate(&gate).and_say("and never end");
    let model = ScriptedModel::in_order(vec![script], Script::say("at your service")).await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    let first = agent.post("a long story").await;
    gate.reached(1).await;
    let body = json!({"content": "stop that", "queue_mode": "interrupt"});
    let second = agent.send(body).await.expect(201)["id"].as_str().expect("an id").to_owned();
    assert_eq!(agent.reply(&second).await["content"], "at your service");
    assert_eq!(agent.settled(&first).await["status"], "cancelled");
    assert_eq!(failure(&agent, &first).await, "CANCELLED");
    assert_eq!(texts(&agent.replies().await), ["at your service"]);
    gate.open();
}

#[tokio::test]
async fn a_running_turn_can_be_cancelled_and_the_next_message_is_answered() {
    let gate = Gate::default();
    let model = ScriptedModel::in_order(vec![Script::new().gate(&gate)], Script::say("here again")).await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    let mut events = agent.ask("a long story").await;
    let message = events.next().await.expect("accepted").data["id"].as_str().expect("an id").to_owned();
    gate.reached(1).await;
    let turn = agent.message(&message).await["turn_id"].as_str().expect("a turn").to_owned();
    server.client().act(&format!("/v1/orgs/default/turns/{turn}/_cancel")).await.expect(200);
    let mut reading = Reading::default();
    reading.read(events).await;
    assert_eq!(reading.failed.expect("it was cancelled")["code"], "CANCELLED");
    assert_eq!(agent.settled(&message).await["status"], "cancelled");
    assert_eq!(agent.turn(&turn).await["state"], "cancelled");
    assert_eq!(agent.talk("are you there?").await, "here again");
    let again = server.client().act(&format!("/v1/orgs/default/turns/{turn}/_cancel")).await.expect(200);
    assert_eq!(again["state"], "cancelled", "cancelling twice is not an error");
}

#[tokio::test]
async fn a_queued_turn_can_be_cancelled_before_it_runs() {
    let model = ScriptedModel::echo().await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    server.client().act(&agent.at("pause")).await.expect(200);
    let message = agent.post("never mind").await;
    let turn = agent.message(&message).await["turn_id"].as_str().expect("a turn").to_owned();
    let cancelled = server.client().act(&format!("/v1/orgs/default/turns/{turn}/_cancel")).await.expect(200);
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(agent.settled(&message).await["status"], "cancelled");
    server.client().act(&agent.at("resume")).await.expect(200);
    assert_eq!(agent.talk("still there?").await, "echo: still there?");
    assert_eq!(model.count(), 1);
}

#[tokio::test]
async fn a_paused_agent_finishes_its_turn_and_keeps_new_messages_until_it_is_resumed() {
    let gate = Gate::default();
    let script = Script::new().gate(&gate).and_say("finished");
    let model = ScriptedModel::in_order(vec![script], Script::say("back")).await;
    let server = server(&model).await;
    let (client, agent) = (server.client(), server.client().agent("Ann").await);
    let running = agent.post("one").await;
    gate.reached(1).await;
    client.act(&agent.at("pause")).await.expect(200);
    client.act(&agent.at("pause")).await.expect(400);
    let waiting = agent.post("two").await;
    gate.open();
    assert_eq!(agent.reply(&running).await["content"], "finished");
    assert_eq!(agent.message(&waiting).await["status"], "pending");
    let elsewhere = agent.send(json!({"content": "three", "conversation_id": "other"})).await.expect(201);
    // A turn that could run would have begun well before another agent has been served.
    assert_eq!(client.agent("Bob").await.talk("hello").await, "back");
    assert_eq!(agent.message(&waiting).await["status"], "pending");
    assert_eq!(model.count(), 2);
    client.act(&agent.at("resume")).await.expect(200);
    client.act(&agent.at("resume")).await.expect(400);
    assert_eq!(agent.reply(&waiting).await["content"], "back");
    assert_eq!(agent.reply(elsewhere["id"].as_str().expect("an id")).await["content"], "back");
}

#[tokio::test]
async fn stopping_breaks_a_turn_off_and_its_messages_are_answered_when_the_agent_is_active_again() {
    let gate = Gate::default();
    let model = ScriptedModel::in_order(vec![Script::say("half ").gate(&gate)], Script::say("whole")).await;
    let server = server(&model).await;
    let (client, agent) = (server.client(), server.client().agent("Ann").await);
    let message = agent.post("one").await;
    gate.reached(1).await;
    client.act(&agent.at("stop")).await.expect(200);
    client.act(&agent.at("stop")).await.expect(400);
    soon("the turn is broken off", async || (agent.turns().await[0]["state"] == "cancelled").then_some(())).await;
    agent.until(&message, "pending").await;
    let refused = agent.send(json!({"content": "two"})).await.expect(503);
    assert_eq!(refused["error"]["code"], "AGENT_UNAVAILABLE");
    client.post(&agent.at("status"), json!({"status": "active"})).await.expect(200);
    assert_eq!(agent.reply(&message).await["content"], "whole");
    assert_eq!(agent.replies().await.len(), 1);
    assert_eq!(model.count(), 2);
}

#[tokio::test]
async fn a_changed_agent_answers_the_next_turn_by_its_new_instructions() {
    let model = ScriptedModel::echo().await;
    let server = server(&model).await;
    let agent = server.client().make_agent(json!({"name": "Ann", "system_prompt": "Speak like a sailor."})).await;
    agent.talk("hello").await;
    let path = format!("/v1/agent/update/{}", agent.id);
    server.client().post(&path, json!({"system_prompt": "Speak like a judge."})).await.expect(200);
    agent.talk("hello again").await;
    let asked = model.asked();
    assert!(asked[0].system().contains("sailor") && !asked[0].system().contains("judge"));
    assert!(asked[1].system().contains("judge") && !asked[1].system().contains("sailor"));
    let turns = agent.turns().await;
    assert!(turns[0]["definitionVersion"].as_i64() < turns[1]["definitionVersion"].as_i64(), "{turns:?}");
}

#[tokio::test]
async fn an_agent_can_be_deleted_while_its_turn_runs_only_by_force_and_then_everything_is_gone() {
    let gate = Gate::default();
    let model = ScriptedModel::in_order(vec![Script::new().gate(&gate)], Script::say("hello")).await;
    let server = server(&model).await;
    let (client, agent) = (server.client(), server.client().agent("Ann").await);
    agent.post("one").await;
    gate.reached(1).await;
    let path = format!("/v1/agent/delete/{}", agent.id);
    client.post(&path, json!({})).await.expect(409);
    client.post(&path, json!({"force": true})).await.expect(200);
    client.get(&agent.at("messages")).await.expect(404);
    client.get(&format!("/v1/orgs/default/agents/{}", agent.id)).await.expect(404);
    let turns = client.get(&format!("/v1/orgs/default/turns?agent={}", agent.id)).await.expect(200);
    assert_eq!(turns["data"], json!([]));
    gate.open();
    assert_eq!(client.agent("Ann").await.talk("hello").await, "hello", "the name is free again");
}

#[tokio::test]
async fn a_failed_message_is_put_before_the_agent_again_after_its_reminder_interval() {
    let model = ScriptedModel::in_order(vec![Script::status(400)], Script::say("better now")).await;
    let server = server(&model).await;
    let body = json!({"name": "Ann", "configuration": {"unread_reminder_interval_ms": 10_000}});
    let agent = server.client().make_agent(body).await;
    let begun = Instant::now();
    let message = agent.post("hello").await;
    soon("the first turn fails", async || (agent.turns().await[0]["state"] == "failed").then_some(())).await;
    assert_eq!(agent.reply(&message).await["content"], "better now");
    assert!(begun.elapsed() >= Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(model.count(), 2);
}

/// Checks what is kept of a turn whose model gave no answer, and gives its only step.
fn inspected(turn: &Value) -> Value {
    assert!(turn["prompt"]["system"].as_str().is_some_and(|system| !system.is_empty()), "{turn}");
    let told = turn["prompt"]["messages"].as_array().expect("messages");
    assert_eq!(told.last().expect("a message")["content"], "hello", "{turn}");
    assert!(turn["model"].as_str().is_some_and(|model| model.starts_with("openai/")), "{turn}");
    let steps = turn["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 1, "{turn}");
    assert_eq!((&steps[0]["kind"], &steps[0]["name"]), (&json!("model"), &turn["model"]));
    assert!(steps[0]["durationMs"].is_i64() && steps[0]["input"]["messages"].is_i64(), "{turn}");
    steps[0].clone()
}

#[tokio::test]
async fn a_turn_whose_model_refuses_or_fails_can_be_inspected() {
    let model = ScriptedModel::echo().await;
    let setup = Setup::new(Backend::Sqlite).await.model(&model).env("MUSTER_TURN_ATTEMPTS", "2");
    let server = setup.start().await;
    let faults = [(400, "REJECTED", 1), (401, "UNAUTHORIZED", 1), (500, "UNAVAILABLE", 2), (429, "RATE_LIMITED", 2)];
    for (status, code, attempts) in faults {
        model.now(move |_| Script::status(status));
        let agent = server.client().agent(&format!("Ann {status}")).await;
        let message = agent.post("hello").await;
        assert_eq!(agent.settled(&message).await["status"], "failed");
        let step = inspected(&agent.turn_of(&message).await);
        assert_eq!((&step["state"], &step["attempts"]), (&json!("failed"), &json!(attempts)), "{step}");
        let error = step["error"].as_str().expect("an error");
        assert!(error.starts_with(code) && error.contains(&format!("scripted {status}")), "{error}");
    }
}

#[tokio::test]
async fn a_turn_that_times_out_or_is_cancelled_within_a_call_can_be_inspected() {
    let gate = Gate::default();
    let script = Script::say("I begin ").gate(&gate);
    let model = ScriptedModel::in_order(vec![], script).await;
    let server = server(&model).await;
    let hurried = json!({"name": "Ann", "configuration": {"timeout_seconds": 1}});
    let agent = server.client().make_agent(hurried).await;
    let message = agent.post("hello").await;
    assert_eq!(agent.settled(&message).await["status"], "failed");
    let turn = agent.turn_of(&message).await;
    let step = inspected(&turn);
    assert!(step["error"].as_str().is_some_and(|error| error.starts_with("TIMEOUT")), "{step}");
    assert!(turn["usage"]["modelMs"].as_i64().is_some_and(|ms| ms > 100), "{turn}");

    let agent = server.client().agent("Bob").await;
    let message = agent.post("hello").await;
    gate.reached(2).await;
    let turn = agent.message(&message).await["turn_id"].as_str().expect("a turn").to_owned();
    server.client().act(&format!("/v1/orgs/default/turns/{turn}/_cancel")).await.expect(200);
    assert_eq!(agent.settled(&message).await["status"], "cancelled");
    let step = inspected(&agent.turn(&turn).await);
    assert!(step["error"].as_str().is_some_and(|error| error.starts_with("CANCELLED")), "{step}");
}

#[tokio::test]
async fn a_call_that_failed_and_was_tried_again_is_one_step_of_two_attempts() {
    let call = Script::call("current_time", "{}");
    let model = ScriptedModel::in_order(vec![call, Script::status(500), Script::say("noon")], Script::hang()).await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    let message = agent.post("what time is it?").await;
    assert_eq!(agent.reply(&message).await["content"], "noon");
    let turn = agent.turn_of(&message).await;
    let calls = steps_of(&turn, "model");
    let attempts: Vec<Value> = calls.iter().map(|step| json!([step["state"], step["attempts"]])).collect();
    assert_eq!(attempts, [json!(["done", 1]), json!(["done", 2])], "{turn}");
    assert!(calls[1]["error"].is_null() && calls[1]["usage"]["outputTokens"].as_i64() > Some(0), "{turn}");
}

#[tokio::test]
async fn an_answer_without_text_has_its_price_and_can_be_inspected() {
    let model = ScriptedModel::in_order(vec![], Script::say(" ").usage(10, 7)).await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    let message = agent.post("hello").await;
    assert_eq!(agent.settled(&message).await["status"], "failed");
    assert_eq!(failure(&agent, &message).await, "EMPTY_REPLY");
    let turn = agent.turn_of(&message).await;
    let step = inspected(&turn);
    assert_eq!((&step["state"], &step["usage"]["outputTokens"]), (&json!("failed"), &json!(7)), "{step}");
    assert_eq!(turn["usage"]["outputTokens"], 7);
    assert_eq!(agent.balance().await, 1_000_000 - 7);
}
