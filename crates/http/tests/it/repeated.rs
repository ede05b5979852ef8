use crate::support::{Answer, TestApp};
use muster_domain::access::Role;

async fn post(app: &TestApp, key: &str, once: &str, body: &str) -> Answer {
    app.call("POST /v1/keys", &[("x-api-key", key), ("idempotency-key", once)], body).await
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let app = TestApp::start().await;
    let key = app.key(Role::Admin, &[]).await;
    let first = post(&app, &key, "one", "{}").await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    let again = post(&app, &key, "one", "{}").await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(again.text, first.text);
    assert_eq!(again.header("content-type"), "application/json");
    assert_ne!(post(&app, &key, "two", "{}").await.text, first.text);
    assert_eq!(post(&app, &key, "one", "{ }").await.code(), (409, "idempotency.mismatch".to_owned()));
    let other = app.key(Role::Admin, &[]).await;
    assert_ne!(post(&app, &other, "one", "{}").await.text, first.text, "keys belong to their caller");
}

#[tokio::test]
async fn requests_with_one_key_at_the_same_time_make_one_thing() {
    let app = TestApp::start().await;
    let key = app.key(Role::Admin, &[]).await;
    let answers = futures::future::join_all((0..8).map(|_| post(&app, &key, "same", "{}"))).await;
    let mut made: Vec<&str> = Vec::new();
    for answer in &answers {
        match answer.status {
            201 => made.push(&answer.text),
            _ => {
                assert_eq!(answer.code(), (409, "idempotency.in_progress".to_owned()));
                assert_eq!(answer.header("retry-after"), "1");
            }
        }
    }
    made.dedup();
    assert_eq!(made.len(), 1);
}

#[tokio::test]
async fn an_unfit_key_is_refused_and_a_read_ignores_it() {
    let app = TestApp::start().await;
    let key = app.key(Role::Admin, &[]).await;
    let answer = post(&app, &key, "has space", "{}").await;
    assert_eq!((answer.status, answer.json()["field"].as_str()), (400, Some("Idempotency-Key")));
    let headers = [("x-api-key", key.as_str()), ("idempotency-key", "has space")];
    assert_eq!(app.call("GET /v1/things", &headers, "").await.status, 200);
}

#[tokio::test]
async fn a_request_whose_outcome_is_unknown_is_not_done_twice() {
    let app = TestApp::start().await;
    let key = app.key(Role::Admin, &[]).await;
    post(&app, &key, "one", "{}").await;
    let sql = "UPDATE idempotency SET status = NULL, body = NULL, subject = NULL";
    let forget =
        app.app.db.write(move |tx| Box::pin(async move { tx.execute(sql, muster_store::Args::default()).await }));
    forget.await.unwrap();
    assert_eq!(post(&app, &key, "one", "{}").await.code(), (409, "idempotency.outcome_unknown".to_owned()));
}
