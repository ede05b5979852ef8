//! The promises about the Messages API, against fake servers.

use super::*;
use crate::models::exchange::{Inbox, Progress};
use crate::models::fake::{self, End};
use muster_domain::models::{Fault, Finish, PromptMessage, ToolCall, Usage};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const KEY: &str = "sk-ant-0123456789abcdef";

fn model(base_url: &str) -> Anthropic {
    Anthropic::new("anthropic", fake::client(), base_url, Some(Secret::new(KEY.to_owned())))
}

/// Events with the names that the API gives them too.
fn named(events: &[Value]) -> String {
    let name = |event: &Value| event["type"].as_str().map(str::to_owned).unwrap_or_default();
    let events: Vec<String> = events.iter().map(|event| format!("event: {}\ndata: {event}\n\n", name(event))).collect();
    events.concat()
}

fn start() -> Value {
    let usage =
        json!({"input_tokens": 10, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 7, "output_tokens": 1});
    json!({"type": "message_start", "message": {"id": "m", "role": "assistant", "content": [], "stop_reason": null, "usage": usage}})
}

fn text(index: i64, text: &str) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}})
}

fn ended(reason: &str) -> Value {
    json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null}, "usage": {"output_tokens": 15}})
}

fn stop() -> Value {
    json!({"type": "message_stop"})
}

/// Text in two blocks, thinking, a ping, two calls of which one has no arguments, and events nobody knows.
fn rich_stream() -> String {
    let begin = |index, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let piece = |index, json: &str| json!({"type": "content_block_delta", "index": index, "delta": {"type": "input_json_delta", "partial_json": json}});
    let end = |index| json!({"type": "content_block_stop", "index": index});
    named(&[
        start(),
        begin(0, json!({"type": "thinking", "thinking": "", "signature": ""})),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "x"}}),
        end(0),
        begin(1, json!({"type": "text", "text": ""})),
        json!({"type": "ping"}),
        text(1, "Grüße, "),
        text(1, "世界"),
        end(1),
        begin(2, json!({"type": "tool_use", "id": "toolu_a", "name": "look", "input": {}})),
        piece(2, ""),
        piece(2, "{\"at\": \"é"),
        piece(2, "\"}"),
        end(2),
        begin(3, json!({"type": "tool_use", "id": "toolu_b", "name": "look", "input": {}})),
        end(3),
        json!({"type": "brand_new", "field": 1}),
        ended("tool_use"),
        stop(),
    ])
}

fn assert_rich(reply: &ModelReply) {
    let call = |id: &str, arguments: &str| ToolCall {
        id: id.to_owned(),
        name: "look".to_owned(),
        arguments: arguments.to_owned(),
    };
    assert_eq!(reply.content, "Grüße, 世界");
    assert_eq!(reply.tool_calls, [call("toolu_a", "{\"at\": \"é\"}"), call("toolu_b", "{}")]);
    assert_eq!(reply.usage, Usage { input_tokens: 20, output_tokens: 15, cached_input_tokens: 7 });
    assert_eq!(reply.finish, Finish::ToolCalls);
}

async fn serve(text: &str) -> Anthropic {
    model(&fake::stream(vec![text.as_bytes().to_vec()], End::Clean).await)
}

async fn fails_with(model: &Anthropic) -> ModelError {
    fake::call(model, &fake::request()).await.expect_err("a failure")
}

#[tokio::test]
async fn a_stream_is_passed_on_as_it_comes() {
    let (reply, pieces) = fake::call(&serve(&rich_stream()).await, &fake::request()).await.expect("a reply");
    assert_rich(&reply);
    assert_eq!(pieces, ["Grüße, ", "世界"]);
}

proptest! {
    #[test]
    fn where_a_stream_is_cut_into_reads_does_not_matter(cuts in prop::collection::vec(0usize..4000, 0..20)) {
        let text = rich_stream();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % text.len()).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let (mut inbox, mut answer, mut progress) = (Inbox::default(), Answer::default(), Progress::More);
        for pair in cuts.windows(2) {
            progress = inbox.take(&text.as_bytes()[pair[0]..pair[1]], &mut answer, &mut |_: &str| ()).expect("readable");
        }
        prop_assert_eq!(progress, Progress::Done);
        assert_rich(&answer.finish(&fake::request()).expect("a reply"));
    }
}

#[tokio::test]
async fn each_stop_reason_has_its_meaning() {
    let cases = [
        ("end_turn", Finish::Stop),
        ("stop_sequence", Finish::Stop),
        ("max_tokens", Finish::Length),
        ("refusal", Finish::Refused),
        ("tool_use", Finish::Stop),
        ("something_new", Finish::Stop),
    ];
    for (reason, finish) in cases {
        let (reply, _) =
            fake::call(&serve(&named(&[start(), text(0, "x"), ended(reason), stop()])).await, &fake::request())
                .await
                .expect("a reply");
        assert_eq!(reply.finish, finish, "{reason}");
    }
}

#[tokio::test]
async fn an_unfinished_answer_is_malformed_and_a_silent_one_times_out() {
    let half = named(&[start(), text(0, "Hi")]);
    assert_eq!(fails_with(&serve(&half).await).await.fault, Fault::Malformed);
    let cut = model(&fake::stream(vec![half.clone().into_bytes()], End::Cut).await);
    assert_eq!(fails_with(&cut).await.fault, Fault::Malformed);
    let hung = model(&fake::stream(vec![half.into_bytes()], End::Hang).await);
    let mut request = fake::request();
    request.timeout = Duration::from_millis(50);
    assert_eq!(fake::call(&hung, &request).await.expect_err("a failure").fault, Fault::Timeout);
}

