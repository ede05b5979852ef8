//! The events of a turn's stream.

use super::reply::Delta;
use eventsource_stream::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What happened in a turn.
#[derive(Debug)]
pub(super) enum Happening {
    Accepted(Accepted),
    Delta(Delta),
    ToolStarted(ToolStarted),
    ToolFinished(ToolFinished),
    Completed {
        content: String,
    },
    Failed(Failed),
    /// Something that a later server tells.
    Other,
}

/// The message is stored.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Accepted {
    pub(super) id: String,
    pub(super) conversation_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ToolStarted {
    pub(super) call_id: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) arguments: Value,
}

#[derive(Debug, Deserialize)]
pub(super) struct ToolFinished {
    pub(super) call_id: String,
    pub(super) name: String,
    pub(super) ok: bool,
    #[serde(default)]
    pub(super) duration_ms: Option<i64>,
}

/// Why a turn ended without a reply.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Failed {
    pub(super) code: String,
    pub(super) message: String,
}

impl Happening {
    /// Reads an event. One that does not look as we know it is passed over: the stream goes on.
    pub(super) fn of(event: &Event) -> Self {
        let read = match event.event.as_str() {
            "message.accepted" => data(event).map(Self::Accepted),
            "message.delta" => data(event).map(Self::Delta),
            "tool.started" => data(event).map(Self::ToolStarted),
            "tool.finished" => data(event).map(Self::ToolFinished),
            "message.completed" => data::<Value>(event)
                .and_then(|data| data["message"]["content"].as_str().map(str::to_owned))
                .map(|content| Self::Completed { content }),
            "turn.failed" => data::<Value>(event)
                .and_then(|mut data| serde_json::from_value(data["error"].take()).ok())
                .map(Self::Failed),
            _ => None,
        };
        read.unwrap_or(Self::Other)
    }
}

fn data<T: DeserializeOwned>(event: &Event) -> Option<T> {
    serde_json::from_str(&event.data).ok()
}

/// The turn that an event belongs to.
pub(super) fn turn_of(event: &Event) -> Option<String> {
    data::<Value>(event)?["turn_id"].as_str().map(str::to_owned)
}

/// An event as one JSON line.
pub(super) fn as_json(event: &Event) -> String {
    let mut line = json!({"event": event.event, "data": data::<Value>(event).unwrap_or_else(|| json!(event.data))});
    if !event.id.is_empty() {
        line["id"] = json!(event.id);
    }
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event { event: name.to_owned(), data: data.to_owned(), id: "turn_1:4".to_owned(), retry: None }
    }

    #[test]
    fn events_are_read_as_the_api_sends_them() {
        let failed = event("turn.failed", r#"{"turn_id":"turn_1","error":{"code":"TIMEOUT","message":"too long"}}"#);
        assert!(matches!(Happening::of(&failed), Happening::Failed(Failed { code, .. }) if code == "TIMEOUT"));
        assert_eq!(turn_of(&failed).as_deref(), Some("turn_1"));
        let completed = event("message.completed", r#"{"turn_id":"turn_1","message":{"id":"msg_1","content":"hi"}}"#);
        assert!(matches!(Happening::of(&completed), Happening::Completed { content } if content == "hi"));
    }

    #[test]
    fn an_event_that_nobody_knows_is_passed_over() {
        for unknown in [event("turn.dreamt", "{}"), event("message.delta", "no json"), event("message.delta", "{}")] {
            assert!(matches!(Happening::of(&unknown), Happening::Other));
        }
    }

    #[test]
    fn a_json_line_has_the_whole_event() {
        let line = as_json(&event("message.delta", r#"{"text":"a","offset":0}"#));
        let expected = json!({"id": "turn_1:4", "event": "message.delta", "data": {"text": "a", "offset": 0}});
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
    }
}
