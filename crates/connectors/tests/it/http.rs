//! Any HTTP API, against a fake.

use crate::fake::{Asked, Fake, ok, page, status};
use crate::support::{all, ask, open, open_with, refused, refused_at};
use muster_outbound::Policy;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

const SECRET: &str = "http-test-secret";

fn api(asked: &Asked) -> ResponseTemplate {
    assert_eq!(asked.method, "GET");
    match asked.path.as_str() {
        "/v1/items" => ok(json!(page(3, 0, 3))),
        "/v1/wrapped" => ok(json!({"data": {"items": page(2, 0, 2)}, "total": 2})),
        "/v1/echo" => ok(json!({"query": asked.query, "headers": asked.headers})),
        "/v1/text" => ResponseTemplate::new(200).set_body_raw("it works", "text/plain"),
        "/v1/linked" => {
            let number = asked.number("page").unwrap_or(1);
            assert_eq!(asked.param("state"), Some("open"));
            let answer = ok(json!(page(25, (number - 1) * 10, 10)));
            let link = format!("<https://elsewhere.example.com/v1/linked?page={}>; rel=\"next\"", number + 1);
            if number < 3 { answer.insert_header("link", link) } else { answer }
        }
        "/v1/cursors" => {
            let from: usize = asked.param("after").map_or(0, |text| text.parse().expect("ours"));
            let next = if from + 10 < 25 { json!((from + 10).to_string()) } else { Value::Null };
            ok(json!({"items": page(25, from, 10), "next": next}))
        }
        "/v1/away" => ResponseTemplate::new(302).insert_header("location", "http://127.0.0.2:1/"),
        "/v1/secret" => status(400, json!({"message": format!("bad token {SECRET}")})),
        _ => status(404, json!({"error": "not found"})),
    }
}

async fn with(fake: &Fake, more: Value) -> std::sync::Arc<dyn muster_domain::connectors::Source> {
    let mut settings = json!({"baseUrl": format!("{}/v1", fake.url())});
    settings.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    open("http", settings).await
}

#[tokio::test]
async fn lists_objects_and_texts_are_read() {
    let fake = Fake::start(api).await;
    let source = with(&fake, json!({})).await;
    assert_eq!(all(&source, "items", "", json!({})).await.len(), 3);
    assert_eq!(all(&source, "/items", "", json!({})).await.len(), 3);
    assert_eq!(all(&source, "GET /items", "", json!({})).await.len(), 3);
    assert_eq!(all(&source, "wrapped", "", json!({})).await[0]["total"], 2);
    assert_eq!(all(&source, "wrapped", "/data/items", json!({})).await.len(), 2);
    assert_eq!(all(&source, "text", "", json!({})).await, [json!({"text": "it works"})]);
    let echo = &all(&source, "echo?a=1", "", json!({"b": 2, "c": ["x", "y"], "d": null, "e": "a&b"})).await[0];
    assert_eq!(echo["query"], json!([["a", "1"], ["b", "2"], ["c", "x"], ["c", "y"], ["e", "a&b"]]));
    let pointed = with(&fake, json!({"itemsPointer": "/data/items"})).await;
    assert_eq!(all(&pointed, "wrapped", "", json!({})).await.len(), 2);
    let error = refused(&pointed, "echo", "", json!({})).await;
    assert!(error.field() == Some("query") && error.message().contains("headers, query"), "{error}");
}

#[tokio::test]
async fn nothing_but_a_get_below_the_base_is_sent() {
    let fake = Fake::start(api).await;
    let source = with(&fake, json!({"paths": ["items", "/echo/"]})).await;
    for resource in ["POST items", "DELETE items", "put items", "PATCH /items", "QUERY items", "HEAD items"] {
        refused_at(&source, "resource", resource, "", json!({})).await;
    }
    for resource in
        ["../admin", "items/../../admin", "items/%2e%2e/x", "items%2f..%2fx", "itemsx", "wrapped", "", "//x", "items#x"]
    {
        refused_at(&source, "resource", resource, "", json!({})).await;
    }
    refused_at(&source, "query", "items", "a=b", json!({})).await;
    refused_at(&source, "params.a", "items", "", json!({"a": {"b": 1}})).await;
    assert!(fake.asked().await.is_empty());
    assert_eq!(all(&source, "items", "", json!({})).await.len(), 3);
    assert_eq!(source.resources().await.expect("a list").len(), 2);
}

