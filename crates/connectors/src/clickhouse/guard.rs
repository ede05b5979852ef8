//! Admits one statement that reads. ClickHouse itself refuses writes, as it is asked with `readonly`; this says so earlier
//! and in better words, and refuses what `readonly` lets through: `KILL`, other formats, and reaching elsewhere.

use crate::sql::Offsets;
use muster_base::{Error, Result};
use sqlparser::dialect::ClickHouseDialect;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

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

/// Words that may follow a column or table which is named `settings`; any other begins a clause.
const AFTER_A_NAME: &[&str] = &[
    "AND",
    "ANTI",
    "ANY",
    "ARRAY",
    "AS",
    "ASC",
    "ASOF",
    "BETWEEN",
    "COLLATE",
    "CROSS",
    "DESC",
    "DIV",
    "ELSE",
    "END",
    "EXCEPT",
    "FINAL",
    "FROM",
    "FULL",
    "GLOBAL",
    "GROUP",
    "HAVING",
    "ILIKE",
    "IN",
    "INNER",
    "INTERSECT",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "MOD",
    "NOT",
    "NULLS",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "PREWHERE",
    "QUALIFY",
    "RIGHT",
    "SAMPLE",
    "SELECT",
    "SEMI",
    "THEN",
    "UNION",
    "USING",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
];

/// The statement as it was read: without comments, and without the semicolon at its end.
///
/// Errors: `invalid` with `query` and the reason.
pub(super) fn admit(sql: &str) -> Result<String> {
    let (tokens, text) = read(sql)?;
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
        let after_period = index > 0 && tokens[index - 1] == Token::Period;
        let problem = match word(token).unwrap_or_default().as_str() {
            "INSERT" if next == "INTO" => "must not write",
            "INTO" if next == "OUTFILE" => "must not write a file",
            "SETTINGS" if !after_period && sets(&tokens[index + 1..]) => "must not have a SETTINGS clause",
            "FORMAT" if last && !next.is_empty() && index > 0 && !after_period => "must not have a FORMAT clause",
            name if tokens.get(index + 1) == Some(&Token::LParen) && elsewhere(name) => {
                return refuse(&format!("must not use {}(), which reaches beyond this server", name.to_lowercase()));
            }
            _ => continue,
        };
        return refuse(problem);
    }
    Ok(text)
}

fn refuse<T>(problem: &str) -> Result<T> {
    Err(Error::invalid("query", problem))
}

/// The tokens of a query, and the text that they are in.
fn read(sql: &str) -> Result<(Vec<Token>, String)> {
    let read = Tokenizer::new(&ClickHouseDialect {}, sql).with_unescape(false).tokenize_with_location();
    let Ok(mut read) = read else { return refuse("cannot be read as SQL") };
    read.retain(|token| token.token != Token::EOF);
    let is_space = |token: &TokenWithSpan| matches!(token.token, Token::Whitespace(_));
    while read.last().is_some_and(is_space) {
        read.pop();
    }
    read.pop_if(|token| token.token == Token::SemiColon);
    let (mut offsets, mut tokens, mut text) = (Offsets::new(sql), Vec::new(), String::new());
    for token in read {
        let piece = &sql[offsets.find(token.span.start)..offsets.find(token.span.end)];
        if is_space(&token) {
            text.push(' ');
            continue;
        }
        check_piece(&token.token, piece)?;
        text.push_str(piece);
        tokens.push(token.token);
    }
    Ok((tokens, text.trim().to_owned()))
}

/// Refuses what ClickHouse reads in another way than we do: what is text to one of us would be code to the other.
/// <https://clickhouse.com/docs/sql-reference/syntax>
fn check_piece(token: &Token, piece: &str) -> Result<()> {
    match token {
        Token::SingleQuotedString(_) => Ok(()),
        _ if piece.contains('\\') => refuse("must have backslashes in literals only"),
        Token::Word(word) if word.quote_style.is_some() => Ok(()),
        Token::Char(_) => refuse("cannot be read as SQL"),
        _ if piece.contains('#') => refuse("must not have comments that begin with #"),
        _ if piece.contains('$') => refuse("must have $ in literals and quoted names only"),
        _ => Ok(()),
    }
}

/// Whether what follows the word `SETTINGS` are settings, so that the word is not a name.
fn sets(rest: &[Token]) -> bool {
    let Some(next) = rest.first() else { return false };
    let is_quoted = matches!(next, Token::Word(word) if word.quote_style.is_some());
    match word(next).as_deref() {
        // There are settings of these names.
        Some("LIMIT" | "OFFSET") => {
            matches!(rest.get(1), None | Some(Token::Eq | Token::DoubleEq | Token::Comma | Token::RParen))
        }
        Some(word) => is_quoted || !AFTER_A_NAME.contains(&word),
        None => *next == Token::LBrace,
    }
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
            "SELECT settings FROM t WHERE settings = 1 AND settings LIKE 'a\\'b' ORDER BY settings LIMIT 5",
            "SELECT x.settings s, CASE WHEN a THEN settings END, name FROM system.settings n",
            "SELECT `a#b$`, '#$\\\\' /* # $ \\ */ FROM t",
            "FROM settings SELECT count()",
        ] {
            admit(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        assert_eq!(admit(" SELECT 1 ; ").expect("admitted"), "SELECT 1");
        assert_eq!(admit("SELECT/* x */'é;' -- y\n,2; -- z").expect("admitted"), "SELECT 'é;'   ,2");
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
            "SELECT 1 SETTINGS readonly",
            "SELECT 1 SETTINGS `readonly` = 0",
            "SELECT 1 SETTINGS \"readonly\" = 0",
            "SELECT 1 SETTINGS readonly == 0",
            "SELECT 1 SETTINGS a.readonly = 0",
            "SELECT 1 SETTINGS limit = 5, readonly = 0",
            "SELECT 1 SETTINGS offset, readonly = 0",
            "SELECT 1 SETTINGS {name:Identifier} = 0",
            "SELECT * FROM t settings /* x */ readonly /* x */ = 0",
            "SELECT 1 AS \"x\\\"\", * FROM url('http://127.0.0.1/') -- \"",
            "SELECT 1 AS `x\\`\", * FROM url('http://127.0.0.1/') -- `",
            "SELECT X'\\', * FROM url('http://127.0.0.1/') -- '",
            "SELECT 1 # '\n , * FROM url('http://127.0.0.1/') -- '",
            "SELECT 1 #! '\n , * FROM url('http://127.0.0.1/') -- '",
            "SELECT 1 AS “'”, * FROM url('http://127.0.0.1/') AS “'”",
            "SELECT a$x$ ' $x$, * FROM url('http://127.0.0.1/') -- '",
            "SELECT $x$ ' $x$",
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
