//! Changing an agent: a new version whenever what it is told to be changes.

use super::create::{
    check_balance, check_description, check_file, check_name, check_path, check_role, check_session_key, taken,
};
use super::secret_fields::{self, AgentSecrets};
use super::source::is_hosted;
use super::versions::{self, Made};
use super::{
    Agent, Configuration, Definition, Lifecycle, NewFile, Presence, PromptType, SessionMode, Source, config, store,
};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use crate::{conversations, presence, turns};
use muster_base::{Error, Patch, Result};
use muster_store::{Tx, is_unique_violation};
use serde_json::{Map, Value, json};

/// What an agent has when nothing else is said.
const USUAL_BALANCE: i64 = 1_000_000;

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
    /// A new role.
    pub role: Patch<String>,
    /// A new session key.
    pub session_key: Patch<String>,
    /// Another way in which it joined, which decides who runs it.
    pub source: Option<Source>,
    /// A new statement of its presence.
    pub presence: Option<Presence>,
    /// What it does now.
    pub last_activity: Patch<String>,
    /// New instructions.
    pub system_prompt: Patch<String>,
    /// How they stand to Muster's own.
    pub system_prompt_type: Patch<PromptType>,
    /// A new voice: mission's soul.
    pub personality: Patch<String>,
    /// Replaces what mission clients say of it.
    pub config: Patch<Map<String, Value>>,
    /// Merged into it, after it was replaced if it was (RFC 7396).
    pub config_merge: Map<String, Value>,
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

impl AgentChange {
    /// What it says of the agent's presence, if it says nothing else: agents tell that often.
    fn only_presence(&self) -> Option<(Presence, Option<String>)> {
        let presence = self.presence?;
        let has_told = !self.name.is_absent()
            || !self.description.is_absent()
            || !self.role.is_absent()
            || !self.session_key.is_absent()
            || self.source.is_some()
            || self.last_activity == Patch::Null
            || !self.personality.is_absent()
            || !self.config.is_absent()
            || !self.config_merge.is_empty()
            || !self.configuration.is_absent();
        let has_hosting = !self.system_prompt.is_absent()
            || !self.system_prompt_type.is_absent()
            || !self.session_mode.is_absent()
            || !self.warmth_window_ms.is_absent()
            || !self.pvc_size.is_absent()
            || !self.balance.is_absent()
            || !self.secrets.is_empty()
            || !self.files.is_empty();
        (!has_told && !has_hosting).then(|| (presence, self.last_activity.value().cloned()))
    }
}

