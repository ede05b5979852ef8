//! One link's conversation: what waits is written, then whatever comes first is seen to.

use super::frames::{self, About, FromAgent};
use super::{LARGEST, acts};
use axum::extract::ws::{Message, WebSocket};
use muster_base::Millis;
use muster_domain::Listener;
use muster_domain::inbox;
use muster_domain::links::{End, Link};
use std::sync::Arc;
use std::time::Duration;

/// How many messages are read and written at once.
const PAGE: usize = 32;
/// How often it is looked for messages without a notice, where another node may have written them.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How many frames a second are taken; the others wait in the client.
const FRAMES_A_SECOND: u32 = 200;

/// What one link has come to.
struct Talk<'a> {
    socket: &'a mut WebSocket,
    link: &'a Arc<Link>,
    news: Listener,
    /// The number of the last message that was sent.
    sent: i64,
    /// Whether there may be messages that were not sent.
    is_behind: bool,
    looked_at: Millis,
    /// The second of the last frame, and how many came in it.
    pace: (i64, u32),
}

/// Talks until either side ends it; says why when it was ours.
pub(super) async fn talk(socket: &mut WebSocket, link: &Arc<Link>) -> Option<End> {
    // Listens before it looks, so that nothing falls in between.
    let news = link.ctx.db.hub().listen("inbox", &link.agent);
    let looked_at = link.ctx.now();
    let mut talk = Talk { socket, link, news, sent: 0, is_behind: true, looked_at, pace: (0, 0) };
    while talk.step().await {}
    link.ended()
}

/// Writes one frame; `false` when the link is over.
pub(super) async fn write(socket: &mut WebSocket, link: &Link, text: String, is_activity: bool) -> bool {
    let size = text.len();
    link.writing();
    let is_written = tokio::select! {
        written = socket.send(Message::Text(text.into())) => written.is_ok(),
        _ = link.over() => false,
    };
    link.written();
    if is_written {
        link.sent(size, is_activity);
    }
    is_written
}

impl Talk<'_> {
    /// One round; `false` when the link is over.
    async fn step(&mut self) -> bool {
        while let Some(push) = self.link.next() {
            if !self.write(frames::pushed(&push), push.is_activity()).await {
                return false;
            }
        }
        if self.link.ended().is_some() {
            return false;
        }
        if self.is_behind {
            return Box::pin(self.deliver()).await;
        }
        tokio::select! {
            frame = self.socket.recv() => match frame {
                Some(Ok(frame)) => Box::pin(self.take(frame)).await,
                Some(Err(error)) => {
                    self.complain_of(&error).await;
                    false
                }
                None => false,
            },
            () = self.link.rung() => true,
            () = self.news.wait() => {
                self.is_behind = true;
                true
            }
        }
    }

    async fn write(&mut self, text: String, is_activity: bool) -> bool {
        write(self.socket, self.link, text, is_activity).await
    }

    /// Sends some of what waits; what is neither acknowledged nor answered is sent again over the next link.
    async fn deliver(&mut self) -> bool {
        let (link, agent) = (self.link, &*self.link.agent);
        self.looked_at = link.ctx.now();
        let waiting = match inbox::undelivered(&link.ctx, agent, self.sent, PAGE).await {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::warn!(error = ?error, agent.id = %agent, "could not read what waits; trying again");
                self.is_behind = false;
                self.looked_at = Millis(0);
                return true;
            }
        };
        self.is_behind = !waiting.is_empty();
        let mut got = Vec::with_capacity(waiting.len());
        let mut is_open = true;
        for message in waiting {
            is_open = self.write(frames::interrupt(&message), true).await;
            if !is_open {
                break;
            }
            self.sent = message.number;
            got.push(message.id);
        }
        if let Err(error) = inbox::mark_delivered(&link.ctx, agent, &got).await {
            tracing::warn!(error = ?error, agent.id = %agent, "could not note what was delivered");
        }
        is_open
    }

    /// Takes a frame; `false` when the link is over.
    async fn take(&mut self, frame: Message) -> bool {
        let text = match frame {
            Message::Text(text) => text,
            Message::Binary(_) => {
                return self.complain("INVALID_MESSAGE", "frames are JSON text, not binary", &About::default()).await;
            }
            // Signs of the connection and not of the agent: a client that hangs may still send them.
            Message::Ping(_) | Message::Pong(_) => return true,
            Message::Close(_) => return false,
        };
        self.keep_pace().await;
        let frame = match serde_json::from_str::<FromAgent>(&text) {
            Ok(frame) => frame,
            Err(error) => {
                self.link.received(text.len(), true);
                let message = format!("the frame is not understood: {error}");
                return self.complain("INVALID_MESSAGE", &message, &About::default()).await;
            }
        };
        let is_heartbeat = matches!(frame, FromAgent::Heartbeat);
        self.link.received(text.len(), !is_heartbeat);
        drop(text);
        if is_heartbeat {
            return self.acknowledge_heartbeat().await;
        }
        let about = frame.about();
        match acts::carry_out(self.link, frame).await {
            Ok(()) => true,
            Err(error) => {
                if error.kind() == muster_base::Kind::Internal {
                    tracing::error!(error = ?error, agent.id = %self.link.agent, "could not do what a frame asks");
                }
                self.complain(frames::code(&error), error.message(), &about).await
            }
        }
    }

    async fn acknowledge_heartbeat(&mut self) -> bool {
        let now = self.link.ctx.now();
        let may_have_missed = !self.link.ctx.db.has_one_writer() || self.looked_at == Millis(0);
        self.is_behind |= may_have_missed && self.looked_at + LOOK_EVERY <= now;
        self.write(frames::ToAgent::HeartbeatAck { timestamp: now.0 }.text(), false).await
    }

    async fn complain(&mut self, code: &str, message: &str, about: &About) -> bool {
        self.write(frames::failure(code, message, false, about), true).await
    }

    /// Says why the connection cannot go on, where the client can do something about it.
    async fn complain_of(&mut self, error: &axum::Error) {
        if super::is_too_long(error) {
            let message = format!("a frame may have at most {LARGEST} bytes");
            let text = frames::failure("TOO_LARGE", &message, false, &About::default());
            super::refuse(self.socket, text, 1009).await;
        }
    }

    /// Lets a client that says too much at once wait.
    async fn keep_pace(&mut self) {
        let second = self.link.ctx.now().seconds();
        if self.pace.0 != second {
            self.pace = (second, 0);
        }
        self.pace.1 += 1;
        if self.pace.1.is_multiple_of(FRAMES_A_SECOND) {
            tokio::select! { () = tokio::time::sleep(Duration::from_secs(1)) => {}, _ = self.link.over() => {} }
        }
    }
}
