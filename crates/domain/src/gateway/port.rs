//! The file in which a gateway lists its agents, as far as the domain knows it.

use async_trait::async_trait;
use muster_base::{Error, Kind, Result};
use serde_json::{Map, Value};
use std::fmt;

/// The code of a gateway file that cannot be understood; the message says where and why.
pub const UNREADABLE: &str = "gateway.unreadable";

/// The error of a gateway file that cannot be understood.
pub fn unreadable(message: impl Into<String>) -> Error {
    Error::new(Kind::Invalid, UNREADABLE, message)
}

/// What stands in place of a secret in a config; a secret of the file that it stands for stays as it is.
pub const REDACTED: &str = "[redacted]";

/// An agent as the file lists it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// Its id in the file; no two entries have one that gives the same session key.
    pub id: String,
    /// 1 to 100 characters.
    pub name: String,
    /// 1 to 100 characters.
    pub role: String,
    /// Its voice, when there is one: at most 50,000 characters.
    pub soul: Option<String>,
    /// What the file says of it, without secrets.
    pub config: Map<String, Value>,
    /// What of it could not be taken, as a sentence.
    pub warning: Option<String>,
}

/// What an entry of the file shall say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntryChange {
    /// Which entry; one that is missing is added.
    pub id: String,
    /// The agent's name.
    pub name: String,
    /// The agent's role.
    pub role: Option<String>,
    /// What else is known of the agent; the file takes what it has a place for.
    pub config: Map<String, Value>,
}

/// The file in which a gateway lists its agents.
#[async_trait]
pub trait Gateway: fmt::Debug + Send + Sync {
    /// The agents that the file lists, in its order.
    ///
    /// Errors: `conflict` when there is no such file, [`UNREADABLE`] when it cannot be understood.
    async fn read(&self) -> Result<Vec<Entry>>;

    /// Adds one entry or changes it, and leaves everything else of the file as it is. What the entry has and the change
    /// does not name stays.
    async fn write(&self, change: EntryChange) -> Result<()>;

    /// The config of an agent whose entry says what the change says and nothing else.
    ///
    /// Errors: `invalid` names what the file has no place for.
    fn describe(&self, change: &EntryChange) -> Result<Map<String, Value>>;

    /// Whether a part of an agent's config, such as `tools` or `sandbox.mode`, is the file's to say; others are not in it.
    fn owns(&self, path: &str) -> bool;
}

/// What a gateway knows the agent with this id by.
pub fn session_key(id: &str) -> String {
    let plain: String = id.trim().chars().map(plain).collect();
    let plain: String = plain.trim_matches('-').chars().take(64).collect();
    format!("agent:{}:main", if plain.is_empty() { "main" } else { &plain })
}

/// Gateways write ids in lower case, with hyphens for what is no letter, digit or `_`.
fn plain(letter: char) -> char {
    if letter.is_ascii_alphanumeric() || letter == '_' { letter.to_ascii_lowercase() } else { '-' }
}

/// The id that a session key of this form names.
pub(super) fn id_in(session_key: &str) -> Option<&str> {
    session_key.strip_prefix("agent:")?.strip_suffix(":main").filter(|id| !id.is_empty() && !id.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_a_gateway_takes_for_one_have_one_session_key() {
        for (id, expected) in [
            ("writer", "agent:writer:main"),
            (" Writer ", "agent:writer:main"),
            ("Code Review!", "agent:code-review:main"),
            ("a_b-c", "agent:a_b-c:main"),
            ("\u{65e5}\u{672c}", "agent:main:main"),
        ] {
            assert_eq!(session_key(id), expected, "{id}");
        }
        assert_eq!(session_key(&"x".repeat(100)).len(), "agent:".len() + 64 + ":main".len());
    }

    #[test]
    fn a_session_key_of_another_form_names_no_id() {
        assert_eq!(id_in("agent:writer:main"), Some("writer"));
        for other in ["agent::main", "agent:a:b:main", "session-abc", "agent:writer"] {
            assert_eq!(id_in(other), None, "{other}");
        }
    }
}
