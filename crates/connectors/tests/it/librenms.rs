//! LibreNMS, against a fake: <https://docs.librenms.org/API/>.

use crate::fake::{Asked, Fake, ok, status};
use crate::support::{all, ask, each, open, refused, refused_at};
use serde_json::json;
use wiremock::ResponseTemplate;

const TOKEN: &str = "librenms-test-token";

fn librenms(asked: &Asked) -> ResponseTemplate {
    if asked.header("x-auth-token") != Some(TOKEN) {
        return status(401, json!({"message": "Unauthenticated."}));
    }
    let device = |id: u64, name: &str| {
        json!({"device_id": id, "hostname": name, "status": 1, "community": "hunter2", "authpass": "hunter2",
               "cryptopass": "hunter2", "authname": "hunter2", "os": "ios"})
    };
    match asked.path.strip_prefix("/api/v0").expect("its API is there") {
        "/system" => ok(json!({"status": "ok", "system": [{"local_ver": "25.1.0", "db_schema": "x"}], "count": 1})),
        "/devices" if asked.param("type") == Some("hostname") => {
            assert_eq!(asked.param("query"), Some("core"));
            ok(json!({"status": "ok", "devices": [device(1, "core-1")], "count": 1}))
        }
        "/devices" if asked.param("type") == Some("down") => ok(json!({"status": "ok", "devices": [], "count": 0})),
        "/devices" => ok(json!({"status": "ok", "devices": [device(1, "core-1"), device(2, "edge-1")], "count": 2})),
        "/devices/core-1" => ok(json!({"status": "ok", "devices": [device(1, "core-1")]})),
        "/devices/core-1/ports" | "/ports" => {
            assert!(
                asked.param("columns").is_some_and(|columns| columns.contains("ifName")),
                "all columns are too many"
            );
            ok(json!({"status": "ok", "ports": [{"port_id": 1, "ifName": "Gi0/1"}]}))
        }
        "/alerts" => {
            assert_eq!((asked.param("state"), asked.param("severity")), (Some("1"), Some("critical")));
            ok(json!({"status": "ok", "alerts": [{"id": 1, "state": 1}], "count": 1}))
        }
        // A list for each device, as it really is.
        "/services" => ok(json!({"status": "ok", "services": [
            [{"service_id": 1, "service_param": "-U me -P hunter2"}], [{"service_id": 2}, {"service_id": 3}]], "count": 2})),
        "/logs/eventlog/core-1" => {
            let limit = asked.number("limit").expect("a limit");
            let logs: Vec<_> = (0..limit.min(30)).map(|n| json!({"event_id": n})).collect();
            ok(json!({"status": "ok", "logs": logs, "total": 30}))
        }
        "/bills" => ok(json!({"status": "error", "message": "no bills here"})),
        path => status(404, json!({"status": "error", "message": format!("Device {path} does not exist")})),
    }
}

#[tokio::test]
async fn devices_ports_alerts_services_and_logs_are_read() {
    let server = Fake::start(librenms).await;
    for base in [server.url(), format!("{}/", server.url()), format!("{}/api/v0", server.url())] {
        let source = open("librenms", json!({"token": TOKEN, "baseUrl": base})).await;
        assert_eq!(source.test().await.expect("it answers"), "LibreNMS 25.1.0 at 127.0.0.1");
    }
    let source = open("librenms", json!({"token": TOKEN, "baseUrl": server.url()})).await;
    let devices = all(&source, "devices/list", "", json!({})).await;
    assert_eq!(each(&devices, "/hostname"), [&json!("core-1"), &json!("edge-1")]);
    assert!(!json!(devices).to_string().contains("hunter2"), "how devices are polled is left out");
    assert_eq!(all(&source, "devices/list", "core", json!({})).await.len(), 1);
    assert!(all(&source, "devices/list", "", json!({"type": "down"})).await.is_empty());
    assert_eq!(all(&source, "devices/get", "", json!({"hostname": "core-1"})).await.len(), 1);
    assert_eq!(all(&source, "ports/list", "", json!({"hostname": "core-1"})).await.len(), 1);
    assert_eq!(all(&source, "ports/list", "", json!({})).await.len(), 1);
    assert_eq!(all(&source, "alerts/list", "", json!({"state": 1, "severity": "critical"})).await.len(), 1);
    let services = all(&source, "services/list", "", json!({})).await;
    assert_eq!(each(&services, "/service_id"), [&json!(1), &json!(2), &json!(3)]);
    assert!(!json!(services).to_string().contains("hunter2"));
    assert_eq!(all(&source, "logs/eventlog", "", json!({"hostname": "core-1"})).await.len(), 30);
    let (some, more) = ask(&source, "logs/eventlog", "", json!({"hostname": "core-1", "limit": 5})).await;
    assert_eq!((some.len(), more), (5, true));
    server.never_saw_in_urls(TOKEN).await;
}

#[tokio::test]
async fn refusals_are_told_in_its_words() {
    let server = Fake::start(librenms).await;
    let source = open("librenms", json!({"token": TOKEN, "baseUrl": server.url()})).await;
    assert!(refused(&source, "bills/list", "", json!({})).await.message().contains("no bills here"));
    refused_at(&source, "resource", "devices/get", "", json!({"hostname": "nowhere"})).await;
    refused_at(&source, "params.hostname", "devices/get", "", json!({"hostname": "../system"})).await;
    refused_at(&source, "params.state", "alerts/list", "", json!({"state": 7})).await;
    refused_at(&source, "resource", "devices/add", "", json!({})).await;
    let stranger = open("librenms", json!({"token": "another-token", "baseUrl": server.url()})).await;
    let error = stranger.test().await.expect_err("it is refused");
    assert!(error.message().contains("check the token") && error.message().contains("Unauthenticated"), "{error}");
}
