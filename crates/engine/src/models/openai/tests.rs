//! The promises about chat completions, against fake servers.

use super::*;
use crate::models::exchange::{Assemble as _, Inbox, Progress};
use crate::models::fake::{self, End};
use muster_domain::models::{Finish, PromptMessage, ToolCall, Usage};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;
use wiremock::matchers::{body_partial_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const KEY: &str = "sk-test-0123456789abcdef";

fn model(base_url: &str) -> OpenAi {
    OpenAi::new("openai", fake::client(), base_url, Some(Secret::new(KEY.to_owned())))
}

fn delta(delta: Value) -> Value {
    json!({"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
}

fn finish(reason: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
}

fn usage() -> Value {
    json!({"choices": [], "usage": {"prompt_tokens": 20, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 12}}})
}

fn done(events: &[Value]) -> String {
    format!("{}data: [DONE]\n\n", fake::events(events))
}

async fn serve(text: &str) -> OpenAi {
    model(&fake::stream(vec![text.as_bytes().to_vec()], End::Clean).await)
}

async fn fails_with(model: &OpenAi) -> ModelError {
    fake::call(model, &fake::request()).await.expect_err("a failure")
}

/// A text with characters of several bytes, two parallel calls and a usage.
fn rich_stream() -> String {
    let fragment = |index, id: Option<&str>, name: Option<&str>, arguments: &str| {
        delta(json!({"tool_calls": [{"index": index, "id": id, "function": {"name": name, "arguments": arguments}}]}))
    };
    let events = [
        delta(json!({"role": "assistant", "content": ""})),
        delta(json!({"content": "Grüße, "})),
        delta(json!({"content": "世界 😀"})),
        fragment(0, Some("a"), Some("look"), ""),
        fragment(1, Some("b"), Some("look"), "{\"at\":"),
        fragment(0, None, None, "{}"),
        fragment(1, None, None, "\"é\"}"),
        finish("tool_calls"),
        usage(),
    ];
    format!(": keep-alive\n\n{}", done(&events))
}

fn assert_rich(reply: &ModelReply) {
    let call = |id: &str, arguments: &str| ToolCall {
        id: id.to_owned(),
        name: "look".to_owned(),
        arguments: arguments.to_owned(),
    };
    assert_eq!(reply.content, "Grüße, 世界 😀");
    assert_eq!(reply.tool_calls, [call("a", "{}"), call("b", "{\"at\":\"é\"}")]);
    assert_eq!(reply.usage, Usage { input_tokens: 20, output_tokens: 5, cached_input_tokens: 12 });
    assert_eq!(reply.finish, Finish::ToolCalls);
}

#[tokio::test]
async fn a_stream_is_passed_on_as_it_comes() {
    let (reply, pieces) = fake::call(&serve(&rich_stream()).await, &fake::request()).await.expect("a reply");
    assert_rich(&reply);
    assert_eq!(pieces, ["Grüße, ", "世界 😀"]);
}

#[tokio::test]
async fn a_stream_that_comes_byte_by_byte_is_the_same() {
    let bytes = rich_stream().bytes().map(|byte| vec![byte]).collect();
    let (reply, _) =
        fake::call(&model(&fake::stream(bytes, End::Clean).await), &fake::request()).await.expect("a reply");
    assert_rich(&reply);
}

proptest! {
    #[test]
    fn where_a_stream_is_cut_into_reads_does_not_matter(cuts in prop::collection::vec(0usize..2000, 0..20)) {
        let text = rich_stream();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % text.len()).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let (mut inbox, mut answer, mut streamed) = (Inbox::default(), Answer::default(), String::new());
        let mut progress = Progress::More;
        for pair in cuts.windows(2) {
            let piece = &text.as_bytes()[pair[0]..pair[1]];
            progress = inbox.take(piece, &mut answer, &mut |text: &str| streamed.push_str(text)).expect("readable");
        }
        prop_assert_eq!(progress, Progress::Done);
        let reply = answer.finish(&fake::request()).expect("a reply");
        prop_assert_eq!(&reply.content, &streamed);
        assert_rich(&reply);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "(data: |\\{|\\}|\"|choices|:|\\[|\\]|\n|0|null|,){0,40}") {
        for bytes in [bytes, text.into_bytes()] {
            let (mut inbox, mut answer) = (Inbox::default(), Answer::default());
            if inbox.take(&bytes, &mut answer, &mut |_: &str| ()).is_ok() {
                let _ = inbox.close(&mut answer, &mut |_: &str| ());
                let _ = answer.finish(&fake::request());
            }
        }
    }
}

#[tokio::test]
async fn what_servers_leave_out_or_add_does_not_matter() {
    let events = [
        json!({"choices": [{"delta": {"content": null, "tool_calls": null, "reasoning_content": "hm"}, "logprobs": null}], "usage": null, "x": 1}),
        json!({"choices": [{"delta": {"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": "Hi"}]}}]}),
        json!({"choices": null}),
        json!({"choices": [{"index": 1, "delta": {"content": "another answer"}}]}),
        json!({"choices": [{"delta": null, "finish_reason": "eos"}], "usage": {"prompt_tokens": 0}}),
    ];
    let (reply, _) = fake::call(&serve(&done(&events)).await, &fake::request()).await.expect("a reply");
    assert_eq!((reply.content.as_str(), reply.finish), ("Hi", Finish::Stop));
    assert_eq!(reply.usage.output_tokens, 1, "estimated");
    assert!(reply.usage.input_tokens > 3, "estimated");
}

