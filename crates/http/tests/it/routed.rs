use crate::support::TestApp;
use muster_domain::access::Role;

#[tokio::test]
async fn a_surface_is_also_there_under_its_name() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    assert_eq!(app.call_as(&key, "GET /orgs/v1/things/a%2Fb", "").await.json()["name"], "a/b");
    assert_eq!(app.call_as(&key, "GET /v1/files/a/b%20c", "").await.text, "a/b c");
    assert_eq!(app.call_as(&key, "GET /orgs/v1/files/a/b", "").await.text, "a/b");
}

#[tokio::test]
async fn the_credential_chooses_where_surfaces_share_a_path() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    let choose = async |name: &str| app.call("GET /api/agents", &[(name, &key)], "").await.json();
    assert_eq!(choose("x-agent-token").await, "network");
    assert_eq!(choose("x-api-key").await, "mission");
    assert_eq!(app.call("GET /network/api/agents", &[("x-api-key", &key)], "").await.json(), "network");
    assert_eq!(app.call("GET /mission/api/agents", &[("x-agent-token", &key)], "").await.json(), "mission");
    let nobody = app.call("GET /api/agents", &[], "").await;
    assert_eq!((nobody.status, nobody.json()["surface"].as_str().unwrap()), (401, "mission"));
}

#[tokio::test]
async fn an_unknown_path_is_answered_in_the_dialect_of_its_neighbours() {
    let app = TestApp::start().await;
    for (path, surface) in [("/v1/none", "orgs"), ("/api/none", "mission"), ("/network/none", "network")] {
        let answer = app.call(&format!("GET {path}"), &[], "").await;
        assert_eq!(answer.code(), (404, "not_found".to_owned()));
        assert_eq!(answer.json()["surface"], surface);
    }
    let plain = app.call("GET /v10", &[], "").await;
    assert_eq!((plain.status, plain.json()["error"].as_str().unwrap()), (404, "there is nothing at `/v10`"));
}

#[tokio::test]
async fn a_wrong_method_says_which_are_right() {
    let app = TestApp::start().await;
    for method in ["DELETE", "OPTIONS", "BREW"] {
        let answer = app.call(&format!("{method} /v1/things"), &[], "").await;
        assert_eq!(answer.code(), (405, "method_not_allowed".to_owned()));
        assert_eq!(answer.header("allow"), "GET, HEAD, POST");
        assert_eq!(answer.json()["surface"], "orgs");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    let answer = app.call_as(&key, "HEAD /v1/things", "").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    let answer = app.call_as(&key, "GET /v1/panic", "").await;
    assert_eq!(answer.code(), (500, "internal".to_owned()));
    assert!(!answer.text.contains("secret"));
    assert_eq!(app.call_as(&key, "GET /v1/things", "").await.status, 200);
}

#[tokio::test]
async fn every_answer_has_its_request_id_and_is_not_cached() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    let own = [("x-request-id", "my-request-1"), ("x-api-key", key.as_str())];
    for what in ["GET /v1/things", "GET /v1/none", "PUT /v1/things", "GET /v1/panic", "GET /nowhere"] {
        let answer = app.call(what, &own, "").await;
        assert_eq!(answer.header("x-request-id"), "my-request-1", "{what}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    }
    assert!(
        app.call("GET /v1/none", &[("x-request-id", "bad id")], "").await.header("x-request-id").starts_with("req_")
    );
}

#[tokio::test]
async fn words_of_axum_itself_are_put_into_the_dialect() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    let answer = app.call_as(&key, "GET /v1/text", "").await;
    assert_eq!((answer.status, answer.json()["message"].as_str().unwrap()), (418, "plain words"));
}

#[tokio::test]
async fn events_are_streamed_as_they_are() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    let answer = app.call_as(&key, "GET /v1/events", "").await;
    assert_eq!(answer.text, "id: a\nevent: x\ndata: a\n\nid: b\nevent: x\ndata: b\n\n");
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_eq!(answer.header("x-accel-buffering"), "no");
}
