//! The single edits of a text: values that are replaced, and parts that are added.

use super::same;
use super::style::{Style, comma_after, line_indent, parts_end, parts_start};
use crate::json5::{Kind, Node, trivia};
use serde_json::Value;
use std::ops::Range;

/// Edits that are collected, then made all at once.
pub(super) struct Change<'t> {
    text: &'t str,
    style: Style,
    edits: Vec<(Range<usize>, String)>,
}

/// How the parts of a list or object are laid out.
struct Layout {
    /// The indentation of its parts when each has its line.
    indent: Option<String>,
    /// Where new parts are put.
    at: usize,
    /// Whether there is a part before them that needs a comma.
    after: Option<Last>,
}

/// The part that was the last.
struct Last {
    end: usize,
    has_comma: bool,
}

impl<'t> Change<'t> {
    pub(super) fn new(text: &'t str, style: Style) -> Self {
        Self { text, style, edits: Vec::new() }
    }

    /// Merges members into an object.
    pub(super) fn merge(&mut self, object: &Node, fields: &[(&str, Value)]) {
        let mut missing = Vec::new();
        for (key, value) in fields {
            let Some(member) = object.member(key) else {
                missing.push((*key, value.clone()));
                continue;
            };
            if same(&member.value.value(), value) {
                continue;
            }
            match (&member.value.kind, value) {
                (Kind::Object(_), Value::Object(inner)) => {
                    let inner: Vec<(&str, Value)> =
                        inner.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
                    self.merge(&member.value, &inner);
                }
                _ => {
                    let indent = self.is_broken(object).then(|| line_indent(self.text, member.key_span.start));
                    let written = self.style.value(value, indent);
                    self.edits.push((member.value.span.clone(), written));
                }
            }
        }
        self.insert(object, &missing);
    }

    /// Adds members to an object.
    pub(super) fn insert(&mut self, object: &Node, members: &[(&str, Value)]) {
        let layout = self.layout(object);
        let indent = layout.indent.as_deref();
        let parts: Vec<String> = members.iter().map(|(key, value)| self.style.member(key, value, indent)).collect();
        self.add(object, &layout, &parts);
    }

    /// Adds an entry to a list.
    pub(super) fn append_entry(&mut self, list: &Node, members: &[(&str, Value)]) {
        let layout = self.layout(list);
        let entry = self.style.entry(members, layout.indent.as_deref());
        self.add(list, &layout, &[entry]);
    }

    /// The text with all edits made.
    pub(super) fn finish(mut self) -> String {
        self.edits.sort_by_key(|(range, _)| range.start);
        let mut out = String::with_capacity(self.text.len() + 256);
        let mut done = 0;
        for (range, written) in &self.edits {
            out.push_str(&self.text[done..range.start]);
            out.push_str(written);
            done = range.end;
        }
        out.push_str(&self.text[done..]);
        out
    }

    fn add(&mut self, container: &Node, layout: &Layout, parts: &[String]) {
        if parts.is_empty() {
            return;
        }
        let gap = self.style.gap();
        let (first, between) = match &layout.indent {
            Some(indent) => (format!("{}{indent}", self.style.newline), format!(",{}{indent}", self.style.newline)),
            None if layout.after.is_some() => (gap.to_owned(), format!(",{gap}")),
            None => (self.padding(container).to_owned(), format!(",{gap}")),
        };
        let mut written = first + &parts.join(&between);
        match &layout.after {
            Some(last) if last.has_comma => written.push(','),
            Some(last) => self.edits.push((last.end..last.end, ",".to_owned())),
            None => written.push_str(&self.closing(container, layout)),
        }
        self.edits.push((layout.at..layout.at, written));
    }

    /// What keeps the parts of an object on one line away from its braces.
    fn padding(&self, container: &Node) -> &'static str {
        if matches!(container.kind, Kind::Object(_)) { self.style.gap() } else { "" }
    }

    /// What follows the first part of a container that was empty.
    fn closing(&self, container: &Node, layout: &Layout) -> String {
        if layout.indent.is_none() {
            return self.padding(container).to_owned();
        }
        let has_break = self.text[layout.at..container.span.end].contains(['\n', '\r']);
        if has_break {
            return String::new();
        }
        format!("{}{}", self.style.newline, line_indent(self.text, container.span.start))
    }

    fn layout(&self, container: &Node) -> Layout {
        let inside = container.span.start + 1;
        let (Some(start), Some(end)) = (parts_start(container), parts_end(container)) else {
            let at = trivia(self.text, inside).map_or(inside, |found| found.comments_end);
            let indent = self
                .is_broken(container)
                .then(|| format!("{}{}", line_indent(self.text, container.span.start), self.style.unit));
            return Layout { indent, at, after: None };
        };
        let comma = comma_after(self.text, end);
        let past = comma.map_or(end, |comma| comma + 1);
        let is_broken = self.is_broken(container);
        // Comments that follow the last part belong to it.
        let at = if is_broken { trivia(self.text, past).map_or(past, |found| found.comments_end) } else { past };
        let indent = is_broken.then(|| line_indent(self.text, start).to_owned());
        Layout { indent, at, after: Some(Last { end, has_comma: comma.is_some() }) }
    }

    /// Whether each part has its line. An empty container follows the text: does anything in it have its line?
    fn is_broken(&self, container: &Node) -> bool {
        let inside = container.span.start + 1;
        if trivia(self.text, inside).is_ok_and(|found| found.breaks) {
            return true;
        }
        parts_start(container).is_none() && self.text[..container.span.start].contains(['\n', '\r'])
    }
}