#[tokio::test]
async fn malformed_arguments_are_passed_through_verbatim() {
    let call = json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "look", "arguments": "{\"at\": "}}]});
    let text = done(&[delta(call), finish("stop")]);
    let (reply, _) = fake::call(&serve(&text).await, &fake::request()).await.expect("a reply");
    assert_eq!((reply.tool_calls[0].arguments.as_str(), reply.finish), ("{\"at\": ", Finish::ToolCalls));
}

#[tokio::test]
async fn each_finish_reason_has_its_meaning() {
    for (reason, finish_) in [
        ("stop", Finish::Stop),
        ("length", Finish::Length),
        ("content_filter", Finish::Refused),
        ("tool_calls", Finish::Stop),
    ] {
        let text = done(&[delta(json!({"content": "x"})), finish(reason)]);
        let (reply, _) = fake::call(&serve(&text).await, &fake::request()).await.expect("a reply");
        assert_eq!(reply.finish, finish_, "{reason}");
    }
    let text = done(&[delta(json!({"refusal": "I will not"})), finish("stop")]);
    let (reply, _) = fake::call(&serve(&text).await, &fake::request()).await.expect("a reply");
    assert_eq!((reply.content.as_str(), reply.finish), ("I will not", Finish::Refused));
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    let server = MockServer::start().await;
    let message = json!({"role": "assistant", "content": "Hi", "tool_calls": [{"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}]});
    let body = json!({"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}], "usage": {"prompt_tokens": 7, "completion_tokens": 2}});
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let (reply, pieces) = fake::call(&model(&server.uri()), &fake::request()).await.expect("a reply");
    assert_eq!(pieces, ["Hi"]);
    assert_eq!((reply.tool_calls.len(), reply.usage.input_tokens, reply.finish), (1, 7, Finish::ToolCalls));
}

#[tokio::test]
async fn a_finished_answer_needs_no_done_and_an_unfinished_one_is_malformed() {
    let text = fake::events(&[delta(json!({"content": "Hi"})), finish("stop")]);
    let (reply, _) = fake::call(&serve(&text).await, &fake::request()).await.expect("a reply");
    assert_eq!(reply.content, "Hi");
    let unfinished = [
        fake::events(&[delta(json!({"content": "Hi"}))]),
        done(&[delta(json!({"content": "Hi"}))]),
        "data: {\"choi\n\n".to_owned(),
        " ".to_owned(),
    ];
    for text in unfinished {
        assert_eq!(fails_with(&serve(&text).await).await.fault, Fault::Malformed, "{text}");
    }
}

#[tokio::test]
async fn a_web_page_means_a_wrong_address() {
    let error = fails_with(&serve("\n<!doctype html><title>Welcome</title>").await).await;
    assert_eq!(error.fault, Fault::Rejected);
    assert_eq!(error.message, "openai: answered with a web page, check the base URL");
}

#[tokio::test]
async fn a_cut_connection_is_malformed_and_a_silent_one_times_out() {
    let half = fake::events(&[delta(json!({"content": "Hi"}))]).into_bytes();
    let cut = fails_with(&model(&fake::stream(vec![half.clone()], End::Cut).await)).await;
    assert_eq!(cut.fault, Fault::Malformed, "{cut}");
    let mut request = fake::request();
    request.timeout = Duration::from_millis(50);
    for url in [fake::stream(vec![half], End::Hang).await, fake::raw(Vec::new(), End::Hang).await] {
        let error = fake::call(&model(&url), &request).await.expect_err("a failure");
        assert_eq!(
            (error.fault, error.message.as_str()),
            (Fault::Timeout, "openai: did not finish its answer within 50 ms")
        );
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_or_hangs_up_is_unavailable() {
    let refused = model("http://127.0.0.1:1/v1");
    let hung_up = model(&fake::raw(Vec::new(), End::Cut).await);
    for model in [refused, hung_up] {
        let error = fails_with(&model).await;
        assert_eq!(error.fault, Fault::Unavailable, "{error}");
        assert!(error.message.starts_with("openai: cannot be reached: "), "{error}");
    }
}

#[tokio::test]
async fn errors_inside_a_stream_have_their_fault() {
    let cases = [
        (
            json!({"error": {"message": "slow down", "type": "rate_limit_error"}}),
            Fault::RateLimited { retry_after: None },
        ),
        (json!({"error": {"message": "upstream", "code": 502}}), Fault::Unavailable),
        (
            json!({"error": {"message": "too long", "type": "invalid_request_error", "code": "context_length_exceeded"}}),
            Fault::Rejected,
        ),
        (json!({"error": "model crashed"}), Fault::Unavailable),
        (json!({"choices": [{"delta": {}, "finish_reason": "error"}]}), Fault::Unavailable),
    ];
    for (event, fault) in cases {
        let error = fails_with(&serve(&fake::events(&[delta(json!({"content": "Hi"})), event])).await).await;
        assert_eq!(error.fault, fault, "{error}");
    }
    let named = fails_with(&serve("event: error\ndata: {\"message\": \"boom\"}\n\n").await).await;
    assert_eq!(named.message, "openai: failed while answering: boom");
}

#[tokio::test]
async fn refusals_carry_the_servers_words_and_never_the_key() {
    let server = MockServer::start().await;
    let words = format!("Incorrect API key provided: {KEY} (sk-test-*****cdef)");
    let body = json!({"error": {"message": words, "type": "invalid_request_error", "code": "invalid_api_key"}});
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(401).set_body_json(body)).mount(&server).await;
    let model = model(&server.uri());
    let error = fails_with(&model).await;
    assert_eq!(error.fault, Fault::Unauthorized);
    assert!(error.message.starts_with("openai: refused the key (401), check it: Incorrect API key"), "{error}");
    let shown = format!("{error} {error:?} {model:?}");
    assert!(!shown.contains(KEY) && !shown.contains("cdef"), "{shown}");
}

#[tokio::test]
async fn limits_say_when_to_come_back() {
    let server = MockServer::start().await;
    let limited = ResponseTemplate::new(429).insert_header("retry-after", "7").set_body_string("slow down");
    Mock::given(method("POST")).respond_with(limited).mount(&server).await;
    let error = fails_with(&model(&server.uri())).await;
    assert_eq!(error.fault, Fault::RateLimited { retry_after: Some(Duration::from_secs(7)) });
    assert_eq!(error.message, "openai: is limiting our requests (429): slow down");
}

#[tokio::test]
async fn failures_of_the_server_are_unavailable_with_bounded_words() {
    let server = MockServer::start().await;
    let failed = ResponseTemplate::new(500).set_body_string("x".repeat(1_000_000));
    Mock::given(method("POST")).respond_with(failed).mount(&server).await;
    let error = fails_with(&model(&server.uri())).await;
    assert_eq!(error.fault, Fault::Unavailable);
    assert!(error.message.len() < 600);
}

#[tokio::test]
async fn a_key_or_an_address_that_cannot_be_sent_is_said_without_repeating_it() {
    let bad_key =
        OpenAi::new("openai", fake::client(), "http://127.0.0.1:1", Some(Secret::new("a\nsecret".to_owned())));
    let bad_address = model("not an address");
    for model in [bad_key, bad_address] {
        let error = fails_with(&model).await;
        assert_eq!(error.fault, Fault::Rejected, "{error}");
        assert!(!error.message.contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn the_request_is_what_the_api_wants() {
    let server = MockServer::start().await;
    let mut request = fake::request();
    let call = |id: &str, arguments: &str| ToolCall {
        id: id.to_owned(),
        name: "look".to_owned(),
        arguments: arguments.to_owned(),
    };
    let result = |id: &str, is_error| PromptMessage::Tool {
        call_id: id.to_owned(),
        name: "look".to_owned(),
        content: "seen".to_owned(),
        is_error,
    };
    request.messages.extend([
        PromptMessage::Assistant { content: String::new(), tool_calls: vec![call("a", "{}"), call("b", "{oops")] },
        result("a", false),
        result("b", true),
        PromptMessage::Assistant { content: String::new(), tool_calls: Vec::new() },
        PromptMessage::Assistant { content: "well".to_owned(), tool_calls: Vec::new() },
    ]);
    let function = |arguments| json!({"name": "look", "arguments": arguments});
    let expected = json!({
        "model": "test-model",
        "stream": true,
        "stream_options": {"include_usage": true},
        "max_tokens": 64,
        "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}}],
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "hello"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "a", "type": "function", "function": function("{}")},
                {"id": "b", "type": "function", "function": function("{\"malformed_arguments\":\"{oops\"}")},
            ]},
            {"role": "tool", "tool_call_id": "a", "content": "seen"},
            {"role": "tool", "tool_call_id": "b", "content": "error: seen"},
            {"role": "assistant", "content": "well"},
        ],
    });
    let ok = ResponseTemplate::new(200)
        .set_body_raw(done(&[delta(json!({"content": "ok"})), finish("stop")]), "text/event-stream");
    let bearer = format!("Bearer {KEY}");
    let wanted =
        Mock::given(method("POST")).and(path("/v1/chat/completions")).and(header("authorization", bearer.as_str()));
    wanted.and(wiremock::matchers::body_json(expected)).respond_with(ok).expect(1).mount(&server).await;
    let key = Some(Secret::new(format!("{KEY}\n")));
    let model = OpenAi::new("openai", fake::client(), &format!("{}/v1/", server.uri()), key);
    fake::call(&model, &request).await.expect("a reply");
}

#[tokio::test]
async fn a_server_is_asked_as_it_wants_and_the_lesson_is_kept() {
    let server = MockServer::start().await;
    let refuse = |message: &str| ResponseTemplate::new(400).set_body_json(json!({"error": {"message": message}}));
    let new_limit = refuse(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    );
    Mock::given(body_partial_json(json!({"max_tokens": 64})))
        .respond_with(new_limit)
        .with_priority(1)
        .expect(1)
        .mount(&server)
        .await;
    let no_options = refuse("extra fields not permitted: stream_options");
    let with_options = json!({"stream_options": {"include_usage": true}});
    Mock::given(body_partial_json(with_options))
        .respond_with(no_options)
        .with_priority(2)
        .expect(1)
        .mount(&server)
        .await;
    let ok = ResponseTemplate::new(200).set_body_raw(done(&[finish("stop")]), "text/event-stream");
    Mock::given(body_partial_json(json!({"max_completion_tokens": 64})))
        .respond_with(ok)
        .with_priority(3)
        .expect(2)
        .mount(&server)
        .await;
    let model = model(&server.uri());
    fake::call(&model, &fake::request()).await.expect("a reply");
    fake::call(&model.with_key(Secret::new("another".to_owned())), &fake::request()).await.expect("a reply");
}

#[test]
fn only_openais_own_hosts_are_asked_the_new_way_from_the_start() {
    for (url, is_new) in [
        (PUBLIC_URL, true),
        ("https://eu.api.openai.com/v1", true),
        ("https://mine.openai.azure.com/openai/v1", true),
        ("https://api.openai.com.example.org/v1", false),
        ("http://localhost:11434/v1", false),
    ] {
        assert_eq!(Habits::of(url).now().new_limit, is_new, "{url}");
    }
}