#[tokio::test]
async fn errors_inside_a_stream_have_their_fault() {
    let cases = [
        ("overloaded_error", Fault::Unavailable),
        ("api_error", Fault::Unavailable),
        ("rate_limit_error", Fault::RateLimited { retry_after: None }),
        ("invalid_request_error", Fault::Rejected),
        ("authentication_error", Fault::Unauthorized),
    ];
    for (kind, fault) in cases {
        let event = json!({"type": "error", "error": {"type": kind, "message": "Overloaded"}});
        let error = fails_with(&serve(&named(&[start(), text(0, "Hi"), event])).await).await;
        assert_eq!((error.fault, error.message.as_str()), (fault, "anthropic: failed while answering: Overloaded"));
    }
}

#[tokio::test]
async fn refused_requests_have_their_fault_and_never_show_the_key() {
    for (status, fault) in
        [(529, Fault::Unavailable), (500, Fault::Unavailable), (401, Fault::Unauthorized), (413, Fault::Rejected)]
    {
        let server = MockServer::start().await;
        let body = json!({"type": "error", "error": {"type": "x", "message": format!("bad {KEY}")}});
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&server)
            .await;
        let model = model(&server.uri());
        let error = fails_with(&model).await;
        assert_eq!(error.fault, fault, "{error}");
        assert!(error.message.ends_with("bad [key]"), "{error}");
        assert!(!format!("{model:?}{error:?}").contains(KEY));
    }
    let bad_key =
        Anthropic::new("anthropic", fake::client(), "http://127.0.0.1:1", Some(Secret::new("a\nsecret".to_owned())));
    let error = fails_with(&bad_key).await;
    assert!(error.fault == Fault::Rejected && !error.message.contains("secret"), "{error}");
}

#[tokio::test]
async fn limits_say_when_to_come_back() {
    let server = MockServer::start().await;
    let limited = ResponseTemplate::new(429).insert_header("retry-after", "3");
    Mock::given(method("POST")).respond_with(limited).mount(&server).await;
    let error = fails_with(&model(&server.uri())).await;
    assert_eq!(error.fault, Fault::RateLimited { retry_after: Some(Duration::from_secs(3)) });
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    let server = MockServer::start().await;
    let content =
        json!([{"type": "text", "text": "Hi"}, {"type": "tool_use", "id": "t", "name": "look", "input": {"a": 1}}]);
    let body = json!({"type": "message", "content": content, "stop_reason": "tool_use", "usage": {"input_tokens": 4, "output_tokens": 2}});
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let (reply, pieces) = fake::call(&model(&server.uri()), &fake::request()).await.expect("a reply");
    assert_eq!(pieces, ["Hi"]);
    assert_eq!((reply.tool_calls[0].arguments.as_str(), reply.usage.input_tokens), ("{\"a\":1}", 4));
}

#[tokio::test]
async fn the_request_is_what_the_api_wants() {
    let server = MockServer::start().await;
    let user = |content: &str| PromptMessage::User { content: content.to_owned() };
    let call = |id: &str, arguments: &str| ToolCall {
        id: id.to_owned(),
        name: "look".to_owned(),
        arguments: arguments.to_owned(),
    };
    let result = |id: &str, content: &str, is_error| PromptMessage::Tool {
        call_id: id.to_owned(),
        name: "look".to_owned(),
        content: content.to_owned(),
        is_error,
    };
    let mut request = fake::request();
    request.messages = vec![
        PromptMessage::Assistant { content: "earlier".to_owned(), tool_calls: Vec::new() },
        user("hello"),
        user("  "),
        user("are you there?"),
        PromptMessage::Assistant {
            content: " ".to_owned(),
            tool_calls: vec![call("a:1", "{\"x\":1}"), call("b", "{oops")],
        },
        user("hurry"),
        result("a:1", "seen", false),
        result("b", "", true),
    ];
    let expected = json!({
        "model": "test-model",
        "max_tokens": 64,
        "stream": true,
        "system": "Be kind.",
        "tools": [{"name": "look", "description": "Looks.", "input_schema": {"type": "object", "properties": {}}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "(earlier messages are left out)"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "earlier"}]},
            {"role": "user", "content": [{"type": "text", "text": "hello"}, {"type": "text", "text": "are you there?"}]},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "a_1", "name": "look", "input": {"x": 1}},
                {"type": "tool_use", "id": "b", "name": "look", "input": {"malformed_arguments": "{oops"}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "a_1", "content": "seen"},
                {"type": "tool_result", "tool_use_id": "b", "is_error": true},
                {"type": "text", "text": "hurry"},
            ]},
        ],
    });
    let wanted = Mock::given(method("POST")).and(path("/v1/messages")).and(header("x-api-key", KEY));
    let ok = ResponseTemplate::new(200)
        .set_body_raw(named(&[start(), text(0, "ok"), ended("end_turn"), stop()]), "text/event-stream");
    let wanted = wanted.and(header("anthropic-version", "2023-06-01")).and(body_json(expected));
    wanted.respond_with(ok).expect(2).mount(&server).await;
    for base_url in [server.uri(), format!("{}/v1/", server.uri())] {
        fake::call(&model(&base_url), &request).await.expect("a reply");
    }
}
