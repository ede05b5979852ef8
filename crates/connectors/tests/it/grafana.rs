//! Grafana, against a fake: <https://grafana.com/docs/grafana/latest/developers/http_api/>.

use crate::fake::{Asked, Fake, ok, page, status};
use crate::support::{all, open, refused, refused_at};
use serde_json::json;
use wiremock::ResponseTemplate;

const TOKEN: &str = "glsa_test-token";

fn grafana(asked: &Asked) -> ResponseTemplate {
    match asked.path.strip_prefix("/grafana").expect("it is served below a path") {
        "/api/health" => return ok(json!({"version": "11.4.0", "database": "ok"})),
        _ if asked.header("authorization") != Some("Bearer glsa_test-token") => {
            return status(401, json!({"message": "Invalid API key", "messageId": "api-key.invalid"}));
        }
        _ => {}
    }
    match asked.path.strip_prefix("/grafana").expect("it is served below a path") {
        "/api/org" => {
            assert_eq!(asked.header("x-grafana-org-id"), Some("2"));
            ok(json!({"id": 2, "name": "Example"}))
        }
        "/api/search" => {
            assert_eq!(asked.param("type"), Some("dash-db"));
            let (number, size) = (asked.number("page").unwrap_or(1), asked.number("limit").expect("a size"));
            ok(json!(page(1500, (number - 1) * size, size)))
        }
        "/api/dashboards/uid/abc" => ok(json!({"meta": {"slug": "x"}, "dashboard": {"title": "T", "panels": [
            {"id": 1, "title": "P", "fieldConfig": {"defaults": {}}, "gridPos": {"x": 1}, "options": {"a": 1},
             "targets": [{"expr": "up"}]}]}})),
        "/api/datasources" => ok(json!([{"id": 1, "uid": "u", "name": "prod", "type": "postgres", "isDefault": true,
            "url": "db.internal:5432", "user": "hunter2", "database": "x", "jsonData": {"tlsAuth": true},
            "secureJsonFields": {"password": true}}])),
        "/api/annotations" => {
            let from = asked.param("from").expect("a time");
            assert!(from.len() == 13 && from.parse::<u64>().is_ok(), "milliseconds: {from}");
            assert_eq!(asked.params("tags"), ["deploy", "prod"]);
            ok(json!([{"id": 1, "text": "deployed"}]))
        }
        "/api/alertmanager/grafana/api/v2/alerts" => {
            assert_eq!(asked.param("active"), Some("true"));
            ok(json!([{"labels": {"alertname": "Down"}}]))
        }
        "/api/prometheus/grafana/api/v1/rules" => ok(json!({"status": "success", "data": {"groups": [{"name": "g"}]}})),
        "/api/v1/provisioning/alert-rules" => {
            status(403, json!({"message": "You'll need additional permissions: alert.provisioning:read"}))
        }
        _ => status(404, json!({"message": "Dashboard not found"})),
    }
}

#[tokio::test]
async fn dashboards_alerts_and_annotations_are_read() {
    let fake = Fake::start(grafana).await;
    let base = format!("{}/grafana/", fake.url());
    let source = open("grafana", json!({"baseUrl": base, "token": TOKEN, "orgId": 2})).await;
    assert_eq!(source.test().await.expect("it answers"), "Grafana 11.4.0 at 127.0.0.1, organisation Example");
    let (found, more) = crate::support::ask(&source, "dashboards/search", "x", json!({})).await;
    assert_eq!((found.len(), more), (1000, true));
    let dashboard = &all(&source, "dashboards/get", "", json!({"uid": "abc"})).await[0];
    assert_eq!(dashboard["dashboard"]["panels"][0], json!({"id": 1, "title": "P", "targets": [{"expr": "up"}]}));
    let sources = all(&source, "datasources/list", "", json!({})).await;
    assert_eq!(sources, [json!({"id": 1, "uid": "u", "name": "prod", "type": "postgres", "isDefault": true})]);
    let params = json!({"from": "24h", "tags": ["deploy", "prod"]});
    assert_eq!(all(&source, "annotations/list", "", params).await.len(), 1);
    assert_eq!(all(&source, "alerts/list", "", json!({"active": true})).await.len(), 1);
    assert_eq!(all(&source, "alert_rules/state", "", json!({})).await[0]["name"], "g");
    fake.never_saw_in_urls(TOKEN).await;
}

#[tokio::test]
async fn missing_rights_and_bad_tokens_are_told_apart() {
    let fake = Fake::start(grafana).await;
    let base = format!("{}/grafana", fake.url());
    let source = open("grafana", json!({"baseUrl": base, "token": TOKEN, "orgId": 2})).await;
    let error = refused(&source, "alert_rules/list", "", json!({})).await;
    assert!(error.message().contains("additional permissions"), "{error}");
    refused_at(&source, "resource", "dashboards/get", "", json!({"uid": "nowhere"})).await;
    refused_at(&source, "params.from", "annotations/list", "", json!({"from": "tomorrow"})).await;
    let stranger = open("grafana", json!({"baseUrl": base, "token": "other-token"})).await;
    assert!(stranger.test().await.expect_err("refused").message().contains("check the token"));
}
