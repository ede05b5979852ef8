//! `POST /v1/agent/update/{id}`

use crate::create::BODY_LIMIT;
use crate::views::AgentView;
use muster_base::{Patch, Secret};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{
    self, AgentChange, AgentSecrets, Configuration, FileChange, FileOperation, NewFile, PromptType, SessionMode,
    SlackTokens,
};
use muster_http::{Caller, Json, Op, Path, Reply, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Update an agent.
pub(crate) const UPDATE: Op = post("/v1/agent/update/{id}")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Update an agent: absent fields stay, null clears, configuration merges")
    .takes::<Update>()
    .gives::<AgentView>()
    .body_limit(BODY_LIMIT);

/// What to change. Absent fields stay as they are, null clears.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "UpdateAgent")]
pub(crate) struct Update {
    #[serde(default)]
    name: Patch<String>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    pvc_size: Patch<String>,
    /// Write-only.
    #[serde(default)]
    anthropic_api_key: Patch<Secret<String>>,
    /// Write-only.
    #[serde(default)]
    openai_api_key: Patch<Secret<String>>,
    #[serde(default)]
    output_token_balance: Patch<i64>,
    #[serde(default)]
    system_prompt: Patch<String>,
    #[serde(default)]
    system_prompt_type: Patch<PromptType>,
    #[serde(default)]
    session_mode: Patch<SessionMode>,
    #[serde(default)]
    warmth_window_ms: Patch<i64>,
    /// Write-only.
    #[serde(default)]
    discord_bot_token: Patch<Secret<String>>,
    /// Write-only.
    #[serde(default)]
    slack_bot_token: Patch<SlackTokens>,
    /// Write-only.
    #[serde(default)]
    telegram_bot_token: Patch<Secret<String>>,
    /// Merged into what is there (RFC 7396).
    #[serde(default)]
    #[schemars(with = "Option<Configuration>")]
    configuration: Patch<Map<String, Value>>,
    /// Files to write or delete.
    files: Option<Vec<FileBody>>,
}

/// A file to write or delete.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "FileChange")]
struct FileBody {
    path: String,
    operation: Operation,
    /// Required to write.
    content: Option<String>,
    /// utf-8 (default) or base64.
    encoding: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "FileOperation")]
enum Operation {
    Write,
    Delete,
}

pub(crate) async fn update(caller: Caller, Path(id): Path<String>, Json(body): Json<Update>) -> Reply<AgentView> {
    let files = body
        .files
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(at, file)| file.into_change(at))
        .collect::<Result<_, _>>()?;
    let change = AgentChange {
        name: body.name,
        description: body.description,
        system_prompt: body.system_prompt,
        system_prompt_type: body.system_prompt_type,
        session_mode: body.session_mode,
        warmth_window_ms: body.warmth_window_ms,
        pvc_size: body.pvc_size,
        configuration: body.configuration,
        balance: body.output_token_balance,
        secrets: AgentSecrets {
            anthropic_api_key: body.anthropic_api_key,
            openai_api_key: body.openai_api_key,
            discord_bot_token: body.discord_bot_token,
            slack_bot_token: body.slack_bot_token,
            telegram_bot_token: body.telegram_bot_token,
        },
        files,
        ..AgentChange::default()
    };
    let agent = agents::update(&caller, &id, change).await?;
    Ok(Json(agents::whole(&caller, &agent.id).await?.into()))
}

impl FileBody {
    fn into_change(self, at: usize) -> Result<FileChange, muster_base::Error> {
        let encoding = self.encoding.unwrap_or_else(|| "utf-8".to_owned());
        let (operation, content) = match (self.operation, self.content) {
            (Operation::Write, Some(content)) => (FileOperation::Write, content),
            (Operation::Write, None) => {
                return Err(muster_base::Error::invalid(format!("files[{at}].content"), "is required to write a file"));
            }
            (Operation::Delete, _) => (FileOperation::Delete, String::new()),
        };
        Ok(FileChange { operation, file: NewFile { path: self.path, content, encoding } })
    }
}
