//! JSON Schemas of settings, written as the form that they become.

use serde_json::{Map, Value, json};

/// One setting.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    schema: Value,
    required: bool,
}

/// The schema of settings: these fields in this order, and no others.
pub(crate) fn form(fields: impl IntoIterator<Item = (&'static str, Field)>) -> Value {
    let fields: Vec<(&str, Field)> = fields.into_iter().collect();
    let order: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let required: Vec<&str> = fields.iter().filter(|(_, field)| field.required).map(|(name, _)| *name).collect();
    let mut properties = Map::new();
    for (name, field) in &fields {
        properties.insert((*name).to_owned(), field.schema.clone());
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
        "x-order": order,
    })
}

impl Field {
    /// It must be given.
    pub(crate) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// What holds when it is left out.
    pub(crate) fn default(self, value: impl Into<Value>) -> Self {
        self.with("default", value)
    }

    /// What it may look like, as a form's hint.
    pub(crate) fn example(self, value: impl Into<Value>) -> Self {
        let example: Value = value.into();
        self.with("examples", vec![example])
    }

    /// It says where secrets are sent to, or how they are kept from others on the way: when it changes, they have to be
    /// given again.
    pub(crate) fn place(self) -> Self {
        self.with("x-place", true)
    }

    /// Another keyword of JSON Schema.
    pub(crate) fn with(mut self, keyword: &str, value: impl Into<Value>) -> Self {
        self.schema[keyword] = value.into();
        self
    }
}

/// A line of text.
pub(crate) fn text(title: &str, description: &str) -> Field {
    let schema = json!({
        "type": "string", "title": title, "description": description, "minLength": 1, "maxLength": 1000,
    });
    Field { schema, required: false }
}

/// Text that is sealed and never shown again.
pub(crate) fn secret(title: &str, description: &str) -> Field {
    text(title, description).with("maxLength", 20_000).with("writeOnly", true)
}

/// An http or https URL. What it may lead to is checked when it is connected to.
pub(crate) fn url(title: &str, description: &str) -> Field {
    text(title, description).with("maxLength", 2048).with("format", "uri").with("pattern", "^https?://").place()
}

/// A host name or address.
pub(crate) fn host() -> Field {
    text("Host", "Host name or address of the server.").with("maxLength", 255).with("pattern", "^[^\\s/@?#]+$").place()
}

/// A port, with the usual one as default.
pub(crate) fn port(usual: u16) -> Field {
    whole("Port", "Port of the server.", 1, 65535).default(usual).place()
}

/// A whole number within bounds.
pub(crate) fn whole(title: &str, description: &str, least: i64, most: i64) -> Field {
    let schema = json!({
        "type": "integer", "title": title, "description": description, "minimum": least, "maximum": most,
    });
    Field { schema, required: false }
}

/// A switch.
#[cfg_attr(not(feature = "mongo"), allow(dead_code))]
pub(crate) fn switch(title: &str, description: &str, default: bool) -> Field {
    let schema = json!({ "type": "boolean", "title": title, "description": description, "default": default });
    Field { schema, required: false }
}

/// One of a few words; the first is the default.
pub(crate) fn choice(title: &str, description: &str, words: &[&str]) -> Field {
    let schema = json!({
        "type": "string", "title": title, "description": description, "enum": words, "default": words.first(),
    });
    Field { schema, required: false }
}

/// A list of words.
pub(crate) fn words(title: &str, description: &str) -> Field {
    let item = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
    let schema = json!({
        "type": "array", "title": title, "description": description, "items": item, "maxItems": 200, "uniqueItems": true,
    });
    Field { schema, required: false }
}

/// Whether and how a database is spoken to by TLS.
pub(crate) fn tls() -> Field {
    let description = "prefer uses TLS where the server has it, require always, verify-ca and verify-full also check its \
                       certificate, disable never.";
    choice("TLS", description, &["prefer", "require", "verify-ca", "verify-full", "disable"]).place()
}

/// Certificates that sign the server's.
pub(crate) fn authorities() -> Field {
    let description = "Certificates in PEM that sign the server's, where it is not signed by a public authority.";
    let certificates = text("CA certificate", description).with("maxLength", 100_000);
    certificates.with("pattern", "-----BEGIN CERTIFICATE-----").place()
}
