//! Promises of the orgs dialect, kept through HTTP.

mod agents;
mod api_keys;
mod conversations;
mod described;
mod events;
mod guarded;
mod org;
mod support;
mod turns;
mod users;
