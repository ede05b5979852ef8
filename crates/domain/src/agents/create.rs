//! Making an agent.

use super::secret_fields::{self, AgentSecrets};
use super::source::is_hosted;
use super::versions::{self, Made};
use super::{Agent, Configuration, Definition, Lifecycle, Presence, Source, config, store};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use crate::{idempotency, presence};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use muster_base::{Error, Result, agent_slug};
use muster_store::{Tx, is_unique_violation};
use serde_json::{Map, json};

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
    /// What it does, 1 to 100 characters.
    pub role: Option<String>,
    /// How it joins, which decides who runs it.
    pub source: Source,
    /// What its gateway knows it by: 1 to 200 characters, unique in the org.
    pub session_key: Option<String>,
    /// Its presence; unless it is stated, one made to be hosted is online and any other offline.
    pub presence: Option<Presence>,
    /// What it does now, up to 1000 characters.
    pub last_activity: Option<String>,
    /// What it is told to be, `config` included; `configuration` is given apart.
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

pub(super) fn check_role(role: Option<&String>) -> Result<()> {
    check_label("role", role, 100)
}

pub(super) fn check_session_key(key: Option<&String>) -> Result<()> {
    check_label("session_key", key, 200)
}

/// Refuses a word or a few that are empty, longer than `most` characters, or more than one line.
pub(crate) fn check_label(field: &str, text: Option<&String>, most: usize) -> Result<()> {
    let is_wrong =
        |text: &String| text.trim().is_empty() || text.chars().count() > most || text.chars().any(char::is_control);
    if text.is_some_and(is_wrong) {
        return Err(Error::invalid(field, format!("must have 1 to {most} characters")));
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
        return Err(Error::invalid(format!("{field}.content"), format!("may have at most {LARGEST_FILE} bytes")));
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
/// Errors: `conflict` when the name or the session key is taken. A repetition with the same `Idempotency-Key` returns the
/// agent made first.
pub async fn create(ctx: &Ctx, new: NewAgent) -> Result<Agent> {
    if let Some(key) = &ctx.request().idempotency
        && let Some(subject) = idempotency::find(ctx, key).await?.and_then(|replay| replay.subject)
    {
        return super::find(ctx, &subject).await;
    }
    let (name, session_key) = (new.name.clone(), new.session_key.clone());
    let (draft, for_tx) = (draft(ctx, new)?, ctx.clone());
    let written = ctx
        .write(move |tx| {
            Box::pin(async move {
                let (agent, event) = insert(tx, &for_tx, draft).await?;
                idempotency::made(tx, &for_tx, &agent.id).await?;
                events::append(tx, &for_tx, vec![event]).await?;
                Ok(agent)
            })
        })
        .await;
    match written {
        Err(error) if is_unique_violation(&error) => Err(taken(ctx, "", Some(&name), session_key.as_deref()).await?),
        other => other,
    }
}

/// An agent with all that is written with it.
struct Draft {
    agent: Agent,
    definition: Definition,
    secrets: Vec<secret_fields::Change>,
    files: Vec<(NewFile, i64)>,
}

fn draft(ctx: &Ctx, new: NewAgent) -> Result<Draft> {
    check(&new)?;
    let mut files = Vec::new();
    for (at, file) in new.files.iter().enumerate() {
        let size = check_file(&format!("initial_files[{at}]"), file)?;
        files.push((file.clone(), size));
    }
    let mut secrets = new.secrets.changes()?;
    let mut definition = define(&new)?;
    secrets.extend(secret_fields::split(&mut definition.configuration, &Configuration::default())?);
    Ok(Draft { agent: fresh(ctx, new, &definition), definition, secrets, files })
}

async fn insert(tx: &mut Tx, ctx: &Ctx, draft: Draft) -> Result<(Agent, NewEvent)> {
    let Draft { mut agent, definition, secrets, files } = draft;
    agent.number = store::next_number(tx).await?;
    store::insert(tx, &agent).await?;
    let made = Made::by_change(&Definition::default(), &definition);
    versions::insert(tx, ctx, &agent, &definition, made).await?;
    secret_fields::store(tx, ctx, &agent.id, &secrets).await?;
    for (file, size) in &files {
        store::put_file(tx, ctx, &agent.id, file, *size).await?;
    }
    let data = json!({"name": agent.name, "number": agent.number, "model": agent.model,
        "source": agent.source, "hosted": agent.hosted});
    let event = NewEvent::new("agent.created", &agent.id, data);
    Ok((agent, event))
}

/// Makes an agent within a transaction that does more. The caller appends the event, last of all.
pub(crate) async fn create_within(tx: &mut Tx, ctx: &Ctx, new: NewAgent) -> Result<(Agent, NewEvent)> {
    let draft = draft(ctx, new)?;
    insert(tx, ctx, draft).await
}

/// Refuses what no agent can be, whatever others there are.
pub(crate) fn check_new(new: &NewAgent) -> Result<()> {
    check(new)?;
    define(new).map(drop)
}

fn check(new: &NewAgent) -> Result<()> {
    check_name(&new.name)?;
    check_description(new.description.as_ref())?;
    check_role(new.role.as_ref())?;
    check_session_key(new.session_key.as_ref())?;
    presence::check_activity(new.last_activity.as_ref())?;
    check_balance("output_token_balance", new.balance.unwrap_or(DEFAULT_BALANCE))?;
    if new.files.len() > MOST_FILES {
        return Err(Error::invalid("initial_files", format!("must have at most {MOST_FILES} files")));
    }
    Ok(())
}

fn define(new: &NewAgent) -> Result<Definition> {
    let mut definition = new.definition.clone();
    definition.configuration = match &new.configuration {
        Some(value) => Configuration::read(value.clone())?,
        None => Configuration { timeout_seconds: 3600, ..Configuration::default() },
    };
    config::follow(&mut definition, &Map::new())?;
    definition.check()?;
    Ok(definition)
}

fn fresh(ctx: &Ctx, new: NewAgent, definition: &Definition) -> Agent {
    let now = ctx.now();
    let usual = if new.source == Source::Hosted { Presence::Online } else { Presence::Offline };
    let presence = new.presence.unwrap_or(usual);
    Agent {
        id: agent_slug(&new.name),
        number: 0,
        org: ctx.org().to_owned(),
        name: new.name,
        description: new.description,
        role: new.role,
        source: new.source.as_str().to_owned(),
        hosted: is_hosted(new.source.as_str(), definition),
        session_key: new.session_key,
        last_activity: new.last_activity,
        client_version: None,
        lifecycle: Lifecycle::Active,
        lifecycle_reason: None,
        presence,
        model: definition.configuration.model.clone(),
        version: 1,
        mcp_server_count: definition.configuration.mcp_servers.len() as i64,
        balance: new.balance.unwrap_or(DEFAULT_BALANCE),
        output_tokens_used: 0,
        message_count: 0,
        running_turns: 0,
        last_seen_at: (presence != Presence::Offline).then_some(now),
        created_at: now,
        changed_at: now,
    }
}

/// Which of an agent's names is another's, after the database refused them; `own` is the agent itself.
pub(super) async fn taken(ctx: &Ctx, own: &str, name: Option<&str>, session_key: Option<&str>) -> Result<Error> {
    let is_name = match (name, session_key) {
        (Some(name), Some(_)) => store::is_name_taken(&ctx.db, ctx.org(), name, own).await?,
        (Some(_), None) => true,
        (None, _) => false,
    };
    Ok(if is_name {
        let name = name.unwrap_or_default();
        Error::conflict(format!("an agent named `{name}` exists already; names are unique in an org"))
            .with_field("name")
    } else {
        Error::conflict("another agent has this session key already; session keys are unique in an org")
            .with_field("session_key")
    })
}
