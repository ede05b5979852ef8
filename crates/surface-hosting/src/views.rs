//! Shapes that several operations answer with.

use muster_base::Millis;
use muster_domain::agents::{Configuration, Lifecycle, PromptType, SessionMode, Whole};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A sentence about what was done.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Done {
    /// The sentence.
    pub(crate) message: &'static str,
}

/// An agent in full.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HostedAgent")]
pub(crate) struct AgentView {
    /// Slug, immutable.
    id: String,
    name: String,
    description: Option<String>,
    /// active, paused, stopped or error.
    status: Lifecycle,
    /// Why the agent is in error.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    created_at: Millis,
    updated_at: Millis,
    configuration: Configuration,
    system_prompt: Option<String>,
    system_prompt_type: PromptType,
    session_mode: SessionMode,
    warmth_window_ms: Option<i64>,
    pvc_size: Option<String>,
    output_token_balance: i64,
    mcp_servers: Vec<McpServerView>,
    filesystem_summary: FilesystemSummary,
}

/// An MCP server of an agent's configuration.
#[derive(Serialize, JsonSchema)]
struct McpServerView {
    id: String,
    name: String,
    /// all or selected.
    access_mode: String,
    /// active, inactive or error.
    status: &'static str,
}

/// What is in an agent's workspace.
#[derive(Serialize, JsonSchema)]
struct FilesystemSummary {
    total_files: i64,
    total_size_mb: f64,
    last_modified: Option<Millis>,
}

impl From<Whole> for AgentView {
    fn from(whole: Whole) -> Self {
        let Whole { agent, definition, files } = whole;
        let mcp_servers =
            definition.configuration.mcp_servers.iter().map(|(name, settings)| mcp_server(name, settings)).collect();
        Self {
            id: agent.id,
            name: agent.name,
            description: agent.description,
            status: agent.lifecycle,
            status_reason: agent.lifecycle_reason,
            created_at: agent.created_at,
            updated_at: agent.changed_at,
            system_prompt: definition.system_prompt,
            system_prompt_type: definition.system_prompt_type,
            session_mode: definition.session_mode,
            warmth_window_ms: definition.warmth_window_ms,
            pvc_size: definition.pvc_size,
            configuration: definition.configuration,
            output_token_balance: agent.balance,
            mcp_servers,
            filesystem_summary: FilesystemSummary {
                total_files: files.files,
                // Two decimals, as people read sizes.
                total_size_mb: (files.bytes as f64 / 1_048_576.0 * 100.0).round() / 100.0,
                last_modified: files.changed_at,
            },
        }
    }
}

fn mcp_server(name: &str, settings: &Value) -> McpServerView {
    let mode = settings.get("access_mode").and_then(Value::as_str).unwrap_or("all");
    McpServerView { id: name.to_owned(), name: name.to_owned(), access_mode: mode.to_owned(), status: "inactive" }
}
