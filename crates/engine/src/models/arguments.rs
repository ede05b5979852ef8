//! Arguments of tool calls on their way back to a model.

use serde_json::{Value, json};
use std::borrow::Cow;

/// The arguments of an earlier call, as JSON that every server accepts.
///
/// Models write malformed arguments now and then. Some servers parse the history and refuse it whole because of them,
/// so what is not an object is wrapped into one; the model still sees what it wrote.
pub(super) fn valid_arguments(arguments: &str) -> Cow<'_, str> {
    match serde_json::from_str::<Value>(arguments) {
        Ok(Value::Object(_)) => Cow::Borrowed(arguments),
        _ if arguments.trim().is_empty() => Cow::Borrowed("{}"),
        _ => Cow::Owned(json!({ "malformed_arguments": arguments }).to_string()),
    }
}

/// The arguments of a new call: verbatim, but an empty text is what servers send for a call without arguments.
pub(super) fn new_arguments(arguments: String) -> String {
    if arguments.trim().is_empty() { "{}".to_owned() } else { arguments }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_arguments_are_wrapped_and_good_ones_left_alone() {
        assert_eq!(valid_arguments(r#"{"a": 1}"#), r#"{"a": 1}"#);
        assert_eq!(valid_arguments(" "), "{}");
        assert_eq!(valid_arguments(r#"{"a": "#), r#"{"malformed_arguments":"{\"a\": "}"#);
        assert_eq!(valid_arguments("[1]"), r#"{"malformed_arguments":"[1]"}"#);
    }
}
