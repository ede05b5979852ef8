//! Token counts where the provider gives none: four characters to a token.
//!
//! The rule of thumb is OpenAI's ("a token is roughly 4 characters of English text"). It is rounded up, so that what is
//! reserved from a budget is rather too much than too little.

use muster_domain::models::{ModelRequest, PromptMessage, ToolCall, Usage};

/// Estimates the tokens of a text.
pub fn tokens(text: &str) -> i64 {
    from_chars(text.chars().count())
}

/// Estimates the tokens of everything that a model is told.
pub fn prompt_tokens(request: &ModelRequest) -> i64 {
    let messages: usize = request.messages.iter().map(message_chars).sum();
    let tools: usize = request
        .tools
        .iter()
        .map(|tool| chars(&tool.name) + chars(&tool.description) + chars(&tool.parameters.to_string()))
        .sum();
    from_chars(chars(&request.system) + messages + tools)
}

/// Estimates the usage of a call from its request and its answer.
pub(super) fn usage(request: &ModelRequest, content: &str, calls: &[ToolCall]) -> Usage {
    Usage {
        input_tokens: prompt_tokens(request),
        output_tokens: from_chars(chars(content) + calls_chars(calls)),
        cached_input_tokens: 0,
    }
}

fn message_chars(message: &PromptMessage) -> usize {
    match message {
        PromptMessage::User { content } => chars(content),
        PromptMessage::Assistant { content, tool_calls } => chars(content) + calls_chars(tool_calls),
        PromptMessage::Tool { name, content, .. } => chars(name) + chars(content),
    }
}

fn calls_chars(calls: &[ToolCall]) -> usize {
    calls.iter().map(|call| chars(&call.name) + chars(&call.arguments)).sum()
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

fn from_chars(count: usize) -> i64 {
    count.div_ceil(4) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_counts_characters_and_rounds_up() {
        assert_eq!(tokens(""), 0);
        assert_eq!(tokens("abcde"), 2);
        assert_eq!(tokens("éééé"), 1);
    }
}
