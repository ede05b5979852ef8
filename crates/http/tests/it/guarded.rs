use crate::support::TestApp;
use muster_base::Secret;
use muster_domain::Ctx;
use muster_domain::access::{self, NewUser, Role, Scope};
use std::sync::Arc;

#[tokio::test]
async fn without_a_valid_credential_nothing_is_told() {
    let app = TestApp::start().await;
    let answer = app.call("GET /v1/things", &[], "").await;
    assert_eq!(answer.code(), (401, "auth.missing".to_owned()));
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    assert_eq!(app.call_as("sk-any-api01-wrong", "GET /v1/things", "").await.code(), (401, "auth.invalid".to_owned()));
    // Neither the body nor the parameters are looked at before the credential.
    assert_eq!(app.call("POST /v1/things", &[], "not json").await.status, 401);
}

#[tokio::test]
async fn every_kind_of_header_carries_a_key() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    for name in ["x-api-key", "x-agent-token", "X-Agent-Key"] {
        assert_eq!(app.call("GET /v1/things", &[(name, &key)], "").await.status, 200, "{name}");
    }
    assert_eq!(app.call_as(&key, "GET /v1/things", "").await.status, 200);
    assert_eq!(app.call(&format!("GET /v1/things?token={key}"), &[], "").await.status, 401);
    assert_eq!(app.call(&format!("GET /v1/events?token={key}"), &[], "").await.status, 200);
}

#[tokio::test]
async fn the_role_is_checked_before_the_scope_and_each_says_what_is_missing() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[Scope::MemoryRead]).await;
    let refused = app.call_as(&viewer, "POST /v1/things", "not json").await;
    assert_eq!(refused.code(), (403, "auth.role_too_low".to_owned()));
    assert_eq!(refused.json()["message"], "requires operator role or higher");
    let operator = app.key(Role::Operator, &[Scope::MemoryRead]).await;
    let refused = app.call_as(&operator, "POST /v1/things", "not json").await;
    assert_eq!(refused.code(), (403, "auth.scope_missing".to_owned()));
    assert!(refused.json()["message"].as_str().unwrap().contains("agents:write"));
    assert_eq!(
        app.call_as(&app.key(Role::Operator, &[]).await, "POST /v1/things", r#"{"name":"a"}"#).await.status,
        201
    );
}

#[tokio::test]
async fn another_org_does_not_exist_whatever_the_role() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    assert_eq!(app.call_as(&viewer, "DELETE /v1/orgs/other/things/1", "").await.code(), (404, "not_found".to_owned()));
    assert_eq!(app.call_as(&viewer, "DELETE /v1/orgs/acme/things/1", "").await.status, 403);
    let admin = app.key(Role::Admin, &[]).await;
    assert_eq!(app.call_as(&admin, "DELETE /v1/orgs/%61cme/things/1", "").await.status, 204);
    assert_eq!(app.call_as(&admin, "DELETE /v1/orgs/acme/things/0", "").await.code(), (409, "conflict".to_owned()));
    assert_eq!(app.call_as(&admin, "DELETE /v1/orgs/acme/things/x", "").await.status, 404);
    assert_eq!(app.call_as(&admin, "DELETE /v1/orgs/%ff/things/1", "").await.status, 404);
    assert_eq!(app.call_as(&admin, "GET /v1/things/%00", "").await.status, 404);
}

#[tokio::test]
async fn another_site_cannot_use_a_browsers_session() {
    let app = TestApp::start().await;
    let system = Ctx::system(Arc::clone(&app.app), "acme");
    let password = || Secret::new("a long password".to_owned());
    let new = NewUser { username: "ann".to_owned(), password: password(), role: Role::Admin, display_name: None };
    access::create_user(&system, new).await.unwrap();
    let signed_in = access::login(&app.app, "ann", password(), system.request()).await.unwrap();
    let cookie = format!("mc-session={}", signed_in.token.expose());
    let body = r#"{"name":"a"}"#;
    let from = |origin: &'static str| {
        [("cookie", cookie.clone()), ("host", "own:1".to_owned()), ("origin", origin.to_owned())]
    };
    for (origin, status) in [("http://own:1", 201), ("http://evil", 403), ("http://127.0.0.1:7717", 201)] {
        let headers = from(origin);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = app.call("POST /v1/things", &headers, body).await;
        assert_eq!(answer.status, status, "{origin}");
        if status == 403 {
            assert_eq!(answer.json()["code"], "auth.csrf");
            assert_eq!(answer.json()["message"], "CSRF origin mismatch");
        }
        assert_eq!(app.call("GET /v1/things", &headers, "").await.status, 200, "reads are harmless");
    }
    let key = app.key(Role::Admin, &[]).await;
    let headers = [("x-api-key", key.as_str()), ("host", "own:1"), ("origin", "http://evil")];
    assert_eq!(
        app.call("POST /v1/things", &headers, body).await.status,
        201,
        "a key is not sent by a browser on its own"
    );
}

