//! Who may do what, on every operation of the surface.

use crate::support::TestApp;
use muster_domain::access::{self, Role, Scope};
use muster_domain::agents;
use muster_http::{RouteLine, routes};
use serde_json::{Value, json};
use std::time::Duration;

/// The operations that answer requests; the WebSocket has its own tests.
fn lines() -> Vec<RouteLine> {
    routes(&[muster_surface_network::surface()]).into_iter().filter(|line| line.path.starts_with("/api/")).collect()
}

/// The operation with `id` in place of every parameter.
fn concrete(line: &RouteLine, id: &str) -> String {
    let segments = line.path.split('/').map(|segment| if segment.starts_with('{') { id } else { segment });
    format!("{} {}", line.method, segments.collect::<Vec<_>>().join("/"))
}

#[tokio::test]
async fn every_operation_wants_a_credential() {
    let app = TestApp::start().await;
    for line in lines() {
        let what = concrete(&line, "1");
        let missing = "a token is required: send an API key or an agent token as `x-agent-token`";
        app.call(&what, &[], "{}").await.refused(401, missing);
        for unknown in ["sk-any-api01-made-up", "agt_made-up"] {
            let answer = app.send(unknown, &what, json!({})).await;
            answer.refused(401, "the credential is not valid: it is unknown or was revoked");
        }
    }
}

#[tokio::test]
async fn every_role_floor_holds() {
    let app = TestApp::start().await;
    for line in lines().iter().filter(|line| line.role == Some(Role::Operator)) {
        // All scopes, so that only the role is in the way.
        let key = app.key("acme", Role::Viewer, Scope::ALL).await;
        app.send(&key, &concrete(line, "1"), json!({})).await.refused(403, "requires operator role or higher");
    }
}

#[tokio::test]
async fn every_operation_needs_a_scope() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Admin, &[Scope::KnowledgeRead]).await;
    let mut unscoped = Vec::new();
    for line in lines() {
        if line.scope.is_none() {
            unscoped.push(line.path);
            continue;
        }
        app.send(&key, &concrete(&line, "1"), json!({})).await.refused_like(403, "the credential lacks the scope");
    }
    assert_eq!(unscoped, ["/api/agents/memory"], "its scope depends on the body");
}

#[tokio::test]
async fn a_token_that_is_over_opens_nothing_from_then_on() {
    let app = TestApp::start().await;
    let list = "GET /api/agents";
    let ends = app.ctx().now() + Duration::from_secs(60);
    let (_, short) = access::create_agent_token(&app.ctx(), "short", Some(ends)).await.unwrap();
    app.send(short.expose(), list, Value::Null).await.expect(200);
    app.pass(Duration::from_secs(60));
    app.send(short.expose(), list, Value::Null).await.refused(401, "the credential has expired");
    let (token, secret) = access::create_agent_token(&app.ctx(), "fleet", None).await.unwrap();
    app.send(secret.expose(), list, Value::Null).await.expect(200);
    access::delete_agent_token(&app.ctx(), &token.id).await.unwrap();
    app.send(secret.expose(), list, Value::Null).await.refused_like(401, "the credential is not valid");
    let ann = app.elsewhere("Ann").await;
    let own = app.key_of(&ann).await;
    app.send(&own, list, Value::Null).await.expect(200);
    agents::delete(&app.ctx(), &ann.id, false).await.unwrap();
    app.send(&own, list, Value::Null).await.refused_like(401, "the credential is not valid");
}

#[tokio::test]
async fn two_orgs_do_not_see_each_other() {
    let app = TestApp::start().await;
    let ann = app.elsewhere("Ann").await;
    let foreign = app.key("other", Role::Owner, &[]).await;
    let list = app.send(&foreign, "GET /api/agents", Value::Null).await.expect(200);
    assert_eq!(list, json!({"agents": [], "total": 0}));
    for name in [ann.id.clone(), ann.number.to_string(), "Ann".to_owned()] {
        let what = format!("POST /api/agents/{name}/interrupt");
        let refused = app.send(&foreign, &what, json!({"reason": "x"})).await;
        refused.refused(404, &format!("agent `{name}` does not exist"));
    }
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_again() {
    let app = TestApp::start_with(true).await;
    let key = app.key("acme", Role::Operator, &[]).await;
    let body = json!({"operation": "get", "key": "k"});
    let mut last = app.memory(&key, body.clone()).await;
    for _ in 0..300 {
        last = app.memory(&key, body.clone()).await;
    }
    assert!(last.expect(429)["error"].as_str().is_some_and(|text| !text.is_empty()));
    let seconds: u64 = last.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    app.send(&key, "GET /api/agents", Value::Null).await.expect(200);
}
