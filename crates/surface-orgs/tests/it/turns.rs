use crate::support::TestApp;
use muster_domain::Ctx;
use muster_domain::access::Role;
use muster_domain::models::Usage;
use muster_domain::turns::{self, Answer, Ending, Lease, Step, StepDone, StepKind, ToolRound};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::time::Duration;

fn step(app: &TestApp, index: i64, kind: StepKind, name: &str, state: &str) -> Step {
    let started_at = app.app.now();
    let finished_at = (state != "running").then(|| started_at + Duration::from_millis(40));
    let output = finished_at.map(|_| to_raw_value(&json!({"text": "hi"})).unwrap());
    let usage = match kind {
        StepKind::Model => Usage { input_tokens: 10, output_tokens: 4, cached_input_tokens: 2 },
        _ => Usage::default(),
    };
    Step {
        index,
        kind,
        name: name.to_owned(),
        key: format!("key-{index}"),
        state: state.to_owned(),
        attempts: 1,
        input: Some(to_raw_value(&json!({"n": index})).unwrap()),
        output,
        error: None,
        usage,
        started_at,
        finished_at,
    }
}

fn model_call(app: &TestApp, index: i64) -> StepDone {
    let step = step(app, index, StepKind::Model, "offline/echo", "done");
    StepDone { step, model: "offline/echo".to_owned(), milliseconds: 40, cost: Some(1500) }
}

async fn begin(app: &TestApp) -> (Ctx, Lease) {
    let claim = turns::claim(&app.app, 1, 1000).await.unwrap().pop().expect("a turn to take up");
    let ctx = Ctx::of_agent(app.app.clone(), &claim.turn.org, &claim.turn.agent, "Ann");
    (ctx, claim.lease)
}

/// Takes up the next turn: a model call, a tool call, a model call, the reply.
pub(crate) async fn answer(app: &TestApp) {
    let (ctx, lease) = begin(app).await;
    let prompt = json!({"system": "be brief", "history": [1, 1], "summary": false});
    let tool = step(app, 1, StepKind::Tool, "memory_get", "running");
    let round = ToolRound { prompt: Some(prompt.to_string()), tools: vec![tool], stream: vec![], want: 1000 };
    turns::finish_model_step(&ctx, &lease, model_call(app, 0), round).await.unwrap();
    let done = step(app, 1, StepKind::Tool, "memory_get", "done");
    turns::finish_tool_step(&ctx, &lease, done, None, |_| vec![]).await.unwrap();
    let content = "hi there".to_owned();
    let reply = Answer { content, step: model_call(app, 2), stream: vec![], prompt: None, hand_to: None };
    turns::answer(&ctx, &lease, reply).await.unwrap();
}

#[tokio::test]
async fn the_inspector_shows_all_of_a_turn() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let agent = app.agent("acme", "Ann").await;
    let posted = app.message(&agent, Some("support-1"), "hello").await;
    let path = format!("/turns/{}", posted.turn);
    let waiting = app.get(&viewer, &path).await.expect(200);
    assert_eq!((&waiting["state"], &waiting["definitionVersion"]), (&json!("queued"), &Value::Null));
    assert_eq!((waiting.get("prompt"), waiting.get("reply"), &waiting["steps"]), (None, None, &json!([])));
    answer(&app).await;

    let turn = app.get(&viewer, &path).await.expect(200);
    let conversation = app.get(&viewer, "/conversations").await.expect(200)["data"][0]["id"].clone();
    let at = "2026-11-22T01:30:00.000Z";
    let summary = json!({
        "id": posted.turn, "agentId": agent.id, "conversationId": conversation, "state": "succeeded", "attempt": 1,
        "definitionVersion": 1, "model": "offline/echo", "createdAt": at, "startedAt": at, "finishedAt": at,
        "usage": {"inputTokens": 20, "outputTokens": 8, "cachedInputTokens": 4, "modelMs": 80, "costUsd": 0.003},
    });
    for (name, value) in summary.as_object().unwrap() {
        assert_eq!(&turn[name], value, "{name}");
    }
    let asked =
        json!([{"id": posted.message.id, "role": "user", "content": "hello", "status": "completed", "createdAt": at}]);
    assert_eq!(turn["messages"], asked);
    assert_eq!((&turn["reply"]["role"], &turn["reply"]["content"]), (&json!("assistant"), &json!("hi there")));
    assert_eq!(turn["prompt"], json!({"system": "be brief", "messages": [{"role": "user", "content": "hello"}]}));
    let finished = "2026-11-22T01:30:00.040Z";
    let model = json!({"index": 0, "kind": "model", "state": "done", "name": "offline/echo", "input": {"n": 0},
        "output": {"text": "hi"}, "attempts": 1, "startedAt": at, "finishedAt": finished, "durationMs": 40,
        "usage": {"inputTokens": 10, "outputTokens": 4, "cachedInputTokens": 2}});
    let tool = json!({"index": 1, "kind": "tool", "state": "done", "name": "memory_get", "input": {"n": 1},
        "output": {"text": "hi"}, "attempts": 1, "startedAt": at, "finishedAt": finished, "durationMs": 40});
    assert_eq!((&turn["steps"][0], &turn["steps"][1]), (&model, &tool));
    assert_eq!(turn["steps"].as_array().unwrap().len(), 3);

    let list = app.get(&viewer, "/turns").await.expect(200);
    assert_eq!(list, json!({"data": [summary]}), "the list has the summary and no more");
    app.get(&viewer, "/turns/turn_0").await.refused(404, "not_found", None);
}

