//! One link to the server: from dialling in until it breaks off.

use super::{Asked, Finished, GRACE, Stop, Work, refused};
use futures::{SinkExt, StreamExt};
use muster_base::Error;
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

const DIAL_WITHIN: Duration = Duration::from_secs(20);
const SEND_WITHIN: Duration = Duration::from_secs(20);
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Why a link is over.
pub(super) enum Ended {
    /// The agent was told to stop.
    Stopped,
    /// Dialling in again is of no use.
    Fatal(Error),
    /// Dialling in again may help.
    Broken(String),
}

/// What the server says, as far as this agent cares.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum FromServer {
    Registered {
        agent_id: String,
        name: String,
        heartbeat_interval_ms: u64,
    },
    Interrupt {
        message_id: String,
        from: String,
        reason: String,
        reply_to: Option<String>,
        #[serde(default)]
        truncated: bool,
    },
    ConnectIncoming {
        session_id: String,
    },
    Error {
        code: String,
        message: String,
        fatal: bool,
        message_id: Option<String>,
    },
    #[serde(other)]
    Other,
}

/// A link on which the agent is registered.
pub(super) struct Link {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(super) agent: String,
    pub(super) name: String,
    heartbeat: Duration,
}

impl Link {
    pub(super) async fn dial(url: &Url, register: &Value) -> Result<Self, Ended> {
        let dialled = timeout(DIAL_WITHIN, Self::dial_patiently(url, register)).await;
        dialled.unwrap_or_else(|_| Err(Ended::Broken(format!("{url} does not answer"))))
    }

    async fn dial_patiently(url: &Url, register: &Value) -> Result<Self, Ended> {
        let (mut socket, _) = connect_async_with_config(url.as_str(), None, true)
            .await
            .map_err(|error| Ended::Broken(format!("{url} cannot be reached: {error}")))?;
        socket.send(Message::text(register.to_string())).await.map_err(broken)?;
        loop {
            match next(&mut socket).await? {
                FromServer::Registered { agent_id, name, heartbeat_interval_ms } => {
                    let heartbeat = Duration::from_millis(heartbeat_interval_ms.clamp(100, 600_000));
                    return Ok(Self { socket, agent: agent_id, name, heartbeat });
                }
                FromServer::Error { code, message, fatal, .. } => return Err(over(&code, &message, fatal)),
                _ => {}
            }
        }
    }

    /// Serves until the link is over.
    pub(super) async fn serve(&mut self, work: &mut Work, stop: &mut Stop) -> Ended {
        match self.try_serve(work, stop).await {
            Ok(()) => {
                let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
                let _ = timeout(CLOSE_WITHIN, self.socket.close(Some(frame))).await;
                let _ = timeout(CLOSE_WITHIN, async { while let Some(Ok(_)) = self.socket.next().await {} }).await;
                Ended::Stopped
            }
            Err(ended) => ended,
        }
    }

    async fn try_serve(&mut self, work: &mut Work, stop: &mut Stop) -> Result<(), Ended> {
        let mut beats = interval(self.heartbeat);
        let patience = self.heartbeat * 5 / 2;
        let mut silent_until = Instant::now() + patience;
        let mut grace_ends = None;
        loop {
            work.start();
            if grace_ends.is_some() && work.running.is_empty() {
                return Ok(());
            }
            tokio::select! {
                frame = next(&mut self.socket) => {
                    silent_until = Instant::now() + patience;
                    self.hear(frame?, work, grace_ends.is_some()).await?;
                }
                finished = work.finished() => self.reply(finished?).await?,
                _ = beats.tick() => self.send(json!({"type": "heartbeat"})).await?,
                () = stop.asked(), if grace_ends.is_none() => {
                    work.take_no_more();
                    grace_ends = Some(Instant::now() + GRACE);
                }
                () = sleep_until(silent_until) => return Err(Ended::Broken("the server is silent".to_owned())),
                () = sleep_until(grace_ends.unwrap_or(silent_until)), if grace_ends.is_some() => return Ok(()),
            }
        }
    }

    async fn hear(&mut self, frame: FromServer, work: &mut Work, is_stopping: bool) -> Result<(), Ended> {
        match frame {
            FromServer::Interrupt { message_id, reply_to: Some(_), .. } => {
                // An answer to what this agent sent asks for nothing.
                self.send(json!({"type": "ack", "messageId": message_id})).await
            }
            FromServer::Interrupt { .. } if is_stopping => Ok(()),
            FromServer::Interrupt { message_id, from, reason, truncated, .. } => {
                match work.take(Asked { id: message_id, from, reason, is_cut: truncated }) {
                    Some(finished) => self.reply(finished).await,
                    None => Ok(()),
                }
            }
            FromServer::ConnectIncoming { session_id } => {
                let reason = "this agent answers interrupts only";
                self.send(json!({"type": "connect_reject", "sessionId": session_id, "reason": reason})).await
            }
            FromServer::Error { code, message, fatal: true, .. } => Err(over(&code, &message, true)),
            FromServer::Error { code, message, message_id: Some(id), .. } => {
                // What the server could not take now, it asks for again on the next link.
                if matches!(code.as_str(), "UNAVAILABLE" | "INTERNAL" | "RATE_LIMITED") {
                    return Err(over(&code, &message, false));
                }
                work.voice.tell("error", &message, json!({"code": code, "message": message, "messageId": id}));
                Ok(())
            }
            FromServer::Error { code, message, .. } => {
                work.voice.tell("error", &message, json!({"code": code, "message": message}));
                Ok(())
            }
            FromServer::Registered { .. } | FromServer::Other => Ok(()),
        }
    }

    async fn reply(&mut self, finished: Finished) -> Result<(), Ended> {
        self.send(json!({"type": "reply", "messageId": finished.id, "content": finished.content})).await
    }

    async fn send(&mut self, frame: Value) -> Result<(), Ended> {
        match timeout(SEND_WITHIN, self.socket.send(Message::text(frame.to_string()))).await {
            Ok(sent) => sent.map_err(broken),
            Err(_) => Err(Ended::Broken("the server does not read".to_owned())),
        }
    }
}

/// The next frame; what is no frame of the protocol is passed over.
async fn next(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> Result<FromServer, Ended> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap_or(FromServer::Other)),
            Some(Ok(Message::Close(_))) | None => return Err(Ended::Broken("the server closed the link".to_owned())),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(broken(error)),
        }
    }
}

fn broken(error: impl std::fmt::Display) -> Ended {
    Ended::Broken(format!("the link broke off: {error}"))
}

fn over(code: &str, message: &str, fatal: bool) -> Ended {
    if fatal {
        Ended::Fatal(refused(&format!("{message} ({code})")))
    } else {
        Ended::Broken(format!("{message} ({code})"))
    }
}
