//! Promises of the mission dialect, kept through HTTP.

#![allow(clippy::unwrap_used, reason = "tests may panic, and their helpers too")]

mod agents;
mod auth;
mod comms;
mod described;
mod events;
mod gateway;
mod guarded;
mod heartbeat;
mod keys;
mod memory;
mod message;
mod register;
mod soul;
mod support;
mod sync;
mod talk;
mod tasks;
mod users;
mod wake;
mod write_to_gateway;
