//! Which functions a query runs that are declared volatile, so that they may do more than read.
//!
//! A read-only transaction does not hold back what such a function does elsewhere: in files, over other connections. The
//! catalog is asked about all that a query names, as there are more ways to run a function than to call it.

use super::connection::of_query;
use crate::sql::{Sql, refuse};
use muster_base::{Error, Result};
use sqlparser::ast::Statement;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};

/// Functions of PostgreSQL and its extensions that are declared volatile and yet do nothing but give a value.
const HARMLESS: [&str; 21] = [
    "random",
    "random_normal",
    "clock_timestamp",
    "timeofday",
    "gen_random_uuid",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "pg_sleep",
    "pg_database_size",
    "pg_relation_size",
    "pg_table_size",
    "pg_indexes_size",
    "pg_total_relation_size",
    "pg_tablespace_size",
    "pg_blocking_pids",
    "pg_is_in_recovery",
    "pg_last_xact_replay_timestamp",
    "pg_column_compression",
];

/// The first volatile function that a query (its names `$1`, those of them that are called `$2`, its text `$4`) may run,
/// harmless ones (`$3`) aside; how it comes to it; and whether that is sure, or only if the types are such.
///
/// Views and the policies of tables are looked through as deep as they go, by the numbers in their stored trees, for what
/// comes with PostgreSQL is not among the recorded dependencies. Objects below 16384 come with PostgreSQL; its views, and
/// those of extensions, are trusted. Aggregates are volatile when a function is that they are made of.
const SEARCH: &str = r#"
WITH RECURSIVE tree(relation, source) AS (
    SELECT 0::oid, string_agg(':relid ' || c.oid, ' ') COLLATE "C" FROM pg_catalog.pg_class c
     WHERE c.relname = ANY($1::text[]::name[]) AND (c.relkind = 'v' OR c.relrowsecurity)
    UNION
    SELECT c.oid, (SELECT string_agg(t.source, ' ') COLLATE "C" FROM (
               SELECT r.ev_action::text FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND c.relkind = 'v'
               UNION ALL
               SELECT p.polqual::text FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*')
           ) t(source))
      FROM tree CROSS JOIN LATERAL regexp_matches(tree.source, ':relid ([0-9]+)', 'g') m(found)
      JOIN pg_catalog.pg_class c ON c.oid = m.found[1]::oid
     WHERE c.oid >= 16384 AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                                           WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), used(relation, function) AS (
    SELECT NULL::oid, p.oid FROM pg_catalog.pg_proc p WHERE p.proname = ANY($2::text[]::name[])
    UNION
    SELECT relation, m.found[1]::oid
      FROM tree CROSS JOIN LATERAL
           regexp_matches(source, ':(?:funcid|opfuncid|aggfnoid|winfnoid|tsmhandler) ([0-9]+)', 'g') m(found)
), run(relation, function) AS (
    SELECT relation, function FROM used
    UNION
    SELECT u.relation, part.function::oid FROM used u JOIN pg_catalog.pg_aggregate a ON a.aggfnoid::oid = u.function
     CROSS JOIN LATERAL (VALUES (a.aggtransfn), (a.aggfinalfn), (a.aggmtransfn), (a.aggminvtransfn), (a.aggmfinalfn)) part(function)
), volatile AS (
    SELECT p.* FROM pg_catalog.pg_proc p
     WHERE p.provolatile = 'v' AND NOT (p.proname = ANY($3::text[]::name[]) AND (p.oid < 16384 OR EXISTS (
           SELECT 1 FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')))
)
SELECT v.proname::text, COALESCE('read ' || c.relname, 'call ' || v.proname), true
  FROM run JOIN volatile v ON v.oid = run.function LEFT JOIN pg_catalog.pg_class c ON c.oid = run.relation
UNION ALL
SELECT v.proname::text, 'use the type ' || t.typname, true
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_constraint k ON k.contypid = t.oid
 CROSS JOIN LATERAL regexp_matches(k.conbin::text, ':(?:funcid|opfuncid) ([0-9]+)', 'g') m(found)
  JOIN volatile v ON v.oid = m.found[1]::oid
 WHERE t.typname = ANY($1::text[]::name[])
UNION ALL
SELECT v.proname::text, 'use the operator ' || o.oprname, false
  FROM pg_catalog.pg_operator o JOIN volatile v ON v.oid = o.oprcode::oid
 WHERE o.oid >= 16384 AND strpos($4, o.oprname::text) > 0
UNION ALL
SELECT v.proname::text, 'cast by ' || v.proname, false
  FROM pg_catalog.pg_cast k JOIN volatile v ON v.oid = k.castfunc WHERE k.oid >= 16384
UNION ALL
SELECT v.proname::text, 'call ' || v.proname, false
  FROM volatile v JOIN pg_catalog.pg_type t ON t.oid = v.proargtypes[0]
 WHERE v.proname = ANY($1::text[]::name[]) AND v.pronargs - v.pronargdefaults <= 1
   AND (t.typtype IN ('c', 'd', 'p') OR v.provariadic <> 0)
 ORDER BY 3 DESC LIMIT 1"#;

/// Refuses a query that runs a function which is declared to do more than give a value. `typed` is its text with values of
/// the right types.
///
/// What a function calls in turn cannot be seen, nor whether its declaration is true.
pub(super) async fn check(connection: &mut PgConnection, sql: &Sql, typed: &str) -> Result<()> {
    let (names, called) = (spelled(sql.names()), spelled(sql.called()));
    let search = sqlx::query(SEARCH).bind(names).bind(called).bind(&HARMLESS[..]).bind(typed);
    let Some(row) = connection.fetch_optional(search).await.map_err(of_query)? else { return Ok(()) };
    let name: String = row.try_get(0).map_err(Error::internal)?;
    let how: String = row.try_get(1).map_err(Error::internal)?;
    let is_sure: bool = row.try_get(2).map_err(Error::internal)?;
    let may_be_fine = !is_sure && matches!(sql.statement, Statement::Query(_));
    if may_be_fine && !is_volatile(connection, typed).await? {
        return Ok(());
    }
    Err(refuse(format!(
        "must not {how}: {name} is declared volatile, so it may do more than read; one of your own can be declared STABLE \
         if it only reads"
    )))
}

/// Whether PostgreSQL itself finds a volatile function in a query: it does not merge one that has any into another, but
/// lets it stay a subquery of its own. Servers before 12 merge none.
async fn is_volatile(connection: &mut PgConnection, text: &str) -> Result<bool> {
    let explain = format!("EXPLAIN WITH muster_query AS ({text}) SELECT * FROM muster_query");
    let lines = connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(explain))).await.map_err(of_query)?;
    let is_apart = |line: &str| line.contains("CTE muster_query");
    lines.iter().try_fold(false, |found, line| {
        let line: &str = line.try_get_unchecked(0).map_err(Error::internal)?;
        Ok(found || is_apart(line))
    })
}

/// Names, and in lower case those with letters beyond ASCII: whether the server makes those small depends on its encoding.
fn spelled(mut names: Vec<String>) -> Vec<String> {
    let lower: Vec<String> = names.iter().filter(|name| !name.is_ascii()).map(|name| name.to_lowercase()).collect();
    names.extend(lower);
    names
}
