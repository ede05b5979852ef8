//! Tables for people.

use super::terminal::{Ink, columns, has_colours, is_person};
use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: String,
    ink: Option<Ink>,
    is_number: bool,
}

impl Field {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ink: None, is_number: false }
    }

    pub(super) fn number(number: i64) -> Self {
        Self { text: grouped(number), ink: None, is_number: true }
    }

    pub(super) fn ink(mut self, ink: Option<Ink>) -> Self {
        self.ink = ink;
        self
    }

    fn cell(self) -> Cell {
        let cell = Cell::new(self.text);
        let cell = if self.is_number { cell.set_alignment(CellAlignment::Right) } else { cell };
        match self.ink {
            None => cell,
            Some(Ink::Bold) => cell.add_attribute(Attribute::Bold),
            Some(Ink::Dim) => cell.add_attribute(Attribute::Dim),
            Some(Ink::Red) => cell.fg(Color::DarkRed),
            Some(Ink::Green) => cell.fg(Color::DarkGreen),
            Some(Ink::Yellow) => cell.fg(Color::DarkYellow),
        }
    }
}

/// The table as text. On a terminal it keeps to the width, elsewhere each row is one line.
pub(super) fn table<const N: usize>(header: [&str; N], rows: Vec<[Field; N]>) -> String {
    rows_of(&header.map(str::to_owned), rows.into_iter().map(Vec::from).collect())
}

/// As [`table`], with as many columns as the header says.
pub(super) fn rows_of(header: &[String], rows: Vec<Vec<Field>>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    if !has_colours() {
        table.force_no_tty();
    }
    if is_person() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(columns()).unwrap_or(u16::MAX));
    }
    table.set_header(header.iter().map(|title| Cell::new(title).add_attribute(Attribute::Dim)));
    for row in rows {
        table.add_row(row.into_iter().map(Field::cell));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// `1234567` as `1,234,567`.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        let cases = [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"), (123_456, "123,456")];
        for (number, expected) in cases {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn columns_line_up() {
        let rows = vec![[Field::text("Ann"), Field::number(3)], [Field::text("Benedict"), Field::number(1200)]];
        let text = table(["NAME", "MESSAGES"], rows);
        // A terminal adds colours to the same lines.
        if !is_person() {
            assert_eq!(text, "NAME      MESSAGES\nAnn              3\nBenedict     1,200");
        }
    }
}
