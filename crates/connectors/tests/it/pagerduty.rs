//! PagerDuty, against a fake: <https://developer.pagerduty.com/api-reference/>.

use crate::fake::{Asked, Fake, ok, page, status};
use crate::support::{all, ask, open, refused, refused_at};
use serde_json::json;
use wiremock::ResponseTemplate;

const TOKEN: &str = "pagerduty-test-token";

fn pagerduty(asked: &Asked) -> ResponseTemplate {
    assert_eq!(asked.header("accept"), Some("application/vnd.pagerduty+json;version=2"));
    let error = |code: u16, message: &str, errors: &[&str]| {
        status(code, json!({"error": {"message": message, "code": 2001, "errors": errors}}))
    };
    match asked.header("authorization") {
        Some("Token token=pagerduty-test-token" | "Bearer pagerduty-test-token") => {}
        _ => return error(401, "Unauthenticated", &[]),
    }
    let (offset, limit) = (asked.number("offset").unwrap_or(0), asked.number("limit").unwrap_or(25));
    if limit > 100 || offset + limit > 10_000 {
        return error(400, "Invalid Input Provided", &["Offset plus limit must not exceed 10000."]);
    }
    let more = |total: usize| offset + limit < total;
    match asked.path.as_str() {
        "/users/me" if asked.header("authorization").is_some_and(|value| value.starts_with("Bearer")) => {
            ok(json!({"user": {"name": "Me"}}))
        }
        "/users/me" => error(400, "Invalid Input Provided", &["Requires user token"]),
        "/incidents" if asked.param("since") == Some("odd") => {
            error(400, "Invalid Input Provided", &["Since must be a valid ISO 8601 time"])
        }
        "/incidents" => {
            let statuses = asked.params("statuses[]");
            assert!(statuses.is_empty() || statuses == ["triggered", "acknowledged"], "{statuses:?}");
            ok(json!({"incidents": page(230, offset, limit), "more": more(230), "offset": offset, "limit": limit}))
        }
        "/incidents/P1" => ok(json!({"incident": {"id": "P1", "self": "https://x"}})),
        "/services" => ok(json!({"services": [{"id": "S1", "integrations": [{"id": "I1", "integration_key": "hunter2",
                                "integration_email": "hunter2@example.com"}]}], "more": false})),
        "/oncalls" => {
            assert_eq!(asked.params("include[]"), ["users"]);
            ok(json!({"oncalls": [{"user": {"name": "Me"}}], "more": false}))
        }
        "/priorities" => {
            status(429, json!({"error": {"message": "Too Many Requests"}})).insert_header("retry-after", "20")
        }
        _ => error(404, "Not Found", &[]),
    }
}

#[tokio::test]
async fn incidents_services_and_who_is_on_call_are_read() {
    let fake = Fake::start(pagerduty).await;
    let source = open("pagerduty", json!({"baseUrl": fake.url(), "token": TOKEN})).await;
    assert_eq!(source.test().await.expect("it answers"), "PagerDuty with a key of the account");
    let bearer = open("pagerduty", json!({"baseUrl": fake.url(), "token": TOKEN, "tokenKind": "oauth"})).await;
    assert_eq!(bearer.test().await.expect("it answers"), "PagerDuty as Me");
    let statuses = json!({"statuses": ["triggered", "acknowledged"]});
    assert_eq!(all(&source, "incidents/list", "", statuses).await.len(), 230);
    let (some, more) = ask(&source, "incidents/list", "", json!({"limit": 150})).await;
    assert_eq!((some.len(), more), (150, true));
    assert_eq!(all(&source, "incidents/get", "", json!({"id": "P1"})).await, [json!({"id": "P1"})]);
    let services = all(&source, "services/list", "", json!({})).await;
    assert_eq!(services, [json!({"id": "S1", "integrations": [{"id": "I1"}]})]);
    assert_eq!(all(&source, "oncalls/list", "", json!({"include": ["users"]})).await.len(), 1);
    fake.never_saw_in_urls(TOKEN).await;
}

#[tokio::test]
async fn refusals_are_told_with_their_details() {
    let fake = Fake::start(pagerduty).await;
    let source = open("pagerduty", json!({"baseUrl": fake.url(), "token": TOKEN})).await;
    let error = refused(&source, "incidents/list", "", json!({"since": "odd"})).await;
    assert!(error.message().contains("Since must be a valid"), "{error}");
    let error = refused(&source, "priorities/list", "", json!({})).await;
    assert_eq!(error.retry_after(), Some(20), "{error}");
    refused_at(&source, "resource", "incidents/get", "", json!({"id": "P2"})).await;
    refused_at(&source, "params.id", "incidents/get", "", json!({})).await;
    let stranger = open("pagerduty", json!({"baseUrl": fake.url(), "token": "other-token"})).await;
    let error = stranger.test().await.expect_err("refused");
    assert!(error.message().contains("check the token") && !error.message().contains("other-token"), "{error}");
}
