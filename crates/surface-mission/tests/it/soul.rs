use crate::support::{START, TestApp};
use muster_domain::access::Role;
use serde_json::{Value, json};
use std::time::Duration;

async fn with_agent(app: &TestApp) -> String {
    let key = app.secret("acme", Role::Operator, &[]).await;
    let body = json!({"name": "Ann", "role": "dev", "soul_content": "Calm."});
    app.send(&key, "POST /api/agents", body).await.expect(201);
    key
}

const TEMPLATES: [&str; 7] =
    ["orchestrator", "developer", "specialist-dev", "reviewer", "researcher", "content-creator", "security-auditor"];

#[tokio::test]
async fn a_soul_is_read_and_written() {
    let app = TestApp::start().await;
    let key = with_agent(&app).await;
    let expected = json!({"soul_content": "Calm.", "agent": {"id": 1, "name": "Ann", "role": "dev"},
        "source": "database", "available_templates": TEMPLATES, "updated_at": START});
    assert_eq!(app.get(&key, "/agents/Ann/soul").await.expect(200), expected);
    app.pass(Duration::from_secs(9));
    let written = app.send(&key, "PUT /api/agents/1/soul", json!({"soul_content": "Brisk."})).await.expect(200);
    assert_eq!(written, json!({"success": true, "soul_content": "Brisk.", "updated_at": START + 9}));
    let read = app.get(&key, "/agents/Ann/soul").await.expect(200);
    assert_eq!((&read["soul_content"], &read["updated_at"]), (&json!("Brisk."), &json!(START + 9)));
    app.send(&key, "PUT /api/agents/Ann", json!({"soul_content": null})).await.expect(200);
    let read = app.get(&key, "/agents/Ann/soul").await.expect(200);
    assert_eq!((&read["soul_content"], &read["source"]), (&Value::Null, &json!("none")));
}

#[tokio::test]
async fn a_template_gives_its_soul_and_nothing_else() {
    let app = TestApp::start().await;
    let key = with_agent(&app).await;
    for name in TEMPLATES {
        let body = json!({"template_name": name});
        let written = app.send(&key, "PUT /api/agents/Ann/soul", body).await.expect(200);
        let template = app.get(&key, &format!("/agent-templates/{name}")).await.expect(200);
        assert_eq!(written["soul_content"], template["template"]["soul_content"]);
    }
    let agent = app.get(&key, "/agents/Ann").await.expect(200)["agent"].take();
    assert_eq!((&agent["role"], &agent["config"]), (&json!("dev"), &json!({})));
}

#[tokio::test]
async fn a_soul_is_never_erased_by_mistake() {
    let app = TestApp::start().await;
    let key = with_agent(&app).await;
    let write = async |body: &str| app.call("PUT /api/agents/Ann/soul", &[("x-api-key", &key)], body).await;
    for (body, detail) in [
        ("", "a JSON body is required"),
        ("{}", "soul_content: is required, or template_name"),
        ("null", "the body"),
        (r#"{"soul":"x"}"#, "soul_content: is required, or template_name"),
        (r#"{"soul_content":null}"#, "soul_content: is required, or template_name"),
        (r#"{"soul_content":""}"#, "soul_content: must have 1 to 50000 characters"),
        (r#"{"soul_content":" "}"#, "soul_content: must have 1 to 50000 characters"),
        (r#"{"soul_content":1}"#, "soul_content: must be a string"),
        (r#"{"template_name":"wizard"}"#, "template_name: must be one of orchestrator, "),
        (r#"{"soul_content":"x","template_name":"reviewer"}"#, "template_name: must be left out"),
    ] {
        write(body).await.invalid(detail);
    }
    let long = json!({"soul_content": "x".repeat(50_001)}).to_string();
    write(&long).await.invalid("soul_content: must have at most 50000 characters");
    assert_eq!(app.get(&key, "/agents/Ann/soul").await.expect(200)["soul_content"], "Calm.");
    app.send(&key, "PUT /api/agents/Bob/soul", json!({"soul_content": "x"})).await.refused(404, "Agent not found");
    app.get(&key, "/agents/Bob/soul").await.refused(404, "Agent not found");
}
