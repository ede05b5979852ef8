//! Whether agents are there: what they say of themselves, signs of life, and silence.
//!
//! A stated presence holds until something newer: another statement, a turn that begins, or silence. A sign of life
//! alone only brings back who was offline. Signs are kept in memory, shown at once, and written in batches, so that many
//! heartbeats cost few writes; a killed process loses the signs of the last seconds and no change of presence.

mod board;
mod store;
mod sweep;
mod verbs;

pub use board::Board;
pub use sweep::{flush, register_sweep, sweep};
pub use verbs::{called, heard, seen, set};

pub(crate) use store::put;
pub(crate) use verbs::{changed, check_activity, note_seen, state, turn_begins};

use std::time::Duration;

/// How often signs of life are written.
pub const FLUSH_EVERY: Duration = Duration::from_secs(3);
