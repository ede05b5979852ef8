//! Admits one statement that reads. The database enforces reading besides, by a read-only transaction; this is for what
//! such a transaction lets through: functions with effects outside of it, locks, files.

use super::refuse;
use super::text::{Sql, is_keyword};
use muster_base::Result;
use sqlparser::ast::{Query, Select, SetExpr, Statement, Visit, Visitor};
use sqlparser::dialect::{MySqlDialect, PostgreSqlDialect};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;
use std::ops::ControlFlow;

/// Whose SQL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    PostgreSql,
    MySql,
}

impl Dialect {
    pub(crate) fn parser(self) -> &'static dyn sqlparser::dialect::Dialect {
        match self {
            Self::PostgreSql => &PostgreSqlDialect {},
            Self::MySql => &MySqlDialect {},
        }
    }

    /// Functions that do something besides giving a value, and are refused by name. On PostgreSQL the catalog says of
    /// all others whether they may.
    fn forbidden(self) -> &'static [&'static str] {
        match self {
            Self::PostgreSql => &[
                "set_config",
                "nextval",
                "setval",
                "dblink",
                "dblink_exec",
                "dblink_connect",
                "dblink_send_query",
                "lo_import",
                "lo_export",
                "lo_create",
                "lo_creat",
                "lo_unlink",
                "lo_put",
                "lo_from_bytea",
                "lowrite",
                "pg_read_file",
                "pg_read_binary_file",
                "pg_ls_dir",
                "pg_stat_file",
                "pg_write_file",
                "pg_file_write",
                "pg_terminate_backend",
                "pg_cancel_backend",
                "pg_reload_conf",
                "pg_rotate_logfile",
                "pg_promote",
                "pg_advisory_lock",
                "pg_advisory_lock_shared",
                "pg_advisory_xact_lock",
                "pg_advisory_xact_lock_shared",
                "pg_try_advisory_lock",
                "pg_try_advisory_xact_lock",
                "pg_notify",
                "pg_switch_wal",
                "pg_create_restore_point",
                "pg_export_snapshot",
                "pg_logical_emit_message",
                "query_to_xml",
                "query_to_xmlschema",
                "query_to_xml_and_xmlschema",
                "cursor_to_xml",
                // Declared stable, and yet they run text as SQL, or read a view that is only named in text.
                "crosstab",
                "crosstab2",
                "crosstab3",
                "crosstab4",
                "connectby",
                "xpath_table",
                "table_to_xml",
                "table_to_xml_and_xmlschema",
                "schema_to_xml",
                "schema_to_xml_and_xmlschema",
                "database_to_xml",
                "database_to_xml_and_xmlschema",
                "ts_stat",
                "txid_current",
                "pg_current_xact_id",
                "pg_stat_reset",
                "pg_import_system_collations",
            ],
            Self::MySql => &[
                "load_file",
                "benchmark",
                "get_lock",
                "release_lock",
                "release_all_locks",
                "master_pos_wait",
                "source_pos_wait",
                "master_gtid_wait",
                "wait_for_executed_gtid_set",
                "wait_until_sql_thread_after_gtids",
                "nextval",
                "setval",
                "lastval",
                "sys_exec",
                "sys_eval",
                "sys_set",
                "sys_get",
                "set_user_var",
                "ps_kill",
                "kill",
                "service_get_read_locks",
                "service_get_write_locks",
                "service_release_locks",
                "group_replication_set_as_primary",
                "asynchronous_connection_failover_reset",
            ],
        }
    }
}

/// Refuses everything but one statement that reads.
///
/// Errors: `invalid` with the field `query` and the reason.
pub(crate) fn admit(dialect: Dialect, sql: &Sql) -> Result<()> {
    check_words(dialect, sql)?;
    if !reads(&sql.statement) {
        return Err(refuse("must read: only SELECT, WITH, VALUES, SHOW, DESCRIBE and EXPLAIN are admitted"));
    }
    if dialect == Dialect::MySql && shows_more(&sql.statement) {
        return Err(refuse("must not show that: SHOW is only for tables and the like, and for how the server does"));
    }
    let mut inside = Inside { outer: true, problem: None };
    let _ = sql.statement.visit(&mut inside);
    inside.problem.map_or(Ok(()), |problem| Err(refuse(problem)))
}

