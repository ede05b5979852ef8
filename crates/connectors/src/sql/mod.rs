//! What the SQL databases share: reading a query, admitting it, pools of connections, values as JSON.

pub(crate) mod calendar;
mod guard;
pub(crate) mod net;
pub(crate) mod pool;
pub(crate) mod rows;
mod text;

pub(crate) use guard::{Dialect, admit};
pub(crate) use text::{Offsets, Part, Sql};

use muster_base::Error;
use muster_domain::connectors::Query;

/// The error of a query that is not admitted.
pub(crate) fn refuse(problem: impl std::fmt::Display) -> Error {
    Error::invalid("query", problem)
}

/// The query, or the one that reads a table whole.
fn statement(dialect: Dialect, query: &Query) -> muster_base::Result<String> {
    if !query.query.trim().is_empty() {
        return Ok(query.query.clone());
    }
    if query.resource.trim().is_empty() {
        return Err(Error::invalid("query", "is required: give a SELECT, or a table as resource"));
    }
    Ok(format!("SELECT * FROM {}", table_name(dialect, &query.resource)?))
}

/// A table's name as a caller writes it, with or without its schema, quoted so that it is nothing but a name.
fn table_name(dialect: Dialect, text: &str) -> muster_base::Result<String> {
    let wrong = || Error::invalid("resource", "must be the name of a table, such as orders or sales.orders");
    let mut parser = sqlparser::parser::Parser::new(dialect.parser()).try_with_sql(text).map_err(|_| wrong())?;
    let name = parser.parse_object_name(false).map_err(|_| wrong())?;
    if parser.peek_token().token != sqlparser::tokenizer::Token::EOF || name.0.len() > 3 {
        return Err(wrong());
    }
    let quoted = name.0.iter().map(|part| part.as_ident().map(|ident| dialect.quote(ident)));
    quoted.collect::<Option<Vec<_>>>().map(|parts| parts.join(".")).ok_or_else(wrong)
}

impl Dialect {
    fn quote(self, name: &sqlparser::ast::Ident) -> String {
        match self {
            // Names without quotes are in lower case.
            Self::PostgreSql if name.quote_style.is_none() => format!("\"{}\"", name.value.to_lowercase()),
            Self::PostgreSql => format!("\"{}\"", name.value.replace('"', "\"\"")),
            Self::MySql => format!("`{}`", name.value.replace('`', "``")),
        }
    }
}
