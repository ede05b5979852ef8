//! Answers of data sources as compact tables, which models read well and which cost few tokens.

use muster_domain::connectors::Answer;
use serde_json::Value;

/// The most bytes of a table; it stays below what a result may have.
const LONGEST: usize = 24 * 1024;

/// The most characters of a cell.
const LONGEST_CELL: usize = 500;

/// The most columns that items are spread over.
const MOST_COLUMNS: usize = 24;

/// The answer as a Markdown table with a line about how much it is.
pub(super) fn table(answer: &Answer) -> String {
    match answer {
        Answer::Table { columns, rows, truncated } => {
            write(columns, rows.iter().map(|row| row.iter().collect()), *truncated)
        }
        Answer::Items { items, truncated } => match fields(items) {
            Some(columns) => {
                let row =
                    |item: &'_ Value| columns.iter().map(|name| item.get(name).cloned().unwrap_or_default()).collect();
                let rows: Vec<Vec<Value>> = items.iter().map(row).collect();
                write(&columns, rows.iter().map(|row| row.iter().collect()), *truncated)
            }
            None => write(&["value".to_owned()], items.iter().map(|item| vec![item]), *truncated),
        },
    }
}

/// The names of all fields in the order in which they come, when all items are objects with few of them.
fn fields(items: &[Value]) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for item in items {
        for name in item.as_object()?.keys() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        if names.len() > MOST_COLUMNS {
            return None;
        }
    }
    (!names.is_empty()).then_some(names)
}

fn write<'a>(columns: &[String], rows: impl Iterator<Item = Vec<&'a Value>>, truncated: bool) -> String {
    let names: Vec<String> = columns.iter().map(|name| plain(name)).collect();
    let mut text = format!("| {} |\n|{}\n", names.join(" | "), " --- |".repeat(names.len()));
    let (mut told, mut left_out) = (0usize, 0usize);
    for row in rows {
        let cells: Vec<String> = row.into_iter().map(cell).collect();
        let line = format!("| {} |\n", cells.join(" | "));
        if left_out > 0 || text.len() + line.len() > LONGEST {
            left_out += 1;
            continue;
        }
        text.push_str(&line);
        told += 1;
    }
    text.push_str(&match (told, left_out, truncated) {
        (0, 0, _) => "(nothing was found)".to_owned(),
        (told, 0, false) => format!("({told} rows)"),
        (told, 0, true) => format!("({told} rows; there are more: narrow the query, or count)"),
        (told, left_out, _) => {
            format!("({told} rows; {left_out} or more are left out as too long: ask for fewer columns or rows)")
        }
    });
    text
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

/// Text that stays within its cell.
fn plain(text: &str) -> String {
    let mut cell: String = text.chars().take(LONGEST_CELL).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST_CELL).is_some() {
        cell.push('…');
    }
    cell.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_and_items_are_tables() {
        let rows = Answer::Table {
            columns: vec!["id".to_owned(), "a|b".to_owned()],
            rows: vec![vec![json!(1), json!("x|y\nz")], vec![json!(null), json!({"k": [1]})]],
            truncated: true,
        };
        let expected = "| id | a\\|b |\n| --- | --- |\n| 1 | x\\|y z |\n|  | {\"k\":[1]} |\n\
                        (2 rows; there are more: narrow the query, or count)";
        assert_eq!(table(&rows), expected);
        let items = Answer::Items { items: vec![json!({"a": 1}), json!({"b": true})], truncated: false };
        assert_eq!(table(&items), "| a | b |\n| --- | --- |\n| 1 |  |\n|  | true |\n(2 rows)");
        let words = Answer::Items { items: vec![json!("x"), json!(2)], truncated: false };
        assert_eq!(table(&words), "| value |\n| --- |\n| x |\n| 2 |\n(2 rows)");
        let none = Answer::Table { columns: vec!["id".to_owned()], rows: vec![], truncated: false };
        assert_eq!(table(&none), "| id |\n| --- |\n(nothing was found)");
    }

    #[test]
    fn tables_are_bounded_and_say_what_is_left_out() {
        let row = vec![json!("x".repeat(5000)); 10];
        let rows = Answer::Table { columns: vec!["a".to_owned(); 10], rows: vec![row; 50], truncated: false };
        let text = table(&rows);
        assert!(text.len() < LONGEST + 200, "{}", text.len());
        assert!(text.contains("46 or more are left out"), "{}", &text[text.len() - 120..]);
    }
}
