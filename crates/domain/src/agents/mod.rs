//! The registry: one record per agent, whichever surface made it, and the versions of what it is told to be.

mod cards;
mod change;
mod config;
mod configuration;
mod create;
mod definition;
mod lifecycle;
mod naming;
mod register;
mod roster;
mod secret_fields;
mod source;
mod store;
mod verbs;
pub mod versions;

pub use cards::{Card, TaskCounts, card, cards};
pub use change::{AgentChange, FileChange, FileOperation, update};
pub use config::merge as merge_config;
pub use configuration::{Budget, Compaction, Configuration, MemoryConfig, Resources, ToolPolicy, Webhooks};
pub use create::{NewAgent, NewFile, create};
pub use definition::{Definition, PromptType, SessionMode};
pub use lifecycle::{Lifecycle, Presence, balance, delete, pause, resume, set_status, stop};
pub use register::{Registration, register};
pub use roster::{Reach, Rostered, roster};
pub use secret_fields::{AgentSecrets, SlackTokens};
pub use source::Source;
pub use store::{Listed, Whole};
pub use verbs::{
    AgentFilter, FileSummary, ProviderKeys, Sort, count, definition_at, file_summary, find, known_as, list, list_page,
    load_definition, named, names, provider_keys, resolve, secrets_set, whole,
};

pub(crate) use change::change_within;
pub(crate) use create::{check_label, check_new, create_within};
pub(crate) use lifecycle::how_to_start;
pub(crate) use naming::free_name;
pub(crate) use store::{State, Touched, lock, lock_first, note_turn, set_error, take_message, try_lock};

use muster_base::Millis;

/// An agent of the registry.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// URL-safe slug, immutable.
    pub id: String,
    /// A number that is unique in the deployment.
    pub number: i64,
    /// Its org.
    pub org: String,
    /// Unique in its org.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it does, e.g. `developer`; told by mission clients.
    pub role: Option<String>,
    /// How it joined: `hosted`, `sdk`, `host`, `api`, `gateway`.
    pub source: String,
    /// Whether its messages become turns of ours; otherwise they wait until it asks for them.
    pub hosted: bool,
    /// What its gateway knows it by; unique in the org.
    pub session_key: Option<String>,
    /// What it said last of what it does.
    pub last_activity: Option<String>,
    /// The version of the client by which it dials in.
    pub client_version: Option<String>,
    /// Whether it takes turns.
    pub lifecycle: Lifecycle,
    /// Why it is in error.
    pub lifecycle_reason: Option<String>,
    /// Whether it is there.
    pub presence: Presence,
    /// The model that its definition names.
    pub model: Option<String>,
    /// The version of its definition.
    pub version: i64,
    /// MCP servers that its definition names.
    pub mcp_server_count: i64,
    /// Output tokens left.
    pub balance: i64,
    /// Output tokens used since it was made.
    pub output_tokens_used: i64,
    /// Messages from and to it.
    pub message_count: i64,
    /// How many of its turns run now.
    pub running_turns: i64,
    /// Its last sign of life.
    pub last_seen_at: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last changed.
    pub changed_at: Millis,
}
