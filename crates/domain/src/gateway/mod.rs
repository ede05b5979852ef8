//! Agents that a gateway runs: taken over from its file, and written into it.

mod port;

pub use port::{Entry, EntryChange, Gateway, REDACTED, UNREADABLE, session_key, unreadable};
