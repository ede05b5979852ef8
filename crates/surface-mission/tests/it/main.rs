//! Promises of the mission dialect, kept through HTTP.

#![allow(clippy::unwrap_used, reason = "tests may panic, and their helpers too")]

mod agents;
mod auth;
mod described;
mod events;
mod gateway;
mod guarded;
mod keys;
mod memory;
mod register;
mod soul;
mod support;
mod sync;
mod users;
mod write_to_gateway;
