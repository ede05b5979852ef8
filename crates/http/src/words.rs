//! Says in our words what serde has against a body.

use muster_base::{Error, Kind, Result};
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde_json::error::Category;

/// What would be right, given what serde expected, e.g. `i64` or `a string`.
pub(crate) fn expected(what: &str) -> String {
    let what = what.trim();
    let words = match what {
        "u8" => "must be a whole number from 0 to 255",
        "u16" => "must be a whole number from 0 to 65535",
        "u32" | "u64" | "u128" | "usize" => "must be a whole number of 0 or more",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "an integer" | "integer" => "must be a whole number",
        "f32" | "f64" | "a number" | "any number" => "must be a number",
        "a boolean" | "bool" => "must be true or false",
        "a string" | "a borrowed string" | "a character" | "str" | "string" | "path string" => "must be a string",
        "unit" | "null" | "()" => "must be null",
        "a map" | "map" => "must be an object",
        "a sequence" | "an array" | "sequence" => "must be a list",
        "string or map" => "must be a string or an object",
        "variant identifier" => "must be a word",
        _ => "",
    };
    if !words.is_empty() {
        return words.to_owned();
    }
    if what.starts_with("a nonzero") {
        return "must be a whole number other than 0".to_owned();
    }
    if let Some(rest) = what.strip_prefix("an array of length ").or_else(|| what.strip_prefix("a tuple of size ")) {
        return format!("must be a list of {rest}");
    }
    if what.starts_with("tuple") {
        return "must be a list".to_owned();
    }
    if what.starts_with("struct ") || what.starts_with("struct variant ") || what.starts_with("internally tagged enum ")
    {
        return "must be an object".to_owned();
    }
    if what.starts_with("enum ") || what.starts_with("adjacently tagged enum ") {
        return "has a form that is not understood".to_owned();
    }
    format!("must be {what}")
}

/// `must be one of a, b`.
pub(crate) fn one_of<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => "is not allowed".to_owned(),
        [only] => format!("must be {only}"),
        _ => format!("must be one of {}", words.join(", ")),
    }
}

/// Refuses a list where an object is wanted, which serde would read as the object's fields in their order.
pub(crate) fn must_be_object<T: DeserializeOwned>(body: &[u8]) -> Result<()> {
    let is_list = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    if is_list && T::deserialize(Probe).is_err_and(|wanted| wanted.to_string() == WANTS_OBJECT) {
        return Err(Error::invalid("", "the body must be an object"));
    }
    Ok(())
}

const WANTS_OBJECT: &str = "struct";

/// Finds out what a type asks its deserializer for.
struct Probe;

impl<'de> Deserializer<'de> for Probe {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("other"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom(WANTS_OBJECT))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

/// Why `body` does not read as `T`; looks at it a second time, with an eye on the path, so that reading good bodies
/// costs nothing more.
pub(crate) fn explain<T: DeserializeOwned>(body: &[u8]) -> Error {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let (path, cause) = match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Ok(_) => match reader.end() {
            Ok(()) => return Error::invalid("", "the body cannot be read"),
            Err(cause) => (String::new(), cause),
        },
        Err(error) => (error.path().to_string(), error.into_inner()),
    };
    match cause.classify() {
        Category::Data => of_data(if path == "." { "" } else { &path }, &message_of(&cause)),
        Category::Eof if body.iter().all(u8::is_ascii_whitespace) => Error::invalid("", "a JSON body is required"),
        Category::Syntax | Category::Eof | Category::Io => syntax(&cause),
    }
}

fn syntax(cause: &serde_json::Error) -> Error {
    let message = message_of(cause);
    if message.starts_with("recursion limit") {
        return Error::new(Kind::Invalid, "validation.invalid", "the body is nested too deeply");
    }
    let (line, column) = (cause.line(), cause.column());
    let message = format!("the body is not valid JSON: {message} at line {line} column {column}");
    Error::new(Kind::Invalid, "validation.invalid", message)
}

/// The message without the position that serde_json appends.
fn message_of(cause: &serde_json::Error) -> String {
    let full = cause.to_string();
    match full.rfind(" at line ") {
        Some(end) => full[..end].to_owned(),
        None => full,
    }
}

