use crate::support::{PASSWORD, START, TestApp};
use muster_domain::access::Role;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn users_are_added_listed_changed_and_removed() {
    let app = TestApp::start().await;
    let admin = app.secret("acme", Role::Admin, &[]).await;
    app.user("root", Role::Admin).await;
    app.pass(Duration::from_secs(1));
    let body = json!({"username": "ann", "password": PASSWORD, "role": "operator", "display_name": "Ann"});
    let answer = app.send(&admin, "POST /api/auth/users", body).await;
    let made = answer.expect(201);
    assert!(!answer.text.contains(PASSWORD));
    let expected = json!({"id": made["user"]["id"], "username": "ann", "display_name": "Ann", "role": "operator",
        "disabled": false, "created_at": START + 1, "updated_at": START + 1, "last_login_at": null});
    assert_eq!(made, json!({"user": expected}));
    let list = app.get(&admin, "/auth/users?limit=1").await.expect(200);
    assert_eq!(list, json!({"users": [expected], "total": 2, "page": 1, "limit": 1}));
    let second = app.get(&admin, "/auth/users?limit=1&offset=1").await.expect(200);
    assert_eq!((&second["users"][0]["username"], &second["page"]), (&json!("root"), &json!(2)));
    app.login("ann", PASSWORD).await.expect(200);
    let id = made["user"]["id"].as_str().unwrap();
    let change = json!({"id": id, "role": "viewer", "display_name": null, "disabled": true});
    let changed = app.send(&admin, "PUT /api/auth/users", change).await.expect(200);
    assert_eq!(changed["success"], true);
    let user = &changed["user"];
    assert_eq!(
        json!([user["role"], user["display_name"], user["disabled"], user["last_login_at"]]),
        json!(["viewer", null, true, START + 1])
    );
    app.login("ann", PASSWORD).await.refused(401, "Invalid username or password");
    let removed = app.send(&admin, &format!("DELETE /api/auth/users?id={id}"), Value::Null).await.expect(200);
    assert_eq!(removed, json!({"success": true}));
    app.send(&admin, "DELETE /api/auth/users", json!({"id": id})).await.refused(404, "User not found");
    assert_eq!(app.get(&admin, "/auth/users").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn wrong_users_are_refused_by_field() {
    let app = TestApp::start().await;
    let admin = app.secret("acme", Role::Admin, &[]).await;
    app.user("ann", Role::Admin).await;
    let make = async |body: Value| app.send(&admin, "POST /api/auth/users", body).await;
    make(json!({"password": PASSWORD})).await.invalid("username: is required");
    make(json!({"username": "b"})).await.invalid("password: is required");
    make(json!({"username": "b", "password": "short"})).await.invalid("password: must have");
    make(json!({"username": "b c", "password": PASSWORD})).await.invalid("username: must have 1 to 100 characters");
    make(json!({"username": "b", "password": PASSWORD, "role": "king"})).await.invalid("role: must be one of");
    let long = json!({"username": "b", "password": PASSWORD, "display_name": "x".repeat(101)});
    make(long).await.invalid("display_name: must have at most 100 characters");
    make(json!({"username": "ann", "password": PASSWORD})).await.refused(409, "Username already exists");
    make(json!({"username": "b", "password": PASSWORD, "role": "owner"}))
        .await
        .refused(403, "Nobody can give or change a role above their own");
    let change = async |body: Value| app.send(&admin, "PUT /api/auth/users", body).await;
    change(json!({"role": "viewer"})).await.invalid("id: is required");
    change(json!({"id": "usr_x"})).await.refused(400, "No fields to update");
    change(json!({"id": "usr_x", "role": "viewer"})).await.refused(404, "User not found");
    app.send(&admin, "DELETE /api/auth/users", Value::Null).await.invalid("id: is required");
    app.get(&admin, "/auth/users?offset=-1").await.invalid("offset: must be 0 or more");
}

#[tokio::test]
async fn users_are_for_admins_of_their_org() {
    let app = TestApp::start().await;
    let ann = app.user("ann", Role::Admin).await;
    let operator = app.secret("acme", Role::Operator, &[]).await;
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let answer = app.send(&operator, &format!("{method} /api/auth/users"), Value::Null).await;
        answer.refused(403, "Requires admin role or higher");
    }
    let foreign = app.secret("other", Role::Owner, &[]).await;
    assert_eq!(app.get(&foreign, "/auth/users").await.expect(200)["total"], 0);
    let change = json!({"id": ann.id, "disabled": true});
    app.send(&foreign, "PUT /api/auth/users", change).await.refused(404, "User not found");
    app.send(&foreign, "DELETE /api/auth/users", json!({"id": ann.id})).await.refused(404, "User not found");
}
