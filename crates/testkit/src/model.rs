//! A model server that speaks OpenAI's chat completions and does what the test says.

use crate::script::{Script, Step};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A call that the model got.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its number, from 0.
    pub number: usize,
    /// The key that came with it.
    pub key: String,
    /// Its body.
    pub body: Value,
}

impl Asked {
    /// The conversation that it was shown.
    pub fn messages(&self) -> &[Value] {
        self.body["messages"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The last thing that a user said in it.
    pub fn last_user(&self) -> &str {
        let last = self.messages().iter().rfind(|message| message["role"] == "user");
        last.and_then(|message| message["content"].as_str()).unwrap_or_default()
    }

    /// The last message's role: `user`, or `tool` when a tool has just answered.
    pub fn last_role(&self) -> &str {
        self.messages().last().and_then(|message| message["role"].as_str()).unwrap_or_default()
    }

    /// The last message's text.
    pub fn last_text(&self) -> &str {
        self.messages().last().and_then(|message| message["content"].as_str()).unwrap_or_default()
    }

    /// The instructions.
    pub fn system(&self) -> &str {
        let system = self.messages().iter().find(|message| message["role"] == "system");
        system.and_then(|message| message["content"].as_str()).unwrap_or_default()
    }

    /// The most tokens that the answer may have.
    pub fn max_tokens(&self) -> i64 {
        self.body["max_tokens"].as_i64().unwrap_or(i64::MAX)
    }

    /// The whole prompt as text, to look for words in it.
    pub fn everything(&self) -> String {
        self.body["messages"].to_string()
    }
}

type Answers = Box<dyn FnMut(&Asked) -> Script + Send>;

struct Shared {
    answers: Mutex<Answers>,
    asked: Mutex<Vec<Asked>>,
}

/// The server; it ends when it is dropped.
pub struct ScriptedModel {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for ScriptedModel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ScriptedModel {
    /// Answers each call by `answers`.
    pub async fn start(answers: impl FnMut(&Asked) -> Script + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared { answers: Mutex::new(Box::new(answers)), asked: Mutex::default() });
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(shared.clone());
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self { address, shared, task }
    }

    /// Answers the first calls by these scripts and all others with `afterwards`.
    pub async fn in_order(scripts: Vec<Script>, afterwards: Script) -> Self {
        let mut scripts = VecDeque::from(scripts);
        Self::start(move |_| scripts.pop_front().unwrap_or_else(|| afterwards.clone())).await
    }

    /// Answers everything with `echo: ` and the last words of the user.
    pub async fn echo() -> Self {
        Self::start(|asked| Script::say(&format!("echo: {}", asked.last_user()))).await
    }

    /// Changes what it answers from now on.
    pub fn now(&self, answers: impl FnMut(&Asked) -> Script + Send + 'static) {
        *lock(&self.shared.answers) = Box::new(answers);
    }

    /// Its address as `OPENAI_BASE_URL` wants it.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The calls so far.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.asked).clone()
    }

    /// How many calls there were.
    pub fn count(&self) -> usize {
        lock(&self.shared.asked).len()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn complete(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let key = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).expect("muster sends JSON");
    let asked = {
        let mut all = lock(&shared.asked);
        let asked = Asked { number: all.len(), key: key.trim_start_matches("Bearer ").to_owned(), body };
        all.push(asked.clone());
        asked
    };
    let script = (lock(&shared.answers))(&asked);
    if let Some(status) = script.status {
        return refuse(status, script.retry_after);
    }
    let (send, pieces) = mpsc::unbounded_channel::<Result<Bytes, std::io::Error>>();
    tokio::spawn(play(script, asked, send));
    let stream = futures::stream::unfold(pieces, |mut pieces| async move { Some((pieces.recv().await?, pieces)) });
    let response = Response::builder().header("content-type", "text/event-stream");
    response.body(Body::from_stream(stream)).expect("a response")
}

fn refuse(status: u16, retry_after: Option<u64>) -> Response<Body> {
    let mut response = Response::builder().status(StatusCode::from_u16(status).expect("a status"));
    if let Some(seconds) = retry_after {
        response = response.header("retry-after", seconds.to_string());
    }
    let body = json!({"error": {"message": format!("scripted {status}"), "type": "scripted"}});
    response.header("content-type", "application/json").body(Body::from(body.to_string())).expect("a response")
}

async fn play(script: Script, asked: Asked, send: mpsc::UnboundedSender<Result<Bytes, std::io::Error>>) {
    let say = |data: &str| send.send(Ok(Bytes::from(format!("data: {data}\n\n")))).is_ok();
    let delta =
        |delta: Value, finish: Value| chunk(&asked, json!([{"index": 0, "delta": delta, "finish_reason": finish}]));
    let (mut length, mut calls) = (0usize, 0usize);
    say(&delta(json!({"role": "assistant", "content": ""}), Value::Null).to_string());
    for step in script.steps {
        let heard = match step {
            Step::Text(text) => {
                length += text.len();
                say(&delta(json!({"content": text}), Value::Null).to_string())
            }
            Step::Call { id, name, arguments } => {
                length += arguments.len();
                let call = json!({"index": calls, "id": id, "type": "function",
                                  "function": {"name": name, "arguments": arguments}});
                calls += 1;
                say(&delta(json!({"tool_calls": [call]}), Value::Null).to_string())
            }
            Step::Wait(time) => tokio::select! {
                () = tokio::time::sleep(time) => true,
                () = send.closed() => false,
            },
            Step::Gate(gate) => tokio::select! {
                () = gate.pass() => true,
                () = send.closed() => false,
            },
            Step::Cut => {
                // What was said before is on its way when the connection ends.
                tokio::time::sleep(std::time::Duration::from_millis(60)).await;
                let _ = send.send(Err(std::io::Error::other("cut")));
                false
            }
        };
        if !heard {
            return;
        }
    }
    let finish = if calls > 0 { "tool_calls" } else { "stop" };
    say(&delta(json!({}), json!(finish)).to_string());
    let (input, output) = script.usage.unwrap_or((10, length.div_ceil(4) as i64));
    let mut last = chunk(&asked, json!([]));
    last["usage"] = json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output});
    say(&last.to_string());
    say("[DONE]");
}

fn chunk(asked: &Asked, choices: Value) -> Value {
    json!({"id": format!("chatcmpl-{}", asked.number), "object": "chat.completion.chunk", "created": 1,
           "model": asked.body["model"], "choices": choices})
}
