//! Reads path and query parameters, which are all text, into typed structs, with errors in our words.

use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Named texts: the parameters of a path in their order, or of a query.
pub(crate) type Pairs<'de> = Vec<(Cow<'de, str>, Cow<'de, str>)>;

/// Why parameters cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextError {
    /// The parameter.
    pub(crate) field: String,
    /// What would be right.
    pub(crate) problem: String,
}

impl TextError {
    fn new(problem: impl Into<String>) -> Self {
        Self { field: String::new(), problem: problem.into() }
    }

    fn at(mut self, field: &str) -> Self {
        if self.field.is_empty() {
            field.clone_into(&mut self.field);
        }
        self
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

impl std::error::Error for TextError {}

impl de::Error for TextError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(crate::words::expected(&expected.to_string()))
    }
    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(crate::words::expected(&expected.to_string()))
    }
    fn missing_field(field: &'static str) -> Self {
        Self::new("is required").at(field)
    }
    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(crate::words::one_of(expected))
    }
    fn duplicate_field(field: &'static str) -> Self {
        Self::new("must be given only once").at(field)
    }
}

/// Reads a struct or map from names and texts, or a tuple or single value from the texts alone.
pub(crate) struct Texts<'de>(pub(crate) Pairs<'de>);

macro_rules! single {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
            let (name, value) = self.0.into_iter().next().ok_or_else(|| TextError::new("is required"))?;
            Text(value).$method(visitor).map_err(|error| error.at(&name))
        }
    )* };
}

impl<'de> Deserializer<'de> for Texts<'de> {
    type Error = TextError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
        visitor.visit_map(Fields { rest: self.0.into_iter(), current: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TextError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
        visitor.visit_seq(Fields { rest: self.0.into_iter(), current: None })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, TextError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, TextError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, TextError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, TextError> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TextError> {
        let (field, value) = self.0.into_iter().next().ok_or_else(|| TextError::new("is required"))?;
        Text(value).deserialize_enum(name, variants, visitor).map_err(|error| error.at(&field))
    }

    single! { deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
    deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
    deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_option
    deserialize_identifier }
}

struct Fields<'de> {
    rest: std::vec::IntoIter<(Cow<'de, str>, Cow<'de, str>)>,
    current: Option<(Cow<'de, str>, Cow<'de, str>)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = TextError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, TextError> {
        self.current = self.rest.next();
        let Some((name, _)) = &self.current else { return Ok(None) };
        seed.deserialize(Text(name.clone())).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, TextError> {
        let (name, value) = self.current.take().unwrap_or_default();
        seed.deserialize(Text(value)).map_err(|error| error.at(&name))
    }
}

impl<'de> SeqAccess<'de> for Fields<'de> {
    type Error = TextError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, TextError> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        seed.deserialize(Text(value)).map(Some).map_err(|error| error.at(&name))
    }
}

/// One text that becomes whatever is wanted.
struct Text<'de>(Cow<'de, str>);

macro_rules! parsed {
    ($($method:ident $visit:ident $word:literal;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
            let value = self.0.parse().map_err(|_| TextError::new(crate::words::expected($word)))?;
            visitor.$visit(value)
        }
    )* };
}

impl<'de> Deserializer<'de> for Text<'de> {
    type Error = TextError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
        match self.0.as_ref() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(TextError::new(crate::words::expected("a boolean"))),
        }
    }

    parsed! {
        deserialize_i8 visit_i8 "i8"; deserialize_i16 visit_i16 "i16"; deserialize_i32 visit_i32 "i32";
        deserialize_i64 visit_i64 "i64"; deserialize_i128 visit_i128 "i128";
        deserialize_u8 visit_u8 "u8"; deserialize_u16 visit_u16 "u16"; deserialize_u32 visit_u32 "u32";
        deserialize_u64 visit_u64 "u64"; deserialize_u128 visit_u128 "u128";
        deserialize_f32 visit_f32 "f32"; deserialize_f64 visit_f64 "f64";
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TextError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, TextError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TextError> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Text<'de> {
    type Error = TextError;
    type Variant = Unit;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Unit), TextError> {
        Ok((seed.deserialize(self)?, Unit))
    }
}

/// A word has nothing beside itself.
struct Unit;

impl<'de> VariantAccess<'de> for Unit {
    type Error = TextError;
    fn unit_variant(self) -> Result<(), TextError> {
        Ok(())
    }
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, TextError> {
        Err(TextError::new("must be a word"))
    }
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, TextError> {
        Err(TextError::new("must be a word"))
    }
    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, TextError> {
        Err(TextError::new("must be a word"))
    }
}
