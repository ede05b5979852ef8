//! The gateway file: an `openclaw.json` in which a gateway lists the agents that it runs.
//!
//! Reads the list, and changes one entry of it: under one lock among tasks and processes, with an atomic replacement,
//! and without touching any other byte. Implements the port that `muster_domain::gateway` owns.

#![warn(missing_docs)]

mod edit;
mod entries;
mod fields;
mod file;
mod json5;
mod lock;
mod replace;
mod secrets;
mod soul;

pub use file::GatewayFile;
