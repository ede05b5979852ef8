//! Prometheus, against a fake: <https://prometheus.io/docs/prometheus/latest/querying/api/>.

use crate::fake::{Asked, Fake, ok, status};
use crate::support::{all, ask, each, open, refused, refused_at};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

fn success(data: Value) -> ResponseTemplate {
    ok(json!({"status": "success", "data": data}))
}

fn bad(error: &str) -> ResponseTemplate {
    status(400, json!({"status": "error", "errorType": "bad_data", "error": error}))
}

fn prometheus(asked: &Asked) -> ResponseTemplate {
    assert_eq!(asked.method, "GET");
    let seconds = |name: &str| asked.param(name).and_then(|text| text.parse::<f64>().ok());
    match asked.path.as_str() {
        "/api/v1/status/buildinfo" => success(json!({"version": "3.1.0"})),
        "/api/v1/query" | "/api/v1/query_range" if asked.param("query").is_none_or(str::is_empty) => {
            bad("invalid parameter \"query\": unknown position: parse error: no expression found in input")
        }
        "/api/v1/query" | "/api/v1/query_range" if asked.param("timeout").is_none() => bad("we always say how long"),
        "/api/v1/query" => match asked.param("query") {
            Some("up") => success(json!({"resultType": "vector", "result": [
                {"metric": {"__name__": "up", "job": "api"}, "value": [1_700_000_000.0, "1"]},
                {"metric": {"__name__": "up", "job": "db"}, "value": [1_700_000_000.0, "0"]}]})),
            Some("scalar(1)") => success(json!({"resultType": "scalar", "result": [1_700_000_000.0, "1"]})),
            _ => bad("invalid parameter \"query\": 1:3: parse error: unexpected identifier"),
        },
        "/api/v1/query_range" => {
            let (Some(start), Some(end), Some(step)) = (seconds("start"), seconds("end"), seconds("step")) else {
                return bad("invalid parameter \"start\": cannot parse it to a valid timestamp");
            };
            if end < start || (end - start) / step > 11_000.0 {
                return bad("exceeded maximum resolution of 11,000 points per timeseries");
            }
            success(
                json!({"resultType": "matrix", "result": [{"metric": {"job": "api"}, "values": [[start, "1"], [end, "2"]]}]}),
            )
        }
        "/api/v1/series" if asked.params("match[]").is_empty() => bad("no match[] parameter provided"),
        "/api/v1/series" => success(json!([{"__name__": "up", "job": "api"}])),
        "/api/v1/labels" => success(json!(["__name__", "job"])),
        "/api/v1/label/job/values" => success(json!(["api", "db"])),
        "/api/v1/metadata" => success(json!({"up": [{"type": "gauge", "help": "whether it is up", "unit": ""}]})),
        "/api/v1/targets" => {
            assert_eq!(asked.param("state"), Some("active"));
            success(json!({"activeTargets": [{"health": "up"}], "droppedTargets": []}))
        }
        "/api/v1/alerts" => success(json!({"alerts": [{"state": "firing"}]})),
        "/api/v1/rules" => success(json!({"groups": [{"name": "g", "rules": []}]})),
        _ => ResponseTemplate::new(404).set_body_string("404 page not found"),
    }
}

#[tokio::test]
async fn metrics_and_lists_are_read() {
    let server = Fake::start(prometheus).await;
    let source = open("prometheus", json!({"baseUrl": server.url()})).await;
    assert_eq!(source.test().await.expect("it answers"), "Prometheus 3.1.0 at 127.0.0.1");
    let up = all(&source, "", "up", json!({})).await;
    assert_eq!(each(&up, "/metric/job"), [&json!("api"), &json!("db")]);
    let (some, more) = ask(&source, "query", "up", json!({"limit": 1})).await;
    assert_eq!((some.len(), more), (1, true));
    assert_eq!(all(&source, "query", "scalar(1)", json!({})).await[0]["value"][1], "1");
    for params in [
        json!({}),
        json!({"start": "6h"}),
        json!({"start": 1_700_000_000, "end": "2023-11-15T00:00:00Z", "step": "60"}),
    ] {
        assert_eq!(all(&source, "query_range", "up", params).await[0]["values"].as_array().map(Vec::len), Some(2));
    }
    assert_eq!(all(&source, "series", "up", json!({})).await.len(), 1);
    assert_eq!(all(&source, "labels", "", json!({})).await, [json!("__name__"), json!("job")]);
    assert_eq!(all(&source, "label_values", "", json!({"label": "job"})).await.len(), 2);
    assert_eq!(all(&source, "metadata", "", json!({})).await[0]["metric"], "up");
    assert_eq!(all(&source, "targets", "", json!({})).await[0]["health"], "up");
    assert_eq!(all(&source, "alerts", "", json!({})).await.len(), 1);
    assert_eq!(all(&source, "rules", "", json!({})).await[0]["name"], "g");
}

