//! The schemas of one surface. What is read and what is written are described apart, since a field with a default may
//! be left out of a request and is always there in an answer; types for which that makes no difference share a name.

use crate::op::SchemaOf;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const PREFIX: &str = "#/components/schemas/";
/// Marks a reference of a request until it is known whether the type needs a name of its own.
const READ: &str = "\u{1}";

pub(super) struct Schemas {
    read: SchemaGenerator,
    write: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new(_: &str) -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self { read: settings().for_deserialize().into_generator(), write: settings().for_serialize().into_generator() }
    }

    /// The schema of something that we read.
    pub(super) fn body(&mut self, make: SchemaOf) -> Value {
        let mut schema = super::plain(make(&mut self.read));
        rename(&mut schema, &|name| Some(format!("{READ}{name}")));
        schema
    }

    /// The schema of something that we write.
    pub(super) fn answer(&mut self, make: SchemaOf) -> Value {
        super::plain(make(&mut self.write))
    }

    /// Gives the types their final names and adds them to the document.
    pub(super) fn finish(
        mut self,
        paths: &mut BTreeMap<String, Map<String, Value>>,
        surface: &str,
        components: &mut Map<String, Value>,
    ) {
        let read = self.read.take_definitions(true);
        let write = self.write.take_definitions(true);
        let differing = differing(&read, &write);
        let written = |name: &str| qualified(surface, name);
        let taken = |name: &str| {
            let own = if differing.contains(name) { format!("{name}Input") } else { name.to_owned() };
            qualified(surface, &own)
        };
        for (name, mut schema) in read {
            rename(&mut schema, &|target| Some(taken(target)));
            components.insert(taken(&name), schema);
        }
        for (name, mut schema) in write {
            rename(&mut schema, &|target| Some(written(target)));
            components.insert(written(&name), schema);
        }
        let operations = paths.values_mut().flat_map(Map::values_mut);
        for operation in operations.filter(|operation| operation["tags"][0] == surface) {
            rename(operation, &|target| match target.strip_prefix(READ) {
                Some(name) => Some(taken(name)),
                None => Some(written(target)),
            });
        }
    }
}

/// The types that read otherwise than they are written, themselves or in something that they refer to.
fn differing(read: &Map<String, Value>, write: &Map<String, Value>) -> BTreeSet<String> {
    let both = read.iter().filter_map(|(name, schema)| Some((name, schema, write.get(name)?)));
    let (same, other): (Vec<_>, Vec<_>) = both.partition(|(_, read, write)| read == write);
    let mut differing: BTreeSet<String> = other.into_iter().map(|(name, ..)| name.clone()).collect();
    loop {
        let before = differing.len();
        for (name, schema, _) in &same {
            if refers_to(schema, &differing) {
                differing.insert((*name).clone());
            }
        }
        if differing.len() == before {
            return differing;
        }
    }
}

fn refers_to(value: &Value, names: &BTreeSet<String>) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            let target = value.as_str().filter(|_| key == "$ref").and_then(|text| text.strip_prefix(PREFIX));
            target.is_some_and(|name| names.contains(name)) || refers_to(value, names)
        }),
        Value::Array(items) => items.iter().any(|item| refers_to(item, names)),
        _ => false,
    }
}

/// Gives the targets of references other names.
fn rename(value: &mut Value, to: &dyn Fn(&str) -> Option<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                let target = value.as_str().filter(|_| key == "$ref").and_then(|text| text.strip_prefix(PREFIX));
                match target.and_then(to) {
                    Some(name) => *value = Value::String(format!("{PREFIX}{name}")),
                    None => rename(value, to),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, to)),
        _ => {}
    }
}

/// The surface's name and the type's, so that no surface renumbers the types of another.
fn qualified(surface: &str, name: &str) -> String {
    let mut letters = surface.chars();
    let surface: String = letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    if name.starts_with(&surface) { name.to_owned() } else { format!("{surface}{name}") }
}
