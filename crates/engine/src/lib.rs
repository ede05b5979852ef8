//! The turn engine: composes prompts, calls models and tools, and writes every step into the ledger.

pub mod models;
pub mod prompt;
pub mod tools;
mod turn;
mod worker;

pub use worker::{Engine, EngineSettings};
