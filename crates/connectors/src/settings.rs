//! Reads settings that fit the schema into a type's own struct.

use muster_base::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The settings as `T`, which names its fields in camel case as the schema does.
///
/// Errors: `invalid` with the field. A value is never repeated: it may be a secret.
pub(crate) fn read<T: DeserializeOwned>(settings: Map<String, Value>) -> Result<T> {
    serde_path_to_error::deserialize(Value::Object(settings)).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner().to_string();
        let field = if path == "." { String::new() } else { path };
        if let Some(missing) = quoted(&cause, "missing field ") {
            return Error::invalid(missing, "is required");
        }
        match cause.rsplit_once(", expected ") {
            Some((_, expected)) => Error::invalid(field, format!("must be {expected}")),
            None => Error::invalid(field, "cannot be read"),
        }
    })
}

/// An optional text that counts as left out when it is empty.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn quoted<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    message.strip_prefix(before)?.split('`').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_base::Secret;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Settings {
        base_url: String,
        #[serde(rename = "apiToken")]
        _api_token: Option<Secret<String>>,
        #[serde(rename = "port")]
        _port: Option<u16>,
    }

    fn settings(value: Value) -> Result<Settings> {
        read(value.as_object().cloned().expect("an object"))
    }

    #[test]
    fn what_is_wrong_is_named_without_its_value() {
        assert_eq!(settings(json!({ "baseUrl": "x" })).expect("fits").base_url, "x");
        let cases = [
            (json!({}), "baseUrl"),
            (json!({ "baseUrl": "x", "apiToken": ["hunter2"] }), "apiToken"),
            (json!({ "baseUrl": "x", "port": "hunter2" }), "port"),
            (json!({ "baseUrl": "x", "port": 70_000 }), "port"),
        ];
        for (value, field) in cases {
            let error = settings(value).expect_err(field);
            assert_eq!(error.field(), Some(field), "{error}");
            assert!(!error.message().contains("hunter2"), "{error}");
        }
    }
}
