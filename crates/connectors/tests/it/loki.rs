//! Loki, against a fake: <https://grafana.com/docs/loki/latest/reference/loki-http-api/>.

use crate::fake::{Asked, Fake, ok};
use crate::support::{all, ask, each, open, refused, refused_at};
use serde_json::json;
use wiremock::ResponseTemplate;

const START: i64 = 1_700_000_000_000_000_000;

fn text(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string(body)
}

fn loki(asked: &Asked) -> ResponseTemplate {
    if asked.header("x-scope-orgid").is_none() {
        return text(401, "no org id");
    }
    match asked.path.as_str() {
        "/loki/api/v1/status/buildinfo" => ok(json!({"version": "3.2.0"})),
        "/loki/api/v1/labels" => ok(json!({"status": "success", "data": ["app"]})),
        "/loki/api/v1/label/app/values" => ok(json!({"status": "success", "data": ["api", "db"]})),
        "/loki/api/v1/series" => {
            assert_eq!(asked.params("match[]"), ["{app=\"api\"}"]);
            ok(json!({"status": "success", "data": [{"app": "api"}]}))
        }
        "/loki/api/v1/query_range" => {
            let limit = asked.number("limit").expect("a limit");
            if limit > 5000 {
                return text(400, "max entries limit per query exceeded, limit > max_entries_limit (5001 > 5000)");
            }
            if let Some(start) = asked.param("start") {
                assert!(start.len() == 19 && start.parse::<i64>().is_ok(), "nanoseconds: {start}");
            }
            match asked.param("query") {
                Some("{app=~\"api|db\"}") => {
                    let line = |n: i64, app: &str| json!([(START + n).to_string(), format!("{app} {n}")]);
                    ok(json!({"status": "success", "data": {"resultType": "streams", "result": [
                        {"stream": {"app": "api"}, "values": [line(5, "api"), line(3, "api"), line(1, "api")]},
                        {"stream": {"app": "db"}, "values": [line(4, "db"), line(2, "db")]}]}}))
                }
                Some("rate({app=\"api\"}[1m])") => ok(json!({"status": "success", "data": {"resultType": "matrix",
                    "result": [{"metric": {"app": "api"}, "values": [[1_700_000_000, "0.5"]]}]}})),
                _ => text(400, "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER"),
            }
        }
        _ => text(404, "404 page not found"),
    }
}

#[tokio::test]
async fn lines_of_all_streams_come_in_the_order_of_their_times() {
    let server = Fake::start(loki).await;
    let source = open("loki", json!({"baseUrl": server.url(), "tenant": "shop"})).await;
    assert_eq!(source.test().await.expect("it answers"), "Loki 3.2.0 at 127.0.0.1");
    let lines = all(&source, "", "{app=~\"api|db\"}", json!({"start": "2h"})).await;
    let said: Vec<&str> = each(&lines, "/line").into_iter().filter_map(|line| line.as_str()).collect();
    assert_eq!(said, ["api 5", "db 4", "api 3", "db 2", "api 1"]);
    assert_eq!(lines[0]["labels"], json!({"app": "api"}));
    assert_eq!(lines[0]["time"], "2023-11-14T22:13:20.000000005Z");
    let (some, more) = ask(&source, "", "{app=~\"api|db\"}", json!({"limit": 2})).await;
    assert_eq!((some.len(), more), (2, true));
    let metric = all(&source, "query_range", "rate({app=\"api\"}[1m])", json!({})).await;
    assert_eq!(metric[0]["metric"]["app"], "api");
    assert_eq!(all(&source, "labels", "", json!({})).await, [json!("app")]);
    assert_eq!(all(&source, "label_values", "", json!({"label": "app"})).await.len(), 2);
    assert_eq!(all(&source, "series", "{app=\"api\"}", json!({})).await.len(), 1);
}

#[tokio::test]
async fn refusals_in_plain_text_are_handed_on() {
    let server = Fake::start(loki).await;
    let source = open("loki", json!({"baseUrl": server.url(), "tenant": "shop"})).await;
    let error = refused(&source, "", "app", json!({})).await;
    assert_eq!(error.field(), Some("query"));
    assert!(error.message().contains("parse error at line 1"), "{error}");
    refused_at(&source, "query", "", "", json!({})).await;
    refused_at(&source, "resource", "push", "", json!({})).await;
    let without = open("loki", json!({"baseUrl": server.url()})).await;
    assert!(without.test().await.expect_err("it wants a tenant").message().contains("no org id"));
}
