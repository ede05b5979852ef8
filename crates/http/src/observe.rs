//! Metrics of requests. The handles are kept per operation, so that counting costs no look-up.

use metrics::{Counter, Histogram, counter, histogram};
use std::sync::OnceLock;
use std::time::Duration;

/// The statuses that have a handle of their own; others are rare enough to be looked up.
const USUAL: [u16; 15] = [200, 201, 202, 204, 304, 400, 401, 402, 403, 404, 409, 413, 429, 500, 503];

pub(crate) struct Meters {
    surface: &'static str,
    op: String,
    counters: [OnceLock<Counter>; USUAL.len()],
    durations: OnceLock<Histogram>,
}

impl Meters {
    pub(crate) fn new(surface: &'static str, op: &str) -> Self {
        Self { surface, op: op.to_owned(), counters: Default::default(), durations: OnceLock::new() }
    }

    /// Counts one answered request.
    pub(crate) fn answered(&self, status: u16, took: Duration) {
        match USUAL.iter().position(|usual| *usual == status) {
            Some(index) => self.counters[index].get_or_init(|| self.counter(status)).increment(1),
            None => self.counter(status).increment(1),
        }
        self.durations.get_or_init(|| self.histogram()).record(took.as_secs_f64());
    }

    fn counter(&self, status: u16) -> Counter {
        let status = status.to_string();
        counter!("muster_http_requests_total", "surface" => self.surface, "op" => self.op.clone(), "status" => status)
    }

    fn histogram(&self) -> Histogram {
        histogram!("muster_http_request_duration_seconds", "surface" => self.surface, "op" => self.op.clone())
    }
}
