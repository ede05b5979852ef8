//! Promises about the gateway's file, kept on a real file system.

#![allow(clippy::unwrap_used, reason = "tests may panic, and their helpers too")]

mod crashes;
mod crowds;
mod reading;
mod support;
mod writing;
