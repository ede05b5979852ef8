//! The offline model's promises.

use super::*;
use muster_domain::models::ToolSpec;
use serde_json::{Value, json};
use std::time::Duration;

const SYSTEM: &str = "You are Ann, who keeps the office's plants. Water the ferns on Mondays. Never give out door codes.\n\n## Memory\n- favourite_tea: Sencha, without sugar\n- boss: Carol\n";

fn user(content: &str) -> PromptMessage {
    PromptMessage::User { content: content.to_owned() }
}

fn assistant(content: &str) -> PromptMessage {
    PromptMessage::Assistant { content: content.to_owned(), tool_calls: Vec::new() }
}

fn tool(name: &str, description: &str, parameters: Value) -> ToolSpec {
    ToolSpec { name: name.to_owned(), description: description.to_owned(), parameters }
}

fn request(messages: Vec<PromptMessage>) -> ModelRequest {
    let key = json!({"type": "object", "properties": {"key": {"type": "string", "description": "what to read"}}, "required": ["key"]});
    ModelRequest {
        model: "offline".to_owned(),
        system: SYSTEM.to_owned(),
        messages,
        tools: vec![
            tool("memory_get", "Reads from memory.", key),
            tool("memory_set", "Writes to memory.", json!({"type": "object"})),
        ],
        max_output_tokens: 1000,
        timeout: Duration::from_secs(1),
    }
}

/// The reply to `text` in a conversation that is already going on.
fn later(text: &str) -> ModelReply {
    reply(&request(vec![user("hello"), assistant("hi"), user(text)]))
}

#[test]
fn the_first_reply_says_that_no_model_is_configured_and_later_ones_do_not() {
    let first = reply(&request(vec![user("When do I water the ferns?")])).content;
    for part in
        ["No language model is configured", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "[models.NAME]"]
    {
        assert!(first.contains(part), "{part}");
    }
    assert!(first.ends_with("- from my instructions: \"Water the ferns on Mondays.\""), "{first}");
    assert_eq!(
        later("water ferns?").content,
        "This is what I was told about it:\n- from my instructions: \"Water the ferns on Mondays.\""
    );
}

#[test]
fn memory_is_quoted_with_its_key() {
    let answer = later("Which tea do I like?").content;
    assert_eq!(
        answer,
        "This is what I was told about it:\n- from my memory, `favourite_tea`: \"Sencha, without sugar\""
    );
}

#[test]
fn what_it_does_not_know_it_says_and_lists_the_commands() {
    for question in ["How high is the Eiffel tower?", "", "the of and"] {
        let answer = later(question).content;
        assert!(answer.starts_with("I found nothing about that") && answer.contains("/remember"), "{answer}");
    }
    assert!(reply(&request(Vec::new())).content.contains("I found nothing"));
}

#[test]
fn all_messages_that_came_together_are_answered() {
    let answer = reply(&request(vec![assistant("hi"), user("ferns?"), user("and tea?")])).content;
    assert!(answer.contains("ferns on Mondays") && answer.contains("Sencha"), "{answer}");
}

#[test]
fn tools_are_listed_with_their_arguments() {
    let listed = later("/tools").content;
    assert!(
        listed.contains("- `memory_get`: Reads from memory.\n  - `key` (string, required): what to read"),
        "{listed}"
    );
    assert!(listed.contains("- `memory_set`: Writes to memory.\n  - takes no arguments"), "{listed}");
}

#[test]
fn commands_become_calls() {
    let cases = [
        ("/call memory_get {\"key\": \"x\"}", "memory_get", "{\"key\": \"x\"}"),
        ("/call memory_get", "memory_get", "{}"),
        ("/call memory_get {\"key\": ", "memory_get", "{\"key\":"),
        ("  /REMEMBER tea green with \"milk\"", "memory_set", r#"{"key":"tea","value":"green with \"milk\""}"#),
        ("/recall tea", "memory_get", r#"{"key":"tea"}"#),
    ];
    for (line, name, arguments) in cases {
        let reply = later(line);
        let expected = ToolCall { id: "offline_3".to_owned(), name: name.to_owned(), arguments: arguments.to_owned() };
        assert_eq!((reply.tool_calls, reply.finish, reply.content.as_str()), (vec![expected], Finish::ToolCalls, ""));
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    assert_eq!(
        later("/call fly {}").content,
        "The tool `fly` is not offered to me. These are: `memory_get`, `memory_set`."
    );
    assert_eq!(later("/remember tea").content, "Write it as `/remember <key> <value>`.");
    assert!(later("/dance").content.starts_with("I do not know the command `/dance`."));
    assert_eq!(later("/say Hello,  you").content, "Hello,  you");
    let mut bare = request(vec![assistant("hi"), user("/tools")]);
    bare.tools.clear();
    assert_eq!(reply(&bare).content, "No tools are offered to me.");
}

fn after_tool(content: &str, is_error: bool) -> String {
    let call = ToolCall { id: "offline_3".to_owned(), name: "memory_get".to_owned(), arguments: "{}".to_owned() };
    let asked = PromptMessage::Assistant { content: String::new(), tool_calls: vec![call] };
    let content = content.to_owned();
    let result =
        PromptMessage::Tool { call_id: "offline_3".to_owned(), name: "memory_get".to_owned(), content, is_error };
    reply(&request(vec![user("x"), assistant("y"), user("/recall tea"), asked, result])).content
}

#[test]
fn results_are_readable_and_failures_honest() {
    assert_eq!(after_tool("Sencha", false), "`memory_get` answered: Sencha");
    assert_eq!(
        after_tool(r#"{"key":"tea","value":"Sencha","n":3}"#, false),
        "`memory_get` answered:\n- key: tea\n- n: 3\n- value: Sencha"
    );
    assert_eq!(after_tool("[1]", false), "`memory_get` answered:\n```json\n[\n  1\n]\n```");
    assert_eq!(after_tool("no such key", true), "`memory_get` failed: no such key");
    assert_eq!(after_tool("", false), "`memory_get` answered without saying anything.");
}

#[test]
fn the_notice_comes_with_the_first_answer_even_after_a_tool() {
    let mut first = request(vec![user("/recall tea")]);
    let call = reply(&first).tool_calls.remove(0);
    first.messages.push(PromptMessage::Assistant { content: String::new(), tool_calls: vec![call.clone()] });
    let (call_id, name) = (call.id, call.name);
    first.messages.push(PromptMessage::Tool { call_id, name, content: "Sencha".to_owned(), is_error: false });
    let answer = reply(&first).content;
    assert!(answer.starts_with("No language model") && answer.ends_with("answered: Sencha"), "{answer}");
}

#[test]
fn an_answer_keeps_within_what_was_reserved() {
    let mut short = request(vec![user("/help")]);
    short.max_output_tokens = 5;
    let reply = reply(&short);
    assert_eq!((reply.usage.output_tokens, reply.finish), (5, Finish::Length));
}

#[tokio::test]
async fn the_text_is_streamed_word_by_word() {
    let mut words = Vec::new();
    let asked = request(vec![assistant("hi"), user("/say one two\nthree")]);
    let reply = Offline.call(&asked, &mut |word: &str| words.push(word.to_owned())).await.expect("offline never fails");
    assert_eq!(words, ["one ", "two\n", "three"]);
    assert_eq!((reply.content.as_str(), reply.usage.output_tokens), ("one two\nthree", 4));
    assert!(reply.usage.input_tokens > 40);
}
