//! Language models: the vendors' APIs, the built-in offline model, the directory that finds one by name, and prices.
//!
//! To add a vendor, implement `muster_domain::models::Model` in a file of its own and give it a [`ProviderKind`].

mod anthropic;
mod arguments;
mod directory;
pub mod estimate;
mod exchange;
#[cfg(test)]
mod fake;
mod faults;
mod offline;
mod openai;
mod prices;
mod settings;
mod sse;

pub use anthropic::{Anthropic, PUBLIC_URL as ANTHROPIC_URL};
pub use directory::{Models, Resolved};
pub use offline::Offline;
pub use openai::{OpenAi, PUBLIC_URL as OPENAI_URL};
pub use prices::{Price, Prices};
pub use settings::{AgentKeys, ModelSettings, Provider, ProviderKind};
