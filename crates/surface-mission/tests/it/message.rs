use crate::support::TestApp;
use crate::talk::{elsewhere, hosted, operator, tell, token};
use muster_domain::access::{Role, Scope};
use serde_json::{Value, json};

#[tokio::test]
async fn a_message_is_taken_under_either_name_of_its_text() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    let ann = elsewhere(&app, &key, "Ann").await;
    elsewhere(&app, &key, "Bob").await;
    let bodies = [
        json!({"from": "Bob", "to": "Ann", "content": "one", "type": "request"}),
        json!({"from": "2", "to": "1", "message": "two"}),
        json!({"from": "k", "to": "Ann", "content": "three", "message": "three"}),
    ];
    let mut ids = Vec::new();
    for body in bodies {
        let sent = app.send(&key, "POST /api/agents/message", body).await.expect(200);
        assert_eq!((&sent["success"], sent.as_object().unwrap().len()), (&json!(true), 2), "{sent}");
        ids.push(sent["id"].as_i64().unwrap());
    }
    assert!(ids.is_sorted() && ids[0] > 0);
    let waiting = app.get(&key, &format!("/agents/{ann}/heartbeat")).await.expect(200);
    let said: Vec<_> = waiting["messages"].as_array().unwrap().iter().map(|each| &each["content"]).collect();
    assert_eq!(said, ["one", "two", "three"]);
    let from: Vec<_> = waiting["messages"].as_array().unwrap().iter().map(|each| &each["from"]).collect();
    assert_eq!(from, ["Bob", "Bob", "k"], "a key speaks under its own name");
}

#[tokio::test]
async fn what_is_wrong_with_a_message_is_named() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    elsewhere(&app, &key, "Ann").await;
    elsewhere(&app, &key, "Bob").await;
    let with = |field: &str, value: Value| {
        let mut body = json!({"from": "Ann", "to": "Bob", "content": "hello"});
        body[field] = value;
        body
    };
    let cases = [
        (json!({"to": "Bob", "content": "x"}), "from: is required"),
        (json!({"from": "Ann", "content": "x"}), "to: is required"),
        (json!({"from": "Ann", "to": "Bob"}), "content: is required"),
        (with("content", json!("")), "content: must not be empty"),
        (with("content", json!(5)), "content: must be a string"),
        (with("type", json!("")), "type: must have 1 to 50 characters"),
        (with("type", json!([])), "type: must be a string"),
        (with("from", json!("nobody")), "from: must be an agent, by its number, id or name, or your own user name"),
        (with("to", json!("Ann")), "to: is the sender itself"),
    ];
    for (body, detail) in cases {
        app.send(&key, "POST /api/agents/message", body).await.invalid(detail);
    }
    app.send(&key, "POST /api/agents/message", with("to", json!("Eve"))).await.refused(404, "Agent not found");
    let large = with("content", json!("x".repeat(1024 * 1024 + 1)));
    app.send(&key, "POST /api/agents/message", large).await.invalid("content: may have at most 1048576 bytes");
    let huge = with("content", json!("x".repeat(2 * 1024 * 1024)));
    assert_eq!(app.send(&key, "POST /api/agents/message", huge).await.status, 413);
    assert_eq!(app.get(&key, "/agents/comms").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_token_speaks_only_as_its_own_agent_and_a_key_needs_the_scope() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    elsewhere(&app, &key, "Ann").await;
    elsewhere(&app, &key, "Bob").await;
    let anns = token(&app, "Ann").await;
    tell(&app, &anns, "Ann", "Bob", "as myself").await;
    for from in ["Bob", "a token", "nobody"] {
        let body = json!({"from": from, "to": "Ann", "content": "x"});
        let refused = app.send(&anns, "POST /api/agents/message", body).await;
        refused.refused(403, "This token acts only as its own agent");
    }
    let reader = app.secret("acme", Role::Operator, &[Scope::MessagesRead, Scope::AgentsWrite]).await;
    let body = json!({"from": "Ann", "to": "Bob", "content": "x"});
    let refused = app.send(&reader, "POST /api/agents/message", body.clone()).await;
    refused.refused(403, "The credential lacks the scope messages:write");
    let foreign = app.secret("other", Role::Owner, &[]).await;
    app.send(&foreign, "POST /api/agents/message", json!({"from": "k", "to": "Bob", "content": "x"}))
        .await
        .refused(404, "Agent not found");
    assert_eq!(app.get(&key, "/agents/comms").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn a_repeated_message_is_stored_once() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    elsewhere(&app, &key, "Ann").await;
    hosted(&app, &key, "Bob").await;
    for to in ["Ann", "Bob"] {
        let body = json!({"from": "k", "to": to, "content": "once"}).to_string();
        let headers = [("x-api-key", key.as_str()), ("idempotency-key", to)];
        let first = app.call("POST /api/agents/message", &headers, &body).await;
        let again = app.call("POST /api/agents/message", &headers, &body).await;
        assert_eq!(first.expect(200), again.expect(200));
    }
    assert_eq!(app.get(&key, "/agents/comms").await.expect(200)["total"], 2);
}
