use crate::support::TestApp;
use muster_domain::access::{Role, Scope};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn any_token_reads_its_org() {
    let app = TestApp::start().await;
    let narrow = app.key(Role::Viewer, &[Scope::MemoryRead]).await;
    let at = "2026-11-22T01:30:00.000Z";
    let expected = json!({"id": "acme", "name": "Acme", "features": ["hosting"], "products": [], "createdAt": at,
        "updatedAt": at});
    assert_eq!(app.get(&narrow, "").await.expect(200), expected);
}

#[tokio::test]
async fn an_admin_changes_name_description_and_time_zone() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    app.pass(Duration::from_secs(60));
    let body = json!({"name": "Acme Inc", "description": "anvils", "timeZone": "Europe/Paris"});
    let org = app.write(&admin, "PATCH", "", body).await.expect(200);
    assert_eq!(
        (&org["name"], &org["description"], &org["timeZone"]),
        (&json!("Acme Inc"), &json!("anvils"), &json!("Europe/Paris"))
    );
    assert_eq!(org["updatedAt"], "2026-11-22T01:31:00.000Z");
    let org = app.write(&admin, "PATCH", "", json!({"description": null})).await.expect(200);
    assert!(org.get("description").is_none(), "null clears");
    assert_eq!(org["name"], "Acme Inc", "what is not mentioned stays");
}

#[tokio::test]
async fn a_patch_of_anything_else_is_refused() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let cases = [
        (json!({"features": []}), Some("features")),
        (json!({"name": "x", "billing": 1}), Some("billing")),
        (json!({}), None),
        (json!({"name": null}), Some("name")),
        (json!({"name": " "}), Some("name")),
        (json!({"name": 1}), Some("name")),
        (json!({"timeZone": "Mars/Base"}), Some("timeZone")),
        (json!({"description": "x".repeat(501)}), Some("description")),
    ];
    for (body, field) in cases {
        app.write(&admin, "PATCH", "", body).await.refused(400, "validation.invalid", field);
    }
    let message = app.write(&admin, "PATCH", "", json!({})).await.refused(400, "validation.invalid", None);
    assert_eq!(message, "the body must have at least one of name, description, timeZone");
    assert_eq!(app.get(&admin, "").await.expect(200)["name"], "Acme");
}

#[tokio::test]
async fn the_overview_counts_what_there_is() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[Scope::AgentsRead]).await;
    let agent = app.agent("acme", "Ann").await;
    app.agent("acme", "Bob").await;
    app.agent("other", "Eve").await;
    muster_domain::agents::pause(&app.ctx("acme"), &agent.id).await.unwrap();
    app.message(&agent, None, "hello").await;
    let overview = app.get(&viewer, "/overview").await.expect(200);
    let agents = json!({"total": 2, "lifecycle": {"active": 1, "paused": 1, "stopped": 0, "error": 0},
        "presence": {"online": 2, "idle": 0, "busy": 0, "offline": 0, "error": 0}});
    assert_eq!(overview["agents"], agents);
    assert_eq!(overview["turns"], json!({"running": 0, "queued": 1, "failed24h": 0}));
    assert_eq!(overview["outputTokens24h"], 0);
    assert_eq!(overview["models"], json!(["offline"]));
    let hours = overview["messagesPerHour"].as_array().unwrap();
    assert_eq!(hours.len(), 24);
    assert_eq!(hours[23], json!({"hour": "2026-11-22T01:00:00.000Z", "received": 1, "sent": 0}));
    assert_eq!(hours[0]["hour"], "2026-11-21T02:00:00.000Z");
}
