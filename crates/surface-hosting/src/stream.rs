//! The stream of a turn as server-sent events. Everything comes from the store, so a reader that comes back with
//! `Last-Event-ID` misses nothing, whatever happened to the server meanwhile.

use axum::response::Response;
use futures::{Stream, StreamExt, stream};
use muster_domain::turns::{self, State};
use muster_domain::{App, Ctx, Listener};
use muster_http::{AppState, Caller, SseEvent, sse_for};
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How many pieces are read at once.
const BATCH: i64 = 200;
/// How often a silent stream looks by itself, should a wake-up from another node be lost.
const LOOK: Duration = Duration::from_secs(2);

/// Why a message has nothing to stream.
pub(crate) const WAITS: &str =
    "the agent runs elsewhere: the message waits until it asks for it, so there is no turn to stream";

/// The place in a turn's stream that a `Last-Event-ID` names; the beginning when it is of another turn.
pub(crate) fn place(turn: &str, last: &str) -> i64 {
    match last.rsplit_once(':') {
        Some((of, seq)) if of == turn => seq.parse().unwrap_or(0),
        Some(_) => 0,
        None => last.parse().unwrap_or(0),
    }
}

/// Answers with the stream of a turn after a place; `accepted` goes first.
pub(crate) fn answer(
    state: &AppState,
    caller: &Caller,
    turn: String,
    after: i64,
    accepted: Option<String>,
) -> Response {
    let first = accepted.map(|data| SseEvent { id: None, event: Some("message.accepted".into()), data });
    sse_for(state, caller, stream::iter(first).chain(follow(caller.0.clone(), turn, after)))
}

/// Answers that the message is stored and waits, and ends.
pub(crate) fn waiting(state: &AppState, caller: &Caller, message: &str, accepted: String) -> Response {
    let event = |name: &'static str, data| SseEvent { id: None, event: Some(name.into()), data };
    let waiting = json!({"message_id": message, "reason": WAITS}).to_string();
    let told = [event("message.accepted", accepted), event("message.waiting", waiting)];
    sse_for(state, caller, stream::iter(told))
}

struct Reader {
    ctx: Ctx,
    app: Arc<App>,
    turn: String,
    after: i64,
    listener: Listener,
    pieces: VecDeque<SseEvent>,
    ended: bool,
}

fn follow(ctx: Ctx, turn: String, after: i64) -> impl Stream<Item = SseEvent> + Send + 'static {
    let app = ctx.app().clone();
    let listener = app.db.hub().listen("stream", &turn);
    let reader = Reader { ctx, app, turn, after, listener, pieces: VecDeque::new(), ended: false };
    stream::unfold(reader, |mut reader| async move {
        loop {
            if let Some(piece) = reader.pieces.pop_front() {
                return Some((piece, reader));
            }
            if reader.ended {
                return None;
            }
            reader.read().await?;
            if reader.pieces.is_empty() && !reader.ended {
                let _ = tokio::time::timeout(LOOK, reader.listener.wait()).await;
            }
        }
    })
}

impl Reader {
    /// Reads what is new; `None` ends the stream, e.g. because the agent was deleted.
    async fn read(&mut self) -> Option<()> {
        let rows = turns::stream_after(&self.app, &self.turn, self.after, BATCH).await.ok()?;
        for row in &rows {
            self.after = row.seq;
            self.ended |= row.is_last();
            let id = Some(format!("{}:{}", self.turn, row.seq));
            self.pieces.push_back(SseEvent { id, event: Some(row.kind.clone().into()), data: row.data.clone() });
        }
        if rows.is_empty() {
            self.look_at_turn().await?;
        }
        Some(())
    }

    /// A turn that has ended and has nothing left to show: its pieces were deleted, or the reader has seen them all.
    async fn look_at_turn(&mut self) -> Option<()> {
        let detail = turns::find(&self.ctx, &self.turn).await.ok()?;
        if matches!(detail.turn.state, State::Queued | State::Running) {
            return Some(());
        }
        // It may have ended between the two looks.
        if !turns::stream_after(&self.app, &self.turn, self.after, 1).await.ok()?.is_empty() {
            return Some(());
        }
        self.ended = true;
        if self.after > 0 && turns::stream_head(&self.app, &self.turn).await.ok()? {
            return Some(());
        }
        let reply = detail.messages.iter().find(|message| message.role == "assistant");
        let (event, data) = match (reply, &detail.turn.error) {
            (Some(reply), _) => {
                let message = json!({"id": reply.id, "role": "assistant", "content": reply.content, "status": reply.status,
                                     "conversation_id": reply.conversation, "reply_to_id": reply.reply_to, "created_at": reply.created_at});
                let usage = json!({"input_tokens": detail.turn.usage.input_tokens, "output_tokens": detail.turn.usage.output_tokens});
                ("message.completed", json!({"turn_id": self.turn, "message": message, "usage": usage}))
            }
            (None, error) => {
                let (code, message) =
                    error.clone().unwrap_or_else(|| ("INTERNAL".to_owned(), "the turn gave no reply".to_owned()));
                ("turn.failed", json!({"turn_id": self.turn, "error": {"code": code, "message": message}}))
            }
        };
        self.pieces.push_back(SseEvent { id: None, event: Some(event.into()), data: data.to_string() });
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_counts_only_in_its_own_turn() {
        assert_eq!(place("turn_a", "turn_a:7"), 7);
        assert_eq!(place("turn_a", "turn_b:7"), 0);
        assert_eq!(place("turn_a", "7"), 7);
        assert_eq!(place("turn_a", "rubbish"), 0);
    }
}
