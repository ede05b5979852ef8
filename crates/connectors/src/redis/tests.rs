//! Promises about a real Redis server.

use super::*;
use crate::tests::outbound;
use muster_domain::connectors::FAILED;
use muster_testkit::Redis as Server;

const LIMITS: Limits = Limits { rows: 1000, bytes: 1_000_000, time: Duration::from_secs(20) };

async fn open(server: &Server, more: Value) -> Arc<dyn Source> {
    let mut settings = json!({ "host": "127.0.0.1", "port": server.port() });
    settings.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    Redis::new(outbound().guard()).open(settings.as_object().expect("an object").clone()).await.expect("a source")
}

fn asked(resource: &str, query: &str) -> Query {
    Query { resource: resource.to_owned(), query: query.to_owned(), params: Map::new(), limits: LIMITS }
}

async fn filled() -> (Server, Arc<dyn Source>) {
    let server = Server::start().await;
    let said = server
        .run(
            "SET greeting hello\nSET bytes \"\\xff\\xfe\"\nHSET user:1 name Ann age 7\nRPUSH log a b c\nSADD tags x\n\
        ZADD scores 1.5 ann 2 bob\nXADD events 1-1 kind login\nSET number 7",
        )
        .await;
    assert!(!said.contains("-ERR"), "{said}");
    let source = open(&server, json!({})).await;
    (server, source)
}

async fn items(source: &Arc<dyn Source>, resource: &str, query: &str) -> Vec<Value> {
    match source.query(asked(resource, query)).await {
        Ok(Answer::Items { items, .. }) => items,
        other => panic!("{resource} {query}: {other:?}"),
    }
}

#[tokio::test]
async fn keys_and_values_of_every_type_are_read() {
    let (_server, source) = filled().await;
    for (resource, query, expected) in [
        ("greeting", "", json!(["hello"])),
        ("bytes", "", json!([{ "base64": "//4=" }])),
        ("user:1", "", json!([{ "field": "name", "value": "Ann" }, { "field": "age", "value": "7" }])),
        ("log", "", json!(["a", "b", "c"])),
        ("tags", "", json!(["x"])),
        ("scores", "", json!([{ "member": "ann", "score": 1.5 }, { "member": "bob", "score": 2.0 }])),
        ("events", "", json!([{ "id": "1-1", "fields": { "kind": "login" } }])),
        ("", "GET greeting", json!(["hello"])),
        ("greeting", "STRLEN greeting", json!([5])),
        ("", "GET nothing", json!([])),
        ("", "MGET greeting nothing", json!(["hello", null])),
        ("", "HMGET user:1 name x", json!(["Ann", null])),
        ("", "LRANGE log 1 -1", json!(["b", "c"])),
        ("", "TYPE log", json!(["list"])),
        ("keys", "user:*", json!(["user:1"])),
        ("keys", "", json!(["bytes", "events", "greeting", "log", "number", "scores", "tags", "user:1"])),
    ] {
        assert_eq!(Value::from(items(&source, resource, query).await), expected, "{resource} {query}");
    }
    let memory = items(&source, "info", "memory").await;
    assert!(memory.iter().any(|item| item["section"] == "memory" && item["name"] == "used_memory"));
    let mut named = asked("", "HGET :key :field");
    named.params = json!({ "key": "user:1", "field": "name" }).as_object().expect("an object").clone();
    assert_eq!(source.query(named).await.expect("read"), Answer::Items { items: vec![json!("Ann")], truncated: false });
    assert!(source.test().await.expect("there").starts_with("Redis "));
    let names: Vec<String> = source.resources().await.expect("listed").into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["keys", "info"]);
}

#[tokio::test]
async fn what_is_refused_is_told_and_nothing_is_written() {
    let (server, source) = filled().await;
    for (resource, query, field) in [
        ("", "", "query"),
        ("nothing", "", "resource"),
        ("", "SET greeting bye", "query"),
        ("", "set greeting bye", "query"),
        ("", "FLUSHALL", "query"),
        ("", "GET log", "query"),
        ("", "GET", "query"),
        ("", "EVAL \"redis.call('flushall')\" 0", "query"),
        ("", "GET greeting\r\nFLUSHALL", "query"),
        ("", "SORT log STORE other", "query"),
        ("", "KEYS *", "query"),
    ] {
        let error = source.query(asked(resource, query)).await.expect_err(query);
        assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some(field)), "{resource} {query}: {error}");
    }
    assert!(server.run("DBSIZE\nGET greeting").await.contains(":8\r\n$5\r\nhello"));
}

#[tokio::test]
async fn answers_are_cut_and_huge_ones_do_not_get_here() {
    let server = Server::start().await;
    server.run(&format!("RPUSH list {}\nSET huge x\nSETRANGE huge 9000000 y", vec!["a"; 2000].join(" "))).await;
    let source = open(&server, json!({})).await;
    for resource in ["list", ""] {
        let query = if resource.is_empty() { "LRANGE list 0 -1" } else { "" };
        let Ok(Answer::Items { items, truncated }) = source.query(asked(resource, query)).await else {
            panic!("items")
        };
        assert_eq!((items.len(), truncated), (1000, true));
    }
    for (resource, query) in [("huge", ""), ("", "GET huge")] {
        let error = source.query(asked(resource, query)).await.expect_err("too much");
        assert!(error.kind() == Kind::Invalid && error.message().contains("too much"), "{error}");
    }
    assert_eq!(items(&source, "", "LLEN list").await, [json!(2000)]);
}

#[tokio::test]
async fn signing_in_needs_the_password_which_is_not_told() {
    let server = Server::start_with(&["--requirepass", "hunter2"]).await;
    assert!(open(&server, json!({ "password": "hunter2" })).await.test().await.is_ok());
    for more in [json!({}), json!({ "password": "hunter3" }), json!({ "user": "nobody", "password": "hunter3" })] {
        let error = open(&server, more).await.test().await.expect_err("refused");
        assert_eq!(error.code(), FAILED, "{error}");
        assert!(!error.message().contains("hunter"), "{error}");
    }
    let tls = open(&server, json!({ "tls": "require", "password": "hunter2" })).await;
    assert_eq!(tls.test().await.expect_err("no TLS there").code(), FAILED);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let (server, source) = filled().await;
    assert_eq!(items(&source, "greeting", "").await, [json!("hello")]);
    server.run("CLIENT KILL TYPE normal SKIPME yes").await;
    assert_eq!(items(&source, "greeting", "").await, [json!("hello")]);
}
