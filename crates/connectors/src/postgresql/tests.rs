//! Promises about a real PostgreSQL server: the one of `MUSTER_TEST_POSTGRES`, see `scripts/with-postgres`.

mod volatile;

use super::*;
use crate::tests::outbound;
use muster_base::Kind;
use muster_domain::connectors::{FAILED, TIMEOUT};
use muster_outbound::{Outbound, Policy};
use muster_store::testing::{create_postgres, drop_postgres};
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _};
use std::str::FromStr;
use std::time::Instant;

/// A database of its own, with a connection to it that may do everything, and the connector to it.
struct World {
    source: Arc<dyn Source>,
    direct: PgConnection,
    admin: String,
    name: String,
}

const TABLES: &str = "
    CREATE TABLE people (id bigint PRIMARY KEY, name text NOT NULL, born date, pay numeric(12, 2));
    COMMENT ON TABLE people IS 'who works here';
    INSERT INTO people SELECT n, 'person ' || n, date '1970-01-01' + n::int, n * 1.5 FROM generate_series(1, 2500) n;
    CREATE SEQUENCE counter;
    CREATE VIEW rich AS SELECT * FROM people WHERE pay > 3000;
    CREATE FUNCTION sneaky() RETURNS int LANGUAGE sql VOLATILE AS 'DELETE FROM people RETURNING 1';
    CREATE VIEW trap AS SELECT sneaky();
    CREATE FUNCTION lying() RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN DELETE FROM people; RETURN 1; END';
    CREATE FUNCTION hidden() RETURNS int LANGUAGE sql STABLE AS 'SELECT sneaky()';
    CREATE FUNCTION loosening() RETURNS text LANGUAGE sql STABLE AS
        'SELECT set_config(''default_transaction_read_only'', ''off'', false)';
    CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
    CREATE TYPE mood AS ENUM ('glad', 'sad');
    CREATE SCHEMA sales; CREATE TABLE sales.\"Orders\" (id int, total money); INSERT INTO sales.\"Orders\" VALUES (1, 9.5);";

impl World {
    async fn new() -> Self {
        let (url, admin, name) = create_postgres().await;
        let mut direct = PgConnectOptions::from_str(&url).expect("a URL").connect().await.expect("a server");
        direct.execute(sqlx::raw_sql(TABLES)).await.expect("tables");
        let source = open(&url, json!({})).await.expect("a source");
        Self { source, direct, admin, name }
    }

    async fn ask(&self, query: &str, params: Value) -> Result<Answer> {
        self.source.query(asked("", query, params)).await
    }

    async fn rows(&self, query: &str, params: Value) -> Vec<Vec<Value>> {
        match self.ask(query, params).await {
            Ok(Answer::Table { rows, .. }) => rows,
            other => panic!("{query}: {other:?}"),
        }
    }

    async fn count(&mut self, sql: &'static str) -> i64 {
        self.direct.fetch_one(sqlx::query(sql)).await.expect("a row").try_get(0).expect("a number")
    }

    async fn end(self) {
        drop(self.source);
        let _ = self.direct.close().await;
        drop_postgres(&self.admin, &self.name).await;
    }
}

/// The settings of a connector to this URL.
fn settings(url: &str, more: Value) -> Map<String, Value> {
    let options = PgConnectOptions::from_str(url).expect("a URL");
    let parsed: muster_outbound::Url = url.parse().expect("a URL");
    let mut settings = json!({
        "host": options.get_host(), "port": options.get_port(), "user": options.get_username(),
        "database": options.get_database(), "password": parsed.password().unwrap_or("unused"), "connections": 2,
    });
    let more = more.as_object().expect("an object").clone();
    settings.as_object_mut().expect("an object").extend(more);
    settings.as_object().expect("an object").clone()
}

async fn open(url: &str, more: Value) -> Result<Arc<dyn Source>> {
    PostgreSql::new(outbound().guard()).open(settings(url, more)).await
}

const LIMITS: Limits = Limits { rows: 1000, bytes: 1_000_000, time: Duration::from_secs(20) };