#[tokio::test]
async fn turns_are_filtered_and_paged() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let (ann, bob) = (app.agent("acme", "Ann").await, app.agent("acme", "Bob").await);
    let first = app.message(&ann, None, "one").await.turn;
    answer(&app).await;
    app.pass(Duration::from_secs(1));
    let second = app.message(&bob, Some("b"), "two").await.turn;
    app.pass(Duration::from_secs(1));
    let third = app.message(&bob, Some("c"), "three").await.turn;
    let ids = async |query: &str| {
        let list = app.get(&viewer, &format!("/turns{query}")).await.expect(200);
        let ids: Vec<String> =
            list["data"].as_array().unwrap().iter().map(|turn| turn["id"].as_str().unwrap().to_owned()).collect();
        (ids, list["nextPageToken"].as_str().map(str::to_owned))
    };
    assert_eq!(ids("").await.0, [third.clone(), second.clone(), first.clone()]);
    assert_eq!(ids(&format!("?agent={}", ann.id)).await.0, std::slice::from_ref(&first));
    assert_eq!(ids("?state=queued").await.0, [third.clone(), second.clone()]);
    let conversations = app.get(&viewer, "/conversations").await.expect(200);
    let of_b = conversations["data"].as_array().unwrap().iter().find(|one| one["name"] == "b").unwrap();
    let of_b = of_b["id"].as_str().unwrap();
    assert_eq!(ids(&format!("?conversation={of_b}")).await.0, std::slice::from_ref(&second));
    let (page, next) = ids("?limit=2").await;
    assert_eq!(page, [third, second]);
    assert_eq!(ids(&format!("?limit=2&pageToken={}", next.unwrap())).await, (vec![first], None));
    let wrong = app.get(&viewer, "/turns?state=done").await;
    wrong.refused(400, "validation.invalid", Some("state"));
}

#[tokio::test]
async fn a_failed_turn_says_why() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let agent = app.agent("acme", "Ann").await;
    let posted = app.message(&agent, None, "hello").await;
    let (ctx, lease) = begin(&app).await;
    let message = "the provider is down".to_owned();
    let ending = Ending::Failed { code: "MODEL_ERROR", message, remind_after: None, agent_error: None };
    turns::end(&ctx, &lease, ending, turns::Trace::default()).await.unwrap();
    let turn = app.get(&viewer, &format!("/turns/{}", posted.turn)).await.expect(200);
    assert_eq!(turn["state"], "failed");
    assert_eq!(turn["error"], json!({"code": "MODEL_ERROR", "message": "the provider is down"}));
    assert_eq!(turn["messages"][0]["status"], "failed");
    assert!(turn["usage"].get("costUsd").is_none());
}

#[tokio::test]
async fn cancelling_ends_a_waiting_turn_and_leaves_an_ended_one() {
    let app = TestApp::start().await;
    let operator = app.key(Role::Operator, &[]).await;
    let agent = app.agent("acme", "Ann").await;
    let posted = app.message(&agent, None, "hello").await;
    let path = format!("/turns/{}/_cancel", posted.turn);
    let cancelled = app.write(&operator, "POST", &path, Value::Null).await.expect(200);
    assert_eq!((&cancelled["id"], &cancelled["state"]), (&json!(posted.turn), &json!("cancelled")));
    assert!(cancelled.get("steps").is_none());
    assert_eq!(app.write(&operator, "POST", &path, Value::Null).await.expect(200)["state"], "cancelled");
    let viewer = app.key(Role::Viewer, &[]).await;
    app.write(&viewer, "POST", &path, Value::Null).await.refused(403, "auth.role_too_low", None);
    app.write(&operator, "POST", "/turns/turn_0/_cancel", Value::Null).await.refused(404, "not_found", None);
}
