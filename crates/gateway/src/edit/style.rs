//! How the author of a text writes, so that what is added looks like the rest.

use crate::json5::{Kind, Node, is_identifier, trivia};
use serde_json::Value;
use std::ops::Range;

/// How new parts of a text are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Style {
    /// The line end.
    pub(super) newline: &'static str,
    /// One level of indentation.
    pub(super) unit: String,
    /// What is around keys; nothing where the key may stand without quotes.
    key_quote: Option<char>,
    /// What is around texts.
    text_quote: char,
    /// Whether the last part of a list or object over several lines has a comma as well.
    trailing_comma: bool,
    /// Whether there is no space after colons and commas.
    is_compact: bool,
}

impl Style {
    /// The style of a text.
    pub(super) fn of(text: &str, root: &Node) -> Self {
        let key = first_key(root);
        let colon = key.as_ref().and_then(|key| trivia(text, key.end).ok()).map(|before| before.end + 1);
        Self {
            newline: newline(text),
            unit: unit(text, root),
            key_quote: match key.and_then(|key| text[key].chars().next()) {
                None => Some('"'),
                Some(first) => Some(first).filter(|first| matches!(first, '"' | '\'')),
            },
            text_quote: first_text(root).and_then(|at| text[at..].chars().next()).unwrap_or('"'),
            trailing_comma: parts_end(root).is_some_and(|end| comma_after(text, end).is_some()),
            is_compact: colon.is_some_and(|at| !text[at..].starts_with(char::is_whitespace)),
        }
    }

    /// What separates parts on one line.
    pub(super) fn gap(&self) -> &'static str {
        if self.is_compact { "" } else { " " }
    }

    /// `key: value`; a value over several lines is indented below `indent`, without one all is on one line.
    pub(super) fn member(&self, key: &str, value: &Value, indent: Option<&str>) -> String {
        let key = match self.key_quote {
            None if is_identifier(key) => key.to_owned(),
            None => quoted(key, self.text_quote),
            Some(quote) => quoted(key, quote),
        };
        format!("{key}:{}{}", self.gap(), self.value(value, indent))
    }

    /// A value, as [`Style::member`] writes it.
    pub(super) fn value(&self, value: &Value, indent: Option<&str>) -> String {
        match value {
            Value::String(text) => quoted(text, self.text_quote),
            Value::Array(items) => self.enclosed(items, ['[', ']'], indent, |item, below| self.value(item, below)),
            Value::Object(members) => {
                self.enclosed(members, ['{', '}'], indent, |(key, value), below| self.member(key, value, below))
            }
            other => other.to_string(),
        }
    }

    /// An entry of several members in this order.
    pub(super) fn entry(&self, members: &[(&str, Value)], indent: Option<&str>) -> String {
        self.enclosed(members, ['{', '}'], indent, |(key, value), below| self.member(key, value, below))
    }

    fn enclosed<T>(
        &self,
        parts: impl IntoIterator<Item = T>,
        [open, close]: [char; 2],
        indent: Option<&str>,
        write: impl Fn(T, Option<&str>) -> String,
    ) -> String {
        let below = indent.map(|indent| format!("{indent}{}", self.unit));
        let parts: Vec<String> = parts.into_iter().map(|part| write(part, below.as_deref())).collect();
        if parts.is_empty() {
            return format!("{open}{close}");
        }
        let (Some(indent), Some(below)) = (indent, below) else {
            let padding = if open == '{' { self.gap() } else { "" };
            return format!("{open}{padding}{}{padding}{close}", parts.join(&format!(",{}", self.gap())));
        };
        let newline = self.newline;
        let between = format!(",{newline}{below}");
        let last = if self.trailing_comma { "," } else { "" };
        format!("{open}{newline}{below}{}{last}{newline}{indent}{close}", parts.join(&between))
    }
}

/// Where the last part of a list or object ends.
pub(super) fn parts_end(node: &Node) -> Option<usize> {
    match &node.kind {
        Kind::Array(items) => items.last().map(|item| item.span.end),
        Kind::Object(members) => members.last().map(|member| member.value.span.end),
        _ => None,
    }
}

/// Where the first part of a list or object begins.
pub(super) fn parts_start(node: &Node) -> Option<usize> {
    match &node.kind {
        Kind::Array(items) => items.first().map(|item| item.span.start),
        Kind::Object(members) => members.first().map(|member| member.key_span.start),
        _ => None,
    }
}

/// Where the comma after a part is, if there is one.
pub(super) fn comma_after(text: &str, end: usize) -> Option<usize> {
    trivia(text, end).ok().map(|after| after.end).filter(|at| text[*at..].starts_with(','))
}

/// The white space at the beginning of the line on which a byte is.
pub(super) fn line_indent(text: &str, at: usize) -> &str {
    let before = &text[..at];
    let start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let line = before[start..].trim_start_matches('\u{feff}');
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn newline(text: &str) -> &'static str {
    match text.find(['\n', '\r']) {
        Some(at) if text[at..].starts_with("\r\n") => "\r\n",
        Some(at) if text[at..].starts_with('\r') => "\r",
        _ => "\n",
    }
}

/// How much further in the first member stands than the object that it is in.
fn unit(text: &str, root: &Node) -> String {
    let inner = parts_start(root).map(|at| line_indent(text, at)).unwrap_or_default();
    let outer = line_indent(text, root.span.start);
    match inner.strip_prefix(outer) {
        Some(unit) if !unit.is_empty() => unit.to_owned(),
        _ => "  ".to_owned(),
    }
}

fn children(node: &Node) -> Vec<&Node> {
    match &node.kind {
        Kind::Array(items) => items.iter().collect(),
        Kind::Object(members) => members.iter().map(|member| &member.value).collect(),
        _ => Vec::new(),
    }
}

fn first_text(node: &Node) -> Option<usize> {
    match node.kind {
        Kind::Text(_) => Some(node.span.start),
        _ => children(node).into_iter().find_map(first_text),
    }
}

fn first_key(node: &Node) -> Option<Range<usize>> {
    match &node.kind {
        Kind::Object(members) if !members.is_empty() => Some(members[0].key_span.clone()),
        _ => children(node).into_iter().find_map(first_key),
    }
}

/// A text in quotes, so that JSON and JSON5 read it the same.
fn quoted(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            letter if letter == quote => out.extend(['\\', letter]),
            letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
    }
    out.push(quote);
    out
}
