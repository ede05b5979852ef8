//! Keeps the secrets of a gateway's file in the file.

use muster_domain::gateway::REDACTED;
use serde_json::{Map, Value};

/// Words in the name of a member whose text is a secret.
const WORDS: &[&str] = &["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "PRIVATE", "AUTH", "COOKIE"];

/// Puts `[redacted]` in place of every text whose name says that it is secret, and of all headers.
pub(crate) fn redact(config: &mut Map<String, Value>) {
    config.iter_mut().for_each(|(name, value)| hide(value, sounds_secret(name)));
}

fn hide(value: &mut Value, is_secret: bool) {
    match value {
        Value::String(text) if is_secret && !names_variable(text) => REDACTED.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, is_secret)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(name, value)| hide(value, is_secret || sounds_secret(name)));
        }
        _ => {}
    }
}

fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name == "HEADERS" || WORDS.iter().any(|word| name.contains(word))
}

/// `${NAME}` says where the secret is, and is none.
fn names_variable(text: &str) -> bool {
    text.strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

/// Takes out what stands for secrets: they are not known here, and what the file has stays.
pub(crate) fn without_redacted(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text == REDACTED => None,
        Value::Object(members) => {
            let kept = members.iter().filter_map(|(key, value)| Some((key.clone(), without_redacted(value)?)));
            Some(Value::Object(kept.collect()))
        }
        // A list is replaced as a whole: one with a gap would lose the secret.
        Value::Array(items) if items.iter().any(|item| without_redacted(item).as_ref() != Some(item)) => None,
        other => Some(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_sounds_secret_is_hidden_and_nothing_else() {
        let mut config = json!({"model": "a/b", "memorySearch": {"remote": {"apiKey": "k", "baseUrl": "https://example.com",
                "headers": {"X-Any": "v", "X-Env": "${KEY}"}}},
            "sandbox": {"docker": {"env": {"LANG": "C", "API_TOKEN": "t", "SECRETS": ["a", {"b": "c"}]}}}, "maxTokens": 5});
        redact(config.as_object_mut().expect("an object"));
        let expected = json!({"model": "a/b", "memorySearch": {"remote": {"apiKey": REDACTED, "baseUrl": "https://example.com",
                "headers": {"X-Any": REDACTED, "X-Env": "${KEY}"}}},
            "sandbox": {"docker": {"env": {"LANG": "C", "API_TOKEN": REDACTED, "SECRETS": [REDACTED, {"b": REDACTED}]}}}, "maxTokens": 5});
        assert_eq!(config, expected);
    }

    #[test]
    fn what_stands_for_a_secret_is_not_written() {
        let value = json!({"a": REDACTED, "b": {"c": REDACTED, "d": 1}, "e": [1, {"f": REDACTED}], "g": [1]});
        assert_eq!(without_redacted(&value), Some(json!({"b": {"d": 1}, "g": [1]})));
    }
}