fn asked(resource: &str, query: &str, params: Value) -> Query {
    let params = params.as_object().expect("an object").clone();
    Query { resource: resource.to_owned(), query: query.to_owned(), params, limits: LIMITS }
}

async fn soon(what: &str, mut check: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !check().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn values_of_every_type_are_json() {
    let world = World::new().await;
    let columns = [
        ("true", json!(true)),
        ("1::int2", json!(1)),
        ("-2::int4", json!(-2)),
        ("9007199254740993::int8", json!("9007199254740993")),
        ("12.50::numeric", json!("12.50")),
        ("0.1::real", json!(0.1)),
        ("'NaN'::float8", json!("NaN")),
        ("1e10::float8", json!(1e10)),
        ("'ünïcode'::text", json!("ünïcode")),
        ("'x'", json!("x")),
        ("'ab'::char(4)", json!("ab")),
        ("'a'::\"char\"", json!("a")),
        ("'n'::name", json!("n")),
        ("NULL::int", json!(null)),
        ("'{\"a\": [1, null]}'::json", json!({ "a": [1, null] })),
        ("'{\"b\": 2}'::jsonb", json!({ "b": 2 })),
        ("'\\xdeadbeef'::bytea", json!("3q2+7w==")),
        ("'12345678-1234-1234-1234-123456789abc'::uuid", json!("12345678-1234-1234-1234-123456789abc")),
        ("date '2024-02-29'", json!("2024-02-29")),
        ("'infinity'::date", json!("infinity")),
        ("time '01:02:03.5'", json!("01:02:03.5")),
        ("timestamp '2024-02-29 12:00:00.25'", json!("2024-02-29T12:00:00.25")),
        ("timestamptz '2024-02-29 12:00:00+02'", json!("2024-02-29T10:00:00Z")),
        ("timestamp '0044-03-15 12:00:00 BC'", json!("-0043-03-15T12:00:00")),
        ("interval '1 day 2 hours'", json!("1 day 02:00:00")),
        ("ARRAY[1, 2, NULL]", json!([1, 2, null])),
        ("ARRAY['a', 'b,c']", json!(["a", "b,c"])),
        ("ROW(1, 'x')", json!({ "f1": 1, "f2": "x" })),
        ("'10.0.0.0/8'::cidr", json!("10.0.0.0/8")),
        ("int4range(1, 5)", json!("[1,5)")),
        ("'glad'::mood", json!("glad")),
        ("point(1, 2)", json!("(1,2)")),
        ("B'101'", json!("101")),
        ("pg_sleep(0)", json!("")),
        ("65535::oid", json!(65535)),
    ];
    let list = columns.iter().map(|(sql, _)| *sql).collect::<Vec<_>>().join(", ");
    let rows = world.rows(&format!("SELECT {list}"), json!({})).await;
    for ((sql, expected), value) in columns.iter().zip(&rows[0]) {
        assert_eq!(value, expected, "{sql}");
    }
    world.end().await;
}

#[tokio::test]
async fn tables_are_read_by_sql_with_values_or_whole() {
    let world = World::new().await;
    let named =
        "SELECT id, name FROM people WHERE id = ANY(:ids) AND born > :born AND name LIKE :name ORDER BY id DESC";
    for _ in 0..2 {
        let rows = world.rows(named, json!({ "ids": [3, 5, "7"], "born": "1970-01-05", "name": "person%" })).await;
        assert_eq!(rows, [[json!(7), json!("person 7")], [json!(5), json!("person 5")]]);
    }
    let quoted = world.rows(
        "SELECT :text::text, :n::int + 1, :none::int, :j::jsonb->>'a'",
        json!({
            "text": "it's; DROP TABLE people --", "n": 41, "none": null, "j": {"a": "b"},
        }),
    );
    assert_eq!(quoted.await, [[json!("it's; DROP TABLE people --"), json!(42), json!(null), json!("b")]]);
    let limited =
        world.rows("SELECT id FROM people ORDER BY id LIMIT :most OFFSET :skip", json!({ "most": 1, "skip": 9 }));
    assert_eq!(limited.await, [[json!(10)]]);

    let Answer::Table { columns, rows, truncated } =
        world.source.query(asked("people", "", json!({}))).await.expect("read")
    else {
        panic!("a table")
    };
    assert_eq!(
        (columns, rows.len(), truncated),
        (["id", "name", "born", "pay"].map(str::to_owned).to_vec(), 1000, true)
    );
    let whole = world.source.query(asked("sales.\"Orders\"", "", json!({}))).await.expect("read");
    assert_eq!(
        whole,
        Answer::Table {
            columns: vec!["id".into(), "total".into()],
            rows: vec![vec![json!(1), json!("$9.50")]],
            truncated: false,
        }
    );
    for statement in [
        "SHOW server_version",
        "EXPLAIN SELECT * FROM people",
        "EXPLAIN (FORMAT JSON) SELECT 1",
        "VALUES (1), (2)",
        "WITH x AS (SELECT 1 AS a) SELECT a, a FROM x",
        "SELECT twice(4)",
        "SELECT count(*) FROM rich",
        "SELECT now(), random(), pg_size_pretty(pg_database_size(current_database()))",
        "SELECT 1 -- a comment",
    ] {
        assert!(!world.rows(statement, json!({})).await.is_empty(), "{statement}");
    }
    world.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_field() {
    let world = World::new().await;
    for (resource, query, params, field, part) in [
        ("", "", json!({}), "query", "required"),
        ("nothing_here", "", json!({}), "resource", "does not exist"),
        ("people; DROP TABLE people", "", json!({}), "resource", "name of a table"),
        ("people", "", json!({ "a": 1 }), "params.a", "no place"),
        ("", "SELECT * FROM nothing_here", json!({}), "query", "does not exist"),
        ("", "SELEC 1", json!({}), "query", "read"),
        ("", "SELECT :a", json!({}), "params.a", "must be given"),
        ("", "SELECT 1 / 0", json!({}), "query", "division by zero"),
        ("", "SELECT id FROM people WHERE born = :d", json!({ "d": "never" }), "query", "date"),
        ("", "SELECT FROM people", json!({}), "query", "column"),
        ("", "SELECT pg_catalog.pg_ls_waldir()", json!({}), "query", "volatile"),
    ] {
        let error = world.source.query(asked(resource, query, params)).await.expect_err(query);
        assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some(field)), "{resource} {query}: {error}");
        assert!(error.message().contains(part), "{error}");
    }
    world.end().await;
}

