//! ClickHouse, against a fake: <https://clickhouse.com/docs/interfaces/http>. What it says to settings, tricks and errors
//! was taken down from a real engine.

use crate::fake::{Asked, Fake};
use crate::support::{LIMITS, open, query, refused, refused_at};
use muster_domain::connectors::{Answer, Limits, Source, TIMEOUT};
use serde_json::{Value, json};
use std::sync::Arc;
use wiremock::ResponseTemplate;

const PASSWORD: &str = "clickhouse-test-password";

fn text(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string(body)
}

fn exception(status: u16, code: u16, message: &str) -> ResponseTemplate {
    let body = format!("Code: {code}. DB::Exception: {message} (version 24.8.1.1)\n");
    ResponseTemplate::new(status).insert_header("x-clickhouse-exception-code", code.to_string()).set_body_string(body)
}

/// A server where the user's profile says `readonly` so.
fn clickhouse(readonly: u8) -> impl Fn(&Asked) -> ResponseTemplate + Send + Sync + 'static {
    move |asked| {
        // A GET would set readonly itself, and then refuse ours.
        assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/"));
        if asked.header("x-clickhouse-user") != Some("reader") || asked.header("x-clickhouse-key") != Some(PASSWORD) {
            return exception(
                403,
                516,
                "reader: Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)",
            );
        }
        let known = ["database", "default_format"];
        let settings: Vec<&str> = asked
            .query
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !known.contains(name) && !name.starts_with("param_"))
            .collect();
        let changed = match readonly {
            1 => settings.first().copied(),
            2 => settings.iter().copied().find(|name| *name == "readonly"),
            _ => None,
        };
        if let Some(name) = changed {
            return exception(500, 164, &format!("Cannot modify '{name}' setting in readonly mode. (READONLY)"));
        }
        if asked.body == "SELECT getSetting('readonly')" {
            return text(&format!("{readonly}\n"));
        }
        assert!(readonly > 0 || asked.param("readonly") == Some("1"), "a statement that might write: {asked:?}");
        assert_eq!(asked.param("default_format"), Some("JSONCompactEachRowWithNames"));
        match asked.body.as_str() {
            "SELECT version(), currentUser()" => {
                text("[\"version()\", \"currentUser()\"]\n[\"24.8.1.1\", \"reader\"]\n")
            }
            "SELECT * FROM `events`" | "SELECT * FROM `shop`.`events`" => {
                text("[\"id\", \"name\"]\n[18446744073709551615, \"a\"]\n[2, null]\n")
            }
            "SELECT {id:UInt64}" => text(&format!("[\"id\"]\n[{}]\n", asked.param("param_id").expect("a value"))),
            "SELECT number FROM numbers(10)" => {
                text("[\"number\"]\n[0]\n[1]\n[2]\n[3]\n[4]\n[5]\n[6]\n[7]\n[8]\n[9]\n")
            }
            "SELECT half_way" => {
                text("[\"n\"]\n[1]\nCode: 395. DB::Exception: Value passed to 'throwIf' is non-zero\n")
            }
            "SELECT sleep(3)" => exception(500, 159, "Timeout exceeded: elapsed 3 seconds. (TIMEOUT_EXCEEDED)"),
            "SELECT nope" => exception(404, 47, "Unknown expression identifier `nope`. (UNKNOWN_IDENTIFIER)"),
            "SELECT * FROM `nowhere`" => {
                exception(404, 60, "Unknown table expression identifier 'nowhere'. (UNKNOWN_TABLE)")
            }
            sql if sql.contains("system.columns") => text("[\"a\", \"b\"]\n[\"events\", \"id UInt64, name String\"]\n"),
            sql => exception(400, 62, &format!("Syntax error: failed at position 1: {sql}. (SYNTAX_ERROR)")),
        }
    }
}

async fn source(fake: &Fake) -> Arc<dyn Source> {
    open("clickhouse", json!({"baseUrl": fake.url(), "user": "reader", "password": PASSWORD, "database": "shop"})).await
}

async fn table(
    source: &Arc<dyn Source>,
    resource: &str,
    sql: &str,
    params: Value,
) -> (Vec<String>, Vec<Vec<Value>>, bool) {
    match source.query(query(resource, sql, params)).await {
        Ok(Answer::Table { columns, rows, truncated }) => (columns, rows, truncated),
        other => panic!("{sql}: {other:?}"),
    }
}

