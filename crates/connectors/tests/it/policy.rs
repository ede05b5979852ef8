//! No type reaches a private address that the operator did not allow.

use crate::fake::{Fake, ok};
use crate::support::{open_with, query};
use muster_base::Kind;
use muster_outbound::Policy;
use serde_json::{Value, json};

#[tokio::test]
async fn by_default_no_type_reaches_this_machine() {
    let server = Fake::start(|_| ok(json!({}))).await;
    let url = server.url();
    let port = url.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).expect("a port");
    let base = |mut settings: Value| {
        settings["baseUrl"] = json!(url);
        settings
    };
    let token = || base(json!({"token": "test-token"}));
    let cases = [
        ("http", base(json!({})), "items", ""),
        ("clickhouse", base(json!({})), "", "SELECT 1"),
        ("slack", token(), "channels/list", ""),
        ("github", token(), "repos/list", ""),
        ("librenms", token(), "devices/list", ""),
        ("prometheus", base(json!({})), "query", "up"),
        ("loki", base(json!({})), "query_range", "{a=\"b\"}"),
        ("jira", base(json!({"token": "test-token", "username": "a@example.com"})), "issues/search", "a = b"),
        ("pagerduty", token(), "incidents/list", ""),
        ("grafana", token(), "dashboards/search", ""),
        ("confluence", base(json!({"token": "test-token", "username": "a@example.com"})), "search", "a = b"),
        ("discord", token(), "guilds/list", ""),
        ("kubernetes", token(), "pods", ""),
        #[cfg(feature = "mongo")]
        ("mongodb", json!({"database": "shop", "host": "127.0.0.1", "port": port}), "orders", ""),
        #[cfg(feature = "mongo")]
        (
            "mongodb",
            json!({"database": "shop", "connectionString": format!("mongodb://localhost:{port}/")}),
            "orders",
            "",
        ),
    ];
    for (kind, settings, resource, words) in cases {
        let source = open_with(Policy::Public, kind, settings).await.expect(kind);
        for error in [
            source.query(query(resource, words, json!({}))).await.expect_err(kind),
            source.test().await.expect_err(kind),
        ] {
            assert_eq!(error.kind(), Kind::Invalid, "{kind}: {error:?}");
            assert!(error.message().contains("MUSTER_ALLOW_PRIVATE_URLS"), "{kind}: {error}");
        }
    }
    assert!(server.asked().await.is_empty());
    let _ = port;
}
