//! Leaves out of objects what is secret, and what is only there for the cluster's own bookkeeping.

use serde_json::{Value, json};

/// The whole object as it was applied, once more; of a secret with its values.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Makes an object safe and short. A secret keeps the names of its keys.
pub(super) fn redact(object: &mut Value, of_kind: &str) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove(APPLIED);
        }
    }
    let secret = of_kind.eq_ignore_ascii_case("secrets") || object["kind"] == "Secret";
    if !secret {
        return;
    }
    for field in ["data", "stringData"] {
        if let Some(values) = object.get_mut(field).and_then(Value::as_object_mut) {
            values.values_mut().for_each(|value| *value = json!("[redacted]"));
        } else if let Some(other) = object.get_mut(field) {
            *other = json!("[redacted]");
        }
    }
    // Tools keep what a secret was before in annotations.
    if let Some(annotations) = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        annotations.values_mut().filter(|value| value.as_str().is_none_or(|text| text.len() > 256)).for_each(|value| {
            *value = json!("[redacted]");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_keep_their_keys_only() {
        let mut secret = json!({
            "kind": "Secret", "type": "Opaque", "data": {"password": "aHVudGVyMg=="}, "stringData": {"other": "hunter2"},
            "metadata": {"name": "s", "managedFields": [1], "annotations": {APPLIED: "{\"data\":\"aHVudGVyMg==\"}", "a": "b"}},
        });
        redact(&mut secret, "secrets");
        assert_eq!(secret["data"], json!({"password": "[redacted]"}));
        assert_eq!(secret["metadata"], json!({"name": "s", "annotations": {"a": "b"}}));
        assert!(!secret.to_string().contains("hunter2") && !secret.to_string().contains("aHVudGVyMg"));
        // In lists of kinds objects do not say what they are.
        let mut listed = json!({"data": {"password": "aHVudGVyMg=="}});
        redact(&mut listed, "secrets");
        assert_eq!(listed["data"]["password"], "[redacted]");
        let mut map = json!({"kind": "ConfigMap", "data": {"a": "b"}});
        redact(&mut map, "configmaps");
        assert_eq!(map["data"]["a"], "b");
    }
}
