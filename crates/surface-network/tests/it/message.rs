//! `/api/agents/messages/{messageId}`

use crate::support::TestApp;
use muster_domain::access::{Role, Scope};
use muster_domain::{inbox, interrupts};
use serde_json::{Value, json};

#[tokio::test]
async fn a_message_is_read_by_its_agent_and_by_whoever_may_read_messages() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.elsewhere("Ann").await, app.elsewhere("Bob").await);
    let (own, other) = (app.key_of(&ann).await, app.key_of(&bob).await);
    let asked = interrupts::interrupt(&app.ctx(), "Ann", "well?").await.unwrap().message;
    let by_id = format!("GET /api/agents/messages/{}", asked.id);
    let by_number = format!("GET /api/agents/messages/{}", asked.number.unwrap());
    let expected = json!({
        "messageId": asked.id, "from": "muster", "fromId": "muster", "reason": "well?", "channel": "network",
        "sentAt": "2026-11-22T01:30:00.000Z",
    });
    let viewer = app.key("acme", Role::Viewer, &[]).await;
    for token in [&own, &viewer] {
        assert_eq!(app.send(token, &by_id, Value::Null).await.expect(200), expected);
        assert_eq!(app.send(token, &by_number, Value::Null).await.expect(200), expected);
    }
    let foreign = app.key("other", Role::Owner, &[]).await;
    for token in [&other, &foreign, &app.token().await] {
        app.send(token, &by_id, Value::Null).await.refused_like(404, "message `");
        app.send(token, &by_number, Value::Null).await.refused_like(404, "message `");
    }
    let narrow = app.key("acme", Role::Admin, &[Scope::AgentsRead]).await;
    app.send(&narrow, &by_id, Value::Null).await.refused(403, "the credential lacks the scope messages:read");
    app.send(&own, "GET /api/agents/messages/none", Value::Null).await.refused_like(404, "message `");
}

#[tokio::test]
async fn a_reply_is_read_by_the_agent_that_asked() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.elsewhere("Ann").await, app.elsewhere("Bob").await);
    let (own, other) = (app.key_of(&ann).await, app.key_of(&bob).await);
    let asked = app.send(&own, "POST /api/agents/Bob/interrupt", json!({"reason": "well?"})).await.expect(200);
    let asked = asked["messageId"].as_str().unwrap();
    let answer = format!("POST /api/agents/messages/{asked}/reply");
    app.send(&other, &answer, json!({"content": "well"})).await.expect(200);
    let reply = inbox::undelivered(&app.ctx(), &ann.id, 0, 10).await.unwrap().remove(0);
    let path = format!("GET /api/agents/messages/{}", reply.id);
    let read = app.send(&own, &path, Value::Null).await.expect(200);
    assert_eq!((&read["reason"], &read["replyTo"], &read["from"]), (&json!("well"), &json!(asked), &json!("Bob")));
    app.send(&other, &path, Value::Null).await.refused_like(404, "message `");
}
