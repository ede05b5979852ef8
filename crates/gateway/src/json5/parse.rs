//! From a text to a tree.

use super::fault::{Fault, Place};
use super::number;
use super::text::{begins_identifier, identifier, quoted};
use super::tree::{Kind, Member, Node};
use super::trivia::trivia;

/// How deep lists and objects may lie in each other.
const DEEPEST: usize = 64;

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

/// Reads a whole text.
pub(crate) fn parse(text: &str) -> Result<Node, Fault> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.skip()?;
    let node = parser.value()?;
    parser.skip()?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.expected("the end of the text")),
    }
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn skip(&mut self) -> Result<(), Fault> {
        self.at = trivia(self.text, self.at)?.end;
        Ok(())
    }

    /// Takes the letter when it is next.
    fn take(&mut self, letter: char) -> bool {
        let is_next = self.peek() == Some(letter);
        if is_next {
            self.at += letter.len_utf8();
        }
        is_next
    }

    fn expected(&self, what: &str) -> Fault {
        let found = match self.peek() {
            None => "the end of the text".to_owned(),
            Some(letter) if letter.is_control() || letter.is_whitespace() => format!("U+{:04X}", u32::from(letter)),
            Some(letter) => format!("`{letter}`"),
        };
        Fault::new(self.at, format!("expected {what}, found {found}"))
    }

    fn value(&mut self) -> Result<Node, Fault> {
        let start = self.at;
        let kind = match self.peek() {
            Some('{') => self.nested(Self::object)?,
            Some('[') => self.nested(Self::array)?,
            Some('"' | '\'') => {
                let (text, end) = quoted(self.text, start)?;
                self.at = end;
                Kind::Text(text)
            }
            Some('+' | '-' | '.' | '0'..='9' | 'I' | 'N') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { span: start..self.at, kind })
    }

    fn number(&mut self) -> Result<Kind, Fault> {
        if matches!(self.peek(), Some('I' | 'N')) && !self.is_word("Infinity") && !self.is_word("NaN") {
            return Err(self.expected("a value"));
        }
        let (kind, end) = number::number(self.text, self.at)?;
        self.at = end;
        let runs_on = self.peek().is_some_and(|next| next.is_ascii_digit() || next == '\\' || begins_identifier(next));
        if runs_on { Err(self.expected("the end of the number")) } else { Ok(kind) }
    }

    fn word(&mut self) -> Result<Kind, Fault> {
        for (word, kind) in [("null", Kind::Null), ("true", Kind::Bool(true)), ("false", Kind::Bool(false))] {
            if self.is_word(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.expected("a value"))
    }

    fn is_word(&self, word: &str) -> bool {
        identifier(self.text, self.at).is_ok_and(|(found, span)| found == word && span.len() == word.len())
    }

    fn nested(&mut self, inner: fn(&mut Self, usize) -> Result<Kind, Fault>) -> Result<Kind, Fault> {
        if self.depth == DEEPEST {
            return Err(Fault::new(self.at, format!("is nested more than {DEEPEST} levels deep")));
        }
        let start = self.at;
        self.depth += 1;
        self.at += 1;
        let kind = inner(self, start)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn array(&mut self, start: usize) -> Result<Kind, Fault> {
        let mut items = Vec::new();
        loop {
            self.skip()?;
            if self.take(']') {
                return Ok(Kind::Array(items));
            }
            self.still_open("list", start)?;
            items.push(self.value()?);
            self.skip()?;
            if !self.take(',') && self.peek() != Some(']') {
                self.still_open("list", start)?;
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self, start: usize) -> Result<Kind, Fault> {
        let mut members = Vec::new();
        loop {
            self.skip()?;
            if self.take('}') {
                return Ok(Kind::Object(members));
            }
            self.still_open("object", start)?;
            members.push(self.member()?);
            self.skip()?;
            if !self.take(',') && self.peek() != Some('}') {
                self.still_open("object", start)?;
                return Err(self.expected("`,` or `}`"));
            }
        }
    }

    fn member(&mut self) -> Result<Member, Fault> {
        let start = self.at;
        let (key, end) = match self.peek() {
            Some('"' | '\'') => quoted(self.text, start)?,
            Some(letter) if letter == '\\' || begins_identifier(letter) => {
                identifier(self.text, start).map(|(key, span)| (key, span.end))?
            }
            _ => return Err(self.expected("a key or `}`")),
        };
        self.at = end;
        self.skip()?;
        if !self.take(':') {
            return Err(self.expected("`:`"));
        }
        self.skip()?;
        Ok(Member { key, key_span: start..end, value: self.value()? })
    }

    /// The end of the text within something says where that begins: the mistake is often far above.
    fn still_open(&self, what: &str, start: usize) -> Result<(), Fault> {
        if self.peek().is_some() {
            return Ok(());
        }
        let place = Place::of(self.text, start);
        Err(Fault::new(self.at, format!("the text ends within the {what} that begins at {place}")))
    }
}
