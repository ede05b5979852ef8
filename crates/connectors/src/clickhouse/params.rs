//! Named values of a query: `{name:Type}` in the text, `param_name` beside it.

use crate::params::wrong;
use muster_base::{Error, Result};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The values as ClickHouse reads them.
///
/// Errors: `invalid` with `params.x` for one that the statement does not name, or the other way round.
pub(super) fn bind(sql: &str, params: &Map<String, Value>) -> Result<Vec<(String, String)>> {
    let named = names(sql);
    let mut bound = Vec::new();
    for (name, value) in params {
        if !named.contains(name.as_str()) {
            return Err(wrong(name, &format!("is not in the statement; name it there as {{{name}:Type}}")));
        }
        bound.push((format!("param_{name}"), written(name, value)?));
    }
    match named.iter().find(|name| !params.contains_key(**name)) {
        Some(missing) => Err(Error::invalid(format!("params.{missing}"), "is needed: the statement names it")),
        None => Ok(bound),
    }
}

/// The names in `{name:Type}`. In a string that looks like one, it only asks for a value too many.
fn names(sql: &str) -> BTreeSet<&str> {
    let holes = sql.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(hole, _)| hole));
    let typed = holes.filter_map(|hole| hole.split_once(':').map(|(name, _)| name.trim()));
    typed.filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')).collect()
}

fn written(name: &str, value: &Value) -> Result<String> {
    Ok(match value {
        Value::Null => "\\N".to_owned(),
        Value::String(text) => escaped(text),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(values) => {
            let quoted: Result<Vec<String>> = values.iter().map(|value| quoted(name, value)).collect();
            format!("[{}]", quoted?.join(","))
        }
        Value::Object(_) => return Err(wrong(name, "must be a text, a number, true, false, null or a list")),
    })
}

fn quoted(name: &str, value: &Value) -> Result<String> {
    Ok(match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => format!("'{}'", escaped(text).replace('\'', "\\'")),
        other => written(name, other)?,
    })
}

/// As in a field of TabSeparated, which is how values are read.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bound(sql: &str, params: Value) -> Result<Vec<(String, String)>> {
        bind(sql, params.as_object().expect("an object"))
    }

    #[test]
    fn values_go_beside_the_statement() {
        let sql =
            "SELECT {id:UInt64}, {name:String}, {list:Array(String)}, {none:Nullable(String)}, {odd:String}, {'a': 1}";
        let params = json!({"id": 7, "name": "a\tb\\c'", "list": ["x'y", "z\n"], "none": null, "odd": "[\t\\N"});
        let expected = [
            ("param_id", "7"),
            ("param_list", "['x\\'y','z\\n']"),
            ("param_name", "a\\tb\\\\c'"),
            ("param_none", "\\N"),
            ("param_odd", "[\\t\\\\N"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(bound(sql, params).expect("bound"), expected);
    }

    #[test]
    fn names_and_values_have_to_match() {
        let field = |sql, params| bound(sql, params).expect_err("refused").field().map(str::to_owned);
        assert_eq!(field("SELECT {id:UInt64}", json!({})).as_deref(), Some("params.id"));
        assert_eq!(field("SELECT 1", json!({"id": 1})).as_deref(), Some("params.id"));
        assert_eq!(field("SELECT {id:String}", json!({"id": {"a": 1}})).as_deref(), Some("params.id"));
    }
}
