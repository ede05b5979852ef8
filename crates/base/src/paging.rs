//! Paging by key: a cursor holds the sort key of the last row, so pages stay right while rows are added.

use crate::{Error, Result};
use data_encoding::BASE64URL_NOPAD;

/// The sort key of the last row of a page: a text or number and the row's id, which breaks ties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The value of the sort column; numbers in decimal.
    pub key: String,
    /// The row's id.
    pub id: String,
}

impl Cursor {
    /// A cursor after the row with this sort key and id.
    pub fn new(key: impl ToString, id: impl Into<String>) -> Self {
        Self { key: key.to_string(), id: id.into() }
    }

    /// The opaque text that clients hand back.
    pub fn encode(&self) -> String {
        BASE64URL_NOPAD.encode(format!("{}\u{1f}{}", self.key, self.id).as_bytes())
    }

    /// Reads a cursor; `field` is the query parameter's name for the error.
    pub fn decode(text: &str, field: &str) -> Result<Self> {
        let wrong = || Error::invalid(field, "is not a page token that this server gave out");
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| wrong())?;
        let text = String::from_utf8(bytes).map_err(|_| wrong())?;
        let (key, id) = text.split_once('\u{1f}').ok_or_else(wrong)?;
        if key.contains('\0') || id.contains('\0') || id.contains('\u{1f}') {
            return Err(wrong());
        }
        Ok(Self { key: key.to_owned(), id: id.to_owned() })
    }

    /// The sort key as a number.
    pub fn number(&self, field: &str) -> Result<i64> {
        self.key.parse().map_err(|_| Error::invalid(field, "is not a page token that this server gave out"))
    }
}

/// Which page is wanted.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// How many rows at the most.
    pub limit: i64,
    /// After which row.
    pub after: Option<Cursor>,
}

/// A page of rows and where the next one begins.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Set when there are more.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Makes a page of rows that were fetched with `limit + 1`, so that one too many tells that there are more.
    pub fn from_rows(mut rows: Vec<T>, limit: i64, cursor: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back(key in "[^\u{1f}\0]*", id in "[a-z0-9_-]*") {
            let cursor = Cursor::new(&key, id);
            prop_assert_eq!(Cursor::decode(&cursor.encode(), "pageToken").expect("own token"), cursor);
        }

        #[test]
        fn rubbish_is_refused_and_never_panics(text in ".*") {
            let _ = Cursor::decode(&text, "pageToken");
        }
    }

    #[test]
    fn one_row_too_many_means_there_is_a_next_page() {
        let page = Page::from_rows(vec![1, 2, 3], 2, |n| Cursor::new(n, "x"));
        assert_eq!(page.items, [1, 2]);
        assert_eq!(page.next, Some(Cursor::new(2, "x")));
        assert!(Page::from_rows(vec![1, 2], 2, |n| Cursor::new(n, "x")).next.is_none());
    }
}
