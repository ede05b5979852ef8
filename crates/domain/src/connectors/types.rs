//! The types of sources that this program has, each with its compiled schema.

use super::port::{About, SourceType};
use jsonschema::Validator;
use muster_base::{Error, Kind, Result};
use std::fmt;
use std::sync::Arc;

/// The types of sources, in the order in which forms offer them.
#[derive(Clone, Default)]
pub struct Types {
    entries: Arc<Vec<Entry>>,
}

pub(super) struct Entry {
    pub(super) kind: Arc<dyn SourceType>,
    pub(super) schema: Validator,
    /// The names of the settings that are sealed.
    pub(super) secrets: Vec<String>,
    /// The names of the settings that say where secrets are sent to.
    pub(super) places: Vec<String>,
}

impl Types {
    /// These types. Two of one name, or a schema that does not compile, are our own fault.
    pub fn new(kinds: Vec<Arc<dyn SourceType>>) -> Result<Self> {
        let mut entries: Vec<Entry> = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let about = kind.about();
            if entries.iter().any(|entry| entry.kind.about().kind == about.kind) {
                return Err(Error::internal(format!("two types of connectors are named {}", about.kind)));
            }
            let schema = jsonschema::validator_for(&about.settings)
                .map_err(|error| Error::internal(format!("the schema of {}: {error}", about.kind)))?;
            let (secrets, places) = (marked(about, "writeOnly"), marked(about, "x-place"));
            entries.push(Entry { kind, schema, secrets, places });
        }
        Ok(Self { entries: Arc::new(entries) })
    }

    /// What each type says about itself.
    pub fn all(&self) -> impl Iterator<Item = &About> {
        self.entries.iter().map(|entry| entry.kind.about())
    }

    /// What a type says about itself.
    pub fn about(&self, kind: &str) -> Option<&About> {
        self.all().find(|about| about.kind == kind)
    }

    /// The type that a caller names.
    pub(super) fn named(&self, kind: &str) -> Result<&Entry> {
        self.entries.iter().find(|entry| entry.kind.about().kind == kind).ok_or_else(|| {
            let known: Vec<&str> = self.all().map(|about| about.kind).collect();
            Error::invalid("type", format!("`{kind}` is not a type of connector; the types are {}", known.join(", ")))
        })
    }

    /// The type of a connector that exists: made by a program that had it.
    pub(super) fn of(&self, kind: &str) -> Result<&Entry> {
        self.entries.iter().find(|entry| entry.kind.about().kind == kind).ok_or_else(|| {
            let message = format!("this program was built without connectors of the type `{kind}`");
            Error::new(Kind::Unavailable, "connector.type_missing", message)
        })
    }
}

/// The names of the settings whose schema has this keyword.
fn marked(about: &About, keyword: &str) -> Vec<String> {
    let properties = about.settings["properties"].as_object().into_iter().flatten();
    properties.filter(|(_, schema)| schema[keyword] == true).map(|(name, _)| name.clone()).collect()
}

impl fmt::Debug for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().map(|about| about.kind)).finish()
    }
}
