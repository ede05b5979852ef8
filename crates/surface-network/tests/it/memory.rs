//! `/api/agents/memory`

use crate::support::TestApp;
use muster_domain::access::{Role, Scope};
use muster_domain::memory;
use serde_json::{Value, json};

#[tokio::test]
async fn what_one_sets_all_of_the_org_read() {
    let app = TestApp::start().await;
    let (ann, token) = (app.elsewhere("Ann").await, app.token().await);
    let (key, own) = (app.key("acme", Role::Operator, &[]).await, app.key_of(&ann).await);
    let set = json!({"operation": "set", "key": "my-key", "value": "my-value", "scope": "tenant"});
    assert_eq!(app.memory(&token, set).await.expect(200), json!({"ok": true, "key": "my-key", "revision": 1}));
    let get = json!({"operation": "get", "key": "my-key", "scope": "tenant"});
    let value = json!({"key": "my-key", "value": "my-value", "revision": 1, "updatedAt": "2026-11-22T01:30:00.000Z"});
    for token in [&token, &key, &own] {
        assert_eq!(app.memory(token, get.clone()).await.expect(200), value);
    }
    let foreign = app.key("other", Role::Owner, &[]).await;
    app.memory(&foreign, get.clone()).await.refused(404, "key `my-key` does not exist");
    let delete = json!({"operation": "delete", "key": "my-key"});
    let deleted = app.memory(&foreign, delete.clone()).await.expect(200);
    assert_eq!(deleted, json!({"ok": true, "key": "my-key", "deleted": false}));
    assert_eq!(app.memory(&key, delete).await.expect(200)["deleted"], true);
    app.memory(&key, get).await.refused(404, "key `my-key` does not exist");
}

#[tokio::test]
async fn a_value_is_any_json() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Operator, &[]).await;
    let values = [
        json!(null),
        json!(false),
        json!(""),
        json!(-1.5e-7),
        json!(18_446_744_073_709_551_615_u64),
        json!([[], {}]),
        json!({"a": {"b": [1, "Ärger \u{1d11e} \"\\"]}, "key": null}),
    ];
    for value in values {
        app.memory(&key, json!({"operation": "set", "key": "k", "value": value})).await.expect(200);
        assert_eq!(app.memory(&key, json!({"operation": "get", "key": "k"})).await.expect(200)["value"], value);
    }
    let fits = "x".repeat(256 * 1024 - 2);
    app.memory(&key, json!({"operation": "set", "key": "k", "value": fits})).await.expect(200);
    let large = json!({"operation": "set", "key": "k", "value": format!("{fits}x")});
    app.memory(&key, large).await.refused_like(400, "value: may have at most 262144 bytes");
    let escaped = format!(r#"{{"operation": "set", "key": "k", "value": "{}"}}"#, r"\u00e4".repeat(120_000));
    app.call("POST /api/agents/memory", &[("x-agent-token", &key)], &escaped).await.expect(200);
}

#[tokio::test]
async fn an_agent_keeps_for_itself_what_its_tools_find() {
    let app = TestApp::start().await;
    let (ann, bob) = (app.hosted("Ann").await, app.elsewhere("Bob").await);
    let (own, other) = (app.key_of(&ann).await, app.key_of(&bob).await);
    let set = json!({"operation": "set", "key": "mine", "value": [1], "scope": "agent"});
    app.memory(&own, set.clone()).await.expect(200);
    assert_eq!(memory::find(&app.ctx(), &ann.id, "mine").await.unwrap().unwrap().value, "[1]");
    for scope in ["agent", "tenant"] {
        let get = json!({"operation": "get", "key": "mine", "scope": scope});
        app.memory(&other, get).await.refused(404, "key `mine` does not exist");
    }
    let key = app.key("acme", Role::Owner, &[]).await;
    app.memory(&key, set.clone()).await.refused_like(403, "only an agent has this; use the agent's own key");
    let nobody = app.token().await;
    app.memory(&nobody, set).await.refused_like(403, "this token acts as no agent");
}

#[tokio::test]
async fn a_value_that_has_moved_on_is_not_overwritten() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Operator, &[]).await;
    let set = async |value: i64, revision: i64| {
        let body = json!({"operation": "set", "key": "k", "value": value, "ifRevision": revision});
        app.memory(&key, body).await
    };
    assert_eq!(set(1, 0).await.expect(200)["revision"], 1);
    set(2, 0).await.refused(409, "the value has moved on: its revision is 1; read it again");
    assert_eq!(set(2, 1).await.expect(200)["revision"], 2);
    set(3, 1).await.refused_like(409, "the value has moved on: its revision is 2");
    let delete = json!({"operation": "delete", "key": "k", "ifRevision": 1});
    app.memory(&key, delete).await.refused_like(409, "the value has moved on");
}

