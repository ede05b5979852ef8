//! Puts a table together within limits; values that JSON has no safe form for are text.

use crate::collect::size;
use base64::Engine as _;
use muster_domain::connectors::{Answer, Limits};
use serde_json::Value;

/// The largest whole number that every reader of JSON takes exactly.
const SAFE: u64 = (1 << 53) - 1;

/// The rows so far.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    most: usize,
    bytes: usize,
    truncated: bool,
}

impl Table {
    pub(crate) fn new(limits: &Limits, columns: Vec<String>) -> Self {
        Self { columns, rows: Vec::new(), most: limits.rows, bytes: limits.bytes, truncated: false }
    }

    /// Names the columns once they are known.
    pub(crate) fn name(&mut self, columns: impl FnOnce() -> Vec<String>) {
        if self.columns.is_empty() {
            self.columns = columns();
        }
    }

    /// Takes a row; says whether there is room for another. One that finds no room tells that more was there.
    pub(crate) fn take(&mut self, row: Vec<Value>) -> bool {
        let size: usize = row.iter().map(|value| size(value) + 1).sum();
        if self.rows.len() >= self.most || size > self.bytes {
            self.truncated = true;
            return false;
        }
        self.bytes -= size;
        self.rows.push(row);
        true
    }

    /// A value had to be cut.
    pub(crate) fn cut(&mut self) {
        self.truncated = true;
    }

    pub(crate) fn into_rows(self) -> Vec<Vec<Value>> {
        self.rows
    }

    pub(crate) fn answer(self) -> Answer {
        Answer::Table { columns: self.columns, rows: self.rows, truncated: self.truncated }
    }
}

/// A whole number: as a number where that is safe, else as text.
pub(crate) fn whole(number: i64) -> Value {
    if number.unsigned_abs() <= SAFE { Value::from(number) } else { Value::from(number.to_string()) }
}

/// As [`whole`].
pub(crate) fn whole_unsigned(number: u64) -> Value {
    if number <= SAFE { Value::from(number) } else { Value::from(number.to_string()) }
}

/// A floating point number; infinities and what is no number are text.
pub(crate) fn float(number: f64) -> Value {
    serde_json::Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number)
}

/// As [`float`], with the digits that the shorter number has.
pub(crate) fn short_float(number: f32) -> Value {
    number.to_string().parse().map_or_else(|_| Value::from(number.to_string()), float)
}

/// Bytes, in base64.
pub(crate) fn bytes(bytes: &[u8]) -> Value {
    Value::from(base64::engine::general_purpose::STANDARD.encode(bytes))
}

/// JSON text as the value that it is; as text where it is none, or was cut.
pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn numbers_that_readers_of_json_would_bend_are_text() {
        assert_eq!(whole(9_007_199_254_740_991), json!(9_007_199_254_740_991_i64));
        assert_eq!(whole(9_007_199_254_740_992), json!("9007199254740992"));
        assert_eq!(whole(i64::MIN), json!("-9223372036854775808"));
        assert_eq!(whole_unsigned(u64::MAX), json!("18446744073709551615"));
        assert_eq!(float(f64::NAN), json!("NaN"));
        assert_eq!(short_float(0.1), json!(0.1));
    }

    #[test]
    fn a_table_is_cut_at_its_rows_and_bytes() {
        let limits = Limits { rows: 2, bytes: 100, time: Duration::from_secs(1) };
        let mut table = Table::new(&limits, vec!["a".to_owned()]);
        assert!(table.take(vec![json!(1)]) && table.take(vec![json!(2)]));
        assert!(!table.take(vec![json!(3)]));
        let Answer::Table { rows, truncated, .. } = table.answer() else { panic!("a table") };
        assert_eq!((rows.len(), truncated), (2, true));
        let mut table = Table::new(&limits, vec!["a".to_owned()]);
        assert!(!table.take(vec![json!("x".repeat(200))]));
    }
}
