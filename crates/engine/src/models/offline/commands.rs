//! The slash commands, by which a person drives the tools.

use super::Step;
use muster_domain::models::{ModelRequest, ToolCall, ToolSpec};
use serde_json::{Value, json};

/// What `/help` says, and every reply that knows nothing better.
pub(super) const HELP: &str = "\
- `/tools` lists the tools that I may call
- `/call <tool> {json}` calls a tool
- `/remember <key> <value>` keeps something in memory
- `/recall <key>` reads it back
- `/say <text>` repeats a text
- `/help` shows this list";

/// Does what a line that begins with a slash asks for.
pub(super) fn run(line: &str, request: &ModelRequest) -> Step {
    let (command, rest) = split(line);
    match command.to_ascii_lowercase().as_str() {
        "/help" => Step::Say(format!("You can use these commands:\n{HELP}")),
        "/tools" => Step::Say(list(&request.tools)),
        "/say" if rest.is_empty() => usage("/say <text>"),
        "/say" => Step::Say(rest.to_owned()),
        "/call" => call_by_hand(rest, request),
        "/remember" => remember(rest, request),
        "/recall" if rest.is_empty() => usage("/recall <key>"),
        "/recall" => call("memory_get", json!({ "key": rest }).to_string(), request),
        _ => Step::Say(format!("I do not know the command `{command}`. These are the ones I know:\n{HELP}")),
    }
}

fn call_by_hand(rest: &str, request: &ModelRequest) -> Step {
    let (tool, arguments) = split(rest);
    if tool.is_empty() {
        return usage("/call <tool> {json}");
    }
    let arguments = if arguments.is_empty() { "{}" } else { arguments };
    // Malformed arguments go out as they were typed: the tool's own answer says what is wrong with them.
    call(tool, arguments.to_owned(), request)
}

fn remember(rest: &str, request: &ModelRequest) -> Step {
    let (key, value) = split(rest);
    if value.is_empty() {
        return usage("/remember <key> <value>");
    }
    call("memory_set", json!({ "key": key, "value": value }).to_string(), request)
}

fn call(tool: &str, arguments: String, request: &ModelRequest) -> Step {
    if !request.tools.iter().any(|offered| offered.name == tool) {
        return Step::Say(format!("The tool `{tool}` is not offered to me. {}", offered(&request.tools)));
    }
    // The history grows with every call, so its length makes an id that is new in this conversation.
    let id = format!("offline_{}", request.messages.len());
    Step::Call(ToolCall { id, name: tool.to_owned(), arguments })
}

fn offered(tools: &[ToolSpec]) -> String {
    if tools.is_empty() {
        return "No tools are.".to_owned();
    }
    let names: Vec<String> = tools.iter().map(|tool| format!("`{}`", tool.name)).collect();
    format!("These are: {}.", names.join(", "))
}

fn list(tools: &[ToolSpec]) -> String {
    if tools.is_empty() {
        return "No tools are offered to me.".to_owned();
    }
    let described: Vec<String> = tools.iter().map(describe).collect();
    format!("I may call these tools, by `/call <tool> {{json}}`:\n{}", described.join("\n"))
}

fn describe(tool: &ToolSpec) -> String {
    let mut lines = vec![format!("- `{}`: {}", tool.name, tool.description.trim())];
    let properties = tool.parameters.get("properties").and_then(Value::as_object);
    match properties.filter(|properties| !properties.is_empty()) {
        None => lines.push("  - takes no arguments".to_owned()),
        Some(properties) => {
            lines.extend(properties.iter().map(|(name, schema)| argument(name, schema, &tool.parameters)));
        }
    }
    lines.join("\n")
}

fn argument(name: &str, schema: &Value, parameters: &Value) -> String {
    let required = parameters.get("required").and_then(Value::as_array);
    let is_required = required.is_some_and(|names| names.iter().any(|required| required == name));
    let need = if is_required { "required" } else { "optional" };
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => format!("{kind}, "),
        Some(Value::Array(kinds)) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            format!("{}, ", kinds.join(" or "))
        }
        _ => String::new(),
    };
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let colon = if description.is_empty() { "" } else { ": " };
    format!("  - `{name}` ({kind}{need}){colon}{description}")
}

fn usage(form: &str) -> Step {
    Step::Say(format!("Write it as `{form}`."))
}

/// The first word and the rest.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim())
}
