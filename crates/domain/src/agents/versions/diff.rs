//! What is different between two values.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// One place where two values differ.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// Where, as a JSON pointer.
    pub path: String,
    /// What was there; absent when nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is there now; absent when nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// The places where two values differ, in order; objects are compared by key, everything else as a whole.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(Some(before), Some(after), &mut String::new(), &mut found);
    found
}

fn compare(before: Option<&Value>, after: Option<&Value>, path: &mut String, found: &mut Vec<Difference>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(was)), Some(Value::Object(is))) => {
            let keys: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
            for key in keys {
                let length = path.len();
                path.push('/');
                path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                compare(was.get(key), is.get(key), path, found);
                path.truncate(length);
            }
        }
        (before, after) => {
            found.push(Difference { path: path.clone(), before: before.cloned(), after: after.cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_differs_is_named_by_its_place() {
        let before = json!({"a": {"b": 1, "c/~d": [1]}, "same": {"x": 1}, "gone": null});
        let after = json!({"a": {"b": 2, "c/~d": [1, 2]}, "same": {"x": 1}, "new": "n"});
        let found: Vec<(String, Option<Value>, Option<Value>)> =
            differences(&before, &after).into_iter().map(|d| (d.path, d.before, d.after)).collect();
        let expected = [
            ("/a/b".to_owned(), Some(json!(1)), Some(json!(2))),
            ("/a/c~1~0d".to_owned(), Some(json!([1])), Some(json!([1, 2]))),
            ("/gone".to_owned(), Some(json!(null)), None),
            ("/new".to_owned(), None, Some(json!("n"))),
        ];
        assert_eq!(found, expected);
        assert!(differences(&before, &before).is_empty());
    }
}