#[tokio::test]
async fn nothing_can_be_written_by_any_trick() {
    let mut world = World::new().await;
    for query in [
        "DELETE FROM people",
        "SELECT 1; DELETE FROM people",
        "WITH gone AS (DELETE FROM people RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copy FROM people",
        "COPY people TO PROGRAM 'cat'",
        "SELECT sneaky()",
        "SELECT * FROM sneaky()",
        "SELECT \"sneaky\"()",
        "SELECT public . sneaky ( )",
        "SELECT lying()",
        "SELECT hidden()",
        "SELECT * FROM trap",
        "SELECT nextval('counter')",
        "SELECT U&\"sn\\0065aky\"()",
        "SELECT set_config('default_transaction_read_only', 'off', false)",
        "SELECT query_to_xml('DELETE FROM people', true, true, '')",
        "SELECT * FROM people FOR UPDATE",
        "EXPLAIN ANALYZE DELETE FROM people",
        "SELECT lo_from_bytea(0, 'x')",
        "/* ; */ DELETE FROM people -- SELECT",
        "SELECT ') AS q LIMIT 1; DELETE FROM people; --' FROM people WHERE id = 1) AS q; DELETE FROM people; --",
    ] {
        let error = world.ask(query, json!({})).await.expect_err(query);
        assert_eq!(error.kind(), Kind::Invalid, "{query}: {error}");
    }
    // A function that loosens the session for later is of no help: each query has a transaction of its own.
    for _ in 0..4 {
        let _ = world.ask("SELECT loosening()", json!({})).await;
        let error = world.ask("SELECT hidden()", json!({})).await.expect_err("read only");
        assert!(error.message().contains("read-only transaction"), "{error}");
    }
    assert_eq!(world.count("SELECT count(*) FROM people").await, 2500);
    assert_eq!(world.count("SELECT count(*) FROM pg_class WHERE relname = 'copy'").await, 0);
    world.end().await;
}

