//! `/relay`: bytes between the two ends of a session that found no way of their own.
//!
//! Whoever shows a token that `relay_assigned` gave has one side. A side is read only as fast as the other takes what it
//! sends. It is over with the other side, and with the session.

use crate::rendezvous::{hear_out, is_too_long};
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use muster_base::Error;
use muster_domain::App;
use muster_domain::links::{Chunk, Relay, RelayEnd, Seat};
use muster_http::{AppState, Failure, Op, Query, Rate, get};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// Take one side of a relay.
pub(crate) const RELAY: Op = get("/relay")
    .public()
    .upgrades()
    .rate(Rate::None)
    .summary(
        "Exchange messages with the other end of a session: a WebSocket, opened once by the token of `relay_assigned`",
    )
    .query::<RelayQuery>();

/// The largest message that is carried, in bytes.
const LARGEST: usize = 256 * 1024;
const READ_BUFFER: usize = 16 * 1024;
/// How long the last word may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// What opens a side.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct RelayQuery {
    /// `relayToken` of `relay_assigned`.
    token: String,
}

pub(crate) async fn relay(
    State(state): State<Arc<AppState>>,
    Query(query): Query<RelayQuery>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    let seat = state.app.links.take_seat(&query.token, state.app.now())?;
    let upgrade =
        upgrade.read_buffer_size(READ_BUFFER).write_buffer_size(0).max_message_size(LARGEST).max_frame_size(LARGEST);
    Ok(upgrade.on_upgrade(move |socket| carry(socket, seat, state)))
}

/// By which code and with which words a side is closed.
type Close = (u16, &'static str);

fn close_of(end: RelayEnd) -> Close {
    match end {
        RelayEnd::SessionOver => (1000, "the session is over"),
        RelayEnd::Replaced => (1000, "the session was given another relay"),
        RelayEnd::TooLarge => (1009, "a message may have at most 262144 bytes"),
    }
}

/// How a side is closed whose other side has gone.
fn gone(relay: &Relay) -> Close {
    relay.ended().map_or((1000, "the other side has gone"), close_of)
}

/// Carries messages both ways until either side ends; the other one is closed then.
async fn carry(mut socket: WebSocket, seat: Seat, state: Arc<AppState>) {
    let Some(close) = carry_until(&mut socket, seat, &state).await else { return };
    let last = async {
        let frame = CloseFrame { code: close.0, reason: close.1.into() };
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            hear_out(&mut socket).await;
        }
    };
    let _ = tokio::time::timeout(CLOSE_WITHIN, last).await;
}

/// Carries messages; how this side is to be closed, `None` when it has gone.
async fn carry_until(socket: &mut WebSocket, seat: Seat, state: &AppState) -> Option<Close> {
    let Seat { relay, to_other, mut from_other, .. } = seat;
    let mut held: Option<Chunk> = None;
    loop {
        let Some(quiet_for) = relay.idle_in(state.app.now()) else {
            return Some((1001, "nothing went through for too long"));
        };
        tokio::select! {
            end = relay.over() => return Some(close_of(end)),
            // What came in waits here until the other side has room: nothing more is read meanwhile.
            room = to_other.reserve(), if held.is_some() => match (room, held.take()) {
                (Ok(room), Some(chunk)) => room.send(chunk),
                _ => return Some(gone(&relay)),
            },
            frame = socket.recv(), if held.is_none() => match frame {
                Some(Ok(Message::Text(text))) => {
                    held = Some(Chunk { bytes: text.as_bytes().to_vec(), is_text: true });
                }
                Some(Ok(Message::Binary(bytes))) => held = Some(Chunk { bytes: bytes.to_vec(), is_text: false }),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Err(error)) if is_too_long(&error) => {
                    relay.end(RelayEnd::TooLarge);
                    return Some(close_of(RelayEnd::TooLarge));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            },
            chunk = from_other.recv() => {
                let Some(chunk) = chunk else { return Some(gone(&relay)) };
                let given = tokio::select! {
                    given = give(socket, &relay, &state.app, chunk) => given,
                    end = relay.over() => return Some(close_of(end)),
                };
                match given {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(_) => return Some((1008, "the relay has carried as much as one may")),
                }
            }
            () = tokio::time::sleep(quiet_for) => {}
            () = state.shutdown.cancelled() => return Some((1012, "the server restarts")),
        }
    }
}

/// Gives a side what came from the other, no faster than the relay may; `false` when it has gone or does not read.
async fn give(socket: &mut WebSocket, relay: &Relay, app: &App, chunk: Chunk) -> Result<bool, Error> {
    let size = chunk.bytes.len();
    tokio::time::sleep(relay.carry(size, app.now())?).await;
    let message = if chunk.is_text {
        // It was text when it came.
        Message::Text(String::from_utf8_lossy(&chunk.bytes).into_owned().into())
    } else {
        Message::Binary(chunk.bytes.into())
    };
    let longest = relay.idle_in(app.now()).unwrap_or_default();
    let is_sent = matches!(tokio::time::timeout(longest, socket.send(message)).await, Ok(Ok(())));
    if is_sent {
        // It came in as well as it went out.
        app.links.count_bytes(relay.org(), 2 * size as u64);
    }
    Ok(is_sent)
}
