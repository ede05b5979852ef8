//! Data sources of other systems that agents and people may query, and never change.
//!
//! A connector is a source that an org has set up: a type, settings and sealed secrets. The types are plugged in by the
//! program (see [`SourceType`]). Open sources are kept with their connections while they are used; each query is counted
//! and shows in the event log, gathered by connector and caller, so that reading costs no write.

mod body;
mod change;
mod grants;
mod pools;
mod port;
mod query;
mod settings;
mod store;
mod tally;
mod types;
mod verbs;

pub use body::AnswerBody;
pub use change::{create, delete, update};
pub use grants::{Granted, grants, offered_to, set_grants};
pub use pools::{Pools, tend};
pub use port::{About, Answer, FAILED, Limits, Query, Resource, Source, SourceType, TIMEOUT, failed, timed_out};
pub use query::{Answered, Ask, query, query_as_agent};
pub use tally::{FLUSH_EVERY, Tally, flush};
pub use types::Types;
pub use verbs::{Tested, find, list, list_all, resources, test};

use muster_base::{Millis, Patch};
use serde_json::{Map, Value};

/// The rows of an answer when a query says nothing.
pub const USUAL_ROWS: usize = 1000;

/// The most rows that a query may ask for.
pub const MOST_ROWS: usize = 10_000;

/// A data source that an org has set up.
#[derive(Debug, Clone, PartialEq)]
pub struct Connector {
    /// Its id, `con_...`.
    pub id: String,
    /// Unique in the org; it may be used in place of the id.
    pub name: String,
    /// The word of its type, e.g. `postgresql`.
    pub kind: String,
    /// What is in it, for people and agents.
    pub description: Option<String>,
    /// Whether it answers queries.
    pub enabled: bool,
    /// Its settings without secrets.
    pub settings: Map<String, Value>,
    /// Counts its changes.
    pub revision: i64,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last changed.
    pub changed_at: Millis,
}

/// A connector as it may be shown: with the names of its secrets.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The connector.
    pub connector: Connector,
    /// The secrets that are set, and when each was last set.
    pub secrets: Vec<(String, Millis)>,
}

/// A connector to be made.
#[derive(Debug)]
pub struct NewConnector {
    /// 1 to 100 characters, unique in the org, not beginning with `con_`.
    pub name: String,
    /// A type that the program has.
    pub kind: String,
    /// Up to 1000 characters.
    pub description: Option<String>,
    /// Whether it answers queries.
    pub enabled: bool,
    /// Settings with their secrets, as the type's schema says.
    pub settings: Map<String, Value>,
}

/// What to change of a connector. Its type cannot be changed.
#[derive(Debug, Default)]
pub struct ConnectorChange {
    /// A new name.
    pub name: Option<String>,
    /// A new description.
    pub description: Patch<String>,
    /// Whether it answers queries.
    pub enabled: Option<bool>,
    /// Settings to be set; null clears one, and one that is not mentioned stays, secrets too.
    pub settings: Option<Map<String, Value>>,
}