#[tokio::test]
async fn answers_are_cut_at_rows_bytes_and_long_values() {
    let world = World::new().await;
    let cut = |answer: Answer| match answer {
        Answer::Table { rows, truncated, .. } => (rows.len(), truncated),
        Answer::Items { .. } => panic!("a table"),
    };
    let mut query = asked("", "SELECT id FROM people ORDER BY id", json!({}));
    for (most, expected) in [(2499, (2499, true)), (2500, (2500, false)), (2501, (2500, false))] {
        query.limits.rows = most;
        assert_eq!(cut(world.source.query(query.clone()).await.expect("read")), expected);
    }
    query.limits = Limits { rows: 10_000, bytes: 5000, time: LIMITS.time };
    query.query = "SELECT repeat('x', 1000) FROM generate_series(1, 1000000)".to_owned();
    assert_eq!(cut(world.source.query(query.clone()).await.expect("read")), (4, true));
    // One huge value does not get here whole.
    query.limits.bytes = 1_000_000;
    query.query = "SELECT repeat('x', 200000000), repeat('y', 100)".to_owned();
    let Answer::Table { rows, truncated, .. } = world.source.query(query).await.expect("read") else {
        panic!("a table")
    };
    let lengths: Vec<usize> = rows[0].iter().map(|value| value.as_str().expect("text").len()).collect();
    assert_eq!((lengths, truncated), (vec![500_000, 100], true));
    world.end().await;
}

#[tokio::test]
async fn a_query_that_nobody_waits_for_is_stopped_at_the_server() {
    let mut world = World::new().await;
    const RUNNING: &str =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
                            AND query LIKE '%pg_sleep(300)%' AND pid <> pg_backend_pid()";
    let source = world.source.clone();
    let asking = tokio::spawn(async move { source.query(asked("", "SELECT pg_sleep(300)", json!({}))).await });
    soon("the query runs", async || world.count(RUNNING).await == 1).await;
    asking.abort();
    soon("the query is stopped", async || world.count(RUNNING).await == 0).await;
    assert_eq!(world.rows("SELECT 1", json!({})).await, [[json!(1)]]);

    let mut query = asked("", "SELECT pg_sleep(300)", json!({}));
    query.limits.time = Duration::from_millis(200);
    let error = world.source.query(query).await.expect_err("too slow");
    assert_eq!(error.code(), TIMEOUT, "{error}");
    soon("the server is done with it", async || world.count(RUNNING).await == 0).await;
    world.end().await;
}

#[tokio::test]
async fn connections_are_few_kept_and_closed_with_the_source() {
    let mut world = World::new().await;
    const OPEN: &str =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'muster'";
    let many = (0..12).map(|n| world.rows("SELECT :n::int FROM people LIMIT 1", json!({ "n": n })));
    for (n, rows) in futures::future::join_all(many).await.into_iter().enumerate() {
        assert_eq!(rows, [[json!(n)]]);
    }
    assert!((1..=2).contains(&world.count(OPEN).await));
    // The server closes them; the next query does not notice.
    world.count("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'muster'").await;
    soon("they are closed", async || world.count(OPEN).await == 0).await;
    assert_eq!(world.rows("SELECT 1", json!({})).await, [[json!(1)]]);
    world.source = Arc::new(Nothing);
    soon("they end with the source", async || world.count(OPEN).await == 0).await;
    world.end().await;
}

#[tokio::test]
async fn connections_that_nobody_uses_are_closed_after_a_while() {
    let (url, admin, name) = create_postgres().await;
    let mut direct = PgConnectOptions::from_str(&url).expect("a URL").connect().await.expect("a server");
    let mut open = async || -> i64 {
        let open =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'muster'";
        direct.fetch_one(open).await.expect("a row").try_get(0).expect("a number")
    };
    let outbound = outbound();
    let driver = driver(outbound.guard(), read(settings(&url, json!({}))).expect("settings"));
    let pool = Pool::keeping_for(driver, 2, Duration::from_millis(100));
    let asked = |text: &str| pool.query(asked("", text, json!({})));
    for _ in 0..2 {
        let (slow, quick) = tokio::join!(asked("SELECT pg_sleep(0.3)"), asked("SELECT 1"));
        slow.expect("answered");
        quick.expect("answered");
        soon("both are closed, without another query", async || open().await == 0).await;
    }
    drop(pool);
    let _ = direct.close().await;
    drop_postgres(&admin, &name).await;
}

