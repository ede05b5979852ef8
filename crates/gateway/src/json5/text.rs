//! Quoted texts and identifiers.

use super::fault::Fault;
use super::trivia::is_line_end;
use std::ops::Range;

/// Whether a key may stand without quotes.
pub(crate) fn is_identifier(key: &str) -> bool {
    let mut letters = key.chars();
    letters.next().is_some_and(begins_identifier) && letters.all(continues_identifier)
}

pub(super) fn begins_identifier(letter: char) -> bool {
    matches!(letter, '$' | '_') || letter.is_alphabetic()
}

fn continues_identifier(letter: char) -> bool {
    begins_identifier(letter)
        || letter.is_numeric()
        || matches!(letter, '\u{200c}' | '\u{200d}')
        || unicode_ident::is_xid_continue(letter)
}

/// A text that is being read.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// The quoted text that begins at `start`, and where it ends.
pub(super) fn quoted(text: &str, start: usize) -> Result<(String, usize), Fault> {
    let mut reader = Reader { text, at: start };
    let quote = reader.next().unwrap_or('"');
    let mut out = String::new();
    loop {
        let at = reader.at;
        match reader.next() {
            None => return Err(unclosed(at, quote, "text")),
            Some(letter) if letter == quote => return Ok((out, reader.at)),
            Some('\n' | '\r') => return Err(unclosed(at, quote, "line")),
            Some('\\') => out.extend(reader.escape(at)?),
            Some(letter) => out.push(letter),
        }
    }
}

fn unclosed(at: usize, quote: char, what: &str) -> Fault {
    Fault::new(at, format!("expected {quote} before the end of the {what}"))
}

/// The identifier that begins at `start`, and where it ends.
pub(super) fn identifier(text: &str, start: usize) -> Result<(String, Range<usize>), Fault> {
    let mut reader = Reader { text, at: start };
    let mut out = String::new();
    while let Some(letter) = reader.peek() {
        let at = reader.at;
        let fits = if out.is_empty() { begins_identifier } else { continues_identifier };
        if letter == '\\' {
            reader.next();
            if reader.next() != Some('u') {
                return Err(Fault::new(
                    at,
                    "only `\\u` and four hexadecimal digits may be escaped in a key without quotes",
                ));
            }
            let escaped = reader.unicode(at)?;
            if !fits(escaped) {
                return Err(Fault::new(at, "is no letter of a key without quotes; put the key in quotes"));
            }
            out.push(escaped);
        } else if fits(letter) {
            reader.next();
            out.push(letter);
        } else {
            break;
        }
    }
    Ok((out, start..reader.at))
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    /// What follows a backslash; `start` is the backslash. A line end is left out.
    fn escape(&mut self, start: usize) -> Result<Option<char>, Fault> {
        let Some(letter) = self.next() else { return Err(unclosed(self.at, '"', "text")) };
        Ok(Some(match letter {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'r' => '\r',
            '0' if !self.peek().is_some_and(|next| next.is_ascii_digit()) => '\0',
            '0'..='9' => return Err(Fault::new(start, "a digit must not be escaped")),
            'x' => char::from_u32(self.digits(2, start)?).unwrap_or_default(),
            'u' => self.unicode(start)?,
            '\r' => {
                if self.peek() == Some('\n') {
                    self.next();
                }
                return Ok(None);
            }
            letter if is_line_end(letter) => return Ok(None),
            letter => letter,
        }))
    }

    /// The character of `\u` and its digits; large ones come in two halves.
    fn unicode(&mut self, start: usize) -> Result<char, Fault> {
        let first = self.digits(4, start)?;
        if let Some(letter) = char::from_u32(first) {
            return Ok(letter);
        }
        let half = || Fault::new(start, "is half of a character; write both halves, or the character itself");
        if first >= 0xdc00 || !self.text[self.at..].starts_with("\\u") {
            return Err(half());
        }
        self.at += 2;
        let second = self.digits(4, start)?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(half());
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or_else(half)
    }

    fn digits(&mut self, count: usize, start: usize) -> Result<u32, Fault> {
        let digits = self.text.get(self.at..self.at + count).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let value =
            value.ok_or_else(|| Fault::new(start, format!("expected {count} hexadecimal digits in the escape")))?;
        self.at += count;
        Ok(value)
    }
}
