//! A statement with its values, and how several go to PostgreSQL as one.

use crate::{Args, Value};
use std::borrow::Cow;

/// A change that is put together now and carried out later, together with others.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) args: Args,
}

impl Statement {
    /// A statement that returns no rows.
    pub fn new(sql: impl Into<Cow<'static, str>>, args: Args) -> Self {
        Self { sql: sql.into(), args }
    }
}

/// One statement that does what all of them do: the last one, with the others as its common table expressions.
pub(crate) fn joined(statements: Vec<Statement>) -> Statement {
    let last = statements.len().saturating_sub(1);
    let (mut sql, mut args): (String, Vec<Value>) = (String::new(), Vec::new());
    for (at, statement) in statements.into_iter().enumerate() {
        let part = renumbered(&statement.sql, args.len());
        match at {
            _ if at == last && at == 0 => sql = part,
            _ if at == last => sql.push_str(&format!(" {part}")),
            0 => sql.push_str(&format!("WITH part0 AS ({part})")),
            _ => sql.push_str(&format!(", part{at} AS ({part})")),
        }
        args.extend(statement.args);
    }
    Statement::new(sql, args)
}

/// The statement with `by` added to the number of each of its parameters.
fn renumbered(sql: &str, by: usize) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut rest = sql;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at + 1);
        let digits = from.bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(before);
        match from[..digits].parse::<usize>() {
            Ok(number) => out.push_str(&(number + by).to_string()),
            Err(_) => out.push_str(&from[..digits]),
        }
        rest = &from[digits..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args;

    #[test]
    fn joined_statements_keep_their_own_values() {
        let first = Statement::new("INSERT INTO a VALUES ($1, $2, $1)", args!["x", 1]);
        let second = Statement::new("UPDATE b SET c = $1", args![2]);
        let third = Statement::new("DELETE FROM d WHERE e = $2 AND f = $1", args![3, "y"]);
        let joined = joined(vec![first, second, third]);
        assert_eq!(
            joined.sql,
            "WITH part0 AS (INSERT INTO a VALUES ($1, $2, $1)), part1 AS (UPDATE b SET c = $3) DELETE FROM d WHERE e = $5 AND f = $4"
        );
        assert_eq!(joined.args, args!["x", 1, 2, 3, "y"]);
    }

    #[test]
    fn one_statement_is_left_as_it_is() {
        assert_eq!(
            joined(vec![Statement::new("DELETE FROM a WHERE b = $1", args![1])]).sql,
            "DELETE FROM a WHERE b = $1"
        );
    }
}
