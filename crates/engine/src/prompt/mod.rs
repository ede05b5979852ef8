//! What a model is told: a pure function of the agent's definition, its memory and the conversation.

mod fit;

pub use fit::{MOST_PAST, Plan, parts, plan, transcript};

use muster_domain::agents::{Definition, PromptType};
use muster_domain::conversations::Message;
use muster_domain::models::PromptMessage;

/// The most bytes of memory that a prompt recalls; the rest is found with the memory tools.
const MEMORY_BYTES: usize = 8 * 1024;
/// The most bytes of the working memory in a prompt.
const WORKING_BYTES: usize = 16 * 1024;
/// The most bytes of one remembered value in a prompt.
const MEMORY_VALUE_BYTES: usize = 1024;

/// What a system prompt is made of.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The agent's name.
    pub name: &'a str,
    /// What it is for.
    pub description: Option<&'a str>,
    /// What it is told to be.
    pub definition: &'a Definition,
    /// What it remembers, the latest first: keys and JSON texts; `None` when it has no memory.
    pub memory: Option<&'a [(String, String)]>,
    /// The text that it works with.
    pub working_memory: Option<&'a str>,
    /// A summary of what was said before the messages that it is shown.
    pub summary: Option<&'a str>,
    /// Whether it can call tools.
    pub has_tools: bool,
}

/// The system prompt.
pub fn system(parts: &Parts<'_>) -> String {
    let mut sections = Vec::new();
    let definition = parts.definition;
    if definition.system_prompt_type == PromptType::Append {
        sections.push(guidance(parts));
        if let Some(preamble) = definition.identity.get("identityPreamble").and_then(|text| text.as_str()) {
            sections.push(preamble.trim().to_owned());
        }
        if let Some(personality) = present(definition.personality.as_deref()) {
            sections.push(format!("## Voice\n{personality}"));
        }
        if let Some(instructions) = present(definition.system_prompt.as_deref()) {
            sections.push(format!("## Instructions\n{instructions}"));
        }
    } else if let Some(instructions) = present(definition.system_prompt.as_deref()) {
        sections.push(instructions.to_owned());
    }
    if let Some(working) = present(parts.working_memory) {
        sections.push(working_memory(working));
    }
    if let Some(memory) = parts.memory.and_then(recalled) {
        sections.push(memory);
    }
    if let Some(summary) = present(parts.summary) {
        sections.push(format!("## Earlier in this conversation\n{summary}"));
    }
    sections.join("\n\n")
}

fn present(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn guidance(parts: &Parts<'_>) -> String {
    let mut text = format!("You are {}, an agent that Muster runs.", parts.name);
    if let Some(description) = present(parts.description) {
        text.push(' ');
        text.push_str(description);
    }
    text.push_str(" Answer in the language you are written to. Say so when you do not know something.");
    if parts.has_tools {
        text.push_str(
            " Call a tool when it gets you facts or does what was asked; do not claim to have done what no tool did.",
        );
    }
    text
}

fn working_memory(text: &str) -> String {
    let shown = cut(text, WORKING_BYTES);
    let rest = if shown.len() < text.len() { "\n[the rest does not fit here]" } else { "" };
    format!("## Working memory\n{shown}{rest}")
}

fn recalled(memory: &[(String, String)]) -> Option<String> {
    let mut text = String::from("## Memory");
    for (key, value) in memory {
        let value = serde_json::from_str::<String>(value).unwrap_or_else(|_| value.clone());
        let line = format!("\n- {}: {}", one_line(key), one_line(cut(&value, MEMORY_VALUE_BYTES)));
        if text.len() + line.len() > MEMORY_BYTES {
            break;
        }
        text.push_str(&line);
    }
    (!memory.is_empty()).then_some(text)
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// The beginning of a text, cut between characters.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

/// The conversation as the model sees it.
pub fn messages(history: &[Message]) -> Vec<PromptMessage> {
    history
        .iter()
        .map(|message| match (message.role.as_str(), message.sender_type.as_str()) {
            ("assistant", _) => PromptMessage::Assistant { content: message.content.clone(), tool_calls: vec![] },
            (_, "agent") => PromptMessage::User {
                content: format!("[message from the agent {}]\n{}", message.sender, message.content),
            },
            _ => PromptMessage::User { content: message.content.clone() },
        })
        .collect()
}

#[cfg(test)]
mod tests;
