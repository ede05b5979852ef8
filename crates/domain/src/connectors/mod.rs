//! Data sources of other systems that agents and people may query, and never change.

mod port;

pub use port::{About, Answer, FAILED, Limits, Query, Resource, Source, SourceType, TIMEOUT, failed, timed_out};
