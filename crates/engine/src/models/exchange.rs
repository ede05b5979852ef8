//! One exchange with a provider over HTTP: send, check the status, read the answer whole or as a stream.

use super::faults::{error, from_status, from_transport};
use super::sse::{Event, Parser};
use futures::FutureExt as _;
use muster_domain::models::{Fault, ModelError, ModelReply, ModelRequest, TextSink};
use reqwest::{RequestBuilder, Response};
use std::collections::VecDeque;
use std::time::Duration;

/// The most bytes of an answer that are read.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;

/// The most bytes of an error's body that are read.
const LONGEST_ERROR_BODY: usize = 64 * 1024;

/// Whether an answer has more to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// More may come.
    More,
    /// The provider said that it is done.
    Done,
}

/// Puts an answer together from what a provider sends.
pub(super) trait Assemble {
    /// Takes one event of a stream.
    fn event(&mut self, event: &Event, sink: TextSink<'_>) -> Result<Progress, ModelError>;

    /// Takes an answer that came as one JSON document although a stream was asked for.
    fn whole(&mut self, body: &[u8], sink: TextSink<'_>) -> Result<(), ModelError>;

    /// The reply; an error when the provider never said that it was complete.
    fn finish(self, request: &ModelRequest) -> Result<ModelReply, ModelError>;
}

/// Sends a request; any status but success is an error.
pub(super) async fn send(request: RequestBuilder) -> Result<Response, ModelError> {
    let mut response = request.send().await.map_err(from_transport)?;
    if response.status().is_success() {
        return Ok(response);
    }
    let body = read_error_body(&mut response).await;
    Err(from_status(response.status(), response.headers(), &body))
}

/// Reads the whole answer through `assembler`, passing its text on as it comes.
pub(super) async fn receive(
    mut response: Response,
    assembler: &mut (impl Assemble + Send),
    sink: TextSink<'_>,
) -> Result<(), ModelError> {
    let mut inbox = Inbox::default();
    while let Some(bytes) = response.chunk().await.map_err(broken_off)? {
        if inbox.take(&bytes, assembler, &mut *sink)? == Progress::Done {
            // The end of the body has often arrived too; having read it, the connection can be used again.
            let _ = response.chunk().now_or_never();
            return Ok(());
        }
    }
    inbox.close(assembler, sink)
}

/// Bounds a whole call in time.
pub(super) async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, ModelError>>,
) -> Result<T, ModelError> {
    match tokio::time::timeout(limit, call).await {
        Ok(result) => result,
        Err(_) => Err(error(Fault::Timeout, format!("did not finish its answer within {} ms", limit.as_millis()))),
    }
}

/// The failure that an unreadable answer is.
pub(super) fn malformed(message: impl Into<String>) -> ModelError {
    error(Fault::Malformed, message)
}

/// The failure that a document of the wrong shape is. The cause is not repeated, as it quotes the answer.
pub(super) fn unreadable(cause: &serde_json::Error) -> ModelError {
    malformed(format!("the answer cannot be read (line {}, column {})", cause.line(), cause.column()))
}

/// Holds what has arrived until it is clear what it is.
///
/// A JSON document begins with a brace, a web page (of a wrong address) with an angle bracket, and a stream of events
/// with neither, so the first byte decides; the content type is not asked, as compatible servers set it wrongly.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    kind: Kind,
    received: usize,
    ready: VecDeque<Event>,
}

#[derive(Debug, Default)]
enum Kind {
    #[default]
    Unknown,
    Whole(Vec<u8>),
    Stream(Parser),
}

impl Inbox {
    /// Takes the next bytes.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        assembler: &mut impl Assemble,
        sink: TextSink<'_>,
    ) -> Result<Progress, ModelError> {
        self.received += bytes.len();
        if self.received > LONGEST_ANSWER {
            return Err(malformed("the answer is longer than any answer should be"));
        }
        self.decide(bytes)?;
        match &mut self.kind {
            Kind::Unknown => {}
            Kind::Whole(body) => body.extend_from_slice(bytes),
            Kind::Stream(parser) => {
                parser.feed(bytes, &mut self.ready).map_err(|_| malformed("an event of the answer never ends"))?;
            }
        }
        self.hand_on(assembler, sink)
    }

    /// Takes the end of the body.
    pub(super) fn close(mut self, assembler: &mut impl Assemble, sink: TextSink<'_>) -> Result<(), ModelError> {
        match &mut self.kind {
            Kind::Unknown => Err(malformed("the answer is empty")),
            Kind::Whole(body) => assembler.whole(body, sink),
            Kind::Stream(parser) => {
                parser.finish(&mut self.ready);
                self.hand_on(assembler, sink).map(|_| ())
            }
        }
    }

    fn decide(&mut self, bytes: &[u8]) -> Result<(), ModelError> {
        if let (Kind::Unknown, Some(first)) = (&self.kind, bytes.trim_ascii_start().first()) {
            self.kind = match first {
                b'{' => Kind::Whole(Vec::new()),
                b'<' => return Err(error(Fault::Rejected, "answered with a web page, check the base URL")),
                _ => Kind::Stream(Parser::default()),
            };
        }
        Ok(())
    }

    fn hand_on(&mut self, assembler: &mut impl Assemble, sink: TextSink<'_>) -> Result<Progress, ModelError> {
        while let Some(event) = self.ready.pop_front() {
            // Some servers keep a connection alive with events that hold nothing.
            if event.data.trim().is_empty() {
                continue;
            }
            if assembler.event(&event, &mut *sink)? == Progress::Done {
                return Ok(Progress::Done);
            }
        }
        Ok(Progress::More)
    }
}

fn broken_off(cause: reqwest::Error) -> ModelError {
    let failure = from_transport(cause);
    match failure.fault {
        Fault::Timeout | Fault::Malformed => failure,
        _ => malformed(format!("the answer broke off: {}", failure.message)),
    }
}

async fn read_error_body(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(bytes)) = response.chunk().await {
        let room = LONGEST_ERROR_BODY - body.len();
        body.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if body.len() == LONGEST_ERROR_BODY {
            break;
        }
    }
    body
}
