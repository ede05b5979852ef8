//! Every decision of Muster, one folder per capability. Knows no HTTP and no vendor.
//!
//! Each capability has `mod.rs` (what it is for, its types), `verbs.rs` (one public function per verb) and `store.rs`
//! (all of its SQL). A verb finds, asks whether the caller may, decides, and writes the change and its event together.

mod context;
pub mod idempotency;
mod sealed;

pub mod access;
pub mod agents;
pub mod comms;
pub mod connectors;
pub mod conversations;
pub mod enrolments;
pub mod events;
pub mod gateway;
pub mod heartbeat;
pub mod inbox;
pub mod interrupts;
pub mod jobs;
pub mod links;
pub mod memory;
pub mod models;
pub mod presence;
pub mod tasks;
pub mod templates;
pub mod tools;
pub mod turns;
pub mod usage;

pub use context::{App, Ctx, Request, Settings};
pub use idempotency::{Idempotency, Replay};
pub use muster_store::Listener;
pub use sealed::{is_sealed, open_secret, reseal_all, verify_key};