#[tokio::test]
async fn keys_are_listed_in_pages() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Operator, &[]).await;
    for name in ["b", "a/2", "a/1", "a/3"] {
        app.memory(&key, json!({"operation": "set", "key": name, "value": name})).await.expect(200);
    }
    let at = "2026-11-22T01:30:00.000Z";
    let entry = |name: &str| json!({"key": name, "value": name, "revision": 1, "updatedAt": at});
    let first = app.memory(&key, json!({"operation": "list", "prefix": "a/", "limit": 2})).await.expect(200);
    assert_eq!(first["entries"], json!([entry("a/1"), entry("a/2")]));
    let next = json!({"operation": "list", "prefix": "a/", "limit": 2, "cursor": first["nextCursor"]});
    assert_eq!(app.memory(&key, next).await.expect(200), json!({"entries": [entry("a/3")]}));
    let all = app.memory(&key, json!({"operation": "list"})).await.expect(200);
    assert_eq!(all["entries"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn reading_and_writing_have_scopes_of_their_own() {
    let app = TestApp::start().await;
    let set = json!({"operation": "set", "key": "k", "value": 1});
    let (get, list, delete) = (
        json!({"operation": "get", "key": "k"}),
        json!({"operation": "list"}),
        json!({"operation": "delete", "key": "k"}),
    );
    let reader = app.key("acme", Role::Operator, &[Scope::MemoryRead]).await;
    let writer = app.key("acme", Role::Operator, &[Scope::MemoryWrite]).await;
    let neither = app.key("acme", Role::Owner, &[Scope::AgentsWrite]).await;
    for body in [&set, &delete] {
        app.memory(&reader, body.clone()).await.refused(403, "the credential lacks the scope memory:write");
    }
    for body in [&get, &list] {
        app.memory(&neither, body.clone()).await.refused(403, "the credential lacks the scope memory:read");
    }
    app.memory(&writer, set).await.expect(200);
    for token in [&reader, &writer] {
        app.memory(token, get.clone()).await.expect(200);
        app.memory(token, list.clone()).await.expect(200);
    }
    app.memory(&writer, delete).await.expect(200);
}

#[tokio::test]
async fn wrong_input_is_named() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Operator, &[]).await;
    for (body, error) in [
        (json!({}), "operation: is required"),
        (json!({"operation": "take"}), "operation: "),
        (json!({"operation": "get"}), "key: is required"),
        (json!({"operation": "get", "key": ""}), "key: must have 1 to 256 characters"),
        (json!({"operation": "set", "key": "x".repeat(257), "value": 1}), "key: must have 1 to 256 characters"),
        (json!({"operation": "set", "key": 1, "value": 1}), "key: "),
        (json!({"operation": "set", "key": "k"}), "value: is required"),
        (json!({"operation": "set", "key": "k", "value": "a\u{0}"}), "value: must not contain NUL characters"),
        (json!({"operation": "set", "key": "k", "value": 1, "scope": "mine"}), "scope: "),
        (json!({"operation": "set", "key": "k", "value": 1, "ifRevision": -1}), "ifRevision: must be 0 or more"),
        (json!({"operation": "set", "key": "k", "value": 1, "ifRevision": "1"}), "ifRevision: "),
        (json!({"operation": "list", "limit": 0}), "limit: must be from 1 to 200"),
        (json!({"operation": "list", "cursor": "?"}), "cursor: is not a page token"),
    ] {
        app.memory(&key, body).await.refused_like(400, error);
    }
    // They would come back as other numbers.
    for number in ["1e999", "12345678901234567890123", "0.1234567890123456789"] {
        let body = format!(r#"{{"operation": "set", "key": "k", "value": {{"at": ["1", {number}]}}}}"#);
        let answer = app.call("POST /api/agents/memory", &[("x-agent-token", &key)], &body).await;
        answer.refused_like(400, &format!("value: must not have numbers beyond 64 bits, such as {number}"));
    }
    let list = app.memory(&key, json!({"operation": "list"})).await.expect(200);
    assert_eq!(list["entries"], Value::Array(vec![]));
}
