//! Data sources of other systems that agents and people may query, and never change.

mod port;

pub use port::{About, Answer, Limits, Query, Resource, Source, SourceType};