fn of_data(path: &str, message: &str) -> Error {
    if let Some(field) = message.strip_prefix("missing field ") {
        return Error::invalid(join(path, unquote(field)), "is required");
    }
    if let Some(field) = message.strip_prefix("duplicate field ") {
        return Error::invalid(join(path, unquote(field)), "must be given only once");
    }
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let field = rest.split(", ").next().map_or("", unquote);
        // The path may or may not end in the field already.
        let path = path.strip_suffix(field).map_or(path, |parent| parent.trim_end_matches('.'));
        return Error::invalid(join(path, field), "is not a known field");
    }
    let problem = problem_of(message);
    if path.is_empty() {
        return Error::invalid("", format!("the body {problem}"));
    }
    Error::invalid(path, problem)
}

fn problem_of(message: &str) -> String {
    if message.starts_with("unknown variant ") {
        return one_of(&quoted(message).split_off(1));
    }
    for prefix in ["invalid type: ", "invalid value: ", "invalid length "] {
        if let Some(rest) = message.strip_prefix(prefix) {
            // What was sent may hold any text, also this one; what was expected never does.
            return rest.rfind(", expected ").map_or_else(|| rest.to_owned(), |at| expected(&rest[at + 11..]));
        }
    }
    if message.starts_with("data did not match any variant") {
        return "has a form that is not understood".to_owned();
    }
    message.to_owned()
}

/// The words between backticks, the unknown one first; it may hold backticks itself, the expected ones do not.
fn quoted(message: &str) -> Vec<&str> {
    let (unknown, known) = match message.rfind(", expected ") {
        Some(at) => (&message[..at], &message[at..]),
        None => (message, ""),
    };
    let known = known.split('`').skip(1).step_by(2);
    std::iter::once(unknown).chain(known).collect()
}

fn unquote(text: &str) -> &str {
    text.trim().trim_matches('`')
}

fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        Collect,
        Interrupt,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only their types matter")]
    struct Inner {
        timeout_seconds: i64,
        #[serde(default)]
        tags: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only their types matter")]
    struct Body {
        name: String,
        mode: Option<Mode>,
        configuration: Option<Inner>,
        count: Option<u32>,
        ratio: Option<f64>,
        pair: Option<(i64, i64)>,
        at: Option<muster_base::Millis>,
    }

    fn said(body: &str) -> String {
        crate::parse_json::<Body>(body.as_bytes()).unwrap_err().message().to_owned()
    }

    #[test]
    fn each_mistake_is_named_by_its_field_and_says_what_would_be_right() {
        let cases = [
            (r"{}", "name: is required"),
            (r#"{"name":1}"#, "name: must be a string"),
            (r#"{"name":null}"#, "name: must be a string"),
            (
                r#"{"name":"a","configuration":{"timeout_seconds":"x"}}"#,
                "configuration.timeout_seconds: must be a whole number",
            ),
            (
                r#"{"name":"a","configuration":{"timeout_seconds":1.5}}"#,
                "configuration.timeout_seconds: must be a whole number",
            ),
            (r#"{"name":"a","configuration":{}}"#, "configuration.timeout_seconds: is required"),
            (
                r#"{"name":"a","configuration":{"timeout_seconds":1,"tags":["a",2]}}"#,
                "configuration.tags[1]: must be a string",
            ),
            (r#"{"name":"a","configuration":[]}"#, "configuration: must be an object"),
            (r#"{"name":"a","configuration":3}"#, "configuration: must be an object"),
            (r#"{"name":"a","configuration":{"timeout_seconds":1,"tags":{}}}"#, "configuration.tags: must be a list"),
            (r#"{"name":"a","mode":"x`, expected `y"}"#, "mode: must be one of collect, interrupt"),
            (r#"{"name":"a","mode":"other"}"#, "mode: must be one of collect, interrupt"),
            (r#"{"name":"a","count":-1}"#, "count: must be a whole number of 0 or more"),
            (r#"{"name":"a","ratio":"x"}"#, "ratio: must be a number"),
            (r#"{"name":"a","pair":[1]}"#, "pair: must be a list of 2"),
            (r#"{"name":"a","name":"b"}"#, "name: must be given only once"),
            (r#"{"name":"a","at":"soon"}"#, "at: must be an ISO-8601 time with a zone, such as 2027-01-01T00:00:00Z"),
            (" [1]", "the body must be an object"),
            ("3", "the body must be an object"),
            ("", "a JSON body is required"),
        ];
        for (body, expected) in cases {
            assert_eq!(said(body), expected, "{body}");
        }
    }

    #[test]
    fn a_syntax_error_names_line_and_column() {
        assert_eq!(said("{\n \"name\": }"), "the body is not valid JSON: expected value at line 2 column 10");
        assert!(said("{\"name\":\"a\"} x").contains("line 1 column 14"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        let body = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert_eq!(explain::<serde_json::Value>(body.as_bytes()).message(), "the body is nested too deeply");
    }
}
