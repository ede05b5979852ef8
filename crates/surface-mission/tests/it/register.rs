use crate::support::{START, TestApp};
use muster_domain::access::Role;
use muster_domain::agents::{self, versions};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn an_agent_registers_as_often_as_it_starts() {
    let app = TestApp::start().await;
    let key = app.secret("acme", Role::Operator, &[]).await;
    let body = json!({"name": "scout", "role": "researcher", "capabilities": ["search", "read"], "framework": "own"});
    let first = app.send(&key, "POST /api/agents/register", body.clone()).await.expect(201);
    assert_eq!(first["registered"], true);
    let agent = &first["agent"];
    let picked = json!([
        agent["name"],
        agent["role"],
        agent["status"],
        agent["last_seen"],
        agent["source"],
        agent["hosted"],
        agent["config"]
    ]);
    let config = json!({"capabilities": ["search", "read"], "framework": "own"});
    assert_eq!(picked, json!(["scout", "researcher", "online", START, "sdk", false, config]));
    app.pass(Duration::from_secs(5));
    let again = app.send(&key, "POST /api/agents/register", body).await.expect(200);
    assert_eq!((&again["registered"], &again["agent"]["id"]), (&json!(false), &agent["id"]));
    assert_eq!((&again["agent"]["last_seen"], &again["agent"]["updated_at"]), (&json!(START + 5), &json!(START)));
    let found = agents::resolve(&app.ctx(), "scout").await.unwrap();
    assert_eq!(found.version, 1, "saying the same again changes nothing");
    app.send(&key, "PUT /api/agents/scout", json!({"status": "offline", "config": {"note": 1, "framework": "own"}}))
        .await
        .expect(200);
    let other = json!({"name": "scout", "role": "other", "framework": "new"});
    let back = app.send(&key, "POST /api/agents/register", other).await.expect(200)["agent"].take();
    let picked = json!([back["status"], back["role"], back["config"]]);
    assert_eq!(picked, json!(["online", "researcher", {"note": 1, "framework": "new"}]));
    let (version, _) = versions::find(&app.ctx(), &found.id, 3).await.unwrap();
    assert_eq!(version.fields, Some(vec!["config".to_owned()]));
}

#[tokio::test]
async fn an_agent_that_runs_elsewhere_stays_so_whatever_its_config_names() {
    let app = TestApp::start().await;
    let key = app.secret("acme", Role::Operator, &[]).await;
    let made = app.send(&key, "POST /api/agents/register", json!({"name": "scout"})).await.expect(201);
    assert_eq!(made["agent"]["role"], "agent");
    let config = json!({"config": {"model": "openai/gpt-5"}});
    let agent = app.send(&key, "PUT /api/agents/scout", config).await.expect(200)["agent"].take();
    assert_eq!((&agent["hosted"], &agent["config"]["model"]), (&json!(false), &json!("openai/gpt-5")));
}

#[tokio::test]
async fn wrong_registrations_are_refused_by_field() {
    let app = TestApp::start().await;
    let key = app.secret("acme", Role::Operator, &[]).await;
    let many = vec!["x"; 101];
    for (body, detail) in [
        (json!({}), "name: is required"),
        (json!({"name": ""}), "name: must have 1 to 100 characters"),
        (json!({"name": "a", "role": ""}), "role: must have 1 to 100 characters"),
        (json!({"name": "a", "capabilities": "x"}), "capabilities: must be a list"),
        (json!({"name": "a", "capabilities": [1]}), "capabilities[0]: must be a string"),
        (json!({"name": "a", "capabilities": many}), "capabilities: must have at most 100 items"),
        (json!({"name": "a", "capabilities": ["x".repeat(101)]}), "capabilities: must have at most 100 items"),
        (json!({"name": "a", "framework": ""}), "framework: must have 1 to 100 characters"),
    ] {
        app.send(&key, "POST /api/agents/register", body).await.invalid(detail);
    }
    let viewer = app.secret("acme", Role::Viewer, &[]).await;
    app.send(&viewer, "POST /api/agents/register", Value::Null).await.refused(403, "Requires operator role or higher");
    let foreign = app.secret("other", Role::Operator, &[]).await;
    app.send(&key, "POST /api/agents/register", json!({"name": "a"})).await.expect(201);
    app.send(&foreign, "POST /api/agents/register", json!({"name": "a"})).await.expect(201);
}
