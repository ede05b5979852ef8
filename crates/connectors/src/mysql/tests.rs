//! Promises about a real MariaDB server.

use super::*;
use crate::tests::outbound;
use muster_base::Kind;
use muster_domain::connectors::{FAILED, TIMEOUT};
use muster_testkit::{MariaDb, soon};
use serde_json::json;
use sqlx::{Executor as _, Row as _};

const TABLES: &str = "
    CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(100) NOT NULL, born DATE, pay DECIMAL(12, 2)) COMMENT = 'who works here';
    INSERT INTO people SELECT seq, CONCAT('person ', seq), DATE_ADD('1970-01-01', INTERVAL seq DAY), seq * 1.5 FROM seq_1_to_2500;
    CREATE TABLE `odd name` (a INT);
    CREATE VIEW rich AS SELECT * FROM people WHERE pay > 3000;
    CREATE FUNCTION sneaky() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM people; RETURN 1; END;
    CREATE FUNCTION setting() RETURNS INT BEGIN SET GLOBAL long_query_time = 4711; RETURN 1; END;
    CREATE FUNCTION counted() RETURNS INT READS SQL DATA RETURN (SELECT count(*) FROM people);
    CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC NO SQL RETURN n * 2;
    CREATE SEQUENCE counter;";

const LIMITS: Limits = Limits { rows: 1000, bytes: 1_000_000, time: Duration::from_secs(20) };

struct World {
    source: Arc<dyn Source>,
    db: MariaDb,
}

impl World {
    async fn new() -> Self {
        let db = MariaDb::start().await;
        let mut direct = db.connect().await;
        direct.execute(sqlx::raw_sql("SET GLOBAL log_bin_trust_function_creators = 1")).await.expect("allowed");
        // One after the other, as the function's body has semicolons too.
        for statement in TABLES.split(";\n") {
            direct
                .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(
                    statement.trim().trim_end_matches(';').to_owned() + end(statement),
                )))
                .await
                .unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        let source = open(&db, json!({})).await;
        Self { source, db }
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

    async fn count(&self, sql: &'static str) -> i64 {
        self.db
            .connect()
            .await
            .fetch_one(sqlx::query(sql))
            .await
            .expect("a row")
            .try_get_unchecked(0)
            .expect("a number")
    }
}

/// The semicolon that splitting took from a body.
fn end(statement: &str) -> &'static str {
    if statement.contains("BEGIN") && !statement.contains("END") { "; END" } else { "" }
}

async fn open(db: &MariaDb, more: Value) -> Arc<dyn Source> {
    let mut settings =
        json!({ "host": "127.0.0.1", "port": db.port(), "user": "root", "database": db.name(), "connections": 2 });
    settings.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    MySql::new(outbound().guard()).open(settings.as_object().expect("an object").clone()).await.expect("a source")
}

fn asked(resource: &str, query: &str, params: Value) -> Query {
    let params = params.as_object().expect("an object").clone();
    Query { resource: resource.to_owned(), query: query.to_owned(), params, limits: LIMITS }
}

#[tokio::test]
async fn values_of_every_type_are_json() {
    let world = World::new().await;
    let columns = [
        ("TRUE", json!(1)),
        ("CAST(-5 AS SIGNED)", json!(-5)),
        ("CAST(18446744073709551615 AS UNSIGNED)", json!("18446744073709551615")),
        ("9007199254740993", json!("9007199254740993")),
        ("CAST(12.50 AS DECIMAL(6, 2))", json!("12.50")),
        ("CAST(0.5 AS DOUBLE)", json!(0.5)),
        ("'ünïcode 🦊'", json!("ünïcode 🦊")),
        ("_utf8mb4'x' COLLATE utf8mb4_bin", json!("x")),
        ("NULL", json!(null)),
        ("X'DEADBEEF'", json!("3q2+7w==")),
        ("b'101'", json!("BQ==")),
        ("DATE '2024-02-29'", json!("2024-02-29")),
        ("TIMESTAMP '2024-02-29 12:00:00.25'", json!("2024-02-29T12:00:00.25")),
        ("TIME '-25:02:03'", json!("-25:02:03")),
        ("JSON_OBJECT('a', 1)", json!("{\"a\": 1}")),
        ("YEAR('2024-02-29')", json!(2024)),
    ];
    let list = columns.iter().map(|(sql, _)| *sql).collect::<Vec<_>>().join(", ");
    let rows = world.rows(&format!("SELECT {list}"), json!({})).await;
    for ((sql, expected), value) in columns.iter().zip(&rows[0]) {
        assert_eq!(value, expected, "{sql}");
    }
    let mut direct = world.db.connect().await;
    direct
        .execute(
            "CREATE TABLE kinds (a TINYINT UNSIGNED, b SMALLINT, c MEDIUMINT, d FLOAT, e BIT(9), f ENUM('x', 'y'),
        g SET('p', 'q'), h TIMESTAMP NULL, i BLOB, j TEXT, k CHAR(3), l DATETIME(6), m YEAR, n DATE)",
        )
        .await
        .expect("made");
    direct.execute("INSERT INTO kinds VALUES (200, -300, 70000, 0.1, b'100000001', 'y', 'p,q', '2024-01-02 03:04:05', 'ab', 'cd',
        'e', '2024-01-02 03:04:05.000006', 1999, NULL)").await.expect("filled");
    let rows = world.rows("SELECT * FROM kinds", json!({})).await;
    let h = rows[0][7].as_str().expect("a time").to_owned();
    assert!(h.ends_with('Z'), "{h}");
    assert_eq!(
        rows[0],
        [
            json!(200),
            json!(-300),
            json!(70000),
            json!(0.1),
            json!(257),
            json!("y"),
            json!("p,q"),
            json!(h),
            json!("YWI="),
            json!("cd"),
            json!("e"),
            json!("2024-01-02T03:04:05.000006"),
            json!(1999),
            json!(null)
        ]
    );
}

