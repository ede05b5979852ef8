//! Tool calls put together from the fragments that servers stream.
//!
//! OpenAI numbers the calls and sends id and name once, then the arguments piece by piece. Compatible servers omit the
//! number or give every call the same one, omit the id, repeat the name or the id, or send a call whole.

use crate::models::arguments::new_arguments;
use crate::models::exchange::malformed;
use muster_domain::models::{ModelError, ToolCall};
use serde::Deserialize;
use serde_json::Value;

/// A piece of a call.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Fragment {
    index: Option<i64>,
    id: Option<String>,
    function: Option<FunctionFragment>,
}

#[derive(Debug, Default, Deserialize)]
struct FunctionFragment {
    name: Option<String>,
    /// Text; some servers send the object itself.
    arguments: Option<Value>,
}

#[derive(Debug, Default)]
struct Slot {
    index: Option<i64>,
    id: String,
    name: String,
    arguments: String,
}

impl Slot {
    /// Whether the arguments are a whole object, so that nothing more can belong to them.
    fn is_complete(&self) -> bool {
        self.arguments.trim_end().ends_with('}') && serde_json::from_str::<Value>(&self.arguments).is_ok()
    }
}

/// The calls so far.
#[derive(Debug, Default)]
pub(super) struct Calls(Vec<Slot>);

impl Calls {
    /// Adds a fragment to the call that it belongs to, or begins a new one.
    pub(super) fn add(&mut self, fragment: Fragment) {
        let id = fragment.id.unwrap_or_default();
        let function = fragment.function.unwrap_or_default();
        let name = function.name.unwrap_or_default();
        let arguments = function.arguments.map(text_of).unwrap_or_default();
        let slot = self.slot(fragment.index, &id, &name, &arguments);
        if slot.id.is_empty() {
            slot.id = id;
        }
        if slot.name.is_empty() {
            slot.name = name;
        }
        slot.arguments.push_str(&arguments);
    }

    fn slot(&mut self, index: Option<i64>, id: &str, name: &str, arguments: &str) -> &mut Slot {
        let found = self.0.iter().rposition(|slot| match index {
            Some(_) => slot.index == index,
            None => id.is_empty() || slot.id == id,
        });
        let at = match found {
            Some(at) if !begins_anew(&self.0[at], id, name, arguments) => at,
            _ => {
                self.0.push(Slot { index, ..Slot::default() });
                self.0.len() - 1
            }
        };
        &mut self.0[at]
    }

    /// The calls in order. Missing and repeated ids are replaced by `call_{seed}_{number}`.
    pub(super) fn finish(self, seed: usize) -> Result<Vec<ToolCall>, ModelError> {
        let mut calls: Vec<ToolCall> = Vec::with_capacity(self.0.len());
        for (number, slot) in self.0.into_iter().enumerate() {
            if slot.name.is_empty() {
                return Err(malformed("the answer calls a tool without naming it"));
            }
            let is_taken = slot.id.is_empty() || calls.iter().any(|call| call.id == slot.id);
            let id = if is_taken { format!("call_{seed}_{number}") } else { slot.id };
            calls.push(ToolCall { id, name: slot.name, arguments: new_arguments(slot.arguments) });
        }
        Ok(calls)
    }
}

/// Whether a fragment that seems to belong to `slot` is the next call under the same number.
fn begins_anew(slot: &Slot, id: &str, name: &str, arguments: &str) -> bool {
    if !id.is_empty() && !slot.id.is_empty() {
        return id != slot.id;
    }
    let says_more = !name.is_empty() && !slot.name.is_empty();
    says_more && (name != slot.name || !arguments.trim().is_empty()) && slot.is_complete()
}

fn text_of(arguments: Value) -> String {
    match arguments {
        Value::String(text) => text,
        Value::Null => String::new(),
        object => object.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn collect(fragments: &[Value]) -> Vec<(String, String, String)> {
        let mut calls = Calls::default();
        for fragment in fragments {
            calls.add(serde_json::from_value(fragment.clone()).expect("a fragment"));
        }
        let calls = calls.finish(3).expect("named calls");
        calls.into_iter().map(|call| (call.id, call.name, call.arguments)).collect()
    }

    fn call(id: &str, name: &str, arguments: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), arguments.to_owned())
    }

    #[test]
    fn interleaved_fragments_are_sorted_by_their_number() {
        let calls = collect(&[
            json!({"index": 0, "id": "a", "type": "function", "function": {"name": "one", "arguments": ""}}),
            json!({"index": 1, "id": "b", "function": {"name": "two", "arguments": "{\"x\""}}),
            json!({"index": 0, "function": {"arguments": "{}"}}),
            json!({"index": 1, "function": {"arguments": ": 1}"}}),
        ]);
        assert_eq!(calls, [call("a", "one", "{}"), call("b", "two", "{\"x\": 1}")]);
    }

    #[test]
    fn calls_without_ids_get_ids_and_repeated_names_are_not_doubled() {
        let calls = collect(&[
            json!({"index": 0, "function": {"name": "one", "arguments": "{\"a\""}}),
            json!({"index": 0, "id": "", "function": {"name": "one", "arguments": ": 2}"}}),
            json!({"index": 0, "id": null, "function": {"name": "one", "arguments": ""}}),
        ]);
        assert_eq!(calls, [call("call_3_0", "one", "{\"a\": 2}")]);
    }

    #[test]
    fn whole_calls_under_one_number_or_none_stay_apart() {
        for index in [json!(0), Value::Null] {
            let calls = collect(&[
                json!({"index": index, "id": "a", "function": {"name": "one", "arguments": "{}"}}),
                json!({"index": index, "id": "b", "function": {"name": "one", "arguments": "{}"}}),
            ]);
            assert_eq!(calls, [call("a", "one", "{}"), call("b", "one", "{}")]);
            let calls = collect(&[
                json!({"index": index, "function": {"name": "one", "arguments": {"a": 1}}}),
                json!({"index": index, "function": {"name": "one", "arguments": {"a": 2}}}),
            ]);
            assert_eq!(calls, [call("call_3_0", "one", "{\"a\":1}"), call("call_3_1", "one", "{\"a\":2}")]);
        }
    }

    #[test]
    fn repeated_ids_are_made_unique_and_nameless_calls_refused() {
        let twice = json!({"id": "a", "function": {"name": "one"}});
        let mut other = twice.clone();
        other["index"] = json!(1);
        assert_eq!(collect(&[twice, other]), [call("a", "one", "{}"), call("call_3_1", "one", "{}")]);
        let mut nameless = Calls::default();
        nameless.add(Fragment::default());
        assert!(nameless.finish(0).is_err());
    }
}
