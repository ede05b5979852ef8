//! What an agent is told to be. Every change makes a new version; a turn records the version that it ran under.

use super::Configuration;
use muster_base::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The most characters of a personality.
const LONGEST_PERSONALITY: usize = 50_000;

/// How the agent's instructions stand to Muster's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PromptType {
    /// After Muster's own guidance.
    #[default]
    Append,
    /// In place of it.
    Replace,
}

/// What a turn sees of the turns before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionMode {
    /// Nothing: each turn starts afresh.
    Ephemeral,
    /// The conversation.
    #[default]
    Persistent,
}

/// One version of what an agent is told to be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// The agent's own instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// How they stand to Muster's own.
    #[serde(default)]
    pub system_prompt_type: PromptType,
    /// Voice and tone: mission's soul, the org's personality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personality: Option<String>,
    /// What mission clients say of it, as they said it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub config: Map<String, Value>,
    /// Branding and contact of the orgs surface.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub identity: Map<String, Value>,
    /// What a turn sees of the turns before it.
    #[serde(default)]
    pub session_mode: SessionMode,
    /// How long the environment stays up when idle, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warmth_window_ms: Option<i64>,
    /// The workspace's quota, e.g. `1Gi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pvc_size: Option<String>,
    /// How its turns run.
    #[serde(default)]
    pub configuration: Configuration,
}

impl Definition {
    /// Refuses what cannot be.
    pub(super) fn check(&self) -> Result<()> {
        if self.system_prompt.as_ref().is_some_and(|text| text.len() > 400_000) {
            return Err(Error::invalid("system_prompt", "must have at most 400000 bytes"));
        }
        if self.warmth_window_ms.is_some_and(|window| window < 300_000) {
            return Err(Error::invalid("warmth_window_ms", "must be null or at least 300000 (five minutes)"));
        }
        if self.personality.as_ref().is_some_and(|text| text.chars().count() > LONGEST_PERSONALITY) {
            return Err(Error::invalid("personality", format!("must have at most {LONGEST_PERSONALITY} characters")));
        }
        if self.pvc_size.as_ref().is_some_and(|size| super::configuration::quantity(size).is_none()) {
            return Err(Error::invalid("pvc_size", "must be a size such as 512Mi or 1Gi"));
        }
        Ok(())
    }
}
