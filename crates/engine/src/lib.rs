//! The turn engine.
pub mod models;
