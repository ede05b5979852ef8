//! `POST /v1/agent/create`

use crate::views::AgentView;
use muster_base::{Error, Patch, Secret};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{
    self, AgentSecrets, Configuration, Definition, NewAgent, NewFile, PromptType, SessionMode, SlackTokens,
};
use muster_http::{Caller, Created, Failure, Json, Op, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// The largest request: first files included.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Deploy a new agent.
pub(crate) const CREATE: Op = post("/v1/agent/create")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Deploy a new agent")
    .takes::<Create>()
    .gives::<AgentView>()
    .status(201)
    .body_limit(BODY_LIMIT);

/// An agent to be made.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "CreateAgent")]
pub(crate) struct Create {
    /// 1 to 100 characters, unique in the org.
    name: String,
    /// Up to 500 characters.
    description: Option<String>,
    /// The workspace's quota, e.g. `1Gi`.
    pvc_size: Option<String>,
    /// The agent's own key of this provider; write-only.
    anthropic_api_key: Option<Secret<String>>,
    /// The agent's own key of this provider; write-only.
    openai_api_key: Option<Secret<String>>,
    /// Output tokens that it may use (1000000).
    output_token_balance: Option<i64>,
    /// The agent's instructions.
    system_prompt: Option<String>,
    /// append (default) puts them after Muster's own guidance, replace in its place.
    system_prompt_type: Option<PromptType>,
    /// persistent (default) shows a turn the conversation, ephemeral only its own messages.
    session_mode: Option<SessionMode>,
    /// Idle time before the environment is put to sleep, at least 300000; null never.
    warmth_window_ms: Option<i64>,
    /// Write-only.
    discord_bot_token: Option<Secret<String>>,
    /// Write-only.
    slack_bot_token: Option<SlackTokens>,
    /// Write-only.
    telegram_bot_token: Option<Secret<String>>,
    /// How its turns run.
    #[schemars(with = "Option<Configuration>")]
    configuration: Option<Value>,
    /// Its first files.
    initial_files: Option<Vec<FileBody>>,
}

/// A file.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "InitialFile")]
pub(crate) struct FileBody {
    path: String,
    content: String,
    /// utf-8 (default) or base64.
    encoding: Option<String>,
}

pub(crate) async fn create(caller: Caller, Json(body): Json<Create>) -> Result<Created<AgentView>, Failure> {
    let definition = Definition {
        system_prompt: body.system_prompt,
        system_prompt_type: body.system_prompt_type.unwrap_or_default(),
        session_mode: body.session_mode.unwrap_or_default(),
        warmth_window_ms: body.warmth_window_ms,
        pvc_size: body.pvc_size,
        ..Definition::default()
    };
    let secrets = AgentSecrets {
        anthropic_api_key: Patch::from(body.anthropic_api_key),
        openai_api_key: Patch::from(body.openai_api_key),
        discord_bot_token: Patch::from(body.discord_bot_token),
        slack_bot_token: Patch::from(body.slack_bot_token),
        telegram_bot_token: Patch::from(body.telegram_bot_token),
    };
    let files = body.initial_files.unwrap_or_default().into_iter().map(FileBody::into_file).collect();
    let new = NewAgent {
        name: body.name,
        description: body.description,
        definition,
        configuration: body.configuration,
        balance: body.output_token_balance,
        secrets,
        files,
        ..NewAgent::default()
    };
    let agent = agents::create(&caller, new).await?;
    Ok(Created(agents::whole(&caller, &agent.id).await?.into()))
}

impl FileBody {
    fn into_file(self) -> NewFile {
        NewFile {
            path: self.path,
            content: self.content,
            encoding: self.encoding.unwrap_or_else(|| "utf-8".to_owned()),
        }
    }
}

/// A whole-number query parameter within bounds.
pub(crate) fn bounded(field: &str, value: Option<i64>, default: i64, least: i64, most: i64) -> Result<i64, Error> {
    match value {
        None => Ok(default),
        Some(value) if (least..=most).contains(&value) => Ok(value),
        Some(_) => Err(Error::invalid(field, format!("must be from {least} to {most}"))),
    }
}
