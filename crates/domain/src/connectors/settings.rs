//! Settings: checked against the type's schema, split into what is stored in the clear and what is sealed.

use super::types::Entry;
use crate::context::App;
use crate::sealed;
use jsonschema::error::ValidationErrorKind as Problem;
use muster_base::{Error, Result, Secret};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Settings with their secrets apart.
#[derive(Debug, Default)]
pub(super) struct Split {
    /// What may be shown.
    pub(super) open: Map<String, Value>,
    /// What is sealed, by name, as JSON text.
    pub(super) secrets: BTreeMap<String, Secret<String>>,
}

impl Entry {
    /// Puts `change` over `stored`: null takes a setting away; a secret that is not mentioned, or that comes back as it
    /// was shown, stays.
    pub(super) fn merge(&self, mut stored: Map<String, Value>, change: Map<String, Value>) -> Map<String, Value> {
        for (name, value) in change {
            match value {
                Value::Null => drop(stored.remove(&name)),
                shown if self.secrets.contains(&name) && is_redacted(&shown) => {}
                value => drop(stored.insert(name, value)),
            }
        }
        stored
    }

    /// Checks that no stored secret is sent to another place, or in another way, than it was given for: whoever may change
    /// a connector but does not know its secret could have it sent to a server of theirs, or in the clear.
    ///
    /// Errors: `invalid` with the first secret that `change` has to give again, or clear.
    pub(super) fn check_places(
        &self,
        stored: &Map<String, Value>,
        merged: &Map<String, Value>,
        change: &Map<String, Value>,
    ) -> Result<()> {
        let Some(moved) = self.places.iter().find(|name| self.place(name, stored) != self.place(name, merged)) else {
            return Ok(());
        };
        let is_given = |name: &String| change.get(name).is_some_and(|value| !is_redacted(value));
        let is_kept = |name: &&String| stored.contains_key(*name) && !is_given(name);
        match self.secrets.iter().find(is_kept) {
            Some(kept) => Err(Error::invalid(
                join("settings", kept),
                format!("must be given again, or cleared with null, as `{moved}` changes where or how it is sent"),
            )),
            None => Ok(()),
        }
    }

    /// Where a setting leads to, by default too. A slash at the end leads nowhere else.
    fn place(&self, name: &str, settings: &Map<String, Value>) -> Option<Value> {
        let default = self.kind.about().settings["properties"][name].get("default");
        let value = settings.get(name).or(default)?;
        Some(value.as_str().map_or_else(|| value.clone(), |text| Value::from(text.trim_end_matches('/'))))
    }

    /// Checks whole settings, secrets included, by the schema and then by the type itself.
    ///
    /// Errors: `invalid` with the field `settings.NAME`; a value is never repeated.
    pub(super) async fn check(&self, settings: &Map<String, Value>) -> Result<()> {
        let whole = Value::Object(settings.clone());
        let about = self.kind.about();
        if let Some(error) = self.schema.iter_errors(&whole).next() {
            let mut path = error.instance_path().as_str().trim_start_matches('/').replace('/', ".");
            let problem = match error.kind() {
                Problem::Required { property } => {
                    path = join(&path, property.as_str().unwrap_or_default());
                    "is required".to_owned()
                }
                Problem::AdditionalProperties { unexpected } => {
                    path = join(&path, unexpected.first().map_or("", String::as_str));
                    let known: Vec<&str> =
                        about.settings["x-order"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                    format!("is not a setting of {}; its settings are {}", about.title, known.join(", "))
                }
                Problem::Pattern { .. } if path.to_lowercase().ends_with("url") => {
                    "must be a URL such as https://example.com".to_owned()
                }
                Problem::Pattern { .. } => "does not have the form that it should have".to_owned(),
                Problem::Enum { options } => {
                    let words: Vec<String> = options
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
                        .collect();
                    format!("must be one of {}", words.join(", "))
                }
                _ => error.masked_with("it").to_string(),
            };
            return Err(Error::invalid(join("settings", &path), problem));
        }
        let opened = self.kind.open(settings.clone()).await;
        opened.map(drop).map_err(|error| match error.field() {
            Some(field) => Error::invalid(join("settings", field), error.problem()),
            None => error,
        })
    }

    /// Takes the secrets out of checked settings.
    pub(super) fn split(&self, settings: Map<String, Value>) -> Split {
        let mut split = Split::default();
        for (name, value) in settings {
            if self.secrets.contains(&name) {
                split.secrets.insert(name, Secret::new(value.to_string()));
            } else {
                split.open.insert(name, value);
            }
        }
        split
    }

    /// Puts the stored secrets of a connector back into its settings.
    pub(super) async fn whole(
        &self,
        app: &App,
        org: &str,
        id: &str,
        open: &Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        let mut settings = open.clone();
        for name in &self.secrets {
            if let Some(secret) = sealed::open_secret(app, org, id, name).await? {
                let value = serde_json::from_str(secret.expose())
                    .map_err(|_| Error::internal("a sealed setting is no JSON"))?;
                settings.insert(name.clone(), value);
            }
        }
        Ok(settings)
    }
}

/// Whether a secret comes back as it was shown.
fn is_redacted(value: &Value) -> bool {
    value.get("redacted") == Some(&Value::Bool(true))
}

fn join(before: &str, name: &str) -> String {
    match (before, name) {
        ("", name) => name.to_owned(),
        (before, "") => before.to_owned(),
        (before, name) => format!("{before}.{name}"),
    }
}