#[tokio::test]
async fn what_it_refuses_comes_back_with_its_words() {
    let server = Fake::start(prometheus).await;
    let source = open("prometheus", json!({"baseUrl": server.url()})).await;
    let error = refused(&source, "query", "up up", json!({})).await;
    assert_eq!(error.field(), Some("query"));
    assert!(error.message().contains("1:3: parse error"), "{error}");
    refused_at(&source, "query", "query", "", json!({})).await;
    refused_at(&source, "params.start", "query_range", "up", json!({"start": "tomorrow"})).await;
    refused_at(&source, "params.start", "query_range", "up", json!({"start": "1h", "end": "2h"})).await;
    refused_at(&source, "params.label", "label_values", "", json!({})).await;
    refused_at(&source, "resource", "admin/tsdb/delete_series", "", json!({})).await;
}

#[tokio::test]
async fn credentials_and_tenant_are_sent_in_headers() {
    for (settings, expected) in [
        (json!({"token": "test-token"}), "Bearer test-token"),
        (json!({"username": "me", "password": "test-password"}), "Basic bWU6dGVzdC1wYXNzd29yZA=="),
    ] {
        let server = Fake::start(move |asked| {
            let known =
                asked.header("authorization") == Some(expected) && asked.header("x-scope-orgid") == Some("shop");
            if known { prometheus(asked) } else { ResponseTemplate::new(401).set_body_string("Unauthorized") }
        })
        .await;
        let mut with = settings.clone();
        with["baseUrl"] = json!(server.url());
        with["tenant"] = json!("shop");
        assert_eq!(all(&open("prometheus", with).await, "", "up", json!({})).await.len(), 2);
        let without = open("prometheus", json!({"baseUrl": server.url()})).await;
        assert!(refused(&without, "", "up", json!({})).await.message().contains("check the token"));
        server.never_saw_in_urls("test-").await;
    }
}

/// A real server, where there is one (Debian's package `prometheus`).
#[tokio::test]
async fn a_real_server_is_read() {
    let there = std::process::Command::new("prometheus").arg("--version").output().is_ok();
    if !there {
        eprintln!("skipped: prometheus is not installed");
        return;
    }
    let home = tempfile::TempDir::with_prefix("muster-test-prometheus-").expect("a folder");
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let config = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: itself\n  static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n"
    );
    let file = home.path().join("prometheus.yml");
    std::fs::write(&file, config).expect("it can be written");
    let _server = tokio::process::Command::new("prometheus")
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", home.path().join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    let source = open("prometheus", json!({"baseUrl": format!("http://127.0.0.1:{port}")})).await;
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let up = source.query(crate::support::query("", "up{job=\"itself\"} == 1", json!({}))).await;
        if matches!(&up, Ok(muster_domain::connectors::Answer::Items { items, .. }) if items.len() == 1) {
            break;
        }
        assert!(tokio::time::Instant::now() < end, "it does not come up: {up:?}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(source.test().await.expect("it answers").starts_with("Prometheus 2."));
    let range = all(&source, "query_range", "up", json!({"start": "10m"})).await;
    assert!(range[0]["values"].as_array().is_some_and(|values| !values.is_empty()), "{range:?}");
    assert_eq!(all(&source, "query", "scalar(vector(7))", json!({})).await[0]["value"][1], "7");
    assert_eq!(all(&source, "series", "up", json!({"start": "1h"})).await[0]["job"], "itself");
    assert!(all(&source, "labels", "", json!({})).await.contains(&json!("job")));
    assert_eq!(all(&source, "label_values", "", json!({"label": "job"})).await, [json!("itself")]);
    assert_eq!(all(&source, "targets", "", json!({})).await[0]["health"], "up");
    assert!(all(&source, "metadata", "", json!({"metric": "prometheus_build_info"})).await.len() <= 1);
    assert!(all(&source, "alerts", "", json!({})).await.is_empty());
    assert!(all(&source, "rules", "", json!({})).await.is_empty());
    let error = refused(&source, "query", "up up", json!({})).await;
    assert!(error.field() == Some("query") && error.message().contains("parse error"), "{error}");
}
