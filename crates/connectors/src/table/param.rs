//! A named value that an endpoint takes: its form, and its name on the wire.

use muster_base::{Error, Result};
use serde_json::Value;

/// A named value that an endpoint takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(super) about: &'static str,
    pub(super) wire: &'static str,
    pub(super) form: Form,
    pub(super) needed: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Text,
    Number,
    Flag,
    OneOf(&'static [&'static str]),
    /// Sent as one value with commas.
    Commas,
    /// Sent once per value.
    Repeated,
}

impl Param {
    const fn new(name: &'static str, about: &'static str, form: Form) -> Self {
        Self { name, about, wire: name, form, needed: false }
    }

    /// Any text; a number is taken as its digits.
    pub(crate) const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, about, Form::Text)
    }

    /// A whole number that is not negative.
    pub(crate) const fn number(name: &'static str, about: &'static str) -> Self {
        Self::new(name, about, Form::Number)
    }

    /// True or false.
    pub(crate) const fn flag(name: &'static str, about: &'static str) -> Self {
        Self::new(name, about, Form::Flag)
    }

    /// One of a few words.
    pub(crate) const fn one_of(name: &'static str, about: &'static str, words: &'static [&'static str]) -> Self {
        Self::new(name, about, Form::OneOf(words))
    }

    /// A list of texts, or one text, sent with commas between.
    pub(crate) const fn commas(name: &'static str, about: &'static str) -> Self {
        Self::new(name, about, Form::Commas)
    }

    /// A list of texts, or one text, sent as `wire` again and again.
    pub(crate) const fn repeated(name: &'static str, wire: &'static str, about: &'static str) -> Self {
        let mut param = Self::new(name, about, Form::Repeated);
        param.wire = wire;
        param
    }

    /// Another name on the wire.
    pub(crate) const fn sent_as(mut self, wire: &'static str) -> Self {
        self.wire = wire;
        self
    }

    /// Has to be there. What stands in a path always has to.
    pub(crate) const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }
}

impl Param {
    /// The texts that are sent for a value.
    ///
    /// Errors: `invalid` with `params.x`.
    pub(super) fn texts(&self, value: &Value) -> Result<Vec<String>> {
        let wrong = |problem: &str| Error::invalid(format!("params.{}", self.name), problem);
        let texts = match (self.form, value) {
            (Form::Commas | Form::Repeated, Value::Array(values)) => {
                let texts: Option<Vec<String>> = values.iter().map(text_of).collect();
                texts.ok_or_else(|| wrong("must be a list of texts"))?
            }
            (_, value) => vec![text_of(value).ok_or_else(|| wrong("must be a text, a number, or true or false"))?],
        };
        for text in &texts {
            match self.form {
                Form::Number if text.parse::<u64>().is_err() => return Err(wrong("must be a whole number")),
                Form::Flag if !["true", "false"].contains(&text.as_str()) => {
                    return Err(wrong("must be true or false"));
                }
                Form::OneOf(words) if !words.contains(&text.as_str()) => {
                    return Err(wrong(&format!("must be one of {}", words.join(", "))));
                }
                _ => {}
            }
        }
        Ok(if matches!(self.form, Form::Commas) { vec![texts.join(",")] } else { texts })
    }
}

/// A scalar as text.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
