//! Puts an answer of documents together within limits, page by page.

use muster_domain::connectors::{Answer, Limits};
use serde_json::Value;

/// The most pages that one query fetches.
const MOST_PAGES: usize = 100;

/// The items so far.
///
/// ```text
/// let mut found = Collector::new(&limits);
/// loop {
///     let page = fetch(cursor, found.want(100)).await?;
///     found.take(page.items);
///     if !found.goes_on(page.next.is_some()) { break; }
///     cursor = page.next;
/// }
/// Ok(found.answer())
/// ```
#[derive(Debug)]
pub(crate) struct Collector {
    items: Vec<Value>,
    rows: usize,
    bytes: usize,
    pages: usize,
    truncated: bool,
}

impl Collector {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { items: Vec::new(), rows: limits.rows, bytes: limits.bytes, pages: MOST_PAGES, truncated: false }
    }

    /// How many items to ask the next page for, when a page holds `most`: one more than there is room for, so that it
    /// is known whether more was there.
    pub(crate) fn want(&self, most: usize) -> usize {
        (self.rows - self.items.len() + 1).min(most).max(1)
    }

    /// Takes items as long as there is room.
    pub(crate) fn take(&mut self, items: impl IntoIterator<Item = Value>) {
        for item in items {
            let size = size(&item);
            if self.items.len() >= self.rows || size > self.bytes {
                self.truncated = true;
                return;
            }
            self.bytes -= size;
            self.items.push(item);
        }
    }

    /// Whether to fetch another page, given that there is one.
    pub(crate) fn goes_on(&mut self, another: bool) -> bool {
        self.pages = self.pages.saturating_sub(1);
        if self.truncated || !another {
            return false;
        }
        let room = self.items.len() < self.rows && self.pages > 0;
        self.truncated = !room;
        room
    }

    /// Whether something was left out already.
    #[cfg_attr(not(feature = "mongo"), allow(dead_code))]
    pub(crate) fn is_cut(&self) -> bool {
        self.truncated
    }

    /// Notes that there was more than what was taken.
    pub(crate) fn cut(&mut self) {
        self.truncated = true;
    }

    /// What was collected.
    pub(crate) fn answer(self) -> Answer {
        Answer::Items { items: self.items, truncated: self.truncated }
    }
}

/// The bytes of a value as JSON, counted without writing it down.
pub(crate) fn size(value: &Value) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn collector(rows: usize, bytes: usize) -> Collector {
        Collector::new(&Limits { rows, bytes, time: Duration::from_secs(1) })
    }

    fn counted(found: Collector) -> (usize, bool) {
        match found.answer() {
            Answer::Items { items, truncated } => (items.len(), truncated),
            Answer::Table { .. } => panic!("items"),
        }
    }

    #[test]
    fn rows_are_capped_and_more_is_told_only_when_there_is_more() {
        let mut found = collector(3, 1000);
        assert_eq!(found.want(100), 4);
        found.take([json!(1), json!(2)]);
        assert!(found.goes_on(true));
        found.take([json!(3)]);
        assert!(!found.goes_on(false));
        assert_eq!(counted(found), (3, false));
        let mut found = collector(2, 1000);
        found.take([json!(1), json!(2)]);
        assert!(!found.goes_on(true));
        assert_eq!(counted(found), (2, true));
    }

    #[test]
    fn bytes_are_capped() {
        let mut found = collector(100, 10);
        found.take([json!("abcd"), json!("efgh")]);
        assert_eq!(counted(found), (1, true));
    }

    #[test]
    fn pages_without_end_are_left() {
        let mut found = collector(10, 10);
        let mut pages = 1;
        while found.goes_on(true) {
            pages += 1;
        }
        assert_eq!(pages, MOST_PAGES);
        assert_eq!(counted(found), (0, true));
    }
}