#[tokio::test]
async fn another_site_cannot_make_a_browser_send_a_get_that_changes_something() {
    let app = TestApp::start().await;
    let system = Ctx::system(Arc::clone(&app.app), "acme");
    let password = || Secret::new("a long password".to_owned());
    let new = NewUser { username: "ann".to_owned(), password: password(), role: Role::Admin, display_name: None };
    access::create_user(&system, new).await.unwrap();
    let signed_in = access::login(&app.app, "ann", password(), system.request()).await.unwrap();
    let cookie = format!("mc-session={}", signed_in.token.expose());
    for (origin, status) in [("http://own:1", 204), ("http://evil", 403)] {
        let headers = [("cookie", cookie.as_str()), ("host", "own:1"), ("origin", origin)];
        assert_eq!(app.call("GET /v1/things/next", &headers, "").await.status, status, "{origin}");
    }
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
    assert_eq!(app.call("GET /v1/things/next", &headers, "").await.status, 403);
}

#[tokio::test]
async fn an_agents_token_needs_no_scope_for_what_is_its_own() {
    let app = TestApp::start().await;
    let system = Ctx::system(Arc::clone(&app.app), "acme");
    let (_, token) = access::create_agent_token(&system, "not enrolled", None).await.unwrap();
    let refused = app.call_as(token.expose(), "GET /v1/things/next", "").await;
    assert_eq!(refused.code(), (403, "auth.other_agent".to_owned()), "it passes the door, and the handler asks whose");
    let refused = app.call_as(token.expose(), "POST /v1/things", "{}").await;
    assert_eq!(refused.code(), (403, "auth.scope_missing".to_owned()), "elsewhere it needs the scope");
    let reader = app.key(Role::Operator, &[Scope::AgentsRead]).await;
    let refused = app.call_as(&reader, "GET /v1/things/next", "").await;
    assert_eq!(refused.code(), (403, "auth.scope_missing".to_owned()), "and keys do so everywhere");
    let writer = app.key(Role::Operator, &[Scope::AgentsWrite]).await;
    assert_eq!(app.call_as(&writer, "GET /v1/things/next", "").await.status, 204);
    assert_eq!(app.call_as(&writer, "HEAD /v1/things/next", "").await.status, 405, "it would take the thing");
}

#[tokio::test]
async fn a_refusal_is_written_to_the_event_log_wherever_it_is_decided() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    app.call_as(&viewer, "POST /v1/things", "{}").await;
    told(&app, "orgs.support.make").await;
    let system = Ctx::system(Arc::clone(&app.app), "acme");
    let (_, token) = access::create_agent_token(&system, "not enrolled", None).await.unwrap();
    app.call_as(token.expose(), "GET /v1/things/next", "").await;
    told(&app, "orgs.support.take").await;
}

/// Waits until one refusal of this operation is in the event log.
async fn told(app: &TestApp, operation: &str) {
    for _ in 0..1000 {
        let sql = "SELECT count(*) AS n FROM events WHERE type = 'access.refused' AND subject = $1";
        let count = app.app.db.one::<Count>(sql, muster_store::args![operation]).await.expect("reads");
        if count.0 == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no event of {operation}");
}

struct Count(i64);

impl muster_store::FromRow for Count {
    fn from_row(row: &muster_store::Row) -> muster_base::Result<Self> {
        row.int("n").map(Self)
    }
}
