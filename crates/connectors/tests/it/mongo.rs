//! MongoDB, against `mockupdb` with `mongomock`.

use crate::peers::{Peer, mongo};
use crate::support::{LIMITS, all, ask, each, open, query, refused, refused_at};
use muster_base::Kind;
use muster_domain::connectors::{FAILED, Limits, Source, TIMEOUT};
use serde_json::{Value, json};
use std::sync::Arc;

async fn source(peer: &Peer) -> Arc<dyn Source> {
    let settings = json!({
        "host": "127.0.0.1", "port": peer.told["port"], "user": peer.text("user"), "password": peer.text("password"),
        "database": peer.text("database"),
    });
    open("mongodb", settings).await
}

async fn commands(peer: &mut Peer) -> Vec<String> {
    serde_json::from_value(peer.say("muster.commands").await).expect("names")
}

#[tokio::test]
async fn documents_are_read_by_filters() {
    let peer = mongo().await;
    let source = source(&peer).await;
    assert_eq!(source.test().await.expect("it answers"), "MongoDB 7.0.5, database shop");
    assert_eq!(all(&source, "orders", "", json!({})).await.len(), 250, "over several batches");
    let open_ones =
        all(&source, "orders", r#"{"state": "open", "number": {"$lte": 9}}"#, json!({"sort": "-number"})).await;
    assert_eq!(each(&open_ones, "/number"), [&json!(9), &json!(6), &json!(3)]);
    let first = &all(&source, "orders", r#"{"_id": {"$oid": "000000000000000000000001"}}"#, json!({})).await[0];
    assert_eq!(first["placed"], json!({"$date": "2026-01-02T00:00:00Z"}));
    assert_eq!((&first["total"], &first["big"]), (&json!(1.5), &json!(1_099_511_627_777_i64)));
    let since = r#"{"placed": {"$gte": {"$date": "2026-09-08T00:00:00Z"}}}"#;
    let projected = all(&source, "orders", since, json!({"projection": {"number": 1, "_id": 0}})).await;
    assert_eq!(projected, [json!({"number": 250})]);
    let (some, more) = ask(&source, "orders", "", json!({"limit": 120, "skip": 10, "sort": ["number"]})).await;
    assert_eq!((some.len(), more, &some[0]["number"]), (120, true, &json!(11)));
}

#[tokio::test]
async fn documents_are_put_together_by_pipelines() {
    let mut peer = mongo().await;
    let source = source(&peer).await;
    let stages = r#"[{"$match": {"number": {"$lte": 6}}}, {"$group": {"_id": "$state", "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}]"#;
    let groups = all(&source, "orders", stages, json!({})).await;
    assert_eq!(groups[0], json!({"_id": "closed", "n": 2}));
    let param: Value = serde_json::from_str(stages).expect("stages");
    assert_eq!(all(&source, "orders", "", json!({"pipeline": param})).await, groups);
    let (some, more) = ask(&source, "orders", stages, json!({"limit": 2})).await;
    assert_eq!((some.len(), more), (2, true));
    let known = [
        "hello",
        "ismaster",
        "saslstart",
        "saslcontinue",
        "aggregate",
        "endsessions",
        "getmore",
        "killcursors",
        "ping",
    ];
    let sent = commands(&mut peer).await;
    assert!(sent.iter().all(|name| known.contains(&name.as_str())), "{sent:?}");
}

#[tokio::test]
async fn collections_are_listed_with_their_fields_and_missing_ones_named() {
    let peer = mongo().await;
    let source = source(&peer).await;
    let resources = source.resources().await.expect("a list");
    let names: Vec<&str> = resources.iter().map(|resource| resource.name.as_str()).collect();
    assert_eq!(names, ["customers", "orders"], "none of the system");
    assert!(resources[1].description.contains("number, state, total"), "{}", resources[1].description);
    let error = refused(&source, "order", "", json!({})).await;
    assert_eq!(error.field(), Some("resource"));
    assert!(error.message().contains("customers, orders"), "{error}");
    assert!(all(&source, "orders", r#"{"number": 0}"#, json!({})).await.is_empty());
}

#[tokio::test]
async fn every_trick_to_write_or_run_code_is_refused_before_it_is_sent() {
    let mut peer = mongo().await;
    let source = source(&peer).await;
    for words in [
        r#"{"$where": "sleep(1000)"}"#,
        r#"{"$or": [{"a": 1}, {"$where": "true"}]}"#,
        r#"{"$expr": {"$function": {"body": "x", "args": [], "lang": "js"}}}"#,
        r#"[{"$out": "copy"}]"#,
        r#"[{"$match": {}}, {"$merge": {"into": "copy"}}]"#,
        r#"[{"$facet": {"a": [{"$out": "copy"}]}}]"#,
        r#"[{"$lookup": {"from": "customers", "pipeline": [{"$merge": "copy"}], "as": "c"}}]"#,
        r#"[{"$group": {"_id": 1, "n": {"$accumulator": {}}}}]"#,
        r#"[{"$unionWith": "system.users"}]"#,
        r#"{"a": {"$code": "function() {}"}}"#,
    ] {
        refused_at(&source, "query", "orders", words, json!({})).await;
    }
    refused_at(&source, "params.pipeline", "orders", "", json!({"pipeline": [{"$out": "copy"}]})).await;
    refused_at(&source, "params.projection", "orders", "", json!({"projection": {"a": {"$function": {}}}})).await;
    refused_at(&source, "params.update", "orders", "", json!({"update": {}})).await;
    for resource in ["system.users", "", "$cmd", "a$b"] {
        refused_at(&source, "resource", resource, "", json!({})).await;
    }
    let sent = commands(&mut peer).await;
    assert!(sent.is_empty(), "{sent:?}");
}

#[tokio::test]
async fn failures_say_what_they_are() {
    let peer = mongo().await;
    let source = source(&peer).await;
    let error = refused(&source, "orders", r#"{"a": {"$odd": 1}}"#, json!({})).await;
    assert!(error.message().contains("$odd") || error.message().contains("odd"), "{error}");
    assert_eq!(refused(&source, "orders", r#"{"slow": true}"#, json!({})).await.code(), TIMEOUT);
    let mut settings = json!({"host": "127.0.0.1", "port": peer.told["port"], "user": "reader", "database": "shop"});
    settings["password"] = json!("wrong-password");
    let stranger = open("mongodb", settings).await;
    for error in [
        stranger.test().await.expect_err("refused"),
        stranger.query(query("orders", "", json!({}))).await.expect_err("refused"),
    ] {
        assert_eq!((error.kind(), error.code()), (Kind::Upstream, FAILED));
        assert!(error.message().contains("check user and password"), "{error}");
        assert!(!error.message().contains("wrong-password"), "{error}");
    }
}

#[tokio::test]
async fn a_connection_string_leads_there_as_well() {
    let peer = mongo().await;
    let text = format!(
        "mongodb://{}:{}@127.0.0.1:{}/?authSource=admin&directConnection=true",
        peer.text("user"),
        peer.text("password"),
        peer.told["port"]
    );
    let source = open("mongodb", json!({"connectionString": text, "database": "shop"})).await;
    let mut few = query("orders", "", json!({}));
    few.limits = Limits { bytes: 2000, ..LIMITS };
    let answer = source.query(few).await.expect("an answer");
    let muster_domain::connectors::Answer::Items { items, truncated } = answer else { panic!("items") };
    assert!(truncated && !items.is_empty() && items.len() < 20, "{}", items.len());
}