#[tokio::test]
async fn credentials_go_where_the_settings_say() {
    let fake = Fake::start(api).await;
    for (settings, name, expected) in [
        (json!({"auth": "bearer", "token": SECRET}), "authorization", "Bearer http-test-secret"),
        (
            json!({"auth": "basic", "username": "me", "password": SECRET}),
            "authorization",
            "Basic bWU6aHR0cC10ZXN0LXNlY3JldA==",
        ),
        (json!({"auth": "header", "headerName": "X-Api-Key", "headerSecret": SECRET}), "x-api-key", SECRET),
        (json!({"headers": ["X-Team: shop"]}), "x-team", "shop"),
    ] {
        let source = with(&fake, settings).await;
        assert_eq!(all(&source, "echo", "", json!({})).await[0]["headers"][name], expected);
        let error = refused(&source, "secret", "", json!({})).await;
        assert!(!error.message().contains(SECRET) || name == "x-team", "{error}");
    }
    fake.never_saw_in_urls(SECRET).await;
    for (settings, field) in [
        (json!({"auth": "bearer"}), "token"),
        (json!({"auth": "header", "headerSecret": SECRET}), "headerName"),
        (json!({"auth": "header", "headerName": "X-HTTP-Method-Override", "headerSecret": "DELETE"}), "headerName"),
        (json!({"headers": ["X-HTTP-Method-Override: DELETE"]}), "headers"),
        (json!({"headers": ["Host: elsewhere.example.com"]}), "headers"),
        (json!({"headers": ["X-A: b\r\nX-C: d"]}), "headers"),
        (json!({"headers": ["nonsense"]}), "headers"),
        (json!({"paging": "cursor"}), "cursorPointer"),
    ] {
        let mut settings = settings;
        settings["baseUrl"] = json!(fake.url());
        let error = open_with(Policy::All, "http", settings).await.err().expect("refused");
        assert_eq!(error.field(), Some(field), "{error}");
    }
}

#[tokio::test]
async fn pages_are_followed_on_the_same_path() {
    let fake = Fake::start(api).await;
    let linked = with(&fake, json!({"paging": "link"})).await;
    assert_eq!(all(&linked, "linked", "", json!({"state": "open"})).await.len(), 25);
    let cursors =
        json!({"paging": "cursor", "cursorPointer": "/next", "cursorParam": "after", "itemsPointer": "/items"});
    let cursors = with(&fake, cursors).await;
    assert_eq!(all(&cursors, "cursors", "", json!({})).await.len(), 25);
    let first = with(&fake, json!({"itemsPointer": "/items"})).await;
    let (items, more) = ask(&first, "cursors", "", json!({})).await;
    assert_eq!((items.len(), more), (10, false));
}

#[tokio::test]
async fn tests_and_redirects_are_told_plainly() {
    let fake = Fake::start(api).await;
    assert_eq!(with(&fake, json!({})).await.test().await.expect("it is there"), "127.0.0.1 answers (404)");
    let described = with(&fake, json!({"endpoints": ["items: the items", "text"]})).await;
    assert_eq!(described.test().await.expect("it answers"), "127.0.0.1 answers (200)");
    let resources = described.resources().await.expect("a list");
    assert_eq!((resources[0].name.as_str(), resources[0].description.as_str()), ("items", "the items"));
    let missing = with(&fake, json!({"endpoints": ["nowhere: nothing"]})).await;
    missing.test().await.expect_err("it is not there");
    let error = refused(&described, "away", "", json!({})).await;
    assert!(error.message().contains("redirects elsewhere"), "{error}");
}
