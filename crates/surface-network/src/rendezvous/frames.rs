//! What is said over a link: JSON text frames that name their sort in `type`.

use muster_base::{Error, Kind, Millis};
use muster_domain::inbox::Waiting;
use muster_domain::links::{End, Push};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// The largest frame of a message, in bytes: usual clients take up to 1 MiB, and end the link at a larger one.
const LARGEST_PUSHED: usize = 1_000_000;

/// What an agent's client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(super) enum FromAgent {
    /// Who it is; the first frame, and only that.
    Register(Register),
    /// It lives.
    Heartbeat,
    /// It wants a session with another agent.
    ConnectRequest { target_agent_id: String, session_id: String },
    /// It takes up a session.
    ConnectAccept { session_id: String },
    /// It refuses a session.
    ConnectReject { session_id: String, reason: Option<String> },
    /// Something for the other end of a session.
    Signal { session_id: String, target_agent_id: String, signal: SignalBody },
    /// It wants a relay for a session.
    RelayRequest { session_id: String },
    /// It leaves a session.
    Disconnect { session_id: String },
    /// What it replies to a message.
    Reply { message_id: String, content: String },
    /// It has taken up a message.
    Ack { message_id: String },
    /// A message to another agent.
    Message { to: String, content: String },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Register {
    pub(super) token: String,
    pub(super) machine_id: String,
    pub(super) public_key: Option<String>,
    pub(super) version: Option<String>,
    pub(super) name: Option<String>,
}

/// What two ends of a session say to each other, unread.
#[derive(Debug, Deserialize)]
pub(super) struct SignalBody {
    #[serde(rename = "type")]
    pub(super) kind: SignalKind,
    #[serde(default)]
    pub(super) data: Value,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SignalKind {
    Offer,
    Answer,
    Ice,
}

impl SignalKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Answer => "answer",
            Self::Ice => "ice",
        }
    }
}

/// Which message or session a frame was about, so that what is said of it can name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct About {
    pub(super) message: Option<String>,
    pub(super) session: Option<String>,
}

impl FromAgent {
    pub(super) fn about(&self) -> About {
        match self {
            Self::Reply { message_id, .. } | Self::Ack { message_id } => {
                About { message: Some(message_id.clone()), session: None }
            }
            Self::ConnectRequest { session_id, .. }
            | Self::ConnectAccept { session_id }
            | Self::ConnectReject { session_id, .. }
            | Self::Signal { session_id, .. }
            | Self::RelayRequest { session_id }
            | Self::Disconnect { session_id } => About { message: None, session: Some(session_id.clone()) },
            Self::Register(_) | Self::Heartbeat | Self::Message { .. } => About::default(),
        }
    }
}

/// What the server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub(super) enum ToAgent<'a> {
    Registered {
        agent_id: &'a str,
        tenant_id: &'a str,
        name: &'a str,
        heartbeat_interval_ms: u64,
    },
    HeartbeatAck {
        /// Milliseconds since the epoch.
        timestamp: i64,
    },
    AgentStatus {
        agent_id: &'a str,
        status: &'static str,
    },
    ConnectIncoming {
        session_id: &'a str,
        from_agent_id: &'a str,
        from_agent_name: &'a str,
    },
    ConnectAccepted {
        session_id: &'a str,
        agent_id: &'a str,
        agent_name: &'a str,
        public_key: &'a str,
    },
    ConnectRejected {
        session_id: &'a str,
        reason: &'a str,
    },
    SignalForward {
        session_id: &'a str,
        from_agent_id: &'a str,
        signal: SignalOut<'a>,
    },
    RelayAssigned {
        session_id: &'a str,
        relay_host: &'a str,
        relay_port: u16,
        relay_token: &'a str,
        relay_url: &'a str,
    },
    Interrupt {
        message_id: &'a str,
        from: &'a str,
        from_id: &'a str,
        reason: &'a str,
        channel: &'a str,
        /// The agent's own message that this replies to: it is acknowledged and not answered.
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_to: Option<&'a str>,
        sent_at: Millis,
        /// Whether `reason` is only the beginning of the text; absent when it is all of it.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        truncated: bool,
    },
    Error {
        code: &'a str,
        message: &'a str,
        fatal: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        message_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        session_id: Option<&'a str>,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct SignalOut<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    data: &'a RawValue,
}

