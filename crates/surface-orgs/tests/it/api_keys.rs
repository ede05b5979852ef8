use crate::support::TestApp;
use muster_domain::access::{Role, Scope};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_keys_secret_is_shown_once() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let body = json!({"name": "CI", "description": "deploys", "scopes": ["agents:write"], "expiresAt": "2027-01-01T00:00:00Z"});
    let made = app.write(&admin, "POST", "/api-keys", body).await.expect(201);
    let secret = made["key"].as_str().unwrap();
    assert!(secret.starts_with("sk-any-api01-"));
    assert!(secret.starts_with(made["prefix"].as_str().unwrap()));
    let at = "2026-11-22T01:30:00.000Z";
    let id = made["id"].as_str().unwrap();
    let shown = json!({"id": id, "name": "CI", "description": "deploys", "prefix": made["prefix"], "role": "operator",
        "scopes": ["agents:write"], "expiresAt": "2027-01-01T00:00:00.000Z", "createdAt": at, "updatedAt": at});
    assert_eq!(app.get(&admin, &format!("/api-keys/{id}")).await.expect(200), shown);
    let list = app.get(&admin, "/api-keys").await;
    assert!(!list.text.contains(secret));
    assert_eq!(list.expect(200)["data"][0], shown);
    assert_eq!(app.get(secret, "/agents").await.status, 200);
    app.get(secret, "/turns").await.refused(403, "auth.scope_missing", None);
}

#[tokio::test]
async fn a_repeated_request_never_brings_the_secret_back() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let send = async || {
        let headers = [("idempotency-key", "once")];
        app.call_with(&admin, "POST /v1/orgs/acme/api-keys", &headers, r#"{"name":"CI"}"#).await
    };
    let made = send().await.expect(201);
    let (id, secret) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap().to_owned());
    let again = send().await;
    again.refused(409, "idempotency.secret_shown", None);
    assert!(again.text.contains(id), "it says which key was made: {}", again.text);
    let headers = [("idempotency-key", "once")];
    let other = app.call_with(&admin, "POST /v1/orgs/acme/api-keys", &headers, r#"{"name":"CD"}"#).await;
    other.refused(409, "idempotency.mismatch", None);
    let kept: Vec<String> =
        app.app.db.all("SELECT COALESCE(body, '') FROM idempotency", muster_store::Args::default()).await.unwrap();
    assert!(kept.len() == 1 && !kept[0].contains(&secret), "only hashes of keys reach the database");
    assert_eq!(app.get(&admin, "/api-keys").await.expect(200)["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_from_then_on() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let made = app.write(&admin, "POST", "/api-keys", json!({"name": "CI"})).await.expect(201);
    let (id, secret) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    app.get(secret, "/agents").await.expect(200);
    let removed = app.write(&admin, "DELETE", &format!("/api-keys/{id}"), Value::Null).await;
    assert_eq!((removed.status, removed.text.as_str()), (204, ""));
    app.get(secret, "/agents").await.refused(401, "auth.invalid", None);
    app.get(&admin, &format!("/api-keys/{id}")).await.refused(404, "not_found", None);
    app.write(&admin, "DELETE", &format!("/api-keys/{id}"), Value::Null).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn an_expired_key_opens_nothing() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let body = json!({"name": "CI", "expiresAt": "2026-11-22T01:31:00Z"});
    let secret = app.write(&admin, "POST", "/api-keys", body).await.expect(201)["key"].as_str().unwrap().to_owned();
    app.get(&secret, "/agents").await.expect(200);
    app.pass(Duration::from_secs(60));
    app.get(&secret, "/agents").await.refused(401, "auth.expired", None);
}

#[tokio::test]
async fn a_change_takes_effect_at_once() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let body = json!({"name": "CI", "description": "x", "expiresAt": "2027-01-01T00:00:00Z"});
    let made = app.write(&admin, "POST", "/api-keys", body).await.expect(201);
    let (path, secret) = (format!("/api-keys/{}", made["id"].as_str().unwrap()), made["key"].as_str().unwrap());
    app.get(secret, "/turns").await.expect(200);
    let change =
        json!({"name": "CD", "description": null, "role": "viewer", "scopes": ["agents:read"], "expiresAt": null});
    let changed = app.write(&admin, "PATCH", &path, change).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["role"], &changed["scopes"]),
        (&json!("CD"), &json!("viewer"), &json!(["agents:read"]))
    );
    assert!(changed.get("description").is_none() && changed.get("expiresAt").is_none() && changed.get("key").is_none());
    app.get(secret, "/turns").await.refused(403, "auth.scope_missing", None);
    let unknown = app.write(&admin, "PATCH", "/api-keys/key_0", json!({"name": "x"})).await;
    unknown.refused(404, "not_found", None);
}

#[tokio::test]
async fn wrong_keys_are_refused_by_field() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let cases = [
        (json!({}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "x".repeat(101)}), "name"),
        (json!({"name": "x", "description": "x".repeat(501)}), "description"),
        (json!({"name": "x", "role": "king"}), "role"),
        (json!({"name": "x", "scopes": ["agents:own"]}), "scopes"),
        (json!({"name": "x", "scopes": "agents:read"}), "scopes"),
        (json!({"name": "x", "expiresAt": "tomorrow"}), "expiresAt"),
        (json!({"name": "x", "expiresAt": "2020-01-01T00:00:00Z"}), "expiresAt"),
    ];
    for (body, field) in cases {
        app.write(&admin, "POST", "/api-keys", body).await.refused(400, "validation.invalid", Some(field));
    }
    let made =
        app.write(&admin, "POST", "/api-keys", json!({"name": "x", "role": "editor", "unknown": 1})).await.expect(201);
    assert_eq!(made["role"], "operator", "editor is another word for it");
    let path = format!("/api-keys/{}", made["id"].as_str().unwrap());
    app.write(&admin, "PATCH", &path, json!({})).await.refused(400, "validation.invalid", None);
    app.get(&admin, "/api-keys?limit=0").await.refused(400, "validation.invalid", Some("limit"));
}

#[tokio::test]
async fn nobody_makes_a_key_that_may_more_than_they_may() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let higher = app.write(&admin, "POST", "/api-keys", json!({"name": "x", "role": "owner"})).await;
    higher.refused(403, "auth.role_too_low", None);
    let narrow = app.key(Role::Admin, &[Scope::OrgAdmin]).await;
    let wider = app.write(&narrow, "POST", "/api-keys", json!({"name": "x", "role": "viewer"})).await;
    wider.refused(403, "auth.scope_missing", None);
}
