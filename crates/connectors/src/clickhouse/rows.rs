//! Reads rows as they come: one JSON array a line, the first with the names of the columns.

use muster_base::Result;
use muster_domain::connectors::{Answer, Limits, failed};
use serde_json::Value;

/// The rows so far.
pub(super) struct Rows {
    columns: Option<Vec<String>>,
    rows: Vec<Vec<Value>>,
    left: Vec<u8>,
    most_rows: usize,
    bytes: usize,
    truncated: bool,
}

impl Rows {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            columns: None,
            rows: Vec::new(),
            left: Vec::new(),
            most_rows: limits.rows,
            bytes: limits.bytes,
            truncated: false,
        }
    }

    /// Takes a piece of the answer; `false` when no more is wanted.
    ///
    /// Errors: `upstream` with what the server said when it failed half way.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<bool> {
        self.left.extend_from_slice(piece);
        let mut start = 0;
        while let Some(length) = self.left[start..].iter().position(|byte| *byte == b'\n') {
            let line = self.left[start..start + length].to_vec();
            start += length + 1;
            if !self.line(&line)? {
                return Ok(false);
            }
        }
        self.left.drain(..start);
        // A row that alone has no room never gets its end.
        if self.left.len() > self.bytes {
            self.truncated = true;
            return Ok(false);
        }
        Ok(true)
    }

    /// The end of the answer.
    pub(super) fn finish(mut self) -> Result<Answer> {
        let rest = std::mem::take(&mut self.left);
        if !self.truncated {
            self.line(&rest)?;
        }
        let columns = self.columns.unwrap_or_default();
        Ok(Answer::Table { columns, rows: self.rows, truncated: self.truncated })
    }

    fn line(&mut self, line: &[u8]) -> Result<bool> {
        if line.trim_ascii().is_empty() {
            return Ok(true);
        }
        let Ok(Value::Array(values)) = serde_json::from_slice(line) else {
            let said = String::from_utf8_lossy(line).chars().take(300).collect::<String>();
            return Err(failed(format!("ClickHouse failed half way: {said}")));
        };
        if self.columns.is_none() {
            let name = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.columns = Some(values.into_iter().map(name).collect());
            return Ok(true);
        }
        if self.rows.len() >= self.most_rows || line.len() > self.bytes {
            self.truncated = true;
            return Ok(false);
        }
        self.bytes -= line.len();
        self.rows.push(values);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn rows(rows: usize, bytes: usize) -> Rows {
        Rows::new(&Limits { rows, bytes, time: Duration::from_secs(1) })
    }

    #[test]
    fn rows_are_read_whatever_the_pieces_are() {
        let text = b"[\"id\", \"name\"]\n[1, \"a\"]\n[2, null]\n";
        for size in 1..text.len() {
            let mut found = rows(10, 1000);
            for piece in text.chunks(size) {
                assert!(found.take(piece).expect("rows"));
            }
            let expected = Answer::Table {
                columns: vec!["id".to_owned(), "name".to_owned()],
                rows: vec![vec![json!(1), json!("a")], vec![json!(2), Value::Null]],
                truncated: false,
            };
            assert_eq!(found.finish().expect("an answer"), expected);
        }
    }

    #[test]
    fn reading_stops_at_the_limits() {
        let counted = |answer| match answer {
            Answer::Table { rows, truncated, .. } => (rows.len(), truncated),
            Answer::Items { .. } => panic!("a table"),
        };
        let mut found = rows(2, 1000);
        assert!(!found.take(b"[\"n\"]\n[1]\n[2]\n[3]\n[4]\n").expect("rows"));
        assert_eq!(counted(found.finish().expect("an answer")), (2, true));
        let mut found = rows(2, 1000);
        assert!(found.take(b"[\"n\"]\n[1]\n[2]\n").expect("rows"));
        assert_eq!(counted(found.finish().expect("an answer")), (2, false));
        let mut found = rows(10, 10);
        assert!(!found.take(b"[\"n\"]\n[\"xxxxxxxxxxxxxxxx").expect("rows"));
        assert_eq!(counted(found.finish().expect("an answer")), (0, true));
    }

    #[test]
    fn a_failure_half_way_is_no_short_answer() {
        let mut found = rows(10, 1000);
        let error = found.take(b"[\"n\"]\n[1]\nCode: 395. DB::Exception: Value is non-zero\n").expect_err("a failure");
        assert!(error.message().contains("Code: 395"), "{error}");
        let mut found = rows(10, 1000);
        assert!(found.take(b"[\"n\"]\n[1").expect("rows"));
        found.finish().expect_err("half a row");
    }
}
