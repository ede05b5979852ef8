use crate::support::TestApp;
use axum::body::Body;
use bytes::Bytes;
use muster_domain::access::Role;

async fn said(app: &TestApp, key: &str, body: &str) -> (u16, String, Option<String>) {
    let answer = app.call_as(key, "POST /v1/things", body).await;
    let json = answer.json();
    let field = json["field"].as_str().map(str::to_owned);
    (answer.status, json["message"].as_str().unwrap_or_default().to_owned(), field)
}

#[tokio::test]
async fn a_wrong_body_is_refused_by_the_fields_name() {
    let app = TestApp::start().await;
    let key = app.key(Role::Operator, &[]).await;
    let cases = [
        ("{}", "name: is required", "name"),
        (r#"{"name":"a","count":"x"}"#, "count: must be a whole number", "count"),
        (r#"{"name":"a\u0000"}"#, "name: must not contain NUL characters", "name"),
        ("", "a JSON body is required", ""),
    ];
    for (body, message, field) in cases {
        assert_eq!(said(&app, &key, body).await, (400, message.to_owned(), Some(field.to_owned())));
    }
    let answer = said(&app, &key, "{\n\"name\": }").await;
    assert_eq!(answer.0, 400);
    assert!(answer.1.ends_with("at line 2 column 9"), "{}", answer.1);
    assert_eq!(said(&app, &key, r#"["a"]"#).await.1, "the body must be an object");
}

#[tokio::test]
async fn a_wrong_parameter_is_refused_by_its_name() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    let answer = app.call_as(&key, "GET /v1/things?limit=abc", "").await;
    assert_eq!((answer.status, answer.json()["message"].as_str().unwrap()), (400, "limit: must be a whole number"));
    assert_eq!(app.call_as(&key, "GET /v1/things?limit=7", "").await.json()[0]["count"], 7);
}

#[tokio::test]
async fn only_json_is_taken_where_json_is_wanted() {
    let app = TestApp::start().await;
    let key = format!("Bearer {}", app.key(Role::Operator, &[]).await);
    for (media, status) in [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("application/merge-patch+json", 201),
        ("text/plain", 400),
        ("é", 201),
    ] {
        let headers = [("authorization", key.as_str()), ("content-type", media)];
        assert_eq!(app.call("POST /v1/things", &headers, r#"{"name":"a"}"#).await.status, status, "{media}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_and_without_a_length() {
    let app = TestApp::start().await;
    let key = app.key(Role::Operator, &[]).await;
    let big = format!(r#"{{"name":"{}"}}"#, "x".repeat(2000));
    let answer = app.call_as(&key, "POST /v1/things", &big).await;
    assert_eq!(answer.code(), (413, "body.too_large".to_owned()));
    assert_eq!(answer.json()["message"], "the body is larger than 1000 bytes");
    for name in ["x-none", "idempotency-key"] {
        let pieces = futures::stream::iter((0..20).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 100]))));
        let request = http::Request::post("/v1/things").header("x-api-key", &key).header(name, "k1");
        let answer = app.send(request.body(Body::from_stream(pieces)).unwrap()).await;
        assert_eq!(answer.code(), (413, "body.too_large".to_owned()), "{name}");
    }
}
