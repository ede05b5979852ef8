//! Changing an agent: a new version whenever what it is told to be changes.

use super::create::{check_balance, check_description, check_file, check_name, check_path, name_taken};
use super::secret_fields::{self, AgentSecrets};
use super::{Agent, Configuration, Lifecycle, NewFile, PromptType, SessionMode, store};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use crate::turns;
use muster_base::{Error, Patch, Result};
use muster_store::is_unique_violation;
use serde_json::{Map, Value, json};

/// What to do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileOperation {
    /// Create or replace it.
    Write,
    /// Remove it.
    Delete,
}

/// A change of a file.
#[derive(Debug, Clone)]
pub struct FileChange {
    /// What to do.
    pub operation: FileOperation,
    /// The file; its content is empty when it is deleted.
    pub file: NewFile,
}

/// What to change of an agent.
#[derive(Debug, Clone, Default)]
pub struct AgentChange {
    /// A new name.
    pub name: Patch<String>,
    /// A new description.
    pub description: Patch<String>,
    /// New instructions.
    pub system_prompt: Patch<String>,
    /// How they stand to Muster's own.
    pub system_prompt_type: Patch<PromptType>,
    /// What a turn sees of the turns before.
    pub session_mode: Patch<SessionMode>,
    /// How long the environment stays up when idle.
    pub warmth_window_ms: Patch<i64>,
    /// The workspace's quota.
    pub pvc_size: Patch<String>,
    /// Merged into the configuration; null resets it.
    pub configuration: Patch<Map<String, Value>>,
    /// Sets the balance; null sets what an agent starts with.
    pub balance: Patch<i64>,
    /// Secrets to set or clear.
    pub secrets: AgentSecrets,
    /// Files to write or delete.
    pub files: Vec<FileChange>,
}

/// Changes an agent, all or nothing.
///
/// Two changes at once do not overwrite each other's fields: the second is applied to what the first made.
pub async fn update(ctx: &Ctx, id: &str, change: AgentChange) -> Result<Agent> {
    check(&change)?;
    let mut sizes = Vec::new();
    for (at, change) in change.files.iter().enumerate() {
        let field = format!("files.{at}");
        sizes.push(match change.operation {
            FileOperation::Write => check_file(&field, &change.file)?,
            FileOperation::Delete => check_path(&format!("{field}.path"), &change.file.path).map(|()| 0)?,
        });
    }
    let name = change.name.value().cloned().unwrap_or_default();
    let (for_tx, id_for_tx) = (ctx.clone(), id.to_owned());
    let written =
        ctx.write(move |tx| Box::pin(async move { apply(tx, &for_tx, &id_for_tx, change, &sizes).await })).await;
    match written {
        Err(error) if is_unique_violation(&error) => Err(name_taken(&name)),
        other => other,
    }
}

fn check(change: &AgentChange) -> Result<()> {
    match &change.name {
        Patch::Null => return Err(Error::invalid("name", "must have 1 to 100 characters; it cannot be cleared")),
        Patch::Value(name) => check_name(name)?,
        Patch::Absent => {}
    }
    check_description(change.description.value())?;
    if let Some(balance) = change.balance.value() {
        check_balance("output_token_balance", *balance)?;
    }
    Ok(())
}

async fn apply(tx: &mut muster_store::Tx, ctx: &Ctx, id: &str, change: AgentChange, sizes: &[i64]) -> Result<Agent> {
    let mut agent = store::lock(tx, ctx.org(), id).await?.ok_or_else(|| Error::missing("agent", id))?;
    let before = store::definition(tx, &agent.id, agent.version).await?;
    let mut definition = before.clone();
    let mut fields = Vec::new();
    let mut changed = |name: &'static str, did: bool| {
        if did {
            fields.push(name);
        }
    };
    if let Patch::Value(name) = change.name {
        changed("name", name != agent.name);
        agent.name = name;
    }
    changed("description", change.description.apply(&mut agent.description));
    changed("system_prompt", change.system_prompt.apply(&mut definition.system_prompt));
    changed(
        "system_prompt_type",
        change.system_prompt_type.apply_or(&mut definition.system_prompt_type, Default::default),
    );
    changed("session_mode", change.session_mode.apply_or(&mut definition.session_mode, Default::default));
    changed("warmth_window_ms", change.warmth_window_ms.apply(&mut definition.warmth_window_ms));
    changed("pvc_size", change.pvc_size.apply(&mut definition.pvc_size));
    match change.configuration {
        Patch::Absent => {}
        Patch::Null => definition.configuration = Configuration::default(),
        Patch::Value(ref merge) => definition.configuration = definition.configuration.merged(merge)?,
    }
    if definition.configuration.timeout_seconds == 0 {
        definition.configuration.timeout_seconds = 3600;
    }
    changed("configuration", definition.configuration != before.configuration);
    let topped_up = change.balance.apply_or(&mut agent.balance, || 1_000_000);
    changed("output_token_balance", topped_up);
    definition.check()?;

    let mut secrets = change.secrets.changes()?;
    changed("secrets", !secrets.is_empty());
    secrets.extend(secret_fields::split(&mut definition.configuration, &before.configuration));
    secret_fields::store(tx, ctx, &agent.id, &secrets).await?;
    changed("files", !change.files.is_empty());
    for (file, size) in change.files.iter().zip(sizes) {
        match file.operation {
            FileOperation::Write => store::put_file(tx, ctx, &agent.id, &file.file, *size).await?,
            FileOperation::Delete => store::delete_file(tx, &agent.id, &file.file.path).await?,
        }
    }
    if definition != before {
        agent.version = store::newest_version(tx, &agent.id).await? + 1;
        agent.model = definition.configuration.model.clone();
        agent.mcp_server_count = definition.configuration.mcp_servers.len() as i64;
        store::insert_version(tx, ctx, &agent.id, agent.version, &definition).await?;
    }
    agent.changed_at = ctx.now();
    // What put the agent into error was its settings; with others it gets another chance.
    let recovers = agent.lifecycle == Lifecycle::Error && (definition != before || !secrets.is_empty());
    if recovers {
        agent.lifecycle = Lifecycle::Active;
        agent.lifecycle_reason = None;
    }
    store::update(tx, &agent).await?;
    if recovers {
        turns::release(tx, &agent.id, turns::Hold::Paused).await?;
    }
    if topped_up {
        turns::release(tx, &agent.id, turns::Hold::Balance).await?;
    }
    let data = json!({"fields": fields, "version": agent.version});
    events::append(tx, ctx, vec![NewEvent::new("agent.updated", &agent.id, data)]).await?;
    Ok(agent)
}
