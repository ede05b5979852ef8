use crate::support::{START, TestApp};
use muster_domain::access::{Role, Scope};
use serde_json::{Value, json};
use std::time::Duration;

const DAY: i64 = 24 * 3600;

async fn with_agents(app: &TestApp) -> String {
    let admin = app.secret("acme", Role::Admin, &[]).await;
    for name in ["Ann", "Bob"] {
        app.send(&admin, "POST /api/agents", json!({"name": name, "role": "dev"})).await.expect(201);
    }
    admin
}

#[tokio::test]
async fn a_key_is_shown_once_and_listed_without_its_secret() {
    let app = TestApp::start().await;
    let admin = with_agents(&app).await;
    let answer = app.send(&admin, "POST /api/agents/Ann/keys", json!({"name": "CI", "expires_in_days": 2})).await;
    let made = answer.expect(201);
    let secret = made["api_key"].as_str().unwrap();
    assert!(secret.starts_with("agt_") && secret.len() > 40);
    let expected = json!({"id": made["key"]["id"], "name": "CI", "prefix": &secret[..12], "expires_at": START + 2 * DAY,
        "scopes": ["agents:read", "messages:read", "messages:write", "memory:read", "memory:write", "connectors:query",
            "catalogs:read"],
        "last_used_at": null, "created_at": START});
    assert_eq!(made["key"], expected);
    let list = app.get(&admin, "/agents/1/keys").await;
    assert_eq!(list.expect(200), json!({"keys": [expected]}));
    assert!(!list.text.contains(secret));
    assert_eq!(app.get(&admin, "/agents/Bob/keys").await.expect(200), json!({"keys": []}));
    let me = app.get(secret, "/auth/me").await.expect(200);
    assert_eq!((&me["user"]["kind"], &me["user"]["username"]), (&json!("agent"), &json!("CI")));
}

#[tokio::test]
async fn a_key_ends_with_its_time_its_revocation_and_its_agent() {
    let app = TestApp::start().await;
    let admin = with_agents(&app).await;
    let make = async |agent: &str, body: Value| {
        let made = app.send(&admin, &format!("POST /api/agents/{agent}/keys"), body).await.expect(201);
        (made["key"]["id"].as_str().unwrap().to_owned(), made["api_key"].as_str().unwrap().to_owned())
    };
    let (_, timed) = make("Ann", json!({"name": "a", "expires_at": START + 10})).await;
    let (by_query, first) = make("Ann", json!({"name": "b"})).await;
    let (by_body, second) = make("Ann", json!({"name": "c"})).await;
    let (_, with_agent) = make("Ann", json!({"name": "d"})).await;
    let status = async |key: &str| app.get(key, "/agents").await.status;
    assert_eq!(status(&timed).await, 200);
    app.pass(Duration::from_secs(11));
    assert_eq!(status(&timed).await, 401);
    let other = format!("DELETE /api/agents/Bob/keys?key_id={by_query}");
    app.send(&admin, &other, Value::Null).await.refused(404, "Key not found");
    app.send(&admin, &format!("DELETE /api/agents/Ann/keys?key_id={by_query}"), Value::Null).await.expect(200);
    app.send(&admin, "DELETE /api/agents/Ann/keys", json!({"key_id": by_body})).await.expect(200);
    app.send(&admin, "DELETE /api/agents/Ann/keys", json!({"key_id": by_body})).await.refused(404, "Key not found");
    app.send(&admin, "DELETE /api/agents/Ann/keys", Value::Null).await.invalid("key_id: is required");
    assert_eq!((status(&first).await, status(&second).await, status(&with_agent).await), (401, 401, 200));
    app.send(&admin, "DELETE /api/agents/Ann", Value::Null).await.expect(200);
    assert_eq!(status(&with_agent).await, 401);
}

#[tokio::test]
async fn wrong_keys_are_refused_by_field() {
    let app = TestApp::start().await;
    let admin = with_agents(&app).await;
    for (body, detail) in [
        (json!({}), "name: is required"),
        (json!({"name": ""}), "name: must have 1 to 100 characters"),
        (json!({"name": "a", "expires_at": START}), "expires_at: must be in the future"),
        (json!({"name": "a", "expires_at": "soon"}), "expires_at: must be a whole number"),
        (json!({"name": "a", "expires_in_days": 0}), "expires_in_days: must be from 1 to 3650"),
        (json!({"name": "a", "expires_in_days": 4000}), "expires_in_days: must be from 1 to 3650"),
        (json!({"name": "a", "expires_in_days": 1, "expires_at": START + 9}), "expires_in_days: must be left out"),
    ] {
        app.send(&admin, "POST /api/agents/Ann/keys", body).await.invalid(detail);
    }
    app.send(&admin, "POST /api/agents/Cid/keys", json!({"name": "a"})).await.refused(404, "Agent not found");
    assert_eq!(app.get(&admin, "/agents/Ann/keys").await.expect(200), json!({"keys": []}));
}

#[tokio::test]
async fn nobody_makes_a_key_that_may_more_than_they() {
    let app = TestApp::start().await;
    with_agents(&app).await;
    let narrow = app.secret("acme", Role::Admin, &[Scope::OrgAdmin, Scope::AgentsRead]).await;
    let refused = app.send(&narrow, "POST /api/agents/Ann/keys", json!({"name": "a"})).await;
    refused.refused(403, "A key cannot have the scope messages:read that its maker lacks");
    let operator = app.secret("acme", Role::Operator, &[]).await;
    for what in ["GET", "POST", "DELETE"] {
        let answer = app.send(&operator, &format!("{what} /api/agents/Ann/keys"), Value::Null).await;
        answer.refused(403, "Requires admin role or higher");
    }
}