/// Changes an agent, all or nothing.
///
/// Two changes at once do not overwrite each other's fields: the second is applied to what the first made.
/// Errors: `conflict` when the name or the session key is taken, and when a stopped agent is said to be there.
pub async fn update(ctx: &Ctx, id: &str, change: AgentChange) -> Result<Agent> {
    check(&change)?;
    if let Some((presence, activity)) = change.only_presence() {
        return presence::set(ctx, id, presence, activity).await;
    }
    let mut sizes = Vec::new();
    for (at, change) in change.files.iter().enumerate() {
        let field = format!("files[{at}]");
        sizes.push(match change.operation {
            FileOperation::Write => check_file(&field, &change.file)?,
            FileOperation::Delete => check_path(&format!("{field}.path"), &change.file.path).map(|()| 0)?,
        });
    }
    let (name, session_key) = (change.name.value().cloned(), change.session_key.value().cloned());
    let (for_tx, id_for_tx) = (ctx.clone(), id.to_owned());
    let written =
        ctx.write(move |tx| Box::pin(async move { update_in(tx, &for_tx, &id_for_tx, change, &sizes).await })).await;
    match written {
        Err(error) if is_unique_violation(&error) => {
            Err(taken(ctx, id, name.as_deref(), session_key.as_deref()).await?)
        }
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
    check_role(change.role.value())?;
    check_session_key(change.session_key.value())?;
    presence::check_activity(change.last_activity.value())?;
    if let Some(balance) = change.balance.value() {
        check_balance("output_token_balance", *balance)?;
    }
    Ok(())
}

/// The fields that a change did something to.
#[derive(Default)]
struct Fields(Vec<&'static str>);

impl Fields {
    fn note(&mut self, name: &'static str, did: bool) {
        if did {
            self.0.push(name);
        }
    }
}

async fn update_in(tx: &mut Tx, ctx: &Ctx, id: &str, change: AgentChange, sizes: &[i64]) -> Result<Agent> {
    let (agent, events) = apply(tx, ctx, id, change, sizes).await?;
    events::append(tx, ctx, events).await?;
    Ok(agent)
}

/// Changes an agent within a transaction that does more; files are not among it. The caller has locked the agent and
/// appends the events, last of all.
pub(crate) async fn change_within(tx: &mut Tx, ctx: &Ctx, id: &str, change: AgentChange) -> Result<Vec<NewEvent>> {
    check(&change)?;
    let change = AgentChange { files: Vec::new(), ..change };
    Ok(apply(tx, ctx, id, change, &[]).await?.1)
}

async fn apply(
    tx: &mut Tx,
    ctx: &Ctx,
    id: &str,
    mut change: AgentChange,
    sizes: &[i64],
) -> Result<(Agent, Vec<NewEvent>)> {
    let mut agent = store::lock(tx, ctx.org(), id).await?.ok_or_else(|| Error::missing("agent", id))?;
    let before = store::definition(tx, &agent.id, agent.version).await?;
    let mut fields = Fields::default();
    let mut definition = before.clone();
    change_record(&mut agent, &mut change, &mut fields);
    change_definition(&mut definition, &mut change, &mut fields)?;
    let topped_up = change.balance.apply_or(&mut agent.balance, || USUAL_BALANCE);
    fields.note("output_token_balance", topped_up);

    let mut secrets = change.secrets.changes()?;
    fields.note("secrets", !secrets.is_empty());
    secrets.extend(secret_fields::split(&mut definition.configuration, &before.configuration)?);
    secret_fields::store(tx, ctx, &agent.id, &secrets).await?;
    fields.note("files", !change.files.is_empty());
    change_files(tx, ctx, &agent.id, &change.files, sizes).await?;
    let is_other = definition != before;
    if is_other {
        redefine(tx, ctx, &mut agent, &definition, Made::by_change(&before, &definition)).await?;
    }
    agent.hosted = is_hosted(&agent.source, &definition);
    agent.changed_at = ctx.now();
    // What put the agent into error was its settings; with others it gets another chance.
    let recovers = agent.lifecycle == Lifecycle::Error && (is_other || !secrets.is_empty());
    if recovers {
        agent.lifecycle = Lifecycle::Active;
        agent.lifecycle_reason = None;
    }
    store::update(tx, &agent).await?;
    let mut events = Vec::new();
    if let Some(to) = change.presence {
        events.extend(presence::state(tx, ctx, &mut agent, to).await?);
    }
    if recovers {
        turns::release(tx, &agent.id, turns::Hold::Paused).await?;
    }
    if topped_up {
        turns::release(tx, &agent.id, turns::Hold::Balance).await?;
    }
    if !fields.0.is_empty() || events.is_empty() {
        let data = json!({"fields": fields.0, "version": agent.version});
        events.insert(0, NewEvent::new("agent.updated", &agent.id, data));
    }
    Ok((agent, events))
}

fn change_record(agent: &mut Agent, change: &mut AgentChange, fields: &mut Fields) {
    if let Patch::Value(name) = std::mem::take(&mut change.name) {
        fields.note("name", name != agent.name);
        agent.name = name;
    }
    fields.note("description", std::mem::take(&mut change.description).apply(&mut agent.description));
    fields.note("role", std::mem::take(&mut change.role).apply(&mut agent.role));
    fields.note("session_key", std::mem::take(&mut change.session_key).apply(&mut agent.session_key));
    if let Some(source) = change.source {
        fields.note("source", agent.source != source.as_str());
        source.as_str().clone_into(&mut agent.source);
    }
    fields.note("last_activity", std::mem::take(&mut change.last_activity).apply(&mut agent.last_activity));
}

fn change_definition(definition: &mut Definition, change: &mut AgentChange, fields: &mut Fields) -> Result<()> {
    let before = (definition.configuration.clone(), definition.config.clone());
    fields.note("system_prompt", std::mem::take(&mut change.system_prompt).apply(&mut definition.system_prompt));
    let prompt_type = std::mem::take(&mut change.system_prompt_type);
    fields.note("system_prompt_type", prompt_type.apply_or(&mut definition.system_prompt_type, Default::default));
    fields.note("personality", std::mem::take(&mut change.personality).apply(&mut definition.personality));
    let session_mode = std::mem::take(&mut change.session_mode);
    fields.note("session_mode", session_mode.apply_or(&mut definition.session_mode, Default::default));
    let window = std::mem::take(&mut change.warmth_window_ms);
    fields.note("warmth_window_ms", window.apply(&mut definition.warmth_window_ms));
    fields.note("pvc_size", std::mem::take(&mut change.pvc_size).apply(&mut definition.pvc_size));
    match std::mem::take(&mut change.configuration) {
        Patch::Absent => {}
        Patch::Null => definition.configuration = Configuration::default(),
        Patch::Value(merge) => definition.configuration = definition.configuration.merged(&merge)?,
    }
    if definition.configuration.timeout_seconds == 0 {
        definition.configuration.timeout_seconds = 3600;
    }
    std::mem::take(&mut change.config).apply_or(&mut definition.config, Map::new);
    config::merge(&mut definition.config, std::mem::take(&mut change.config_merge))?;
    if definition.config != before.1 {
        config::follow(definition, &before.1)?;
    }
    fields.note("configuration", definition.configuration != before.0);
    fields.note("config", definition.config != before.1);
    definition.check()
}

async fn change_files(tx: &mut Tx, ctx: &Ctx, agent: &str, files: &[FileChange], sizes: &[i64]) -> Result<()> {
    for (file, size) in files.iter().zip(sizes) {
        match file.operation {
            FileOperation::Write => store::put_file(tx, ctx, agent, &file.file, *size).await?,
            FileOperation::Delete => store::delete_file(tx, agent, &file.file.path).await?,
        }
    }
    Ok(())
}

/// Makes a new version, and lets the agent's record follow it.
pub(super) async fn redefine(
    tx: &mut Tx,
    ctx: &Ctx,
    agent: &mut Agent,
    definition: &Definition,
    made: Made,
) -> Result<()> {
    agent.version = store::newest_version(tx, &agent.id).await? + 1;
    agent.model.clone_from(&definition.configuration.model);
    agent.mcp_server_count = definition.configuration.mcp_servers.len() as i64;
    let was_hosted = std::mem::replace(&mut agent.hosted, is_hosted(&agent.source, definition));
    if agent.hosted && !was_hosted {
        conversations::take_up(tx, ctx, agent).await?;
    }
    versions::insert(tx, ctx, agent, definition, made).await
}
