//! The text of a reply as it grows: written to the turn's stream in pieces, each at its place in the text.
//!
//! After a crash or a retry the text begins anew. As long as it says what readers have seen already nothing is sent;
//! where it takes another course the first piece says `reset` and starts over.

use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};

/// Between the texts of two model calls of one turn.
const BETWEEN: &str = "\n\n";

/// The growing text; cheap to clone, shared with the model's sink.
#[derive(Clone, Default)]
pub(super) struct ReplyText {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// All text of the turn, of completed and of the running model call.
    text: String,
    /// Where the running model call began.
    begin: usize,
    /// What readers have put together so far.
    seen: String,
}

impl ReplyText {
    /// A text whose readers have seen `seen` in an earlier attempt.
    pub(super) fn new(seen: String) -> Self {
        Self { inner: Arc::new(Mutex::new(Inner { seen, ..Inner::default() })) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the text of another model call.
    pub(super) fn begin_call(&self) {
        let mut inner = self.lock();
        inner.begin = inner.text.len();
    }

    /// Adds what the model said.
    pub(super) fn push(&self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        let mut inner = self.lock();
        if inner.begin > 0 && inner.text.len() == inner.begin {
            inner.text.push_str(BETWEEN);
        }
        inner.text.push_str(piece);
    }

    /// The whole text.
    pub(super) fn whole(&self) -> String {
        self.lock().text.clone()
    }

    /// Whether readers lack something.
    pub(super) fn has_news(&self) -> bool {
        let inner = self.lock();
        inner.text.len() > inner.seen.len() || !inner.seen.starts_with(inner.text.as_str())
    }

    /// The piece that readers lack, as the data of a `message.delta`; they count as having it from now on.
    pub(super) fn take_news(&self, turn: &str) -> Option<String> {
        let mut inner = self.lock();
        let Inner { text, seen, .. } = &mut *inner;
        let data = if let Some(rest) = text.strip_prefix(seen.as_str()) {
            if rest.is_empty() {
                return None;
            }
            json!({"turn_id": turn, "text": rest, "offset": seen.chars().count()})
        } else if seen.starts_with(text.as_str()) {
            // Still on the way to where the readers are.
            return None;
        } else {
            json!({"turn_id": turn, "text": text.as_str(), "offset": 0, "reset": true})
        };
        seen.clone_from(text);
        Some(data.to_string())
    }

    /// As [`Self::take_news`], at the end of the reply: what readers have beyond it is taken back.
    pub(super) fn take_rest(&self, turn: &str) -> Option<String> {
        let (text, seen_more) = {
            let inner = self.lock();
            (inner.text.clone(), inner.seen.len() > inner.text.len() && inner.seen.starts_with(inner.text.as_str()))
        };
        if seen_more {
            self.lock().seen.clone_from(&text);
            return Some(json!({"turn_id": turn, "text": text, "offset": 0, "reset": true}).to_string());
        }
        self.take_news(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// Puts pieces together as a reader does.
    fn read(mut text: String, piece: &str) -> String {
        let piece: Value = serde_json::from_str(piece).expect("JSON");
        let offset = piece["offset"].as_u64().expect("a number") as usize;
        let keep = text.char_indices().nth(offset).map_or(text.len(), |(at, _)| at);
        text.truncate(keep);
        text.push_str(piece["text"].as_str().expect("a text"));
        text
    }

    proptest! {
        #[test]
        fn readers_end_with_the_reply_whatever_an_earlier_attempt_said(seen in "[ab\u{e9}\u{1f600}]{0,12}", pieces in prop::collection::vec("[ab\u{e9}\u{1f600}]{0,4}", 0..6)) {
            let text = ReplyText::new(seen.clone());
            let mut reader = seen;
            for piece in &pieces {
                text.push(piece);
                if let Some(news) = text.take_news("turn_a") {
                    reader = read(reader, &news);
                }
            }
            if let Some(rest) = text.take_rest("turn_a") {
                reader = read(reader, &rest);
            }
            prop_assert_eq!(reader, pieces.concat());
        }
    }

    #[test]
    fn the_same_text_again_is_not_sent_again() {
        let text = ReplyText::new("Hello w".to_owned());
        text.push("Hello ");
        assert_eq!(text.take_news("t"), None);
        text.push("world");
        let news: Value = serde_json::from_str(&text.take_news("t").expect("news")).expect("JSON");
        assert_eq!((news["text"].as_str(), news["offset"].as_u64(), news.get("reset")), (Some("orld"), Some(7), None));
    }

    #[test]
    fn texts_of_two_model_calls_are_apart() {
        let text = ReplyText::default();
        text.begin_call();
        text.push("Let me look.");
        text.begin_call();
        text.push("It is noon.");
        assert_eq!(text.whole(), "Let me look.\n\nIt is noon.");
    }
}