/// What can be told from the words alone, however they are put together.
fn check_words(dialect: Dialect, sql: &Sql) -> Result<()> {
    if sql.has_word("into") {
        return Err(refuse("must not write: INTO is refused"));
    }
    let forbidden = dialect.forbidden();
    if let Some(called) = sql.called().into_iter().find(|name| forbidden.contains(&name.to_lowercase().as_str())) {
        return Err(refuse(format!("must not call {called}: it does more than read")));
    }
    match dialect {
        Dialect::PostgreSql => {
            let escaped = sql.tokens.windows(3).any(|three| {
                matches!(three, [Token::Word(u), Token::Ampersand, Token::Word(name)]
                    if u.value.eq_ignore_ascii_case("u") && name.quote_style.is_some())
            });
            if escaped {
                return Err(refuse("must write names as they are, without U&"));
            }
        }
        Dialect::MySql => {
            if sql.tokens.iter().any(|token| matches!(token, Token::Assignment)) {
                return Err(refuse("must not set variables: := is refused"));
            }
            let next = |three: &[Token]| {
                is_keyword(&three[0], Keyword::NEXT)
                    && is_keyword(&three[1], Keyword::VALUE)
                    && is_keyword(&three[2], Keyword::FOR)
            };
            if sql.tokens.windows(3).any(next) {
                return Err(refuse("must not take the next value of a sequence"));
            }
        }
    }
    Ok(())
}

/// What MySQL may be asked to `SHOW`, besides what the parser knows by itself.
const SHOWN: [&str; 22] = [
    "ALL",
    "BINARY",
    "COUNT",
    "ENGINE",
    "ENGINES",
    "ERRORS",
    "EVENTS",
    "FUNCTION",
    "INDEX",
    "INDEXES",
    "KEYS",
    "MASTER",
    "OPEN",
    "PLUGINS",
    "PRIVILEGES",
    "PROCEDURE",
    "REPLICA",
    "SLAVE",
    "STORAGE",
    "TABLE",
    "TRIGGERS",
    "WARNINGS",
];

/// Whether a `SHOW` gives more than that: `GRANTS` has the hash of a password, `BINLOG EVENTS` what others wrote, and
/// `SLAVE HOSTS` may have passwords.
fn shows_more(statement: &Statement) -> bool {
    let Statement::ShowVariable { variable } = statement else { return false };
    let word = |at: usize| variable.get(at).map(|word| word.value.to_uppercase()).unwrap_or_default();
    !SHOWN.contains(&word(0).as_str()) || word(1) == "HOSTS"
}

fn reads(statement: &Statement) -> bool {
    match statement {
        Statement::Query(_)
        | Statement::ExplainTable { .. }
        | Statement::ShowVariable { .. }
        | Statement::ShowVariables { .. }
        | Statement::ShowStatus { .. }
        | Statement::ShowCreate { .. }
        | Statement::ShowColumns { .. }
        | Statement::ShowDatabases { .. }
        | Statement::ShowSchemas { .. }
        | Statement::ShowTables { .. }
        | Statement::ShowViews { .. }
        | Statement::ShowFunctions { .. }
        | Statement::ShowCollation { .. }
        | Statement::ShowCharset(_)
        | Statement::ShowProcessList { .. } => true,
        Statement::Explain { statement, .. } => matches!(**statement, Statement::Query(_)),
        _ => false,
    }
}

/// Looks for what changes or locks within a statement that seems to read.
struct Inside {
    outer: bool,
    problem: Option<&'static str>,
}

impl Inside {
    fn refuse(&mut self, problem: &'static str) -> ControlFlow<()> {
        self.problem = Some(problem);
        ControlFlow::Break(())
    }
}

impl Visitor for Inside {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        let outer = std::mem::replace(&mut self.outer, matches!(statement, Statement::Explain { .. }));
        if outer || matches!(statement, Statement::Query(_)) {
            return ControlFlow::Continue(());
        }
        self.refuse("must not change data, not even inside of WITH")
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if !query.locks.is_empty() {
            return self.refuse("must not lock rows: leave out FOR UPDATE and FOR SHARE");
        }
        if changes(&query.body) {
            return self.refuse("must not change data, not even inside of WITH");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        if select.into.is_some() {
            return self.refuse("must not write: INTO is refused");
        }
        ControlFlow::Continue(())
    }
}

