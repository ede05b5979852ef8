//! A client for one keep-alive connection that costs as little as possible, so that the server is what is measured.

use crate::Outcome;
use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The API key that every measured server is started with.
pub(crate) const API_KEY: &str = "mk_bench_0123456789abcdef0123456789abcdef";

/// A connection and what has arrived on it.
pub(crate) struct Conn {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, as far as it is looked at.
pub(crate) struct Answer<'c> {
    pub(crate) status: u16,
    pub(crate) body: &'c [u8],
}

impl Conn {
    pub(crate) async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a whole request and reads an answer that says how long it is.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Outcome<Answer<'_>> {
        self.send(request).await?;
        let (status, begin, length) = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                let head = &self.buffer[..end];
                break (status_of(head)?, end + 4, length_of(head)?);
            }
            self.receive().await?;
        };
        while self.buffer.len() < begin + length {
            self.receive().await?;
        }
        Ok(Answer { status, body: &self.buffer[begin..begin + length] })
    }

    /// Sends a request whose answer is a stream, and returns all of it as soon as `mark` has arrived.
    pub(crate) async fn until(&mut self, request: &[u8], mark: &[u8]) -> Outcome<&[u8]> {
        self.send(request).await?;
        while find(&self.buffer, mark).is_none() {
            if find(&self.buffer, b"event: turn.failed").is_some() || self.buffer.starts_with(b"HTTP/1.1 4") {
                return Err(format!("the turn failed: {}", String::from_utf8_lossy(&self.buffer)).into());
            }
            self.receive().await?;
        }
        Ok(&self.buffer)
    }

    /// Reads a chunked answer to its end, so that the connection can be used again.
    pub(crate) async fn drain(&mut self) -> Outcome<&[u8]> {
        while !self.buffer.ends_with(b"\r\n0\r\n\r\n") {
            self.receive().await?;
        }
        Ok(&self.buffer)
    }

    async fn send(&mut self, request: &[u8]) -> Outcome<()> {
        self.buffer.clear();
        Ok(self.stream.write_all(request).await?)
    }

    async fn receive(&mut self) -> Outcome<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(())
    }
}

/// A request with a credential, as bytes.
pub(crate) fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let (json, length) = if method == "GET" {
        (String::new(), "")
    } else {
        (format!("content-length: {}\r\n", body.len()), "content-type: application/json\r\n")
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {API_KEY}\r\n{length}{json}{headers}\r\n"
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// One call with JSON both ways, for the preparations.
pub(crate) async fn call(conn: &mut Conn, method: &str, path: &str, body: &Value) -> Outcome<Value> {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let answer = conn.exchange(&request(method, path, "", &text)).await?;
    if answer.status >= 300 {
        let text = String::from_utf8_lossy(answer.body);
        return Err(format!("{method} {path} answered {}: {text}", answer.status).into());
    }
    Ok(serde_json::from_slice(answer.body)?)
}

/// Where `needle` begins.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn status_of(head: &[u8]) -> Outcome<u16> {
    let digits = head.get(9..12).ok_or("an answer without a status")?;
    Ok(std::str::from_utf8(digits)?.parse()?)
}

fn length_of(head: &[u8]) -> Outcome<usize> {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let begin = find(head, NAME).ok_or("an answer that does not say how long it is")? + NAME.len();
    let digits = head[begin..].iter().take_while(|byte| byte.is_ascii_digit());
    Ok(digits.fold(0, |length, byte| length * 10 + usize::from(byte - b'0')))
}
