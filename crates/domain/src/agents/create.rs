//! Making an agent.

use super::secret_fields::{self, AgentSecrets};
use super::{Agent, Configuration, Definition, Lifecycle, Presence, store};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use crate::idempotency;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use muster_base::{Error, Kind, Result, agent_slug};
use muster_store::is_unique_violation;
use serde_json::json;

/// What an agent starts with when nothing else is said.
const DEFAULT_BALANCE: i64 = 1_000_000;
/// The most bytes of a file that comes with an agent.
const LARGEST_FILE: usize = 1024 * 1024;
/// How many files may come with an agent.
const MOST_FILES: usize = 100;

/// A file that comes with an agent.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Its path in the workspace.
    pub path: String,
    /// Its content, in `encoding`.
    pub content: String,
    /// `utf-8` or `base64`.
    pub encoding: String,
}

/// An agent to be made.
#[derive(Debug, Clone, Default)]
pub struct NewAgent {
    /// 1 to 100 characters, unique in the org.
    pub name: String,
    /// Up to 500 characters.
    pub description: Option<String>,
    /// What it is told to be; `configuration` is given apart.
    pub definition: Definition,
    /// How its turns run, unchecked.
    pub configuration: Option<serde_json::Value>,
    /// Output tokens that it may use.
    pub balance: Option<i64>,
    /// Its secrets.
    pub secrets: AgentSecrets,
    /// Its first files.
    pub files: Vec<NewFile>,
}

pub(super) fn check_name(name: &str) -> Result<()> {
    let count = name.chars().count();
    if count == 0 || count > 100 || name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "must have 1 to 100 characters"));
    }
    Ok(())
}

pub(super) fn check_description(description: Option<&String>) -> Result<()> {
    if description.is_some_and(|text| text.chars().count() > 500) {
        return Err(Error::invalid("description", "must have at most 500 characters"));
    }
    Ok(())
}

pub(super) fn check_balance(field: &str, amount: i64) -> Result<()> {
    if !(0..=1_000_000_000_000).contains(&amount) {
        return Err(Error::invalid(field, "must be from 0 to 1000000000000"));
    }
    Ok(())
}

/// Checks a file and returns its size in bytes.
pub(super) fn check_file(field: &str, file: &NewFile) -> Result<i64> {
    check_path(&format!("{field}.path"), &file.path)?;
    let size = match file.encoding.as_str() {
        "utf-8" => file.content.len(),
        "base64" => BASE64
            .decode(&file.content)
            .map_err(|_| Error::invalid(format!("{field}.content"), "must be base64"))?
            .len(),
        _ => return Err(Error::invalid(format!("{field}.encoding"), "must be utf-8 or base64")),
    };
    if size > LARGEST_FILE {
        let message = format!("{field}.content: may have at most {LARGEST_FILE} bytes");
        return Err(Error::new(Kind::TooLarge, "file.too_large", message).with_field(format!("{field}.content")));
    }
    Ok(i64::try_from(size).unwrap_or(i64::MAX))
}

/// A path stays inside the workspace.
pub(super) fn check_path(field: &str, path: &str) -> Result<()> {
    let escapes = path.starts_with('/') || path.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    if path.is_empty() || path.len() > 1024 || escapes || path.contains('\\') || path.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must be a path inside the workspace such as notes/today.md, without .."));
    }
    Ok(())
}

/// Makes an agent with its first version, files and secrets.
///
/// Errors: `conflict` when the name is taken. A repetition with the same `Idempotency-Key` returns the agent made first.
pub async fn create(ctx: &Ctx, new: NewAgent) -> Result<Agent> {
    if let Some(key) = &ctx.request().idempotency
        && let Some(subject) = idempotency::find(ctx, key).await?.and_then(|replay| replay.subject)
    {
        return super::find(ctx, &subject).await;
    }
    check_name(&new.name)?;
    check_description(new.description.as_ref())?;
    let balance = new.balance.unwrap_or(DEFAULT_BALANCE);
    check_balance("output_token_balance", balance)?;
    if new.files.len() > MOST_FILES {
        return Err(Error::invalid("initial_files", format!("must have at most {MOST_FILES} files")));
    }
    let mut files = Vec::new();
    for (at, file) in new.files.into_iter().enumerate() {
        let size = check_file(&format!("initial_files.{at}"), &file)?;
        files.push((file, size));
    }
    let mut definition = new.definition;
    definition.configuration = match new.configuration {
        Some(value) => Configuration::read(value)?,
        None => Configuration { timeout_seconds: 3600, ..Configuration::default() },
    };
    definition.check()?;
    let mut secrets = new.secrets.changes()?;
    secrets.extend(secret_fields::split(&mut definition.configuration, &Configuration::default()));

    let now = ctx.now();
    let agent = Agent {
        id: agent_slug(&new.name),
        number: 0,
        org: ctx.org().to_owned(),
        name: new.name,
        description: new.description,
        role: None,
        source: "hosted".to_owned(),
        hosted: true,
        session_key: None,
        last_activity: None,
        lifecycle: Lifecycle::Active,
        lifecycle_reason: None,
        presence: Presence::Online,
        model: definition.configuration.model.clone(),
        version: 1,
        mcp_server_count: definition.configuration.mcp_servers.len() as i64,
        balance,
        output_tokens_used: 0,
        message_count: 0,
        running_turns: 0,
        last_seen_at: Some(now),
        created_at: now,
        changed_at: now,
    };
    let name = agent.name.clone();
    let for_tx = ctx.clone();
    let written = ctx
        .write(move |tx| {
            Box::pin(async move {
                let mut agent = agent;
                agent.number = store::next_number(tx).await?;
                store::insert(tx, &agent).await?;
                store::insert_version(tx, &for_tx, &agent.id, 1, &definition).await?;
                secret_fields::store(tx, &for_tx, &agent.id, &secrets).await?;
                for (file, size) in &files {
                    store::put_file(tx, &for_tx, &agent.id, file, *size).await?;
                }
                idempotency::made(tx, &for_tx, &agent.id).await?;
                let data =
                    json!({"name": agent.name, "number": agent.number, "model": agent.model, "source": agent.source});
                events::append(tx, &for_tx, vec![NewEvent::new("agent.created", &agent.id, data)]).await?;
                Ok(agent)
            })
        })
        .await;
    match written {
        Err(error) if is_unique_violation(&error) => Err(name_taken(&name)),
        other => other,
    }
}

pub(super) fn name_taken(name: &str) -> Error {
    Error::conflict(format!("an agent named `{name}` exists already; names are unique in an org")).with_field("name")
}
