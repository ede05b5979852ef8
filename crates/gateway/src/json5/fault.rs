//! What is wrong with a text, and where.

use std::fmt;

/// A place in a text: line and column, both from 1. A column is a character; a byte order mark is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    /// The place of the byte at `offset`.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let mut place = Self { line: 1, column: 1 };
        let before = text.get(..offset).unwrap_or(text);
        let mut letters = before.strip_prefix('\u{feff}').unwrap_or(before).chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\r' if letters.peek() == Some(&'\n') => {}
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => place = Self { line: place.line + 1, column: 1 },
                _ => place.column += 1,
            }
        }
        place
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Something wrong at a byte of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) offset: usize,
    pub(crate) problem: String,
}

impl Fault {
    pub(crate) fn new(offset: usize, problem: impl Into<String>) -> Self {
        Self { offset, problem: problem.into() }
    }

    /// `line 3, column 5: expected ...`
    pub(crate) fn located(&self, text: &str) -> String {
        format!("{}: {}", Place::of(text, self.offset), self.problem)
    }
}