/// Gathers what would be logged.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_a_server_remarks_does_not_get_into_the_log() {
    let mut world = World::new().await;
    let remark = "CREATE FUNCTION remark() RETURNS int LANGUAGE plpgsql STABLE AS
                  'BEGIN RAISE NOTICE ''heard %'', 4711; RAISE WARNING ''heard %'', 4712; RETURN 1; END'";
    world.direct.execute(remark).await.expect("made");
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    assert_eq!(world.rows("SELECT remark()", json!({})).await, [[json!(1)]]);
    // The same words are heard where nothing keeps them away.
    world.direct.execute("SELECT remark()").await.expect("called");
    let text = String::from_utf8(log.0.lock().expect("not poisoned").clone()).expect("text");
    assert_eq!(text.matches("heard 4711").count() + text.matches("heard 4712").count(), 2, "{text}");
    world.end().await;
}

/// A source in place of one that was dropped.
struct Nothing;

#[async_trait]
impl Source for Nothing {
    async fn test(&self) -> Result<String> {
        Ok(String::new())
    }
    async fn resources(&self) -> Result<Vec<Resource>> {
        Ok(vec![])
    }
    async fn query(&self, _: Query) -> Result<Answer> {
        Ok(Answer::Items { items: vec![], truncated: false })
    }
}

#[tokio::test]
async fn changed_tables_are_read_as_they_are_now() {
    let mut world = World::new().await;
    let star = "SELECT * FROM people WHERE id = 1";
    assert_eq!(world.rows(star, json!({})).await[0].len(), 4);
    world.direct.execute(sqlx::raw_sql("DROP VIEW rich; ALTER TABLE people DROP COLUMN born")).await.expect("changed");
    assert_eq!(world.rows(star, json!({})).await[0].len(), 3);
    world.direct.execute("ALTER TABLE people ALTER COLUMN name TYPE varchar(30)").await.expect("changed");
    assert_eq!(world.rows(star, json!({})).await[0][1], json!("person 1"));
    world.end().await;
}

#[tokio::test]
async fn a_source_says_what_it_is_and_what_it_has() {
    let world = World::new().await;
    assert!(world.source.test().await.expect("there").starts_with("PostgreSQL "));
    let found = world.source.resources().await.expect("listed");
    let names: Vec<&str> = found.iter().map(|resource| resource.name.as_str()).collect();
    assert_eq!(names, ["people", "rich", "trap", "sales.\"Orders\""]);
    assert!(found[0].description.contains("id bigint") && found[0].description.contains("who works here"));
    for resource in found.iter().filter(|resource| resource.name != "trap") {
        world.source.query(asked(&resource.name, "", json!({}))).await.expect("a resource can be read");
    }
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_reached_or_may_not_is_told_without_the_password() {
    let (url, admin, name) = create_postgres().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    for more in [
        json!({ "port": closed }),
        json!({ "user": "nobody-there", "password": "hunter2" }),
        json!({ "tls": "verify-full" }),
        json!({ "database": "not-there" }),
        json!({ "host": "no-such-host.invalid" }),
    ] {
        let error = open(&url, more.clone()).await.expect("lazily").test().await.expect_err("no connection");
        assert_eq!((error.kind(), error.code()), (Kind::Upstream, FAILED), "{more}: {error}");
        assert!(!error.message().contains("hunter2"), "{error}");
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let public = Outbound::new(muster_outbound::Guard::new(Policy::Public)).expect("a client");
    for host in ["127.0.0.1", "localhost", "::1"] {
        let source =
            PostgreSql::new(public.guard()).open(settings(&url, json!({ "host": host }))).await.expect("lazily");
        let error = source.test().await.expect_err("refused");
        assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some("host")), "{error}");
    }
    drop_postgres(&admin, &name).await;
}
