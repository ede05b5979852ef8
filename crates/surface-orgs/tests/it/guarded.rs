//! Who may do what, on every operation of the surface.

use crate::support::TestApp;
use muster_domain::access::{Role, Scope};
use muster_http::{RouteLine, routes};

fn concrete(line: &RouteLine, org: &str) -> String {
    let mut path = String::new();
    for segment in line.path.split('/').skip(1) {
        path.push('/');
        path.push_str(match segment {
            "{org}" => org,
            parameter if parameter.starts_with('{') => "unknown",
            plain => plain,
        });
    }
    format!("{} {path}", line.method)
}

fn lines() -> Vec<RouteLine> {
    routes(&[muster_surface_orgs::surface()])
}

#[tokio::test]
async fn every_operation_wants_a_credential() {
    let app = TestApp::start().await;
    for line in lines() {
        let what = concrete(&line, "acme");
        app.call("", &what, "{}").await.refused(401, "auth.missing", None);
        app.call("sk-any-api01-made-up", &what, "{}").await.refused(401, "auth.invalid", None);
    }
}

#[tokio::test]
async fn another_org_does_not_exist_for_anybody() {
    let app = TestApp::start().await;
    let owner = app.key(Role::Owner, &[]).await;
    for line in lines() {
        let known = app.call(&owner, &concrete(&line, "other"), "{}").await.refused(404, "not_found", None);
        let unknown = app.call(&owner, &concrete(&line, "nobody"), "{}").await.refused(404, "not_found", None);
        assert_eq!(known.replace("other", "nobody"), unknown, "nothing tells that the org exists");
    }
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
        let key = app.key(below, Scope::ALL).await;
        app.call(&key, &concrete(&line, "acme"), "{}").await.refused(403, "auth.role_too_low", None);
    }
}

#[tokio::test]
async fn every_scope_holds() {
    let app = TestApp::start().await;
    let mut unscoped = Vec::new();
    for line in lines() {
        let Some(scope) = line.scope else {
            unscoped.push((line.method, line.path));
            continue;
        };
        let key = app.key(Role::Owner, &[Scope::KnowledgeRead]).await;
        let message = app.call(&key, &concrete(&line, "acme"), "{}").await.refused(403, "auth.scope_missing", None);
        assert!(message.contains(scope.as_str()), "{message}");
        let key = app.key(Role::Owner, &[scope]).await;
        let status = app.call(&key, &concrete(&line, "acme"), "{}").await.status;
        assert!([200, 400, 404].contains(&status), "{} {}: {status}", line.method, line.path);
    }
    assert_eq!(unscoped, [("GET", "/v1/orgs/{org}")]);
}

#[tokio::test]
async fn what_belongs_to_another_org_does_not_exist() {
    let app = TestApp::start().await;
    let foreign = app.agent("other", "Eve").await;
    let posted = app.message(&foreign, None, "hello").await;
    let owner = app.key(Role::Owner, &[]).await;
    app.get(&owner, &format!("/agents/{}", foreign.id)).await.refused(404, "not_found", None);
    app.get(&owner, &format!("/turns/{}", posted.turn)).await.refused(404, "not_found", None);
    let none = serde_json::Value::Null;
    let cancel = format!("/turns/{}/_cancel", posted.turn);
    app.write(&owner, "POST", &cancel, none.clone()).await.refused(404, "not_found", None);
    let read = format!("/conversations/{}/_read", posted.message.conversation);
    app.write(&owner, "POST", &read, none).await.refused(404, "not_found", None);
    for list in ["/agents", "/conversations", "/turns"] {
        assert_eq!(app.get(&owner, list).await.expect(200)["data"], serde_json::json!([]), "{list}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_this_dialect() {
    let app = TestApp::start().await;
    let owner = app.key(Role::Owner, &[]).await;
    app.get(&owner, "/nothing").await.refused(404, "not_found", None);
    let answer = app.write(&owner, "DELETE", "", serde_json::Value::Null).await;
    answer.refused(405, "method_not_allowed", None);
    assert_eq!(answer.headers["allow"], "GET, HEAD, PATCH");
}