#[tokio::test]
async fn tables_are_read_by_sql_with_values_or_whole() {
    let world = World::new().await;
    let named = "SELECT id, name FROM people WHERE id IN (:ids) AND born > :born AND name LIKE :name ORDER BY id DESC LIMIT :most";
    let rows =
        world.rows(named, json!({ "ids": [3, 5, "7"], "born": "1970-01-05", "name": "person%", "most": 5 })).await;
    assert_eq!(rows, [[json!(7), json!("person 7")], [json!(5), json!("person 5")]]);
    let rows = world
        .rows("SELECT :text, :n + 1, :none", json!({ "text": "it's; DROP TABLE people -- \\", "n": 41, "none": null }))
        .await;
    assert_eq!(rows, [[json!("it's; DROP TABLE people -- \\"), json!(42), json!(null)]]);
    let Answer::Table { columns, rows, truncated } =
        world.source.query(asked("people", "", json!({}))).await.expect("read")
    else {
        panic!("a table")
    };
    assert_eq!(
        (columns, rows.len(), truncated),
        (["id", "name", "born", "pay"].map(str::to_owned).to_vec(), 1000, true)
    );
    let empty = world.source.query(asked("`odd name`", "", json!({}))).await.expect("read");
    assert_eq!(empty, Answer::Table { columns: vec!["a".into()], rows: vec![], truncated: false });
    for statement in [
        "SHOW TABLES",
        "DESCRIBE people",
        "SHOW COLUMNS FROM people",
        "SHOW CREATE TABLE people",
        "EXPLAIN SELECT 1",
        "WITH x AS (SELECT 1 AS a) SELECT a, a FROM x",
        "SELECT p.id, q.id FROM people p JOIN people q USING (id) LIMIT 1",
        "SELECT VERSION(), @@version, NOW() # comment",
        "SELECT 1 UNION SELECT 2",
    ] {
        assert!(!world.rows(statement, json!({})).await.is_empty(), "{statement}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_field() {
    let world = World::new().await;
    for (resource, query, params, field, part) in [
        ("", "", json!({}), "query", "required"),
        ("nothing_here", "", json!({}), "resource", "doesn't exist"),
        ("people; DROP TABLE people", "", json!({}), "resource", "name of a table"),
        ("", "SELECT * FROM nothing_here", json!({}), "query", "doesn't exist"),
        ("", "SELECT nope FROM people", json!({}), "query", "nope"),
        ("", "SELECT nope()", json!({}), "query", "nope"),
        ("", "SELEC 1", json!({}), "query", "read"),
        ("", "SELECT :a", json!({}), "params.a", "must be given"),
        ("", "SELECT * FROM people WHERE id IN (:ids)", json!({ "ids": [] }), "params.ids", "at least one"),
    ] {
        let error = world.source.query(asked(resource, query, params)).await.expect_err(query);
        assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some(field)), "{resource} {query}: {error}");
        assert!(error.message().contains(part), "{error}");
    }
}

#[tokio::test]
async fn nothing_can_be_written_by_any_trick() {
    let world = World::new().await;
    for query in [
        "DELETE FROM people",
        "SELECT 1; DELETE FROM people",
        "/*! DELETE FROM people */",
        "SELECT 1 /*! INTO OUTFILE '/tmp/muster-test-outfile' */",
        "SELECT /*M! 1 */ 2",
        "SELECT 1 INTO OUTFILE '/tmp/muster-test-outfile'",
        "SELECT * FROM people INTO DUMPFILE '/tmp/muster-test-outfile'",
        "SELECT sneaky()",
        "SELECT `sneaky`()",
        "SELECT * FROM people WHERE id = sneaky()",
        "SELECT NEXTVAL(counter)",
        "SELECT NEXT VALUE FOR counter",
        "SELECT LOAD_FILE('/etc/passwd')",
        "SELECT @x := 1",
        "SELECT GET_LOCK('x', 1)",
        "SELECT * FROM people FOR UPDATE",
        "SET STATEMENT max_statement_time = 0 FOR SELECT 1",
        "SELECT '\\'; DELETE FROM people; -- ' FROM",
        "CALL nothing()",
        "HANDLER people OPEN",
        "DO sneaky()",
        "EXPLAIN DELETE FROM people",
        "ANALYZE DELETE FROM people",
    ] {
        let error = world.ask(query, json!({})).await.expect_err(query);
        assert_eq!(error.kind(), Kind::Invalid, "{query}: {error}");
    }
    assert_eq!(world.count("SELECT count(*) FROM people").await, 2500);
    assert!(!std::path::Path::new("/tmp/muster-test-outfile").exists());
}

