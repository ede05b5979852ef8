//! What tools answered, put readably.

use muster_domain::models::PromptMessage;
use serde_json::Value;

/// One tool's answer.
pub(super) struct Answered<'a> {
    name: &'a str,
    content: &'a str,
    is_error: bool,
}

/// The answers at the end of the conversation; empty when something was said since.
pub(super) fn of_last_calls(messages: &[PromptMessage]) -> Vec<Answered<'_>> {
    let mut answers: Vec<_> = messages
        .iter()
        .rev()
        .map_while(|message| match message {
            PromptMessage::Tool { name, content, is_error, .. } => {
                Some(Answered { name, content, is_error: *is_error })
            }
            _ => None,
        })
        .collect();
    answers.reverse();
    answers
}

/// All answers, failures as what they are.
pub(super) fn readable(answers: &[Answered<'_>]) -> String {
    let texts: Vec<String> = answers.iter().map(one).collect();
    texts.join("\n\n")
}

fn one(answer: &Answered<'_>) -> String {
    let content = answer.content.trim();
    let verb = if answer.is_error { "failed" } else { "answered" };
    match serde_json::from_str::<Value>(content) {
        _ if content.is_empty() => format!("`{}` {verb} without saying anything.", answer.name),
        Ok(json) => format!("`{}` {verb}:{}", answer.name, laid_out(&json)),
        Err(_) => format!("`{}` {verb}: {content}", answer.name),
    }
}

/// A flat object as lines, a scalar as itself, anything deeper as indented JSON.
fn laid_out(json: &Value) -> String {
    match json {
        Value::Object(fields) if !fields.is_empty() && fields.values().all(is_scalar) => {
            let lines: Vec<String> =
                fields.iter().map(|(name, value)| format!("\n- {name}: {}", scalar(value))).collect();
            lines.concat()
        }
        value if is_scalar(value) => format!(" {}", scalar(value)),
        deep => format!("\n```json\n{deep:#}\n```"),
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
