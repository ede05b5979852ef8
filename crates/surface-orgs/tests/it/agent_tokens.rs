use crate::support::TestApp;
use muster_domain::access::Role;
use muster_domain::enrolments::{self, Machine};
use muster_domain::{Ctx, Request, access};
use serde_json::{Value, json};

#[tokio::test]
async fn a_tokens_secret_is_shown_once_and_its_agent_when_it_has_one() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let body = json!({"name": "fleet", "expiresAt": "2027-01-01T00:00:00Z"});
    let made = app.write(&admin, "POST", "/agent-tokens", body).await.expect(201);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("agt_") && secret.starts_with(made["prefix"].as_str().unwrap()));
    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("secret");
    let fresh = json!({"id": made["id"], "name": "fleet", "prefix": made["prefix"], "machines": 0,
        "createdAt": "2026-11-22T01:30:00.000Z", "expiresAt": "2027-01-01T00:00:00.000Z"});
    assert_eq!(shown, fresh);
    let list = app.get(&admin, "/agent-tokens").await;
    assert!(!list.text.contains(secret));
    assert_eq!(list.expect(200), json!({"data": [fresh]}));
    let principal = access::identify(&app.app, secret).await.unwrap();
    let ctx = Ctx::new(app.app.clone(), principal, Request::default());
    let enrolled = enrolments::enrol(&ctx, Machine { id: "m".to_owned(), ..Machine::default() }).await.unwrap();
    let listed = app.get(&admin, "/agent-tokens").await.expect(200)["data"][0].clone();
    assert_eq!((&listed["agentId"], &listed["machines"]), (&json!(enrolled.agent.id), &json!(1)));
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_from_then_on() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    let made = app.write(&admin, "POST", "/agent-tokens", json!({"name": "fleet"})).await.expect(201);
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    app.get(secret, "/agents").await.expect(200);
    let path = format!("/agent-tokens/{id}");
    let removed = app.write(&admin, "DELETE", &path, Value::Null).await.expect(200);
    assert_eq!((&removed["id"], &removed["name"]), (&json!(id), &json!("fleet")));
    assert!(removed.get("secret").is_none());
    app.get(secret, "/agents").await.refused(401, "auth.invalid", None);
    app.write(&admin, "DELETE", &path, Value::Null).await.refused(404, "not_found", None);
    assert_eq!(app.get(&admin, "/agent-tokens").await.expect(200), json!({"data": []}));
}

#[tokio::test]
async fn a_token_that_makes_no_sense_is_refused_with_its_field() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": " "}), "name"),
        (json!({"name": "x", "expiresAt": "2020-01-01T00:00:00Z"}), "expiresAt"),
        (json!({"name": "x", "expiresAt": "soon"}), "expiresAt"),
    ] {
        let answer = app.write(&admin, "POST", "/agent-tokens", body).await;
        answer.refused(400, "validation.invalid", Some(field));
    }
}
