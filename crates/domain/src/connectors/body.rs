//! An answer in the one form that it has in every dialect.

use super::port::Answer;
use super::query::Answered;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// What a source answered: rows with columns, or items.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged, rename_all_fields = "camelCase")]
#[schemars(inline)]
pub enum AnswerBody {
    /// Of databases with tables.
    Table {
        /// The columns' names.
        columns: Vec<String>,
        /// One value per column. Whole numbers beyond 2^53 and decimals are text, bytes are base64, times ISO 8601.
        rows: Vec<Vec<Value>>,
        /// How many rows these are.
        row_count: usize,
        /// Whether more was there than the limits let through.
        truncated: bool,
        /// How long the source took.
        elapsed_ms: u64,
    },
    /// Of document stores and APIs.
    Items {
        /// The documents.
        items: Vec<Value>,
        /// How many these are.
        count: usize,
        /// Whether more was there than the limits let through.
        truncated: bool,
        /// How long the source took.
        elapsed_ms: u64,
    },
}

impl From<Answered> for AnswerBody {
    fn from(answered: Answered) -> Self {
        let elapsed_ms = answered.took.as_millis() as u64;
        match answered.answer {
            Answer::Table { columns, rows, truncated } => {
                Self::Table { columns, row_count: rows.len(), rows, truncated, elapsed_ms }
            }
            Answer::Items { items, truncated } => Self::Items { count: items.len(), items, truncated, elapsed_ms },
        }
    }
}
