//! `/api/agents/connectors`, with a Redis server and a PostgreSQL database as sources.

use crate::support::TestApp;
use muster_domain::access::{Role, Scope};
use muster_domain::connectors::{self, NewConnector};
use muster_store::testing::{create_postgres, drop_postgres};
use muster_testkit::{Redis, soon};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

async fn make(app: &TestApp, name: &str, kind: &str, enabled: bool, settings: Value) -> String {
    let new = NewConnector {
        name: name.to_owned(),
        kind: kind.to_owned(),
        description: (name == "cache").then(|| "what is cached".to_owned()),
        enabled,
        settings: settings.as_object().cloned().expect("an object"),
    };
    connectors::create(&app.ctx(), new).await.expect("made").connector.id
}

/// The settings of a connector to this database.
fn settings_of(url: &str, name: &str) -> Value {
    let server: muster_outbound::Url = url.parse().expect("a URL");
    json!({"host": server.host_str(), "port": server.port().unwrap_or(5432), "user": server.username(),
        "password": server.password().unwrap_or("unused"), "database": name})
}

#[tokio::test]
async fn connectors_are_listed_by_name_with_exactly_these_fields() {
    let app = TestApp::start().await;
    let shop = make(&app, "shop", "redis", false, json!({"host": "127.0.0.1"})).await;
    let cache = make(&app, "cache", "redis", true, json!({"host": "127.0.0.1", "password": "hunter2"})).await;
    let ann = app.hosted("Ann").await;
    for token in [app.token().await, app.key_of(&ann).await, app.key("acme", Role::Operator, &[]).await] {
        let listed = app.send(&token, "GET /api/agents/connectors", Value::Null).await;
        assert_eq!(
            listed.expect(200),
            json!({"connectors": [
                {"id": cache, "name": "cache", "type": "redis", "description": "what is cached", "enabled": true},
                {"id": shop, "name": "shop", "type": "redis", "description": "", "enabled": false},
            ]})
        );
    }
    let stranger = app.key("other", Role::Operator, &[]).await;
    let listed = app.send(&stranger, "GET /api/agents/connectors", Value::Null).await;
    assert_eq!(listed.expect(200), json!({"connectors": []}));
    let what = format!("POST /api/agents/connectors/{cache}/query");
    let asked = app.send(&stranger, &what, json!({"resource": "info"})).await;
    asked.refused(404, &format!("connector `{cache}` does not exist"));
    let narrow = app.key("acme", Role::Operator, &[Scope::AgentsRead]).await;
    assert_eq!(app.send(&narrow, "GET /api/agents/connectors", Value::Null).await.status, 403);
}

#[tokio::test]
async fn a_viewer_sees_which_connectors_there_are_and_asks_none() {
    let app = TestApp::start().await;
    make(&app, "cache", "redis", true, json!({"host": "127.0.0.1"})).await;
    for scopes in [&[][..], &[Scope::ConnectorsQuery]] {
        let viewer = app.key("acme", Role::Viewer, scopes).await;
        let listed = app.send(&viewer, "GET /api/agents/connectors", Value::Null).await.expect(200);
        assert_eq!(listed["connectors"][0]["name"], "cache");
        let asked = app.send(&viewer, "POST /api/agents/connectors/cache/query", json!({"resource": "info"})).await;
        asked.refused(403, "requires operator role or higher");
    }
}

#[tokio::test]
async fn answers_of_documents_and_tables_have_the_published_shapes() {
    let (app, redis) = (TestApp::start().await, Redis::start().await);
    redis.run("RPUSH log a b").await;
    let (url, admin, name) = create_postgres().await;
    let cache = make(&app, "cache", "redis", true, json!({"host": "127.0.0.1", "port": redis.port()})).await;
    let shop = make(&app, "shop", "postgresql", true, settings_of(&url, &name)).await;
    let token = app.token().await;
    let ask = async |connector: &str, body: Value| {
        app.send(&token, &format!("POST /api/agents/connectors/{connector}/query"), body).await
    };
    let mut items = ask(&cache, json!({"resource": "log", "query": ""})).await.expect(200);
    assert!(items["elapsedMs"].take().is_u64());
    assert_eq!(items, json!({"items": ["a", "b"], "count": 2, "truncated": false, "elapsedMs": null}));
    let sql = "SELECT n, 'x' AS t FROM generate_series(1, 3) n WHERE n > :least";
    let mut table = ask(&shop, json!({"resource": "numbers", "query": sql, "params": {"least": 1}})).await.expect(200);
    assert!(table["elapsedMs"].take().is_u64());
    let expected = json!({"columns": ["n", "t"], "rows": [[2, "x"], [3, "x"]], "rowCount": 2, "truncated": false, "elapsedMs": null});
    assert_eq!(table, expected);
    let capped = ask("shop", json!({"query": "SELECT generate_series(1, 5000)"})).await.expect(200);
    assert_eq!(
        (&capped["rowCount"], &capped["truncated"]),
        (&json!(1000), &json!(true)),
        "by name, and a thousand rows"
    );

    ask(&shop, json!({"query": "DELETE FROM t"})).await.refused_like(400, "query: must read");
    ask(&shop, json!({"query": "SELECT 1; SELECT 2"})).await.refused_like(400, "query: must be one statement");
    ask(&shop, json!({"resource": "nothing_here"})).await.refused_like(400, "resource: ");
    ask("nobody", json!({"query": "SELECT 1"})).await.refused(404, "connector `nobody` does not exist");
    ask(&shop, json!({"query": "SELECT pg_sleep(30)", "timeoutMs": 100}))
        .await
        .refused_like(504, "PostgreSQL did not answer");
    let gone = make(&app, "gone", "redis", true, json!({"host": "127.0.0.1", "port": 1})).await;
    ask(&gone, json!({"resource": "log"})).await.refused_like(502, "Redis at 127.0.0.1:1 cannot be reached");
    let off = make(&app, "off", "redis", false, json!({"host": "127.0.0.1"})).await;
    ask(&off, json!({"resource": "log"})).await.refused_like(404, "the connector `off` is disabled");
    let long = "SELECT 1 -- ".to_owned() + &"x".repeat(70_000);
    ask(&shop, json!({"query": long})).await.refused_like(400, "query: must have at most");
    let huge = json!({"query": "x".repeat(20 * 1024 * 1024)});
    assert_eq!(ask(&shop, huge).await.status, 413);
    drop(app);
    drop_postgres(&admin, &name).await;
}

#[tokio::test]
async fn a_query_whose_caller_goes_away_is_cancelled_at_the_source() {
    let app = TestApp::start().await;
    let (url, admin, name) = create_postgres().await;
    make(&app, "shop", "postgresql", true, settings_of(&url, &name)).await;
    let (address, token) = (app.listen().await, app.token().await);
    let mut watcher = PgConnection::connect(&url).await.expect("a connection");
    let mut running = async || {
        let sql = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE '%pg_sleep(60)%' AND state = 'active'
                      AND pid <> pg_backend_pid()";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut watcher).await.expect("a count")
    };
    let body = json!({"query": "SELECT pg_sleep(60)", "timeoutMs": 120_000}).to_string();
    let request = format!(
        "POST /api/agents/connectors/shop/query HTTP/1.1\r\nhost: muster.test\r\nx-agent-token: {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut caller = TcpStream::connect(address).await.expect("a connection");
    caller.write_all(request.as_bytes()).await.expect("sent");
    soon("the query runs", async || (running().await == 1).then_some(())).await;
    drop(caller);
    soon("the query is over", async || (running().await == 0).then_some(())).await;
    drop((app, watcher));
    drop_postgres(&admin, &name).await;
}
