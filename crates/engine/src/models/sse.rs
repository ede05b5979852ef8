//! Server-sent events as providers stream them, read from bytes that may be cut anywhere.
//!
//! The format is the WHATWG HTML standard's, section "Server-sent events". Lines end only at CR and LF, which no UTF-8
//! sequence contains, so a character that is split over two network reads is whole again before it is decoded.

use std::collections::VecDeque;

/// The longest event that is read, so that a server that never ends one cannot fill the memory.
const LONGEST_EVENT: usize = 16 * 1024 * 1024;

/// One event of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// The `event:` field, empty when there was none.
    pub(super) name: String,
    /// The `data:` lines, joined by line feeds.
    pub(super) data: String,
}

/// An event was longer than any provider's.
#[derive(Debug)]
pub(super) struct TooLong;

/// Turns bytes into events.
#[derive(Debug, Default)]
pub(super) struct Parser {
    line: Vec<u8>,
    event: Event,
    has_data: bool,
    after_cr: bool,
    past_first_line: bool,
}

impl Parser {
    /// Takes the next bytes and appends the events that they complete to `ready`.
    pub(super) fn feed(&mut self, mut bytes: &[u8], ready: &mut VecDeque<Event>) -> Result<(), TooLong> {
        while let Some(&first) = bytes.first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.line.extend_from_slice(bytes);
                return self.check_length();
            };
            self.line.extend_from_slice(&bytes[..end]);
            self.after_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            self.check_length()?;
            self.end_line(ready);
        }
        Ok(())
    }

    /// Ends the stream: an event that lacks only its closing blank line is still given out, as some servers omit it.
    pub(super) fn finish(&mut self, ready: &mut VecDeque<Event>) {
        if !self.line.is_empty() {
            self.end_line(ready);
        }
        self.dispatch(ready);
    }

    fn check_length(&self) -> Result<(), TooLong> {
        if self.line.len() + self.event.data.len() > LONGEST_EVENT { Err(TooLong) } else { Ok(()) }
    }

    fn end_line(&mut self, ready: &mut VecDeque<Event>) {
        let raw = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&raw);
        let is_first = !std::mem::replace(&mut self.past_first_line, true);
        let line = if is_first { line.trim_start_matches('\u{feff}') } else { &line };
        if line.is_empty() {
            return self.dispatch(ready);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" => self.add_data(value),
            // Comments (an empty field name), `id`, `retry` and what nobody knows.
            _ => {}
        }
    }

    fn add_data(&mut self, value: &str) {
        if std::mem::replace(&mut self.has_data, true) {
            self.event.data.push('\n');
        }
        self.event.data.push_str(value);
    }

    fn dispatch(&mut self, ready: &mut VecDeque<Event>) {
        let event = std::mem::take(&mut self.event);
        if std::mem::take(&mut self.has_data) {
            ready.push_back(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<(String, String)> {
        let mut parser = Parser::default();
        let mut ready = VecDeque::new();
        for piece in pieces {
            parser.feed(piece, &mut ready).expect("short");
        }
        parser.finish(&mut ready);
        ready.into_iter().map(|event| (event.name, event.data)).collect()
    }

    fn event(name: &str, data: &str) -> (String, String) {
        (name.to_owned(), data.to_owned())
    }

    #[test]
    fn all_line_endings_comments_and_missing_spaces_are_understood() {
        let text = "\u{feff}: hello\r\nevent: a\r\ndata:1\r\n\r\ndata: x\rdata: y\r\rid: 4\n\ndata: last";
        assert_eq!(parse([text.as_bytes()]), [event("a", "1"), event("", "x\ny"), event("", "last")]);
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut parser = Parser::default();
        let mut ready = VecDeque::new();
        let piece = vec![b'x'; LONGEST_EVENT];
        assert!(parser.feed(&piece, &mut ready).is_ok());
        assert!(parser.feed(&piece, &mut ready).is_err());
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_does_not_matter(
            texts in prop::collection::vec("[a-z \u{e9}\u{20ac}\u{1f600}]{0,12}", 1..6),
            ending in prop::sample::select(vec!["\n", "\r", "\r\n"]),
            cuts in prop::collection::vec(0usize..400, 0..12),
        ) {
            let events: Vec<String> = texts.iter().map(|text| format!("data: {text}{ending}{ending}")).collect();
            let whole = events.concat();
            let bytes = whole.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
            let expected: Vec<_> = texts.iter().map(|text| event("", text)).collect();
            prop_assert_eq!(parse(pieces), expected);
        }
    }
}
