//! The reply as it grows. Offsets count Unicode scalar values, which is what `char` is.

use serde::Deserialize;

/// A piece of a reply: `text` stands at `offset` characters of it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Delta {
    pub(super) text: String,
    pub(super) offset: usize,
    /// What came before is void.
    #[serde(default)]
    pub(super) reset: bool,
}

/// What a piece does to what a reader has seen.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// This follows; nothing when the piece was seen before.
    More(String),
    /// What was seen is void, the reply is this.
    Anew(String),
}

/// The text so far.
#[derive(Debug, Default)]
pub(super) struct Reply {
    text: String,
    length: usize,
}

impl Reply {
    /// Puts a piece in its place. What stood there and after it makes way, unless it says the same: a stream that is
    /// taken up again repeats itself.
    pub(super) fn apply(&mut self, delta: &Delta) -> Change {
        if delta.reset {
            let was_empty = self.text.is_empty();
            self.set(&delta.text);
            return if was_empty { Change::More(delta.text.clone()) } else { Change::Anew(delta.text.clone()) };
        }
        // A gap cannot be filled here; the whole text comes with the end of the turn.
        if delta.offset >= self.length {
            self.text.push_str(&delta.text);
            self.length += delta.text.chars().count();
            return Change::More(delta.text.clone());
        }
        let start = self.text.char_indices().nth(delta.offset).map_or(self.text.len(), |(index, _)| index);
        let seen = &self.text[start..];
        if seen.starts_with(&delta.text) {
            return Change::More(String::new());
        }
        let more = delta.text.strip_prefix(seen).map(str::to_owned);
        let whole = format!("{}{}", &self.text[..start], delta.text);
        self.set(&whole);
        more.map_or(Change::Anew(whole), Change::More)
    }

    /// Compares with the reply as the end of the turn tells it, which is what counts.
    pub(super) fn finish(&mut self, content: &str) -> Change {
        if self.text.trim() == content.trim() {
            return Change::More(String::new());
        }
        let more = content.strip_prefix(self.text.as_str()).map(str::to_owned);
        self.set(content);
        more.map_or_else(|| Change::Anew(content.to_owned()), Change::More)
    }

    fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.length = text.chars().count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(offset: usize, text: &str) -> Delta {
        Delta { text: text.to_owned(), offset, reset: false }
    }

    fn more(text: &str) -> Change {
        Change::More(text.to_owned())
    }

    fn anew(text: &str) -> Change {
        Change::Anew(text.to_owned())
    }

    #[test]
    fn pieces_follow_each_other_by_characters() {
        let mut reply = Reply::default();
        assert_eq!(reply.apply(&delta(0, "Grüße")), more("Grüße"));
        assert_eq!(reply.apply(&delta(5, " 🦀")), more(" 🦀"));
        assert_eq!(reply.apply(&delta(7, "!")), more("!"));
        assert_eq!(reply.finish("Grüße 🦀!"), more(""));
    }

    #[test]
    fn what_is_repeated_is_not_shown_twice() {
        let mut reply = Reply::default();
        reply.apply(&delta(0, "one two"));
        assert_eq!(reply.apply(&delta(0, "one")), more(""));
        assert_eq!(reply.apply(&delta(4, "two three")), more(" three"));
        assert_eq!(reply.finish("one two three"), more(""));
    }

    #[test]
    fn a_retry_that_takes_another_course_starts_anew() {
        let mut reply = Reply::default();
        reply.apply(&delta(0, "one two"));
        assert_eq!(reply.apply(&Delta { text: "Uno".to_owned(), offset: 0, reset: true }), anew("Uno"));
        assert_eq!(reply.apply(&delta(3, " due")), more(" due"));
        assert_eq!(
            reply.apply(&delta(4, "tre")),
            anew("Uno tre"),
            "a piece that says otherwise replaces what it covers"
        );
        assert_eq!(Reply::default().apply(&Delta { text: "x".to_owned(), offset: 0, reset: true }), more("x"));
    }

    #[test]
    fn the_end_of_the_turn_has_the_last_word() {
        let mut reply = Reply::default();
        reply.apply(&delta(0, "one"));
        assert_eq!(reply.finish("one two"), more(" two"));
        assert_eq!(reply.finish("three"), anew("three"));
        let mut reply = Reply::default();
        assert_eq!(reply.finish("all at once"), more("all at once"));
        let mut reply = Reply::default();
        reply.apply(&delta(0, "one\n"));
        assert_eq!(reply.finish("one"), more(""), "white space at the ends does not count");
    }
}
