//! What agents remember: JSON values by key, of one agent or shared by the org; and one text that an agent works with.

mod shared;
mod store;
mod verbs;
mod whole;

pub use shared::{Put, Scope, forget, list, put, read, share_in};
pub use verbs::{delete, find, recent, search, set, set_in, total_size};
pub use whole::{Change, MemoryOf, WorkingMemory, change, clear, load, working};

use muster_base::Millis;

/// The most bytes of a value.
pub const LARGEST_VALUE: usize = 256 * 1024;

/// The key under which an agent's working memory is kept: none that a value can have.
const WORKING: &str = "";

/// A remembered value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its key, 1 to 256 characters.
    pub key: String,
    /// JSON text.
    pub value: String,
    /// Counts the changes of the key, from 1.
    pub revision: i64,
    /// When it was last set.
    pub changed_at: Millis,
}
