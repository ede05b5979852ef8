//! Promises about functions that are declared volatile: there are more ways to run one than to call it.

use super::*;

const SLY: &str = "
    CREATE FUNCTION own(people) RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT 1::bigint';
    CREATE FUNCTION alike(mood, mood) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
    CREATE OPERATOR % (LEFTARG = mood, RIGHTARG = mood, PROCEDURE = alike);
    CREATE FUNCTION numbered(mood) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
    CREATE CAST (mood AS int) WITH FUNCTION numbered(mood) AS IMPLICIT;
    CREATE VIEW likes AS SELECT 'glad'::mood % 'sad'::mood AS yes;
    CREATE VIEW above AS SELECT * FROM likes WHERE yes;
    CREATE FUNCTION more(int, int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN $1 + $2; END';
    CREATE AGGREGATE total(int) (SFUNC = more, STYPE = int, INITCOND = '0');
    CREATE VIEW totals AS SELECT total(1) AS n;
    CREATE FUNCTION fits(int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
    CREATE DOMAIN small AS int CHECK (fits(VALUE));
    CREATE TABLE kept (a int); ALTER TABLE kept ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON kept USING (fits(a));
    CREATE FUNCTION random(text) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 4; END';
    CREATE FUNCTION \"a\"\"b\"() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 4; END';
    CREATE MATERIALIZED VIEW stored AS SELECT fits(1) AS yes;
    CREATE VIEW dice AS SELECT clock_timestamp() AS now, yes, count(*) FROM stored, pg_catalog.pg_locks GROUP BY 2;";

#[tokio::test]
async fn no_volatile_function_runs_however_it_is_written() {
    let mut world = World::new().await;
    world.direct.execute(sqlx::raw_sql(SLY)).await.expect("made");
    for query in [
        "SELECT p.own FROM people p",
        "SELECT (p).own FROM people p",
        "SELECT (x.p).\"own\" FROM (SELECT p FROM people p) x",
        "SELECT id FROM people p ORDER BY p.own",
        "SELECT 'glad'::mood % 'sad'::mood",
        "SELECT 'glad'::mood OPERATOR(public.%) 'sad'",
        "SELECT random(), 'glad'::mood % 'sad'::mood",
        "SELECT 'glad'::mood::int",
        "SELECT 1 + 'glad'::mood",
        "SELECT * FROM likes",
        "SELECT 1 FROM people LEFT JOIN public.\"above\" ON yes",
        "WITH x AS (TABLE above) SELECT * FROM x",
        "SELECT total(id::int) FROM people",
        "SELECT * FROM totals",
        "SELECT 1::small",
        "SELECT CAST(:n AS small)",
        "SELECT * FROM kept",
        "SELECT random('a')",
        "SELECT \"a\"\"b\"()",
        "EXPLAIN ANALYZE SELECT * FROM above",
        "EXPLAIN ANALYZE SELECT p.own FROM people p",
    ] {
        let params = if query.contains(":n") { json!({ "n": 1 }) } else { json!({}) };
        let error = world.ask(query, params).await.expect_err(query);
        assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some("query")), "{query}: {error}");
        assert!(error.message().contains("volatile"), "{query}: {error}");
    }
    let error = world.source.query(asked("likes", "", json!({}))).await.expect_err("a view");
    assert_eq!(error.field(), Some("resource"), "{error}");
    assert!(error.message().contains("must not read likes: alike is declared volatile"), "{error}");
    // What is one side's operator must not be the other's comment.
    let hidden = "SELECT 1 </* ' */ 2, alike('glad', 'sad') AND 1 </*' >*/ 2";
    let error = world.ask(hidden, json!({})).await.expect_err("a trick");
    assert!(error.message().contains("a space"), "{error}");

    // Where PostgreSQL sees `random()` it cannot say of anything else that it is not volatile.
    world.direct.execute(sqlx::raw_sql("DROP FUNCTION random(text); DROP CAST (mood AS int)")).await.expect("dropped");
    for (query, params) in [
        ("SELECT 5 % 2, :n::int % 2, 'a' || 1", json!({ "n": 3 })),
        ("SELECT own.id FROM people own WHERE own.id % 2 = 1 LIMIT 1", json!({})),
        ("SELECT random(), now(), pg_sleep(0)", json!({})),
        ("SELECT * FROM dice", json!({})),
        ("SELECT count(*) FROM pg_stat_activity", json!({})),
        ("SELECT count(*) FROM information_schema.tables", json!({})),
        ("EXPLAIN ANALYZE SELECT * FROM dice", json!({})),
    ] {
        assert!(!world.rows(query, params).await.is_empty(), "{query}");
    }
    world.end().await;
}