fn changes(body: &SetExpr) -> bool {
    match body {
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => true,
        SetExpr::SetOperation { left, right, .. } => changes(left) || changes(right),
        SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) | SetExpr::Table(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    fn admitted(dialect: Dialect, text: &str) -> Result<()> {
        admit(dialect, &Sql::read(dialect.parser(), text, &Map::new())?)
    }

    #[test]
    fn statements_that_read_are_admitted() {
        for text in [
            "SELECT 1",
            "select a, count(*) from t where b in (1, 2) group by a having count(*) > 1 order by 2 desc limit 5 offset 1",
            "WITH x AS (SELECT 1 AS a), y(b) AS (SELECT a FROM x) SELECT * FROM y UNION ALL SELECT 2",
            "VALUES (1, 'a'), (2, 'b')",
            "(SELECT 1) UNION (SELECT 2)",
            "SELECT date_trunc('day', t.at)::date, j->>'a', arr[1] FROM t LEFT JOIN u USING (id)",
            "SELECT 'INSERT INTO t', \"into\" FROM t",
            "SELECT * FROM generate_series(1, 10) WITH ORDINALITY AS g(n, o)",
            "EXPLAIN SELECT 1",
            "EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1",
            "SHOW server_version",
            "SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id)",
            "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) TABLE r",
            "SELECT sum(x) OVER (PARTITION BY y ORDER BY z) FROM t",
            "SELECT pg_sleep(0)",
        ] {
            admitted(Dialect::PostgreSql, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        for text in [
            "SELECT `a`, CONCAT(b, \"c\") FROM `t` WHERE d = 'it\\'s' LIMIT 5, 10",
            "SHOW TABLES",
            "SHOW COLUMNS FROM t",
            "SHOW CREATE TABLE t",
            "SHOW DATABASES",
            "SHOW FULL TABLES LIKE 'x%'",
            "SHOW INDEX FROM t",
            "SHOW TABLE STATUS LIKE 't'",
            "SHOW GLOBAL STATUS",
            "SHOW VARIABLES LIKE 'version'",
            "SHOW SLAVE STATUS",
            "SHOW ENGINE INNODB STATUS",
            "SHOW PROCESSLIST",
            "DESCRIBE t",
            "EXPLAIN SELECT * FROM t",
            "SELECT @@version, NOW(), `into` FROM t -- comment",
            "WITH x AS (SELECT 1 AS a) SELECT * FROM x",
            "SELECT JSON_EXTRACT(j, '$.a'), j->'$.b' FROM t",
        ] {
            admitted(Dialect::MySql, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }

    #[test]
    fn every_trick_to_write_is_refused() {
        for text in [
            "INSERT INTO t VALUES (1)",
            "UPDATE t SET a = 1",
            "DELETE FROM t",
            "TRUNCATE t",
            "DROP TABLE t",
            "CREATE TABLE x AS SELECT 1",
            "CREATE TEMP TABLE x (a int)",
            "ALTER TABLE t ADD b int",
            "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE",
            "SELECT 1; DELETE FROM t",
            "SELECT 1; ; DELETE FROM t",
            "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
            "WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x",
            "WITH x AS (UPDATE t SET a = 1 RETURNING *) SELECT * FROM x",
            "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
            "WITH x AS (SELECT 1) DELETE FROM t",
            "SELECT * INTO x FROM t",
            "SELECT * INTO TEMP x FROM t",
            "SELECT * FROM t FOR UPDATE",
            "SELECT * FROM (SELECT * FROM t FOR SHARE) x",
            "SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED",
            "COPY t TO '/tmp/x'",
            "COPY (SELECT 1) TO PROGRAM 'sh'",
            "COPY t FROM STDIN",
            "EXPLAIN ANALYZE DELETE FROM t",
            "EXPLAIN ANALYZE INSERT INTO t VALUES (1)",
            "EXPLAIN EXPLAIN SELECT 1",
            "SET default_transaction_read_only = off",
            "SET ROLE postgres",
            "RESET ALL",
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
            "START TRANSACTION READ WRITE",
            "LOCK TABLE t",
            "VACUUM",
            "ANALYZE t",
            "REFRESH MATERIALIZED VIEW v",
            "CALL p()",
            "DO $$ BEGIN DELETE FROM t; END $$",
            "PREPARE p AS DELETE FROM t",
            "EXECUTE p",
            "DECLARE c CURSOR FOR SELECT 1",
            "LISTEN x",
            "NOTIFY x",
            "GRANT ALL ON t TO PUBLIC",
            "COMMENT ON TABLE t IS 'x'",
            "SELECT set_config('transaction_read_only', 'off', false)",
            "SELECT pg_catalog.set_config('transaction_read_only', 'off', false)",
            "SELECT \"set_config\"('transaction_read_only', 'off', false)",
            "SELECT U&\"set\\005fconfig\"('transaction_read_only', 'off', false)",
            "SELECT Set_Config /* x */ ('transaction_read_only', 'off', false)",
            "SELECT nextval('s')",
            "SELECT lo_import('/etc/passwd')",
            "SELECT * FROM dblink('host=x', 'DELETE FROM t') AS x(a int)",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT pg_advisory_lock(1)",
            "SELECT query_to_xml('DELETE FROM t', true, true, '')",
            "SELECT * FROM crosstab('SELECT 1, 2, f()::text') AS x(a int, b text)",
            "SELECT xpath_table('a', 'b', 'c', 'd', 'e')",
            "SELECT table_to_xml('v', true, true, '')",
            "SELECT schema_to_xml('public', true, true, '')",
            "SELECT * FROM t WHERE a = (SELECT set_config('x.y', 'z', false))",
            "SELECT * FROM t ORDER BY nextval('s')",
        ] {
            assert!(admitted(Dialect::PostgreSql, text).is_err(), "{text}");
        }
        for text in [
            "INSERT INTO t VALUES (1)",
            "REPLACE INTO t VALUES (1)",
            "UPDATE t SET a = 1",
            "DELETE FROM t",
            "SELECT 1; DELETE FROM t",
            "SELECT * FROM t INTO OUTFILE '/tmp/x'",
            "SELECT * INTO OUTFILE '/tmp/x' FROM t",
            "SELECT 1 INTO DUMPFILE '/tmp/x'",
            "SELECT 1 INTO @x",
            "SELECT @x := 1",
            "SELECT LOAD_FILE('/etc/passwd')",
            "SELECT load_file ('/etc/passwd')",
            "SELECT `load_file`('/etc/passwd')",
            "SELECT BENCHMARK(1000000, SHA1('x'))",
            "SELECT GET_LOCK('x', 1)",
            "SELECT NEXT VALUE FOR s",
            "SELECT NEXTVAL(s)",
            "SELECT * FROM t FOR UPDATE",
            "SELECT * FROM t LOCK IN SHARE MODE",
            "HANDLER t OPEN",
            "CALL p()",
            "LOAD DATA INFILE 'x' INTO TABLE t",
            "SET GLOBAL x = 1",
            "SET @x = 1",
            "LOCK TABLES t READ",
            "DO SLEEP(1)",
            "KILL 1",
            "FLUSH TABLES",
            "ANALYZE TABLE t",
            "OPTIMIZE TABLE t",
            "CREATE TABLE x SELECT 1",
            "EXPLAIN DELETE FROM t",
            "PREPARE s FROM 'DELETE FROM t'",
            "XA START 'x'",
            "SHOW GRANTS",
            "SHOW /* x */ GRANTS FOR CURRENT_USER()",
            "SHOW `GRANTS`",
            "SHOW CREATE USER CURRENT_USER()",
            "SHOW CREATE SERVER s",
            "SHOW BINLOG EVENTS",
            "SHOW RELAYLOG EVENTS",
            "SHOW SLAVE HOSTS",
            "SHOW REPLICA HOSTS",
            "GRANT ALL ON *.* TO x",
        ] {
            assert!(admitted(Dialect::MySql, text).is_err(), "{text}");
        }
    }
}
