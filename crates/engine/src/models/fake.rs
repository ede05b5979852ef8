//! A provider on a free port that answers with bytes written by the test, cut wherever the test wants.

#![allow(clippy::disallowed_methods, reason = "tests make their own client and tasks")]

use muster_domain::models::{Model, ModelError, ModelReply, ModelRequest, PromptMessage, ToolSpec};
use serde_json::{Value, json};
use std::sync::Once;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What follows the last piece of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The body ends as HTTP wants it.
    Clean,
    /// The connection is closed in the middle of the body.
    Cut,
    /// Nothing comes any more.
    Hang,
}

/// A client as the program makes it.
pub(super) fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().no_proxy().build().expect("a client without options")
}

/// Starts a server that streams these pieces as HTTP chunks, each a read of its own for the client; answers its URL.
pub(super) async fn stream(pieces: Vec<Vec<u8>>, end: End) -> String {
    let mut answer =
        vec![b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()];
    for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
        answer.push([format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat());
    }
    if end == End::Clean {
        answer.push(b"0\r\n\r\n".to_vec());
    }
    raw(answer, end).await
}

/// Starts a server that sends exactly these bytes to each connection; answers its URL.
pub(super) async fn raw(answer: Vec<Vec<u8>>, end: End) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = read_request(&mut connection).await;
            for piece in &answer {
                let _ = connection.write_all(piece).await;
                let _ = connection.flush().await;
            }
            if end == End::Hang {
                std::future::pending::<()>().await;
            }
        }
    });
    format!("http://{address}")
}

/// Reads a whole request, so that closing the connection is not a reset that swallows the answer.
async fn read_request(connection: &mut TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    loop {
        if connection.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length:")).and_then(|n| n.trim().parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Ok(());
        }
    }
}

/// A request that says hello and offers a tool.
pub(super) fn request() -> ModelRequest {
    ModelRequest {
        model: "test-model".to_owned(),
        system: "Be kind.".to_owned(),
        messages: vec![PromptMessage::User { content: "hello".to_owned() }],
        tools: vec![ToolSpec {
            name: "look".to_owned(),
            description: "Looks.".to_owned(),
            parameters: json!({"type": "object", "properties": {}}),
        }],
        max_output_tokens: 64,
        timeout: Duration::from_secs(30),
    }
}

/// Calls the model and returns its reply with the pieces that were streamed, which must make up the reply's text.
pub(super) async fn call(model: &dyn Model, request: &ModelRequest) -> Result<(ModelReply, Vec<String>), ModelError> {
    let mut pieces = Vec::new();
    let reply = model.call(request, &mut |text: &str| pieces.push(text.to_owned())).await?;
    assert_eq!(pieces.concat(), reply.content);
    Ok((reply, pieces))
}

/// These events as a stream's bytes.
pub(super) fn events(events: &[Value]) -> String {
    let events: Vec<String> = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    events.concat()
}
