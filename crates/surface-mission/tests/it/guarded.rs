//! Who may do what, on every operation of the surface.

use crate::support::TestApp;
use muster_domain::Settings;
use muster_domain::access::{Role, Scope};
use muster_http::{RouteLine, routes};
use serde_json::{Value, json};

fn lines() -> Vec<RouteLine> {
    routes(&[muster_surface_mission::surface()])
}

/// The operation with `id` in place of every parameter.
fn concrete(line: &RouteLine, id: &str) -> String {
    let segments = line.path.split('/').map(|segment| if segment.starts_with('{') { id } else { segment });
    let path = segments.collect::<Vec<_>>().join("/");
    format!("{} {path}", line.method)
}

#[tokio::test]
async fn every_operation_but_signing_in_wants_a_credential() {
    let app = TestApp::start().await;
    let mut public = Vec::new();
    for line in lines() {
        let what = concrete(&line, "1");
        if line.role.is_none() {
            public.push(what);
            continue;
        }
        app.call(&what, &[], "{}").await.refused(401, "Authentication required");
        assert_eq!(app.send("sk-any-api01-made-up", &what, json!({})).await.status, 401, "{what}");
    }
    assert_eq!(public, ["POST /api/auth/login", "POST /api/login"]);
}

#[tokio::test]
async fn every_role_floor_holds() {
    let app = TestApp::start().await;
    for line in lines() {
        let below = match line.role {
            Some(Role::Admin) => Role::Operator,
            Some(Role::Operator) => Role::Viewer,
            _ => continue,
        };
        // All scopes, so that only the role is in the way.
        let key = app.secret("acme", below, Scope::ALL).await;
        let answer = app.send(&key, &concrete(&line, "1"), json!({})).await;
        assert_eq!(answer.status, 403, "{} {}", line.path, answer.text);
        assert!(answer.text.contains("role or higher"), "{}", answer.text);
    }
}

#[tokio::test]
async fn every_operation_on_agents_needs_a_scope() {
    let app = TestApp::start().await;
    let key = app.secret("acme", Role::Admin, &[Scope::KnowledgeRead]).await;
    for line in lines().iter().filter(|line| line.path.starts_with("/api/agents")) {
        let answer = app.send(&key, &concrete(line, "1"), json!({})).await;
        assert_eq!(answer.status, 403, "{} {}", line.path, answer.text);
        assert!(answer.text.contains("lacks the scope"), "{}", answer.text);
    }
}

#[tokio::test]
async fn another_orgs_agent_does_not_exist_by_number_slug_or_name() {
    let app = TestApp::start().await;
    let own = app.secret("acme", Role::Operator, &[]).await;
    let made = app
        .send(&own, "POST /api/agents", json!({"name": "Ann", "role": "dev", "soul_content": "s"}))
        .await
        .expect(201);
    let before = app.get(&own, "/agents/1").await.expect(200);
    let foreign = app.secret("other", Role::Owner, &[]).await;
    let slug = made["agent"]["slug"].as_str().unwrap();
    let body =
        json!({"name": "a", "role": "b", "soul_content": "c", "memory": {}, "working_memory": "d", "key_id": "k"});
    for line in lines().iter().filter(|line| line.path.starts_with("/api/agents/{id}")) {
        for id in ["1", slug, "Ann"] {
            let body = if line.method == "GET" { Value::Null } else { body.clone() };
            let answer = app.send(&foreign, &concrete(line, id), body).await;
            assert_eq!(answer.status, 404, "{} {id} {}", line.path, answer.text);
        }
    }
    assert_eq!(app.get(&foreign, "/agents").await.expect(200)["total"], 0);
    let by_name = json!({"name": "Ann", "status": "busy"});
    app.send(&foreign, "PUT /api/agents", by_name).await.refused(404, "Agent not found");
    assert_eq!(app.get(&own, "/agents/1").await.expect(200), before);
}

#[tokio::test]
async fn another_site_cannot_make_a_signed_in_browser_write() {
    let app = TestApp::start().await;
    app.user("ann", Role::Operator).await;
    let cookie = app.cookie("ann").await;
    let body = json!({"name": "Ann", "role": "dev"}).to_string();
    let evil = [("cookie", cookie.as_str()), ("origin", "https://evil.test")];
    app.call("POST /api/agents", &evil, &body).await.refused(403, "CSRF origin mismatch");
    app.call("GET /api/agents", &evil, "").await.expect(200);
    let own = [("cookie", cookie.as_str()), ("origin", "http://muster.test")];
    app.call("POST /api/agents", &own, &body).await.expect(201);
}

#[tokio::test]
async fn sixty_writes_and_six_hundred_reads_a_minute_are_taken_from_each_caller() {
    let app = TestApp::start_with(Settings::default(), true).await;
    let (key, other) = (app.secret("acme", Role::Operator, &[]).await, app.secret("acme", Role::Operator, &[]).await);
    for _ in 0..60 {
        app.send(&key, "PUT /api/agents/Ann", json!({"role": "x"})).await.refused(404, "Agent not found");
    }
    let refused = app.send(&key, "PUT /api/agents/Ann", json!({"role": "x"})).await;
    refused.refused(429, "Too many requests. Please try again later.");
    assert_eq!(refused.headers["ratelimit-policy"], "\"write\";q=60;w=60");
    assert!(refused.headers.contains_key("retry-after") && refused.headers.contains_key("ratelimit"));
    let spoofed = [("x-api-key", key.as_str()), ("x-forwarded-for", "203.0.113.9")];
    assert_eq!(app.call_from(9, "PUT /api/agents/Ann", &spoofed, "{}").await.status, 429, "not per address");
    let read = app.get(&key, "/agents").await;
    read.expect(200);
    assert_eq!(read.headers["ratelimit-policy"], "\"read\";q=600;w=60");
    assert_eq!(app.send(&other, "PUT /api/agents/Ann", json!({"role": "x"})).await.status, 404);
}
