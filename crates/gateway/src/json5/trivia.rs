//! What stands between the parts of a text: white space and comments.

use super::fault::Fault;

/// A run of white space and comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trivia {
    /// Where it ends.
    pub(crate) end: usize,
    /// Where its last comment ends; where it begins when it has none.
    pub(crate) comments_end: usize,
    /// Whether there is a line break in it.
    pub(crate) breaks: bool,
}

pub(super) fn is_line_end(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

pub(super) fn is_space(letter: char) -> bool {
    // White space of Unicode but U+0085, which JSON5 does not name; and the byte order mark, which it does.
    letter == '\u{feff}' || (letter.is_whitespace() && letter != '\u{85}')
}

/// The white space and comments that begin at `start`.
pub(crate) fn trivia(text: &str, start: usize) -> Result<Trivia, Fault> {
    let mut found = Trivia { end: start, comments_end: start, breaks: false };
    while let Some(letter) = text[found.end..].chars().next() {
        if is_space(letter) {
            found.breaks |= is_line_end(letter);
            found.end += letter.len_utf8();
        } else if letter == '/' {
            let end = comment(text, found.end)?;
            found.breaks |= text[found.end..end].contains(is_line_end);
            (found.end, found.comments_end) = (end, end);
        } else {
            break;
        }
    }
    Ok(found)
}

/// Where the comment that begins at `start` ends; the line end after one of `//` is not part of it.
fn comment(text: &str, start: usize) -> Result<usize, Fault> {
    let rest = &text[start + 1..];
    if rest.starts_with('/') {
        return Ok(rest.find(is_line_end).map_or(text.len(), |at| start + 1 + at));
    }
    let Some(inside) = rest.strip_prefix('*') else {
        return Err(Fault::new(start, "expected a comment after `/`: `//` or `/*`"));
    };
    match inside.find("*/") {
        Some(at) => Ok(start + 2 + at + 2),
        None => Err(Fault::new(start, "the comment that begins here is not closed with `*/`")),
    }
}
