//! Agents that talk, for the tests of messages, heartbeats and tasks.

use crate::support::TestApp;
use muster_domain::Ctx;
use muster_domain::access::{self, Role};
use muster_domain::agents;
use muster_domain::models::Usage;
use muster_domain::turns::{self, Answer, Step, StepDone, StepKind};
use serde_json::{Value, json};

/// An operator's key.
pub(crate) async fn operator(app: &TestApp) -> String {
    app.secret("acme", Role::Operator, &[]).await
}

/// An agent that runs elsewhere; its number.
pub(crate) async fn elsewhere(app: &TestApp, key: &str, name: &str) -> i64 {
    made(app, key, json!({"name": name, "role": "dev"})).await
}

/// An agent that Muster runs; its number.
pub(crate) async fn hosted(app: &TestApp, key: &str, name: &str) -> i64 {
    made(app, key, json!({"name": name, "role": "dev", "config": {"model": "offline/echo"}})).await
}

async fn made(app: &TestApp, key: &str, body: Value) -> i64 {
    app.send(key, "POST /api/agents", body).await.expect(201)["agent"]["id"].as_i64().unwrap()
}

/// A token that acts only as this agent.
pub(crate) async fn token(app: &TestApp, name: &str) -> String {
    let agent = agents::resolve(&app.ctx(), name).await.expect("an agent");
    let made = access::create_agent_key(&app.ctx(), &agent.id, "a token", None).await;
    made.expect("a token").1.expose().clone()
}

/// Sends a message by name; its number.
pub(crate) async fn tell(app: &TestApp, key: &str, from: &str, to: &str, content: &str) -> i64 {
    let body = json!({"from": from, "to": to, "content": content});
    let sent = app.send(key, "POST /api/agents/message", body).await.expect(200);
    assert_eq!(sent["success"], true);
    sent["id"].as_i64().unwrap()
}

/// Answers every turn that is ready with the same words.
pub(crate) async fn answer_all(app: &TestApp, words: &str) -> usize {
    let claims = turns::claim(&app.app, 100, 10).await.expect("claims");
    for claim in &claims {
        let turn = &claim.turn;
        let ctx = Ctx::of_agent(app.app.clone(), &turn.org, &turn.agent, "an agent");
        let step = Step {
            index: 0,
            kind: StepKind::Model,
            name: "echo".to_owned(),
            key: "k".to_owned(),
            state: "done".to_owned(),
            attempts: 1,
            input: None,
            output: None,
            error: None,
            usage: Usage::default(),
            started_at: ctx.now(),
            finished_at: Some(ctx.now()),
        };
        let step = StepDone { step, model: "offline/echo".to_owned(), milliseconds: 1, cost: None };
        let answer = Answer { content: words.to_owned(), step, stream: vec![], prompt: None, hand_to: None };
        turns::answer(&ctx, &claim.lease, answer).await.expect("answers");
    }
    claims.len()
}
