//! What the domain needs of a type of data source. The crate `connectors` implements it, one file or folder each.

use async_trait::async_trait;
use muster_base::{Error, Kind, Result};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

/// The code of an answer that a source failed to give.
pub const FAILED: &str = "connector.failed";

/// The code of an answer that took too long.
pub const TIMEOUT: &str = "connector.timeout";

/// The source failed; `message` says what it said, without secrets.
pub fn failed(message: impl Into<String>) -> Error {
    Error::new(Kind::Upstream, FAILED, message)
}

/// The source, named `title`, took longer than it may.
pub fn timed_out(title: &str) -> Error {
    Error::new(Kind::Upstream, TIMEOUT, format!("{title} did not answer in time; ask for less, or narrow the query"))
}

/// What a type of source says about itself; drives forms, validation, docs and what agents are told.
#[derive(Debug, Clone)]
pub struct About {
    /// The word in `type`, e.g. `postgresql`.
    pub kind: &'static str,
    /// The name for people, e.g. `PostgreSQL`.
    pub title: &'static str,
    /// One sentence on what it reads.
    pub summary: &'static str,
    /// How `resource`, `query` and `params` are written for it: Markdown, with an example or two.
    pub query_form: &'static str,
    /// The JSON Schema of its settings: an object whose properties have `title` and `description`. A secret is a string
    /// with `"writeOnly": true`; a property with a default has `default`; `x-order` lists them as a form shows them; one
    /// that says where secrets are sent to, or how safely, has `"x-place": true`.
    pub settings: Value,
}

/// A thing in a source that can be asked for: a table, a collection, an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// What goes into `resource`.
    pub name: String,
    /// What it holds, and what it takes, for people and for agents.
    pub description: String,
}

/// How much one query may take and give.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows or items.
    pub rows: usize,
    /// Bytes of the answer as JSON, and of what is read from the source for it.
    pub bytes: usize,
    /// Time from the beginning to the last row. Whoever calls `Source::query` also stops waiting then; the source
    /// passes it on to the other side where that can be told (a statement timeout).
    pub time: Duration,
}

/// One question to a source.
#[derive(Debug, Clone)]
pub struct Query {
    /// A table, collection or endpoint; may be empty where the query says it all.
    pub resource: String,
    /// SQL, a filter, a search expression; may be empty.
    pub query: String,
    /// Named values.
    pub params: Map<String, Value>,
    /// How much it may take and give.
    pub limits: Limits,
}

/// What a source answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Rows with named columns: databases.
    Table {
        /// The columns' names in their order.
        columns: Vec<String>,
        /// One value per column.
        rows: Vec<Vec<Value>>,
        /// Whether more was there than the limits let through.
        truncated: bool,
    },
    /// Documents: document stores and APIs.
    Items {
        /// The documents.
        items: Vec<Value>,
        /// Whether more was there than the limits let through.
        truncated: bool,
    },
}

/// A type of source.
#[async_trait]
pub trait SourceType: Send + Sync {
    /// What it says about itself.
    fn about(&self) -> &About;

    /// Makes a source from settings that fit the schema, with their secrets in place. Connects lazily or at once, as
    /// suits it; a source that cannot be reached is no error here.
    ///
    /// Errors: `invalid` with the field that the schema could not check, e.g. a URL that is none.
    async fn open(&self, settings: Map<String, Value>) -> Result<Arc<dyn Source>>;
}

/// One configured source with its pool of connections. Dropping it closes them; dropping the future of a query cancels
/// the query at the source where that is possible.
#[async_trait]
pub trait Source: Send + Sync {
    /// Reaches the source with its credentials and says in a sentence what answered, e.g. `PostgreSQL 15.19`.
    ///
    /// Errors: `upstream` with what the source said, without secrets.
    async fn test(&self) -> Result<String>;

    /// What can be asked for: read from the source where it can be listed (at most 200), else a fixed list.
    async fn resources(&self) -> Result<Vec<Resource>>;

    /// Asks it. It only ever reads.
    ///
    /// Errors: `invalid` (field `query`, `resource` or `params.x`) for what it refuses, with the reason; `upstream`
    /// (code `connector.failed`) when the source failed, with its message; `upstream` with code `connector.timeout`
    /// when it took too long.
    async fn query(&self, query: Query) -> Result<Answer>;
}
