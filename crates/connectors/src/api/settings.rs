//! Reading settings, and the pieces of the schemas that say what they are.

use muster_base::{Error, Result};
use muster_outbound::{Url, parse_url};
use serde_json::{Map, Value, json};

/// The settings of a source, which fit its schema.
pub(crate) struct Settings(Map<String, Value>);

impl Settings {
    pub(crate) fn new(settings: Map<String, Value>) -> Self {
        Self(settings)
    }

    /// A text that is there and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    }

    /// A text that has to be there.
    pub(crate) fn needed(&self, name: &str) -> Result<&str> {
        self.text(name).ok_or_else(|| Error::invalid(name, "is needed"))
    }

    /// Any value.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The base URL, without what follows the path.
    ///
    /// Errors: `invalid` for `base_url`.
    pub(crate) fn base_url(&self, default: Option<&str>) -> Result<Url> {
        let text = self.text("base_url").or(default).ok_or_else(|| Error::invalid("base_url", "is needed"))?;
        let url = parse_url("base_url", text)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::invalid("base_url", "must end with its path; leave out what follows `?` or `#`"));
        }
        Ok(url)
    }
}

/// The schema of settings: an object with these properties.
pub(crate) fn schema(properties: Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The property `base_url`.
pub(crate) fn base_url(description: &str, default: Option<&str>) -> Value {
    let mut property = text("Base URL", description);
    property["format"] = json!("uri");
    if let Some(default) = default {
        property["default"] = json!(default);
    }
    property
}

/// A text.
pub(crate) fn text(title: &str, description: &str) -> Value {
    json!({"type": "string", "title": title, "description": description, "maxLength": 4096})
}

/// A text that is never shown again.
pub(crate) fn secret(title: &str, description: &str) -> Value {
    json!({"type": "string", "title": title, "description": description, "maxLength": 16384, "writeOnly": true})
}

/// One of a few words.
pub(crate) fn choice(title: &str, description: &str, words: &[&str], default: &str) -> Value {
    json!({"type": "string", "title": title, "description": description, "enum": words, "default": default})
}
