//! `/rendezvous`: the WebSocket by which agents dial in, get interrupts, and find each other.
//!
//! Protocol: network.md of the documentation. One task per link; what one link may hold is bounded, and who does not read
//! is let go.

mod acts;
mod frames;
mod talk;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use frames::{About, FromAgent, Register, ToAgent};
use futures::FutureExt;
use muster_base::{Kind, Result};
use muster_domain::access;
use muster_domain::enrolments::{self, Enrolled, Machine};
use muster_domain::links::{self, Link, Newcomer};
use muster_domain::{App, Ctx, Request};
use muster_http::{AppState, Op, Rate, Visitor, get};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// Dial in as an agent.
pub(crate) const RENDEZVOUS: Op = get("/rendezvous")
    .public()
    .upgrades()
    // Who is not let in within seconds is gone, and how many may try at once is bounded.
    .rate(Rate::None)
    .summary("Dial in as an agent: a WebSocket of JSON frames, the first of which is `register`");

/// The largest frame that is taken, in bytes.
const LARGEST: usize = 256 * 1024;
/// How much is read at once: small, for there are many links and most are silent.
const READ_BUFFER: usize = 4 * 1024;
/// How long a last word may take.
const FAREWELL_WITHIN: Duration = Duration::from_secs(2);
/// How long a client has to read a last word while what it sends is not read any more.
const LINGER: Duration = Duration::from_secs(1);

pub(crate) async fn rendezvous(
    State(state): State<Arc<AppState>>,
    visitor: Visitor,
    upgrade: WebSocketUpgrade,
) -> Result<Response, muster_http::Failure> {
    let most = state.app.settings.links.registering;
    let newcomer = state.app.links.meet(visitor.request.address, most)?;
    let upgrade =
        upgrade.read_buffer_size(READ_BUFFER).write_buffer_size(0).max_message_size(LARGEST).max_frame_size(LARGEST);
    Ok(upgrade.on_upgrade(move |socket| dial_in(socket, state, visitor.request, newcomer)))
}

async fn dial_in(mut socket: WebSocket, state: Arc<AppState>, request: Request, newcomer: Newcomer) {
    let admitted = tokio::select! {
        admitted = Box::pin(register(&mut socket, &state.app, request)) => admitted,
        () = state.shutdown.cancelled() => return,
    };
    drop(newcomer);
    drop(state);
    let Some(link) = admitted else { return };
    let talked = AssertUnwindSafe(talk::talk(&mut socket, &link)).catch_unwind().await;
    links::close(&link).await;
    match talked {
        Ok(Some(end)) => say_farewell(&mut socket, &link, end).await,
        Ok(None) => {}
        Err(_) => tracing::error!(agent.id = %link.agent, "a link ended by a panic"),
    }
}

async fn say_farewell(socket: &mut WebSocket, link: &Link, end: links::End) {
    tracing::debug!(agent.id = %link.agent, ?end, "ended a link");
    if let Some((code, message, fatal, close)) = frames::farewell(end) {
        let text = frames::failure(code, message, fatal, &About::default());
        refuse(socket, text, close).await;
    }
}

/// Whether a socket is over because more was sent at once than is taken.
pub(crate) fn is_too_long(error: &axum::Error) -> bool {
    error.to_string().to_lowercase().contains("too long")
}

/// Says why, and closes.
async fn refuse(socket: &mut WebSocket, text: String, code: u16) {
    let last = async {
        socket.send(Message::Text(text.into())).await?;
        socket.send(Message::Close(Some(CloseFrame { code, reason: "".into() }))).await?;
        hear_out(socket).await;
        Ok::<(), axum::Error>(())
    };
    let _ = tokio::time::timeout(FAREWELL_WITHIN, last).await;
}

/// Reads what is still on its way from a client that was sent its last word, or the system would throw that away. What
/// cannot be read any more is given time instead.
pub(crate) async fn hear_out(socket: &mut WebSocket) {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Close(_))) => return,
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return tokio::time::sleep(LINGER).await,
        }
    }
}

/// Lets a client in; `None` when it was told why not.
async fn register(socket: &mut WebSocket, app: &Arc<App>, request: Request) -> Option<Arc<Link>> {
    let within = app.settings.links.register_within;
    let (register, size) = match tokio::time::timeout(within, first_frame(socket)).await {
        Ok(Ok(first)) => first,
        Ok(Err(None)) => return None,
        Ok(Err(Some(problem))) => {
            refuse(socket, frames::failure("INVALID_MESSAGE", &problem, true, &About::default()), 4000).await;
            return None;
        }
        Err(_) => {
            let message = format!("no `register` came within {} seconds; dial in again", within.as_secs());
            refuse(socket, frames::failure("REGISTER_TIMEOUT", &message, false, &About::default()), 4000).await;
            return None;
        }
    };
    match let_in(app, register, &request).await {
        Ok(link) => {
            link.received(size, true);
            let greeting = ToAgent::Registered {
                agent_id: &link.agent,
                tenant_id: link.ctx.org(),
                name: link.name(),
                heartbeat_interval_ms: link.heartbeat.as_millis() as u64,
            };
            if talk::write(socket, &link, greeting.text(), true).await {
                return Some(link);
            }
            links::close(&link).await;
            None
        }
        Err(error) => {
            let (code, is_fatal, close) = match error.kind() {
                Kind::Unauthorized | Kind::Forbidden => ("AUTH_FAILED", true, 4003),
                Kind::Invalid => ("INVALID_MESSAGE", true, 4000),
                _ => (frames::code(&error), false, 1013),
            };
            if matches!(error.kind(), Kind::Internal) {
                tracing::error!(error = ?error, "could not let an agent in");
            }
            refuse(socket, frames::failure(code, error.message(), is_fatal, &About::default()), close).await;
            None
        }
    }
}

/// The first frame; `None` when the client went away instead.
async fn first_frame(socket: &mut WebSocket) -> Result<(Register, usize), Option<String>> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => {
                return match serde_json::from_str(&text) {
                    Ok(FromAgent::Register(register)) => Ok((register, text.len())),
                    Ok(_) => Err(Some("the first frame must be `register`".to_owned())),
                    Err(error) => Err(Some(format!("the first frame must be `register`: {error}"))),
                };
            }
            Some(Ok(Message::Binary(_))) => return Err(Some("frames are JSON text, not binary".to_owned())),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(None),
        }
    }
}

async fn let_in(app: &Arc<App>, register: Register, request: &Request) -> Result<Arc<Link>> {
    let Register { token, machine_id, public_key, version, name } = register;
    let principal = match access::identify(app, &token).await {
        Ok(principal) => principal,
        Err(error) => {
            access::note_refusal(app, None, request, "rendezvous", &error).await;
            return Err(error);
        }
    };
    let ctx = Ctx::new(Arc::clone(app), Arc::clone(&principal), request.clone());
    let machine = Machine { id: machine_id, name, version, public_key: public_key.clone() };
    let enrolled: Enrolled = match enrolments::enrol(&ctx, machine).await {
        Ok(enrolled) => enrolled,
        Err(error) => {
            if matches!(error.kind(), Kind::Unauthorized | Kind::Forbidden) {
                access::note_refusal(app, Some(&principal), request, "rendezvous", &error).await;
            }
            return Err(error);
        }
    };
    let public_key = match public_key {
        Some(key) => key,
        None => enrolments::public_key(&ctx, &enrolled.agent.id).await?.unwrap_or_default(),
    };
    links::open(app, enrolled, public_key).await
}
