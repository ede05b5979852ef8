//! Rows as comma-separated values (RFC 4180).

use serde_json::Value;

/// A line of a file, without its end.
pub(super) fn line<'a>(cells: impl IntoIterator<Item = &'a Value>) -> String {
    cells.into_iter().map(cell).collect::<Vec<_>>().join(",")
}

fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.contains([',', '"', '\n', '\r']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_that_would_break_a_line_are_quoted() {
        let cells = [json!("plain"), json!(7), json!(null), json!("a,\"b\"\nc"), json!({"k": 1}), json!(" x")];
        assert_eq!(line(&cells), "plain,7,,\"a,\"\"b\"\"\nc\",\"{\"\"k\"\":1}\",\" x\"");
    }
}
