//! `/api/agents/messages/{messageId}/reply`

use crate::support::TestApp;
use muster_domain::access::Role;
use muster_domain::interrupts;
use serde_json::json;

#[tokio::test]
async fn an_agent_replies_once_and_only_as_itself() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.elsewhere("Ann").await, app.elsewhere("Bob").await);
    let (own, other) = (app.key_of(&ann).await, app.key_of(&bob).await);
    let asked = interrupts::interrupt(&app.ctx(), "Ann", "well?").await.unwrap().message;
    let by_id = format!("POST /api/agents/messages/{}/reply", asked.id);
    let by_number = format!("POST /api/agents/messages/{}/reply", asked.number.unwrap());
    app.send(&own, &by_id, json!({})).await.refused(400, "content: is required");
    app.send(&own, &by_id, json!({"content": " "})).await.refused_like(400, "content: must not be empty");
    app.send(&other, &by_id, json!({"content": "x"})).await.refused_like(404, "message `");
    let first = app.send(&own, &by_number, json!({"content": "well"})).await.expect(200);
    assert_eq!(app.send(&own, &by_id, json!({"content": "well"})).await.expect(200), first);
    let refused = app.send(&own, &by_id, json!({"content": "ill"})).await;
    refused.refused(409, "the message was answered already, with another text");
    let nobody = app.token().await;
    app.send(&nobody, &by_id, json!({"content": "x"})).await.refused_like(403, "this token acts as no agent");
    let foreign = app.key("other", Role::Owner, &[]).await;
    for what in [&by_id, &by_number] {
        app.send(&foreign, what, json!({"content": "well"})).await.refused_like(404, "message `");
    }
    let key = app.key("acme", Role::Operator, &[]).await;
    assert_eq!(app.send(&key, &by_number, json!({"content": "well"})).await.expect(200), first, "for the agent");
}
