use crate::support::TestApp;
use crate::talk::{answer_all, elsewhere, hosted, operator};
use muster_domain::agents;
use serde_json::{Value, json};

#[tokio::test]
async fn an_agent_is_woken_the_way_it_is_connected() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    elsewhere(&app, &key, "Ann").await;
    hosted(&app, &key, "Bob").await;
    let waits = json!({"success": true, "delivered": false});
    assert_eq!(app.send(&key, "POST /api/agents/Ann/wake", Value::Null).await.expect(200), waits);
    let reason = json!({"reason": "mail"});
    assert_eq!(app.send(&key, "POST /api/agents/1/wake", reason).await.expect(200), waits);
    let message = json!({"message": "more mail"});
    assert_eq!(app.send(&key, "POST /api/agents/1/wake", message).await.expect(200), waits);
    let found = app.get(&key, "/agents/Ann/heartbeat").await.expect(200);
    let told: Vec<(&Value, &Value)> =
        found["messages"].as_array().unwrap().iter().map(|each| (&each["type"], &each["content"])).collect();
    assert_eq!(
        told,
        [(&json!("wake"), &json!("Wake up.")), (&json!("wake"), &json!("mail")), (&json!("wake"), &json!("more mail"))]
    );
    let now = json!({"success": true, "delivered": true});
    assert_eq!(app.send(&key, "POST /api/agents/Bob/wake", json!({})).await.expect(200), now);
    assert_eq!(answer_all(&app, "I am awake").await, 1);
    let bob = agents::resolve(&app.ctx(), "Bob").await.unwrap();
    agents::pause(&app.ctx(), &bob.id).await.unwrap();
    assert_eq!(app.send(&key, "POST /api/agents/Bob/wake", json!({})).await.expect(200), waits, "until it is resumed");
}

#[tokio::test]
async fn a_stopped_agent_and_an_unknown_one_are_not_woken() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    hosted(&app, &key, "Bob").await;
    let bob = agents::resolve(&app.ctx(), "Bob").await.unwrap();
    agents::stop(&app.ctx(), &bob.id).await.unwrap();
    let refused = app.send(&key, "POST /api/agents/Bob/wake", json!({})).await;
    let way =
        format!("start it in the console, or by POST /v1/agent/{}/status with {{\"status\": \"active\"}}", bob.id);
    refused.refused(409, &format!("The agent is stopped and cannot be woken; {way}"));
    app.send(&key, "POST /api/agents/Eve/wake", json!({})).await.refused(404, "Agent not found");
    let long = json!({"reason": "x".repeat(2001)});
    app.send(&key, "POST /api/agents/Bob/wake", long).await.invalid("reason: must have at most 2000 characters");
    app.send(&key, "POST /api/agents/Bob/wake", json!({"reason": 1})).await.invalid("reason: must be a string");
    assert_eq!(app.get(&key, "/agents/comms").await.expect(200)["total"], 0);
}
