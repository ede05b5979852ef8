//! Named values of a query, taken out one by one, so that what is left over is unknown.

use muster_base::{Error, Result};
use serde_json::{Map, Value};

/// The `params` of a query that a type reads itself.
#[derive(Debug)]
pub(crate) struct Params {
    left: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Params {
    pub(crate) fn new(params: &Map<String, Value>) -> Self {
        Self { left: params.clone(), known: Vec::new() }
    }

    /// Text; a number or a truth value is taken as it is written.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>> {
        Ok(match self.take(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::Bool(flag)) => Some(flag.to_string()),
            Some(_) => return Err(wrong(name, "must be text")),
        })
    }

    /// Text that must be there.
    pub(crate) fn required(&mut self, name: &'static str) -> Result<String> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| wrong(name, "is required"))
    }

    /// A whole number within bounds, also written as text.
    pub(crate) fn whole(&mut self, name: &'static str, least: i64, most: i64) -> Result<Option<i64>> {
        let number = match self.take(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        match number {
            Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(wrong(name, &format!("must be a whole number from {least} to {most}"))),
        }
    }

    /// A truth value, also written as text.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<Option<bool>> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(Value::String(text)) if matches!(text.as_str(), "true" | "false") => Ok(Some(text == "true")),
            Some(_) => Err(wrong(name, "must be true or false")),
        }
    }

    /// Any JSON.
    pub(crate) fn value(&mut self, name: &'static str) -> Option<Value> {
        self.take(name).filter(|value| !value.is_null())
    }

    /// All that were not asked for, with values that go into a URL: for types that pass them on.
    pub(crate) fn rest(self) -> Result<Vec<(String, String)>> {
        let mut rest = Vec::new();
        for (name, value) in self.left {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                Value::Array(_) | Value::Object(_) => {
                    return Err(wrong(&name, "must be text, a number, true or false"));
                }
            };
            rest.push((name, text));
        }
        Ok(rest)
    }

    /// Refuses what was not asked for.
    pub(crate) fn finish(self) -> Result<()> {
        let Some(unknown) = self.left.keys().next() else { return Ok(()) };
        let problem = match self.known.as_slice() {
            [] => "is not known here; this takes no params".to_owned(),
            known => format!("is not known here; known are {}", known.join(", ")),
        };
        Err(wrong(unknown, &problem))
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.left.remove(name)
    }
}

/// The error of one named value.
pub(crate) fn wrong(name: &str, problem: &str) -> Error {
    Error::invalid(format!("params.{name}"), problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_read_leniently_and_unknown_ones_refused() {
        let given = json!({ "a": 7, "b": "12", "c": "true", "d": [1], "e": null });
        let mut params = Params::new(given.as_object().expect("an object"));
        assert_eq!(params.text("a").expect("text"), Some("7".to_owned()));
        assert_eq!(params.whole("b", 1, 20).expect("a number"), Some(12));
        assert_eq!(params.flag("c").expect("a flag"), Some(true));
        assert_eq!(params.text("e").expect("nothing"), None);
        assert_eq!(params.text("d").expect_err("a list").field(), Some("params.d"));
        params.finish().expect("all were asked for");
        let params = Params::new(given.as_object().expect("an object"));
        assert_eq!(params.finish().expect_err("unknown").field(), Some("params.a"));
    }
}
