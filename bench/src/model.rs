//! A model server as OpenAI's chat completions, which takes a known time and says in its answer how long that was.

use crate::Outcome;
use crate::http::find;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Starts to answer, `delay` after each request; goes on until the runtime ends.
pub(crate) async fn start(delay: Duration) -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, delay));
        }
    });
    Ok(address)
}

/// How a server is told to use it.
pub(crate) fn settings(address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        ("OPENAI_BASE_URL", format!("http://{address}/v1")),
        ("OPENAI_API_KEY", "bench".to_owned()),
        ("MUSTER_DEFAULT_MODEL", "openai/bench".to_owned()),
    ]
}

async fn serve(mut stream: TcpStream, delay: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        while !is_whole(&buffer) {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        let begun = Instant::now();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        stream.write_all(&answer(begun)).await?;
    }
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = find(request, b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    request.len() >= end + 4 + length.unwrap_or(0)
}

/// One piece of text, the end with the usage, and the mark of the end, at once.
fn answer(begun: Instant) -> Vec<u8> {
    let head = r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"bench","choices":"#;
    let took = begun.elapsed().as_micros();
    let text = format!(
        "data: {head}[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",\"content\":\"took {took} us\"}},\"finish_reason\":null}}]}}\n\n\
         data: {head}[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\n\
         data: {head}[],\"usage\":{{\"prompt_tokens\":20,\"completion_tokens\":5,\"total_tokens\":25}}}}\n\n\
         data: [DONE]\n\n"
    );
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    format!("{head}{:x}\r\n{text}\r\n0\r\n\r\n", text.len()).into_bytes()
}

/// How long the model took, from a reply that it gave.
pub(crate) fn took(reply: &[u8]) -> Outcome<Duration> {
    const MARK: &[u8] = b"\"content\":\"took ";
    let begin = find(reply, MARK).ok_or("a reply of another model")? + MARK.len();
    let digits = reply[begin..].iter().take_while(|byte| byte.is_ascii_digit());
    Ok(Duration::from_micros(digits.fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'))))
}
