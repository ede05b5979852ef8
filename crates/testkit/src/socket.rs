//! Agents' ends of WebSockets: links, and sides of relays.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::error::Elapsed;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long anything may take.
const SOON: Duration = Duration::from_secs(60);

/// A client's end of a WebSocket that carries JSON.
#[derive(Debug)]
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens one.
    pub async fn open(url: &str) -> Self {
        Self::try_open(url).await.expect("switches to a WebSocket")
    }

    /// Opens one, or tells why it was refused.
    pub async fn try_open(url: &str) -> Result<Self, Box<Error>> {
        Ok(Self(connect_async(url).await.map_err(Box::new)?.0))
    }

    /// Dials in to a server, by `ws://host:port`, as the agent of a machine; gives its id.
    pub async fn dial(server: &str, token: &str, machine: &str) -> (Self, String) {
        let mut socket = Self::open(&format!("{server}/rendezvous")).await;
        let key = format!("pk-{machine}");
        socket.say(json!({"type": "register", "token": token, "machineId": machine, "publicKey": key})).await;
        let registered = socket.hear().await.expect("an answer");
        assert_eq!((&registered["type"], &registered["name"]), (&json!("registered"), &json!(machine)), "{registered}");
        let id = registered["agentId"].as_str().expect("an id").to_owned();
        (socket, id)
    }

    /// Sends a frame.
    pub async fn say(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("the socket is open");
    }

    /// The next frame; `None` when the socket is over.
    pub async fn hear(&mut self) -> Option<Value> {
        self.hear_within(SOON).await.expect("something comes soon")
    }

    /// The next frame of this sort; what comes before is passed over.
    pub async fn hear_of(&mut self, sort: &str) -> Value {
        self.hear_until(SOON, |frame| frame["type"] == sort).await
    }

    /// The next frame that fits; what comes before is passed over.
    pub async fn hear_until(&mut self, within: Duration, fits: impl Fn(&Value) -> bool) -> Value {
        let mut passed = Vec::new();
        loop {
            match self.hear_within(within).await {
                Ok(Some(frame)) if fits(&frame) => return frame,
                Ok(Some(frame)) => passed.push(frame.to_string()),
                Ok(None) => panic!("the socket was closed before the frame came, after {passed:?}"),
                Err(late) => panic!("the frame does not come ({late}); what came is {passed:?}"),
            }
        }
    }

    async fn hear_within(&mut self, within: Duration) -> Result<Option<Value>, Elapsed> {
        loop {
            match tokio::time::timeout(within, self.0.next()).await? {
                Some(Ok(Message::Text(text))) => return Ok(Some(serde_json::from_str(&text).expect("JSON"))),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
                Some(Ok(_)) => {}
            }
        }
    }

    /// By which code the socket is closed, and why; what comes before is passed over.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            match tokio::time::timeout(SOON, self.0.next()).await.expect("it is closed soon") {
                Some(Ok(Message::Close(Some(frame)))) => return (frame.code.into(), frame.reason.to_string()),
                Some(Ok(_)) => {}
                other => panic!("closed without a code: {other:?}"),
            }
        }
    }
}
