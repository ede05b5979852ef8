//! A field of an update that can be absent, null or a value: leave it, clear it, set it.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

/// What an update says about one field. Use with `#[serde(default)]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The field is not mentioned: keep what is there.
    #[default]
    Absent,
    /// The field is null: clear it.
    Null,
    /// The field has a value: set it.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the update says nothing about the field.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Applies it to an optional field; says whether anything was mentioned.
    pub fn apply(self, target: &mut Option<T>) -> bool {
        match self {
            Self::Absent => return false,
            Self::Null => *target = None,
            Self::Value(value) => *target = Some(value),
        }
        true
    }

    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// Applies it to a field that always has a value, with `default` where it is cleared.
    pub fn apply_or(self, target: &mut T, default: impl FnOnce() -> T) -> bool {
        match self {
            Self::Absent => return false,
            Self::Null => *target = default(),
            Self::Value(value) => *target = value,
        }
        true
    }
}

impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

impl<T: JsonSchema> JsonSchema for Patch<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        <Option<T>>::schema_name()
    }
    fn inline_schema() -> bool {
        <Option<T>>::inline_schema()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Option<T>>::json_schema(generator)
    }
    fn _schemars_private_non_optional_json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
    fn _schemars_private_is_option() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        note: Patch<String>,
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let read = |text: &str| serde_json::from_str::<Body>(text).expect("valid").note;
        assert_eq!(read("{}"), Patch::Absent);
        assert_eq!(read(r#"{"note":null}"#), Patch::Null);
        assert_eq!(read(r#"{"note":"a"}"#), Patch::Value("a".to_owned()));
    }
}
