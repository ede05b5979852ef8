use super::*;
use crate::collect::Collector;
use crate::tests::outbound;
use muster_base::Kind;
use muster_domain::connectors::{Answer, FAILED, Limits, TIMEOUT};
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const LIMITS: Limits = Limits { rows: 5, bytes: 10_000, time: Duration::from_secs(10) };

fn api(server: &MockServer, auth: Auth) -> Api {
    Api::new(&outbound(), "Example", &format!("{}/api/v1", server.uri()), auth).expect("an API")
}

fn secret() -> Secret<String> {
    Secret::new("hunter2-token".to_owned())
}

async fn fails_with(answer: ResponseTemplate) -> muster_base::Error {
    let server = MockServer::start().await;
    Mock::given(path("/api/v1/items")).respond_with(answer).mount(&server).await;
    let api = api(&server, Auth::Bearer("Bearer", secret()));
    let ask = api.get(api.at(&["items"]).expect("an address"));
    ask.fetch::<Value>(&mut Budget::new(&LIMITS)).await.expect_err("a failure")
}

#[tokio::test]
async fn credentials_go_where_the_api_wants_them() {
    let server = MockServer::start().await;
    let ok = || ResponseTemplate::new(200).set_body_json(json!({ "ok": true }));
    let guards = [
        (Auth::Bearer("token", secret()), header("authorization", "token hunter2-token")),
        (Auth::Basic("me".to_owned(), secret()), header("authorization", "Basic bWU6aHVudGVyMi10b2tlbg==")),
        (Auth::Header("x-auth-token".to_owned(), secret()), header("x-auth-token", "hunter2-token")),
    ];
    for (auth, wants) in guards {
        server.reset().await;
        Mock::given(method("GET")).and(wants).respond_with(ok()).mount(&server).await;
        let api = api(&server, auth);
        let found: Value = api.get(api.base().clone()).fetch(&mut Budget::small()).await.expect("accepted");
        assert_eq!(found["ok"], true);
        assert!(!format!("{api:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn a_status_says_whose_fault_it_is() {
    let said = json!({ "error": { "message": "no such\n field `hunter2-token`" } });
    for (status, kind, field) in [
        (400, Kind::Invalid, Some("query")),
        (401, Kind::Upstream, None),
        (403, Kind::Upstream, None),
        (404, Kind::Invalid, Some("resource")),
        (422, Kind::Invalid, Some("query")),
        (429, Kind::Upstream, None),
        (500, Kind::Upstream, None),
        (302, Kind::Upstream, None),
    ] {
        let answer = ResponseTemplate::new(status).set_body_json(&said).insert_header("retry-after", "7");
        let error = fails_with(answer).await;
        assert_eq!((error.kind(), error.field()), (kind, field), "{status}: {error}");
        assert!(!error.message().contains("hunter2"), "{error}");
        assert!(error.message().contains("Example"), "{error}");
        if status != 302 {
            assert!(error.message().contains("no such field"), "{error}");
        }
        assert_eq!(error.retry_after().is_some(), status == 429);
    }
}

#[tokio::test]
async fn answers_that_are_late_large_or_no_json_are_told_apart() {
    let large = fails_with(ResponseTemplate::new(200).set_body_string("x".repeat(20_000))).await;
    assert_eq!((large.kind(), large.field()), (Kind::Invalid, Some("query")), "{large}");
    assert!(is_too_large(&large));
    let text = fails_with(ResponseTemplate::new(200).set_body_string("<html>")).await;
    assert_eq!(text.code(), FAILED, "{text}");
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(60)))
        .mount(&server)
        .await;
    let api = api(&server, Auth::None);
    let limits = Limits { time: Duration::from_millis(50), ..LIMITS };
    let late = api.get(api.base().clone()).fetch::<Value>(&mut Budget::new(&limits)).await.expect_err("late");
    assert_eq!(late.code(), TIMEOUT, "{late}");
}

#[tokio::test]
async fn pages_are_followed_until_there_is_enough() {
    let server = MockServer::start().await;
    for page in 0..4 {
        let next = format!("<{}/api/v1/items?page={}>; rel=\"next\"", server.uri(), page + 1);
        let answer =
            ResponseTemplate::new(200).set_body_json(json!([page * 2, page * 2 + 1])).insert_header("link", next);
        Mock::given(path("/api/v1/items"))
            .and(query_param("page", page.to_string()))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    let api = api(&server, Auth::None);
    let (mut budget, mut found) = (Budget::new(&LIMITS), Collector::new(&LIMITS));
    let mut url = api.below("resource", "/items?page=0").expect("an address");
    loop {
        let reply = api.get(url).send(&mut budget).await.expect("a page");
        found.take(reply.json::<Vec<Value>>().expect("a list"));
        let next = reply.next_link().map(|link| link.parse::<muster_outbound::Url>().expect("an address"));
        if !found.goes_on(next.is_some()) {
            break;
        }
        url = next.expect("there is one");
    }
    let items = (0..5).map(|n| json!(n)).collect();
    assert_eq!(found.answer(), Answer::Items { items, truncated: true });
    assert_eq!(server.received_requests().await.expect("kept").len(), 3);
}

#[tokio::test]
async fn no_path_leads_out_of_the_base() {
    let server = MockServer::start().await;
    let api = api(&server, Auth::None);
    for text in ["../admin", "a/../../b", "..%2fadmin", "%2e%2e/admin", "a\\..\\b", "x#y", "a//b", "..", "%2E%2E%5cx"] {
        let error = api.below("resource", text).expect_err(text);
        assert_eq!(error.field(), Some("resource"));
    }
    for text in ["http://elsewhere.example.com/", "//elsewhere.example.com/x", "@elsewhere.example.com"] {
        if let Ok(url) = api.below("resource", text) {
            assert!(url.as_str().starts_with(api.base().as_str()), "{url}");
        }
    }
    assert_eq!(api.below("resource", "/a/b?c=../d").expect("fine").path(), "/api/v1/a/b");
    assert_eq!(api.at(&["a/../b", "c?d"]).expect("fine").path(), "/api/v1/a%2F..%2Fb/c%3Fd");
    assert!(api.at(&["a", ".."]).is_err());
}

#[tokio::test]
async fn a_server_that_asks_for_a_moment_gets_it_once() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "0");
    Mock::given(method("GET")).respond_with(busy).up_to_n_times(1).mount(&server).await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(json!([]))).mount(&server).await;
    let api = api(&server, Auth::None);
    let mut budget = Budget::new(&LIMITS);
    api.get(api.base().clone()).fetch::<Value>(&mut budget).await.expect("answered in the end");
    server.reset().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "0");
    Mock::given(method("GET")).respond_with(busy).mount(&server).await;
    api.get(api.base().clone()).fetch::<Value>(&mut budget).await.expect_err("told at once");
    assert_eq!(server.received_requests().await.expect("kept").len(), 1);
}

#[tokio::test]
async fn details_of_a_refusal_are_told() {
    for (body, said) in [
        (json!({ "message": "Validation Failed", "errors": [{ "field": "q", "code": "missing" }] }), "q is missing"),
        (
            json!({ "error": { "message": "Invalid Input", "errors": ["Since must be a time"] } }),
            "Since must be a time",
        ),
        (json!({ "errorMessages": [], "errors": { "jql": "no such field" } }), "no such field"),
        (json!({ "errors": [{ "title": "odd", "detail": "more" }] }), "more"),
    ] {
        let error = fails_with(ResponseTemplate::new(422).set_body_json(&body)).await;
        assert!(error.message().contains(said), "{error}");
    }
}
