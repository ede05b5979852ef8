//! Reading server-sent events, and putting a reply together from them as any client would.

use futures::StreamExt;
use futures::stream::BoxStream;
use reqwest::RequestBuilder;
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;

/// The longest silence of a stream; the server's own signs of life are more frequent.
const SILENCE: Duration = Duration::from_secs(60);

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Its id, empty when it has none.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// Its data.
    pub data: Value,
}

/// An open stream of events.
pub struct Events {
    bytes: BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    buffer: String,
    pending: Vec<u8>,
    ready: VecDeque<Heard>,
}

impl Events {
    pub(crate) async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the stream opens");
        let status = response.status();
        let kind = response.headers().get("content-type").cloned();
        let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        assert!(is_stream, "{status} instead of a stream: {}", response.text().await.unwrap_or_default());
        Self { bytes: response.bytes_stream().boxed(), buffer: String::new(), pending: vec![], ready: VecDeque::new() }
    }

    /// The next event; `None` at the end of the stream, whether in order or by a broken connection.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some(heard) = self.ready.pop_front() {
                return Some(heard);
            }
            let chunk = tokio::time::timeout(SILENCE, self.bytes.next()).await.expect("a sign of life");
            self.take(&chunk?.ok()?);
        }
    }

    /// All events up to the end of the stream.
    pub async fn rest(mut self) -> Vec<Heard> {
        let mut all = Vec::new();
        while let Some(heard) = self.next().await {
            all.push(heard);
        }
        all
    }

    /// The events up to and with the first of this type.
    pub async fn until(&mut self, kind: &str) -> Vec<Heard> {
        let mut all = Vec::new();
        while let Some(heard) = self.next().await {
            let is_it = heard.kind == kind;
            all.push(heard);
            if is_it {
                return all;
            }
        }
        panic!("the stream ended without {kind}: {all:?}");
    }

    fn take(&mut self, bytes: &[u8]) {
        // A character may be cut by the end of a chunk.
        self.pending.extend_from_slice(bytes);
        let valid = match std::str::from_utf8(&self.pending) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let rest = self.pending.split_off(valid);
        self.buffer.push_str(&String::from_utf8(std::mem::replace(&mut self.pending, rest)).expect("checked"));
        while let Some(end) = self.buffer.find("\n\n") {
            let block: String = self.buffer.drain(..end + 2).collect();
            self.ready.extend(parse(&block));
        }
    }
}

/// One block of lines; comments alone are no event.
fn parse(block: &str) -> Option<Heard> {
    let mut heard = Heard { id: String::new(), kind: "message".to_owned(), data: Value::Null };
    let mut data: Vec<&str> = Vec::new();
    for line in block.lines() {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => value.clone_into(&mut heard.id),
            "event" => value.clone_into(&mut heard.kind),
            "data" => data.push(value),
            _ => {}
        }
    }
    if data.is_empty() {
        return None;
    }
    heard.data = serde_json::from_str(&data.join("\n")).expect("the data is JSON");
    Some(heard)
}

/// A naive reader of a reply: puts each text at its offset, starts over at a reset, and remembers where it was.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The reply so far.
    pub text: String,
    /// What to send as `Last-Event-ID`.
    pub last: Option<String>,
    /// The final message, once there is one.
    pub reply: Option<Value>,
    /// The error, if the turn failed.
    pub failed: Option<Value>,
    /// Every event in its order.
    pub heard: Vec<Heard>,
}

impl Reading {
    /// Takes one event.
    pub fn take(&mut self, heard: Heard) {
        if !heard.id.is_empty() {
            self.last = Some(heard.id.clone());
        }
        match heard.kind.as_str() {
            "message.delta" => self.delta(&heard.data),
            "message.completed" => self.reply = Some(heard.data["message"].clone()),
            "turn.failed" => self.failed = Some(heard.data["error"].clone()),
            _ => {}
        }
        self.heard.push(heard);
    }

    fn delta(&mut self, data: &Value) {
        if data["reset"] == true {
            self.text.clear();
        }
        let offset = data["offset"].as_u64().expect("a delta has an offset") as usize;
        let length = self.text.chars().count();
        assert!(offset <= length, "a delta at {offset} leaves a hole after {length}: {data}");
        self.text = self.text.chars().take(offset).collect();
        self.text.push_str(data["text"].as_str().expect("a delta has a text"));
    }

    /// Reads a stream to its end, whatever ends it.
    pub async fn read(&mut self, mut events: Events) {
        while let Some(heard) = events.next().await {
            self.take(heard);
        }
    }

    /// Whether the turn has ended, as far as this reader knows.
    pub fn is_over(&self) -> bool {
        self.reply.is_some() || self.failed.is_some()
    }

    /// The final reply's text, which must be what the deltas gave.
    #[track_caller]
    pub fn finished(&self) -> &str {
        let reply = self.reply.as_ref().unwrap_or_else(|| panic!("no reply: {:?} {:?}", self.failed, self.heard));
        assert_eq!(reply["content"], self.text, "the deltas give another text than the reply");
        &self.text
    }

    /// The types of the events in their order.
    pub fn kinds(&self) -> Vec<&str> {
        self.heard.iter().map(|heard| heard.kind.as_str()).collect()
    }
}
