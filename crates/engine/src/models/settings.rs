//! Which models there are, as the operator and the agents say it.

use super::{ANTHROPIC_URL, OPENAI_URL};
use muster_base::Secret;
use std::collections::BTreeMap;

/// The operator's models.
#[derive(Debug, Clone, Default)]
pub struct ModelSettings {
    /// OpenAI, or what answers at `OPENAI_BASE_URL`.
    pub openai: Option<Provider>,
    /// Anthropic, or what answers at `ANTHROPIC_BASE_URL`.
    pub anthropic: Option<Provider>,
    /// Further providers by name, the `[models.NAME]` of `muster.toml`.
    pub others: BTreeMap<String, Provider>,
    /// The model of agents that name none, as `provider/model`.
    pub default_model: Option<String>,
}

/// One provider of models.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Which API it speaks.
    pub kind: ProviderKind,
    /// Where it answers; for OpenAI's API with the version at its end, as in `https://api.openai.com/v1`.
    pub base_url: String,
    /// The operator's key; local servers need none.
    pub api_key: Option<Secret<String>>,
    /// The model of agents that name none, without the provider's name.
    pub default_model: Option<String>,
}

/// An API that models are called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderKind {
    /// OpenAI's chat completions, which most other servers speak too.
    OpenAi,
    /// Anthropic's Messages.
    Anthropic,
}

/// The keys that an agent brings of its own.
#[derive(Debug, Clone, Default)]
pub struct AgentKeys {
    /// A key for OpenAI.
    pub openai: Option<Secret<String>>,
    /// A key for Anthropic.
    pub anthropic: Option<Secret<String>>,
}

impl Provider {
    /// OpenAI at its public address.
    pub fn openai(api_key: Option<Secret<String>>) -> Self {
        Self { kind: ProviderKind::OpenAi, base_url: OPENAI_URL.to_owned(), api_key, default_model: None }
    }

    /// Anthropic at its public address.
    pub fn anthropic(api_key: Option<Secret<String>>) -> Self {
        Self { kind: ProviderKind::Anthropic, base_url: ANTHROPIC_URL.to_owned(), api_key, default_model: None }
    }
}