impl ToAgent<'_> {
    pub(super) fn text(&self) -> String {
        // Strings, numbers and JSON that was read once are always JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The frame of something that waited in the link's queue.
pub(super) fn pushed(push: &Push) -> String {
    match push {
        Push::Peer { agent, online } => {
            ToAgent::AgentStatus { agent_id: agent, status: if *online { "online" } else { "offline" } }.text()
        }
        Push::Asked { session, from, name } => {
            ToAgent::ConnectIncoming { session_id: session, from_agent_id: from, from_agent_name: name }.text()
        }
        Push::Accepted { session, agent, name, public_key } => {
            ToAgent::ConnectAccepted { session_id: session, agent_id: agent, agent_name: name, public_key }.text()
        }
        Push::Rejected { session, reason } => ToAgent::ConnectRejected { session_id: session, reason }.text(),
        Push::Signal { session, from, signal } => {
            let data = serde_json::from_str(&signal.data).unwrap_or(RawValue::NULL);
            let signal = SignalOut { kind: &signal.kind, data };
            ToAgent::SignalForward { session_id: session, from_agent_id: from, signal }.text()
        }
        Push::NoRelay { session } => {
            let about = About { message: None, session: Some(session.to_string()) };
            failure("UNAVAILABLE", "the server carries as many relays as it may; ask again later", false, &about)
        }
        Push::Relay { session, host, port, token, url } => ToAgent::RelayAssigned {
            session_id: session,
            relay_host: host,
            relay_port: *port,
            relay_token: token,
            relay_url: url,
        }
        .text(),
    }
}

/// The frame of a message that waits for the agent; as much of a long text as fits, for clients refuse larger frames.
pub(super) fn interrupt(message: &Waiting) -> String {
    let whole = interrupt_saying(message, &message.content, false);
    if whole.len() <= LARGEST_PUSHED {
        return whole;
    }
    let room = LARGEST_PUSHED.saturating_sub(interrupt_saying(message, "", true).len());
    interrupt_saying(message, beginning(&message.content, room), true)
}

fn interrupt_saying(message: &Waiting, reason: &str, truncated: bool) -> String {
    ToAgent::Interrupt {
        message_id: &message.id,
        from: &message.from,
        from_id: &message.from_id,
        reason,
        channel: &message.channel,
        reply_to: message.reply_to.as_deref(),
        sent_at: message.created_at,
        truncated,
    }
    .text()
}

/// As much of a text, in whole characters, as takes `room` bytes within a JSON text.
fn beginning(text: &str, mut room: usize) -> &str {
    for (at, letter) in text.char_indices() {
        let takes = match letter {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            '\0'..='\u{1f}' => 6,
            _ => letter.len_utf8(),
        };
        if takes > room {
            return &text[..at];
        }
        room -= takes;
    }
    text
}

/// The frame that says what was wrong with another frame.
pub(super) fn failure(code: &str, message: &str, fatal: bool, about: &About) -> String {
    ToAgent::Error { code, message, fatal, message_id: about.message.as_deref(), session_id: about.session.as_deref() }
        .text()
}

/// The word for a failure.
pub(super) fn code(error: &Error) -> &'static str {
    match error.kind() {
        Kind::Invalid => "INVALID_MESSAGE",
        Kind::NotFound => "NOT_FOUND",
        Kind::Conflict => "CONFLICT",
        Kind::Unauthorized => "AUTH_FAILED",
        Kind::Forbidden => "FORBIDDEN",
        Kind::Unavailable => "UNAVAILABLE",
        Kind::TooLarge => "TOO_LARGE",
        Kind::Exhausted | Kind::RateLimited => "RATE_LIMITED",
        Kind::Upstream | Kind::Internal => "INTERNAL",
    }
}

/// What is said last: code, sentence, whether dialling in again is of no use, and the code by which the socket closes;
/// `None` for who does not read.
pub(super) fn farewell(end: End) -> Option<(&'static str, &'static str, bool, u16)> {
    match end {
        End::Replaced => Some(("REPLACED", "the agent has dialled in again; this link is over", true, 4001)),
        End::Revoked => Some(("AUTH_FAILED", "the token holds no longer; dial in with another one", true, 4003)),
        End::Silent => Some(("HEARTBEAT_MISSED", "no heartbeat came; dial in again", false, 4008)),
        End::Gone => Some(("LINK_LOST", "the link is known no longer; dial in again", false, 1012)),
        End::Restart => Some(("RESTARTING", "the server restarts; dial in again", false, 1012)),
        End::Slow => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(content: String) -> Waiting {
        Waiting {
            id: "msg_1".to_owned(),
            number: 1,
            from: "A \"quoted\" name".to_owned(),
            from_id: "key_1".to_owned(),
            content,
            channel: "network".to_owned(),
            reply_to: None,
            created_at: Millis(0),
            delivered_at: None,
        }
    }

    #[test]
    fn a_text_that_fits_is_pushed_whole() {
        for content in ["hello".to_owned(), "x".repeat(999_000), "\u{1}".repeat(166_000)] {
            let frame = interrupt(&waiting(content.clone()));
            let frame: Value = serde_json::from_str(&frame).unwrap();
            assert_eq!((frame["reason"].as_str(), frame.get("truncated")), (Some(content.as_str()), None));
        }
    }

    #[test]
    fn a_long_text_is_cut_so_that_the_frame_is_as_large_as_it_may_be() {
        const MOST: usize = 1024 * 1024;
        for letter in ["x", "\u{1}", "\u{0}", "\"", "\\", "\n", "\u{8}", "\u{7f}", "é", "€", "𝄞", "a€\u{1}𝄞\""]
        {
            let content = letter.repeat(MOST / letter.len());
            let text = interrupt(&waiting(content.clone()));
            let largest = serde_json::to_string(letter).unwrap().len();
            assert!((LARGEST_PUSHED - largest..=LARGEST_PUSHED).contains(&text.len()), "{letter:?}: {}", text.len());
            let frame: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(frame["truncated"], true);
            assert!(content.starts_with(frame["reason"].as_str().unwrap()), "{letter:?}");
        }
    }
}
