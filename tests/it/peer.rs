//! With a model server that nobody here has written: `@copilotkit/aimock`.

use crate::support::text;
use muster_testkit::{Agent, Backend, Peer, Reading, Server, Setup};
use serde_json::{Value, json};
use std::path::Path;

const GREETING: &str = "Hello! I am the independent model, and this sentence comes in many small pieces.";

fn fixtures() -> Value {
    json!({"fixtures": [
        {"match": {"toolCallId": "call_sky"}, "response": {"content": "I have noted that the sky is blue."}},
        {"match": {"userMessage": "remember the sky"},
         "response": {"toolCalls": [{"id": "call_sky", "name": "memory_set", "arguments": "{\"key\":\"sky\",\"value\":\"blue\"}"}]}},
        {"match": {"userMessage": "hello"}, "response": {"content": GREETING}},
        {"match": {"userMessage": "too often", "sequenceIndex": 0},
         "response": {"error": {"message": "Slow down, please.", "type": "rate_limit_error", "code": "rate_limit_exceeded"}, "status": 429}},
        {"match": {"userMessage": "too often"}, "response": {"content": "Now it is your turn."}},
    ]})
}

async fn peer() -> Peer {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    Peer::start(&packages, &fixtures()).await
}

async fn server(peer: &Peer) -> Server {
    let setup = Setup::new(Backend::Sqlite).await;
    let setup = setup.env("OPENAI_BASE_URL", &format!("{}/v1", peer.url())).env("OPENAI_API_KEY", "sk-peer");
    setup.env("ANTHROPIC_BASE_URL", peer.url()).env("ANTHROPIC_API_KEY", "sk-ant-peer").start().await
}

async fn agent(server: &Server, model: &str) -> Agent {
    let configuration = json!({"model": model});
    server.client().make_agent(json!({"name": "Ann", "configuration": configuration})).await
}

async fn asked(agent: &Agent, content: &str) -> Reading {
    let mut reading = Reading::default();
    reading.read(agent.ask(content).await).await;
    reading
}

async fn streams(model: &str) {
    let peer = peer().await;
    let server = server(&peer).await;
    let reading = asked(&agent(&server, model).await, "hello").await;
    assert_eq!(reading.finished(), GREETING);
    let deltas = reading.kinds().iter().filter(|kind| **kind == "message.delta").count();
    assert!(deltas > 2, "the answer came in {deltas} pieces");
}

async fn calls_tools(model: &str, path: &str) {
    let peer = peer().await;
    let server = server(&peer).await;
    let agent = agent(&server, model).await;
    let reading = asked(&agent, "remember the sky").await;
    assert_eq!(reading.finished(), "I have noted that the sky is blue.");
    assert!(reading.kinds().contains(&"tool.finished"), "{:?}", reading.kinds());
    let turn = agent.turn_of(&text(&reading.heard[0].data["id"])).await;
    let tool = turn["steps"].as_array().expect("steps").iter().find(|step| step["kind"] == "tool").expect("a tool");
    assert_eq!(tool["input"], json!({"key": "sky", "value": "blue"}));
    assert_eq!(tool["state"], "done");
    let journal = peer.journal().await;
    let calls = journal.to_string().matches(&format!("\"{path}\"")).count();
    assert!(calls >= 2, "the tool's result went back by {path}: {journal}");
}

#[tokio::test]
async fn an_answer_streams_by_chat_completions() {
    streams("openai/gpt-4.1-mini").await;
}

#[tokio::test]
async fn an_answer_streams_by_anthropic_messages() {
    streams("anthropic/claude-sonnet-4-5").await;
}

#[tokio::test]
async fn a_tool_call_goes_round_by_chat_completions() {
    calls_tools("openai/gpt-4.1-mini", "/v1/chat/completions").await;
}

#[tokio::test]
async fn a_tool_call_goes_round_by_anthropic_messages() {
    calls_tools("anthropic/claude-sonnet-4-5", "/v1/messages").await;
}

#[tokio::test]
async fn a_limit_of_the_provider_is_waited_out() {
    let peer = peer().await;
    let server = server(&peer).await;
    for model in ["openai/gpt-4.1-mini", "anthropic/claude-sonnet-4-5"] {
        let configuration = json!({"model": model});
        let agent = server.client().make_agent(json!({"name": model, "configuration": configuration})).await;
        assert_eq!(agent.talk("too often").await, "Now it is your turn.");
    }
}
