use crate::support::TestApp;
use muster_domain::access::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn a_user_is_added_read_and_removed() {
    let app = TestApp::start().await;
    app.user("root", Role::Owner).await;
    let admin = app.key(Role::Admin, &[]).await;
    let body = json!({"username": "ann", "password": "long enough", "role": "operator", "displayName": "Ann"});
    let user = app.write(&admin, "POST", "/users", body).await;
    assert!(!user.text.contains("long enough"));
    let user = user.expect(201);
    let at = "2026-11-22T01:30:00.000Z";
    let expected = json!({"id": user["id"], "username": "ann", "displayName": "Ann", "role": "operator", "disabled": false,
        "createdAt": at, "updatedAt": at});
    assert_eq!(user, expected);
    let path = format!("/users/{}", user["id"].as_str().unwrap());
    assert_eq!(app.get(&admin, &path).await.expect(200), expected);
    assert_eq!(app.get(&admin, "/users").await.expect(200)["data"].as_array().unwrap().len(), 2);
    assert_eq!(app.write(&admin, "DELETE", &path, Value::Null).await.status, 204);
    app.get(&admin, &path).await.refused(404, "not_found", None);
    app.write(&admin, "DELETE", &path, Value::Null).await.refused(404, "not_found", None);
    let plain = app.write(&admin, "POST", "/users", json!({"username": "bob", "password": "long enough"})).await;
    assert_eq!(plain.expect(201)["role"], "viewer", "the least role unless said otherwise");
}

#[tokio::test]
async fn a_change_of_role_or_password_takes_effect_at_once() {
    let app = TestApp::start().await;
    app.user("root", Role::Owner).await;
    let ann = app.user("ann", Role::Viewer).await;
    let (owner, session) = (app.session("root").await, app.session("ann").await);
    let path = format!("/users/{}", ann.id);
    app.get(&session, "/users").await.refused(403, "auth.role_too_low", None);
    let changed = app.write(&owner, "PATCH", &path, json!({"role": "admin", "displayName": "Ann"})).await.expect(200);
    assert_eq!((&changed["role"], &changed["displayName"]), (&json!("admin"), &json!("Ann")));
    let list = app.get(&session, "/users").await.expect(200);
    assert!(list["data"][0]["lastLoginAt"].is_string());
    let cleared = app.write(&owner, "PATCH", &path, json!({"displayName": null})).await.expect(200);
    assert!(cleared.get("displayName").is_none());
    app.write(&owner, "PATCH", &path, json!({"password": "another one"})).await.expect(200);
    app.get(&session, "/users").await.refused(401, "auth.invalid", None);
}

#[tokio::test]
async fn a_disabled_user_is_out() {
    let app = TestApp::start().await;
    app.user("root", Role::Owner).await;
    let ann = app.user("ann", Role::Viewer).await;
    let (owner, session) = (app.session("root").await, app.session("ann").await);
    let path = format!("/users/{}", ann.id);
    let changed = app.write(&owner, "PATCH", &path, json!({"disabled": true})).await.expect(200);
    assert_eq!(changed["disabled"], true);
    app.get(&session, "").await.refused(401, "auth.invalid", None);
}

#[tokio::test]
async fn the_org_keeps_an_admin() {
    let app = TestApp::start().await;
    let root = app.user("root", Role::Owner).await;
    let owner = app.key(Role::Owner, &[]).await;
    let path = format!("/users/{}", root.id);
    for body in [json!({"role": "viewer"}), json!({"disabled": true})] {
        app.write(&owner, "PATCH", &path, body).await.refused(409, "conflict", None);
    }
    app.write(&owner, "DELETE", &path, Value::Null).await.refused(409, "conflict", None);
    assert_eq!(app.get(&owner, &path).await.expect(200)["role"], "owner");
    app.user("ann", Role::Admin).await;
    let session = app.session("root").await;
    let himself = app.write(&session, "DELETE", &path, Value::Null).await;
    assert_eq!(himself.refused(409, "conflict", None), "you cannot delete yourself");
    let admin = app.key(Role::Admin, &[]).await;
    app.write(&admin, "DELETE", &path, Value::Null).await.refused(403, "auth.role_too_low", None);
    assert_eq!(app.write(&owner, "DELETE", &path, Value::Null).await.status, 204);
}

#[tokio::test]
async fn wrong_users_are_refused_by_field() {
    let app = TestApp::start().await;
    app.user("root", Role::Owner).await;
    let admin = app.key(Role::Admin, &[]).await;
    let password = "long enough";
    let cases = [
        (json!({"password": password}), "username"),
        (json!({"username": "a b", "password": password}), "username"),
        (json!({"username": "x"}), "password"),
        (json!({"username": "x", "password": "short"}), "password"),
        (json!({"username": "x", "password": 1}), "password"),
        (json!({"username": "x", "password": password, "role": "king"}), "role"),
        (json!({"username": "x", "password": password, "displayName": "x".repeat(101)}), "displayName"),
    ];
    for (body, field) in cases {
        app.write(&admin, "POST", "/users", body).await.refused(400, "validation.invalid", Some(field));
    }
    let taken = app.write(&admin, "POST", "/users", json!({"username": "root", "password": password})).await;
    taken.refused(409, "conflict", Some("username"));
    let higher = json!({"username": "x", "password": password, "role": "owner"});
    app.write(&admin, "POST", "/users", higher).await.refused(403, "auth.role_too_low", None);
    let ann = app.user("ann", Role::Viewer).await;
    let path = format!("/users/{}", ann.id);
    app.write(&admin, "PATCH", &path, json!({"username": "new"})).await.refused(400, "validation.invalid", None);
    app.write(&admin, "PATCH", &path, json!({"password": "short"})).await.refused(
        400,
        "validation.invalid",
        Some("password"),
    );
    app.write(&admin, "PATCH", "/users/usr_0", json!({"disabled": true})).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn a_repeated_request_adds_one_user_and_gets_the_first_answer() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let send = async |body: &str| {
        app.call_with(&admin, "POST /v1/orgs/acme/users", &[("idempotency-key", "once")], body).await
    };
    let body = r#"{"username": "ann", "password": "long enough"}"#;
    let first = send(body).await.expect(201);
    assert_eq!(send(body).await.expect(201), first);
    assert_eq!(app.get(&admin, "/users").await.expect(200)["data"].as_array().unwrap().len(), 1);
    let kept: Vec<String> = app
        .app
        .db
        .all("SELECT fingerprint || COALESCE(body, '') FROM idempotency", muster_store::Args::default())
        .await
        .unwrap();
    assert!(kept.len() == 1 && !kept[0].contains("long enough"));
    let other = send(r#"{"username": "ann", "password": "another one"}"#).await.expect(201);
    assert_eq!(other, first, "no hash of a password is kept, so the body does not tell requests apart");
}
