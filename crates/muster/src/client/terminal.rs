//! Where a command's answer goes: standard output, in colours only when a person looks at it. Remarks that are no part of
//! the answer go to standard error.

use muster_base::{Error, Kind, Result};
use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::LazyLock;

/// Clears the line that the cursor is in.
const CLEAR_LINE: &str = "\r\x1b[2K";
/// The width that is taken when the terminal does not tell its own.
const USUAL_WIDTH: u16 = 80;

/// How a text looks on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

impl Ink {
    fn code(self) -> u8 {
        match self {
            Self::Bold => 1,
            Self::Dim => 2,
            Self::Red => 31,
            Self::Green => 32,
            Self::Yellow => 33,
        }
    }
}

/// Whether a person reads standard output.
pub(super) fn is_person() -> bool {
    static IS_TERMINAL: LazyLock<bool> = LazyLock::new(|| io::stdout().is_terminal());
    *IS_TERMINAL
}

/// Whether standard output may be coloured.
pub(super) fn has_colours() -> bool {
    is_person() && colours_are_wanted()
}

/// `NO_COLOR` and `TERM` are no settings of Muster but of the person's terminal, see <https://no-color.org>.
fn colours_are_wanted() -> bool {
    static WANTED: LazyLock<bool> = LazyLock::new(|| {
        let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        !is_refused && !is_dumb
    });
    *WANTED
}

/// The text as it looks on standard output.
pub(super) fn paint(ink: Ink, text: &str) -> Cow<'_, str> {
    if has_colours() { Cow::Owned(coloured(ink, text)) } else { Cow::Borrowed(text) }
}

fn coloured(ink: Ink, text: &str) -> String {
    format!("\x1b[{}m{text}\x1b[0m", ink.code())
}

/// How many characters a line of the terminal holds.
pub(super) fn columns() -> usize {
    usize::from(comfy_table::Table::new().width().unwrap_or(USUAL_WIDTH))
}

/// Prints a line of the answer.
pub(super) fn say(line: impl AsRef<str>) -> Result<()> {
    write(&[line.as_ref(), "\n"])
}

/// Prints a piece of the answer at once.
pub(super) fn print(text: &str) -> Result<()> {
    write(&[text])
}

/// Takes back what stands in the terminal's current line.
pub(super) fn clear_line() -> Result<()> {
    write(&[CLEAR_LINE])
}

/// Who reads us may have seen enough (`muster events | head -1`); that ends the command and is no failure.
fn write(pieces: &[&str]) -> Result<()> {
    let mut out = io::stdout().lock();
    let written = pieces.iter().try_for_each(|piece| out.write_all(piece.as_bytes())).and_then(|()| out.flush());
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            Err(Error::new(Kind::Unavailable, "client.output", format!("standard output cannot be written: {error}")))
        }
    }
}

/// Makes a remark on standard error. That nobody can read it changes nothing about the answer.
pub(super) fn remark(text: &str) {
    let mut err = io::stderr().lock();
    let text = if err.is_terminal() && colours_are_wanted() { coloured(Ink::Dim, text) } else { text.to_owned() };
    let _ = writeln!(err, "{text}");
}

/// The text without control characters: what others wrote must not steer the reader's terminal.
///
/// Line breaks and tabs stay.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let is_harmful = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(is_harmful) { Cow::Owned(text.replace(is_harmful, "")) } else { Cow::Borrowed(text) }
}

/// The text in one harmless line of at most `most` characters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = harmless(&words.join(" ")).into_owned();
    if line.chars().count() <= most {
        return line;
    }
    let mut cut: String = line.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// The text as one word of a command that a person may copy.
pub(super) fn as_word(text: &str) -> String {
    let text = one_line(text, 100);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@/:".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    if text.contains(['"', '$', '`', '\\', '!']) {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_command_is_quoted_when_the_shell_would_take_it_apart() {
        assert_eq!(as_word("code-reviewer"), "code-reviewer");
        assert_eq!(as_word("Ben Two"), "\"Ben Two\"");
        assert_eq!(as_word("it's"), "\"it's\"");
        assert_eq!(as_word("$HOME's"), "'$HOME'\\''s'");
    }

    #[test]
    fn what_others_wrote_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\x1b[2Jb\r\nc\td\u{9b}1m"), "a[2Jb\nc\td1m");
        assert_eq!(harmless("plain"), "plain");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(one_line("über\n  alle", 20), "über alle");
        assert_eq!(one_line("überall", 4), "übe…");
        assert_eq!(one_line("", 4), "");
    }

    #[test]
    fn without_a_terminal_there_are_no_colours() {
        // Tests that run in a terminal prove nothing here.
        if !is_person() {
            assert_eq!(paint(Ink::Red, "x"), "x");
        }
        assert_eq!(coloured(Ink::Red, "x"), "\x1b[31mx\x1b[0m");
    }
}
