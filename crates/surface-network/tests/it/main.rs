//! Promises of the network dialect, kept through HTTP.

#![allow(clippy::unwrap_used, reason = "tests may panic, and their helpers too")]

mod agents;
mod client;
mod connectors;
mod described;
mod guarded;
mod interrupt;
mod memory;
mod message;
mod relay;
mod rendezvous;
mod reply;
mod support;
