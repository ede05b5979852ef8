//! Whether agents are there: what they say of themselves, signs of life, and silence.
//!
//! A stated presence holds until something newer: another statement, a turn that begins, or silence. A sign of life
//! alone only brings back who was offline. Who has a turn running is busy. Whatever changes what is shown is an event.
//!
//! Signs are kept in memory, shown at once, and written in batches when what is stored has become old, so that many
//! heartbeats cost few writes; what other nodes show, and what a killed process leaves, is older by that much. No change
//! of presence is lost.

mod board;
mod store;
mod sweep;
mod verbs;

pub use board::Board;
pub use sweep::{flush, flush_all, register_sweep, sweep};
pub use verbs::{called, heard, seen, set};

pub(crate) use verbs::{
    changed, check_activity, lifecycle_changes, note_seen, seen_leaving, state, turn_begins, turn_ends,
};

use std::time::Duration;

/// How often it is looked which signs of life are to be written.
pub const FLUSH_EVERY: Duration = Duration::from_secs(3);
