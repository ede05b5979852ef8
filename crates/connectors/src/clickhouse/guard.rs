//! Admits one statement that reads. ClickHouse itself refuses writes, as it is asked with `readonly`; this says so earlier
//! and in better words, and refuses what `readonly` lets through: `KILL`, other formats, and reaching elsewhere.

use muster_base::{Error, Result};
use sqlparser::dialect::ClickHouseDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

const READING: &[&str] = &["SELECT", "WITH", "FROM", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS"];

/// Functions that reach for files, programs or other servers.
/// <https://clickhouse.com/docs/sql-reference/table-functions>
const ELSEWHERE: &[&str] = &[
    "arrowflight",
    "azureblobstorage",
    "azureblobstoragecluster",
    "cluster",
    "clusterallreplicas",
    "deltalake",
    "deltalakeazure",
    "deltalakecluster",
    "deltalakelocal",
    "deltalakes3",
    "executable",
    "file",
    "filecluster",
    "gcs",
    "hdfs",
    "hdfscluster",
    "hive",
    "hudi",
    "hudicluster",
    "iceberg",
    "icebergazure",
    "icebergcluster",
    "iceberghdfs",
    "iceberglocal",
    "icebergs3",
    "input",
    "jdbc",
    "mongodb",
    "mysql",
    "odbc",
    "paimon",
    "paimonazure",
    "paimonhdfs",
    "paimonlocal",
    "paimons3",
    "postgresql",
    "prometheusquery",
    "redis",
    "remote",
    "remotesecure",
    "s3",
    "s3cluster",
    "sqlite",
    "url",
    "urlcluster",
    "ytsaurus",
];

/// The statement without the semicolon at its end.
///
/// Errors: `invalid` with `query` and the reason.
pub(super) fn admit(sql: &str) -> Result<String> {
    let refuse = |problem: &str| Err(Error::invalid("query", problem));
    let Ok(tokens) = Tokenizer::new(&ClickHouseDialect {}, sql).tokenize() else {
        return refuse("cannot be read as SQL");
    };
    let mut tokens: Vec<Token> = tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    let mut sql = sql.trim();
    if tokens.last() == Some(&Token::SemiColon) {
        tokens.pop();
        // A comment may follow; it goes with the semicolon only if nothing else does.
        sql = sql.strip_suffix(';').unwrap_or(sql);
    }
    if tokens.contains(&Token::SemiColon) {
        return refuse("must be one statement");
    }
    let first = tokens.iter().find(|token| **token != Token::LParen).and_then(word).unwrap_or_default();
    if !READING.contains(&first.as_str()) {
        return refuse("must read: begin with SELECT, WITH, SHOW, DESCRIBE, EXPLAIN or EXISTS");
    }
    let at = |index: usize| tokens.get(index).and_then(word).unwrap_or_default();
    for (index, token) in tokens.iter().enumerate() {
        let (next, last) = (at(index + 1), index + 2 == tokens.len());
        let problem = match word(token).unwrap_or_default().as_str() {
            "INSERT" if next == "INTO" => "must not write",
            "INTO" if next == "OUTFILE" => "must not write a file",
            "SETTINGS" if tokens.get(index + 2) == Some(&Token::Eq) => "must not have a SETTINGS clause",
            "FORMAT" if last && !next.is_empty() && index > 0 && tokens[index - 1] != Token::Period => {
                "must not have a FORMAT clause"
            }
            name if tokens.get(index + 1) == Some(&Token::LParen) && elsewhere(name) => {
                let problem = format!("must not use {}(), which reaches beyond this server", name.to_lowercase());
                return Err(Error::invalid("query", problem));
            }
            _ => continue,
        };
        return refuse(problem);
    }
    Ok(sql.to_owned())
}

fn elsewhere(name: &str) -> bool {
    ELSEWHERE.contains(&name.to_lowercase().as_str())
}

/// A word in capitals; functions may be quoted, so quotes do not count.
fn word(token: &Token) -> Option<String> {
    match token {
        Token::Word(word) => Some(word.value.to_uppercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::admit;

    #[test]
    fn what_reads_is_admitted() {
        for sql in [
            "SELECT 1",
            "select * from t where a = 'x; DROP TABLE t' -- ; not a statement\n",
            "WITH 1 AS x SELECT x;",
            "(SELECT 1) UNION ALL (SELECT 2)",
            "FROM numbers(2) SELECT number",
            "SHOW TABLES FROM d",
            "DESCRIBE TABLE d.t",
            "EXPLAIN SELECT 1",
            "EXISTS TABLE t",
            "SELECT format, settings, file FROM formats ORDER BY format",
            "SELECT t.format, x.url AS u FROM t ARRAY JOIN arr AS x LIMIT 1 BY x WITH TIES",
            "SELECT insert, into FROM t WHERE url != '' AND s3 = 1",
            "SELECT {id:UInt64}, `a;b`",
        ] {
            admit(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        assert_eq!(admit(" SELECT 1 ; ").expect("admitted"), "SELECT 1 ");
    }

    #[test]
    fn every_trick_to_do_more_is_refused() {
        for sql in [
            "",
            "-- nothing",
            "INSERT INTO t VALUES (1)",
            "WITH 1 AS x INSERT INTO t SELECT x",
            "EXPLAIN AST INSERT INTO t VALUES (1)",
            "SELECT 1; DROP TABLE t",
            "SELECT 1;; SELECT 2",
            "DROP TABLE t",
            "ALTER TABLE t DELETE WHERE 1",
            "KILL QUERY WHERE 1",
            "SYSTEM SHUTDOWN",
            "SET readonly = 0",
            "SELECT 1 SETTINGS readonly = 0",
            "SELECT * FROM (SELECT 1 SETTINGS max_threads = 2)",
            "SELECT 1 INTO OUTFILE '/tmp/x'",
            "SELECT 1 FORMAT TabSeparated",
            "SELECT 1 format JSON;",
            "SELECT * FROM url('http://127.0.0.1/', 'CSV', 'a String')",
            "SELECT * FROM `url`('http://127.0.0.1/', 'CSV', 'a String')",
            "SELECT * FROM URL ('http://127.0.0.1/')",
            "SELECT file('/etc/passwd')",
            "SELECT * FROM remote('127.0.0.1', system.one)",
            "SELECT * FROM s3('https://b.example.com/x', 'CSV')",
            "SELECT * FROM executable('x', 'TSV', 'a String')",
            "SELECT 'unclosed",
            "CREATE TEMPORARY TABLE x (a Int8)",
            "TRUNCATE TABLE t",
            "GRANT ALL ON *.* TO x",
            "/* SELECT */ OPTIMIZE TABLE t",
        ] {
            assert_eq!(admit(sql).expect_err(sql).field(), Some("query"), "{sql}");
        }
    }
}
