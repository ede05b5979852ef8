//! Promises of the orgs dialect, kept through HTTP.

#![allow(clippy::unwrap_used, reason = "tests may panic, and their helpers too")]

mod agent_tokens;
mod agents;
mod api_keys;
mod connectors;
mod conversations;
mod described;
mod events;
mod guarded;
mod org;
mod support;
mod turns;
mod users;
mod versions;