#[tokio::test]
async fn rows_are_read_whatever_the_users_profile_says_of_readonly() {
    for readonly in [0, 1, 2] {
        let fake = Fake::start(clickhouse(readonly)).await;
        let source = source(&fake).await;
        assert_eq!(source.test().await.expect("it answers"), "ClickHouse 24.8.1.1 as reader");
        for resource in ["events", "shop.events", "`shop`.`events`"] {
            let (columns, rows, truncated) = table(&source, resource, "", json!({})).await;
            assert_eq!(columns, ["id", "name"]);
            assert_eq!(rows, [vec![json!(u64::MAX), json!("a")], vec![json!(2), Value::Null]]);
            assert!(!truncated);
        }
        let (_, rows, _) = table(&source, "", "SELECT {id:UInt64}", json!({"id": 7})).await;
        assert_eq!(rows, [vec![json!(7)]]);
        let resources = source.resources().await.expect("a list");
        assert_eq!(
            (resources[0].name.as_str(), resources[0].description.as_str()),
            ("events", "id UInt64, name String")
        );
        fake.never_saw_in_urls(PASSWORD).await;
    }
}

#[tokio::test]
async fn limits_hold_and_are_passed_on() {
    let fake = Fake::start(clickhouse(0)).await;
    let source = source(&fake).await;
    let mut few = query("", "SELECT number FROM numbers(10)", json!({}));
    few.limits = Limits { rows: 3, ..LIMITS };
    let Ok(Answer::Table { rows, truncated, .. }) = source.query(few).await else { panic!("a table") };
    assert_eq!((rows.len(), truncated), (3, true));
    let asked = fake.asked().await;
    let last = asked.last().expect("it was asked");
    assert_eq!((last.param("max_result_rows"), last.param("result_overflow_mode")), (Some("4"), Some("break")));
    assert_eq!(last.param("max_execution_time"), Some("20"));
}

#[tokio::test]
async fn every_trick_to_write_is_refused_before_it_is_sent() {
    let fake = Fake::start(clickhouse(0)).await;
    let source = source(&fake).await;
    for sql in [
        "INSERT INTO events VALUES (1)",
        "WITH 1 AS x INSERT INTO events SELECT x",
        "SELECT 1; DROP TABLE events",
        "DROP TABLE events",
        "KILL QUERY WHERE 1",
        "SELECT 1 SETTINGS readonly = 0",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT * FROM url('http://127.0.0.1/', 'CSV', 'a String')",
        "SELECT file('/etc/passwd')",
        "SELECT 1 FORMAT JSON",
    ] {
        refused_at(&source, "query", "", sql, json!({})).await;
    }
    for resource in ["events; DROP TABLE events", "a.b.c", "`a`` `", "numbers(10)", ""] {
        let field = if resource.is_empty() { "query" } else { "resource" };
        refused_at(&source, field, resource, "", json!({})).await;
    }
    refused_at(&source, "params.id", "", "SELECT {id:UInt64}", json!({})).await;
    refused_at(&source, "params.readonly", "", "SELECT 1", json!({"readonly": 0})).await;
    assert!(fake.asked().await.is_empty());
}

#[tokio::test]
async fn errors_come_back_with_its_words() {
    let fake = Fake::start(clickhouse(0)).await;
    let source = source(&fake).await;
    let error = refused(&source, "", "SELECT x y z", json!({})).await;
    assert_eq!(error.field(), Some("query"));
    assert!(error.message().contains("Syntax error"), "{error}");
    refused_at(&source, "query", "", "SELECT nope", json!({})).await;
    refused_at(&source, "resource", "nowhere", "", json!({})).await;
    assert_eq!(refused(&source, "", "SELECT sleep(3)", json!({})).await.code(), TIMEOUT);
    assert!(refused(&source, "", "SELECT half_way", json!({})).await.message().contains("throwIf"));
    let stranger =
        open("clickhouse", json!({"baseUrl": fake.url(), "user": "reader", "password": "other-password"})).await;
    let error = stranger.test().await.expect_err("refused");
    assert!(
        error.message().contains("Authentication failed") && !error.message().contains("other-password"),
        "{error}"
    );
}
