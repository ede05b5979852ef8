use crate::support::TestApp;
use muster_base::Patch;
use muster_domain::access::Role;
use muster_domain::agents::{self, AgentChange, Definition, NewAgent};
use serde_json::{Value, json};
use std::time::Duration;

fn soul(text: &str) -> AgentChange {
    AgentChange { personality: Patch::Value(text.to_owned()), ..AgentChange::default() }
}

/// An agent with three versions; returns its path.
async fn with_history(app: &TestApp) -> String {
    let definition = Definition { personality: Some("Calm.".to_owned()), ..Definition::default() };
    let configuration = Some(json!({"model": "openai/gpt-5", "custom_env": {"API_TOKEN": "hush", "LEVEL": "1"}}));
    let new = NewAgent { name: "Ann".to_owned(), definition, configuration, ..NewAgent::default() };
    let agent = agents::create(&app.ctx("acme"), new).await.unwrap();
    app.pass(Duration::from_secs(60));
    agents::update(&app.ctx("acme"), &agent.id, soul("Brisk.")).await.unwrap();
    let config = json!({"model": {"primary": "openai/gpt-5-mini"}, "team": "blue"});
    let config = Patch::Value(config.as_object().unwrap().clone());
    let change = AgentChange { config, pvc_size: Patch::Value("1Gi".to_owned()), ..AgentChange::default() };
    agents::update(&app.ctx("acme"), &agent.id, change).await.unwrap();
    format!("/agents/{}", agent.id)
}

#[tokio::test]
async fn versions_say_who_changed_what_and_when() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let path = with_history(&app).await;
    let list = app.get(&viewer, &format!("{path}/versions")).await.expect(200);
    let muster = json!({"kind": "system", "id": "muster", "name": "muster"});
    let expected = json!({"data": [
        {"version": 3, "createdAt": "2026-11-22T01:31:00.000Z", "actor": muster, "fields": ["config", "pvcSize", "configuration"]},
        {"version": 2, "createdAt": "2026-11-22T01:31:00.000Z", "actor": muster, "fields": ["personality"]},
        {"version": 1, "createdAt": "2026-11-22T01:30:00.000Z", "actor": muster, "fields": ["personality", "configuration"]},
    ]});
    assert_eq!(list, expected);
    let first = app.get(&viewer, &format!("{path}/versions?limit=2")).await.expect(200);
    let token = first["nextPageToken"].as_str().unwrap();
    let rest = app.get(&viewer, &format!("{path}/versions?limit=2&pageToken={token}")).await.expect(200);
    assert_eq!(rest["data"].as_array().unwrap().len(), 1);
    assert_eq!(rest["data"][0]["version"], 1);
    app.get(&viewer, &format!("{path}/versions?limit=0")).await.refused(400, "validation.invalid", Some("limit"));
}

#[tokio::test]
async fn a_version_is_shown_without_secrets_and_against_another() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let path = with_history(&app).await;
    let answer = app.get(&viewer, &format!("{path}/versions/1")).await;
    let first = answer.expect(200);
    assert!(!answer.text.contains("hush"));
    let expected = json!({"systemPromptType": "append", "personality": "Calm.", "config": {}, "identity": {},
        "sessionMode": "persistent", "configuration": {"model": "openai/gpt-5", "timeout_seconds": 3600,
            "custom_env": {"API_TOKEN": "[redacted]", "LEVEL": "1"}}});
    assert_eq!(first["body"], expected);
    assert_eq!((first["version"].clone(), first.get("diff")), (json!(1), None));
    let third = app.get(&viewer, &format!("{path}/versions/3?against=1")).await.expect(200);
    let expected = json!([
        {"path": "/config/model", "after": {"primary": "openai/gpt-5-mini"}},
        {"path": "/config/team", "after": "blue"},
        {"path": "/configuration/model", "before": "openai/gpt-5", "after": "openai/gpt-5-mini"},
        {"path": "/personality", "before": "Calm.", "after": "Brisk."},
        {"path": "/pvcSize", "after": "1Gi"},
    ]);
    assert_eq!(third["diff"], expected);
    let same = app.get(&viewer, &format!("{path}/versions/2?against=2")).await.expect(200);
    assert_eq!(same["diff"], json!([]));
    for missing in ["versions/4", "versions/0", "versions/x", "versions/1?against=9"] {
        app.get(&viewer, &format!("{path}/{missing}")).await.refused(404, "not_found", None);
    }
    app.get(&viewer, "/agents/agent-none/versions").await.refused(404, "not_found", None);
    app.get(&viewer, &format!("{path}/versions/1?against=x")).await.refused(400, "validation.invalid", Some("against"));
}

#[tokio::test]
async fn going_back_makes_a_new_version() {
    let app = TestApp::start().await;
    let (viewer, editor) = (app.key(Role::Viewer, &[]).await, app.key(Role::Operator, &[]).await);
    let path = with_history(&app).await;
    let restore = format!("{path}/versions/1/_restore");
    let agent = app.write(&editor, "POST", &restore, Value::Null).await.expect(200);
    assert_eq!((agent["version"].clone(), agent["model"].clone()), (json!(4), json!("openai/gpt-5")));
    let fourth = app.get(&viewer, &format!("{path}/versions/4?against=1")).await.expect(200);
    assert_eq!(fourth["diff"], json!([]));
    assert_eq!(fourth["restored"], 1);
    assert_eq!(fourth["fields"], json!(["personality", "config", "pvcSize", "configuration"]));
    assert_eq!(fourth["actor"]["kind"], "key");
    let again = app.write(&editor, "POST", &restore, Value::Null).await.expect(200);
    assert_eq!(again["version"], 4, "what is said already makes no version");
    app.write(&editor, "POST", &format!("{path}/versions/9/_restore"), Value::Null).await.refused(
        404,
        "not_found",
        None,
    );
    app.write(&viewer, "POST", &restore, Value::Null).await.refused(403, "auth.role_too_low", None);
}

#[tokio::test]
async fn versions_of_another_orgs_agent_do_not_exist() {
    let app = TestApp::start().await;
    let path = with_history(&app).await;
    let foreign = app.key_in("other", Role::Owner, &[]).await;
    for what in [
        "GET /v1/orgs/other{}/versions",
        "GET /v1/orgs/other{}/versions/1",
        "POST /v1/orgs/other{}/versions/1/_restore",
    ] {
        app.call(&foreign, &what.replace("{}", &path), "").await.refused(404, "not_found", None);
    }
}
