//! Promises of the mission dialect, kept through HTTP.

#![allow(clippy::unwrap_used, reason = "tests may panic, and their helpers too")]

mod auth;
mod described;
mod support;
mod sync;