#[tokio::test]
async fn stored_functions_run_only_if_they_are_declared_to_read() {
    let world = World::new().await;
    for _ in 0..2 {
        for query in ["SELECT setting()", "SELECT `Setting` ()", "SELECT id FROM people WHERE id = sneaky()"] {
            let error = world.ask(query, json!({})).await.expect_err(query);
            assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some("query")), "{query}: {error}");
            assert!(error.message().contains("READS SQL DATA"), "{error}");
        }
        assert_eq!(world.rows("SELECT counted(), twice(4)", json!({})).await, [[json!(2500), json!(8)]]);
    }
    assert_eq!(world.count("SELECT CAST(@@GLOBAL.long_query_time = 4711 AS SIGNED)").await, 0);
}

#[tokio::test]
async fn a_query_does_not_wait_until_packets_are_acknowledged() {
    let world = World::new().await;
    let mut fastest = Duration::MAX;
    for _ in 0..50 {
        let begun = std::time::Instant::now();
        world.ask("SELECT 1 WHERE 1 = 0", json!({})).await.expect("answered");
        fastest = fastest.min(begun.elapsed());
    }
    // The other side takes 40 ms before it acknowledges what it has nothing to say to.
    assert!(fastest < Duration::from_millis(35), "{fastest:?}");
}

#[tokio::test]
async fn nobody_is_shown_a_password_by_its_hash() {
    let world = World::new().await;
    for query in ["SHOW GRANTS", "SHOW GRANTS FOR CURRENT_USER()", "SHOW CREATE USER CURRENT_USER()"] {
        assert_eq!(world.ask(query, json!({})).await.expect_err(query).kind(), Kind::Invalid, "{query}");
    }
}

#[tokio::test]
async fn answers_are_cut_at_rows_and_bytes() {
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
    query.limits.rows = 10;
    for sql in ["SELECT seq FROM seq_1_to_1000000 LIMIT 900000", "SELECT 1 UNION ALL SELECT seq FROM seq_1_to_100000"] {
        query.query = sql.to_owned();
        assert_eq!(cut(world.source.query(query.clone()).await.expect("read")), (10, true), "{sql}");
    }
    query.limits = Limits { rows: 10_000, bytes: 5000, time: LIMITS.time };
    query.query = "SELECT REPEAT('x', 1000) FROM seq_1_to_5000".to_owned();
    assert_eq!(cut(world.source.query(query.clone()).await.expect("read")), (4, true));
    assert_eq!(world.rows("SELECT 1", json!({})).await, [[json!(1)]]);
}

#[tokio::test]
async fn a_query_that_nobody_waits_for_is_stopped_at_the_server() {
    let world = World::new().await;
    const RUNNING: &str =
        "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'SELECT SLEEP%'";
    let source = world.source.clone();
    let asking = tokio::spawn(async move { source.query(asked("", "SELECT SLEEP(300)", json!({}))).await });
    soon("the query runs", async || (world.count(RUNNING).await == 1).then_some(())).await;
    asking.abort();
    soon("the query is stopped", async || (world.count(RUNNING).await == 0).then_some(())).await;
    assert_eq!(world.rows("SELECT 1", json!({})).await, [[json!(1)]]);
    let mut query = asked("", "SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b", json!({}));
    query.limits.time = Duration::from_millis(200);
    let error = world.source.query(query).await.expect_err("too slow");
    assert_eq!(error.code(), TIMEOUT, "{error}");
}

#[tokio::test]
async fn a_source_says_what_it_is_and_what_it_has() {
    let world = World::new().await;
    assert!(world.source.test().await.expect("there").starts_with("MariaDB 1"));
    let found = world.source.resources().await.expect("listed");
    let names: Vec<&str> =
        found.iter().map(|resource| resource.name.as_str()).filter(|name| *name != "counter").collect();
    assert_eq!(names, ["`odd name`", "people", "rich"]);
    let people = found.iter().find(|resource| resource.name == "people").expect("listed");
    assert!(people.description.contains("id bigint") && people.description.contains("who works here"), "{people:?}");
    for resource in &found {
        world.source.query(asked(&resource.name, "", json!({}))).await.expect("a resource can be read");
    }
}

#[tokio::test]
async fn what_cannot_be_reached_or_may_not_is_told_without_the_password() {
    let world = World::new().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    for more in [
        json!({ "port": closed }),
        json!({ "user": "nobody_there", "password": "hunter2" }),
        json!({ "database": "not_there" }),
        json!({ "host": "no-such-host.invalid" }),
    ] {
        let error = open(&world.db, more.clone()).await.test().await.expect_err("no connection");
        assert_eq!((error.kind(), error.code()), (Kind::Upstream, FAILED), "{more}: {error}");
        assert!(!error.message().contains("hunter2"), "{error}");
    }
}
