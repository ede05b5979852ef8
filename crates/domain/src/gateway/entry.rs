//! Writes what an agent is told to be into its entry of the file.

use super::port::{EntryChange, id_in, session_key};
use super::{Gateway, ID, file, store};
use crate::agents::{self, Agent, AgentChange, NewAgent, Source, Whole};
use crate::context::Ctx;
use crate::idempotency;
use muster_base::{Error, Patch, Result, agent_slug, slug};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The longest id of an entry.
const LONGEST_ID: usize = 64;
/// How often an entry is written anew when its agent is changed at the same time.
const MOST_TRIES: usize = 10;

/// Whether the caller may have anything to do with the file: it belongs to one org, and its agents do not write it.
pub(super) fn may_use_file(ctx: &Ctx) -> Result<()> {
    let of_other_org = ctx.settings.gateway.as_ref().is_some_and(|binding| binding.org != ctx.org());
    if of_other_org {
        let message = "the gateway's file belongs to another org of this deployment; agents of this org are not in it";
        return Err(Error::forbidden("gateway.other_org", message));
    }
    if ctx.principal().agent.is_some() {
        return Err(Error::forbidden("auth.other_agent", "this token acts only as its own agent, not for the gateway"));
    }
    Ok(())
}

/// Refuses a config that does not fit into the file, before anything is changed. Without a file everything fits.
pub fn check(ctx: &Ctx, config: &Map<String, Value>) -> Result<()> {
    may_use_file(ctx)?;
    let Ok(file) = file(ctx) else { return Ok(()) };
    file.describe(&EntryChange { config: config.clone(), id: "any".to_owned(), ..EntryChange::default() }).map(drop)
}

/// Readies an agent that is about to be made for [`write_entry`]: the gateway will run it, under an id that is free.
///
/// Returns what was said of it: its secrets are for the file only. Without a file nothing is done. Errors: `conflict` when
/// the id that its config names is another agent's, `invalid` when the config does not fit into the file.
pub async fn prepare(ctx: &Ctx, new: &mut NewAgent) -> Result<Map<String, Value>> {
    may_use_file(ctx)?;
    let said = new.definition.config.clone();
    let Ok(file) = file(ctx) else { return Ok(said) };
    if let Some(key) = &ctx.request().idempotency
        && idempotency::find(ctx, key).await?.is_some_and(|replay| replay.subject.is_some())
    {
        // The agent was made by the first of these requests.
        return Ok(said);
    }
    let wanted = Wanted { name: &new.name, config: &said, key: new.session_key.as_deref(), own: None };
    let id = choose(ctx, file.as_ref(), &wanted).await?;
    new.session_key.get_or_insert_with(|| session_key(&id));
    let change = EntryChange { id, name: new.name.clone(), role: new.role.clone(), config: said.clone() };
    agents::merge_config(&mut new.definition.config, file.describe(&change)?)?;
    new.source = Source::Gateway;
    Ok(said)
}

/// Writes the agent into its entry of the file, which is added if it is missing; nothing else of the file changes.
///
/// The agent becomes one that the gateway runs. `said` is what the client says of it now, secrets included, which go into
/// the file only. Errors: `conflict` for an agent that runs here and when no file is set; otherwise as writing the file
/// has them.
pub async fn write_entry(ctx: &Ctx, id: &str, said: &Map<String, Value>) -> Result<()> {
    let written = write(ctx, id, said).await;
    if let Err(error) = &written {
        tracing::warn!(agent.id = %id, ?error, "could not write an agent into the gateway's file");
    }
    written
}

async fn write(ctx: &Ctx, id: &str, said: &Map<String, Value>) -> Result<()> {
    let file = file(ctx)?;
    for _ in 0..MOST_TRIES {
        let whole = agents::whole(ctx, id).await?;
        let change = describe(ctx, file.as_ref(), &whole, said).await?;
        let noted = link(ctx, file.as_ref(), whole, &change).await?;
        file.write(change).await?;
        // Who changed the agent meanwhile may have been quicker to the file, and was overwritten there.
        if is_same(&noted, &agents::find(ctx, id).await?) {
            return Ok(());
        }
    }
    Err(Error::conflict("the agent changes all the time; try again later"))
}

fn is_same(before: &Agent, now: &Agent) -> bool {
    (&before.name, &before.role, before.version) == (&now.name, &now.role, now.version)
}

/// What the agent's entry shall say.
async fn describe(ctx: &Ctx, file: &dyn Gateway, whole: &Whole, said: &Map<String, Value>) -> Result<EntryChange> {
    let agent = &whole.agent;
    if agent.source == Source::Hosted.as_str() {
        let message = format!("the agent `{}` runs here and cannot be the gateway's as well", agent.name);
        return Err(Error::conflict(message));
    }
    let mut config = whole.definition.config.clone();
    let wanted = Wanted { name: &agent.name, config: &config, key: agent.session_key.as_deref(), own: Some(&agent.id) };
    let id = choose(ctx, file, &wanted).await?;
    if let (Some(model), false) = (&agent.model, config.get("model").is_some_and(Value::is_object)) {
        config.insert("model".to_owned(), Value::from(model.as_str()));
    }
    agents::merge_config(&mut config, said.clone())?;
    Ok(EntryChange { id, name: agent.name.clone(), role: agent.role.clone(), config })
}

/// Notes with the agent which entry is its own and what stands there, unless it is noted.
async fn link(ctx: &Ctx, file: &dyn Gateway, whole: Whole, change: &EntryChange) -> Result<Agent> {
    let (agent, before) = (whole.agent, whole.definition.config);
    let described = file.describe(change)?;
    let mut config = before.clone();
    agents::merge_config(&mut config, described.clone())?;
    let noted = AgentChange {
        session_key: if agent.session_key.is_none() { Patch::Value(session_key(&change.id)) } else { Patch::Absent },
        config_merge: if config == before { Map::new() } else { described },
        source: (agent.source == Source::Api.as_str()).then_some(Source::Gateway),
        ..AgentChange::default()
    };
    if noted.session_key.is_absent() && noted.config_merge.is_empty() && noted.source.is_none() {
        return Ok(agent);
    }
    agents::update(ctx, &agent.id, noted).await
}

/// What decides on an entry's id.
struct Wanted<'a> {
    name: &'a str,
    config: &'a Map<String, Value>,
    key: Option<&'a str>,
    /// The agent, once it is there.
    own: Option<&'a str>,
}

/// The id of the agent's entry: the one that its config or its session key names, else a free one like its name.
async fn choose(ctx: &Ctx, file: &dyn Gateway, wanted: &Wanted<'_>) -> Result<String> {
    let named = match wanted.config.get(ID) {
        None | Some(Value::Null) => wanted.key.and_then(id_in),
        Some(Value::String(id)) => Some(id.trim()),
        Some(_) => return Err(Error::invalid(format!("config.{ID}"), "must be a text")),
    };
    if let Some(id) = named {
        check_id(id)?;
        return match store::holder(&ctx.db, ctx.org(), &session_key(id)).await? {
            Some(holder) if wanted.own != Some(holder.as_str()) => Err(Error::conflict(format!(
                "the gateway's entry `{id}` is another agent's; name another {ID} in the config"
            ))),
            _ => Ok(id.to_owned()),
        };
    }
    free_id(ctx, file, wanted).await
}

fn check_id(id: &str) -> Result<()> {
    if id.is_empty() || id.chars().count() > LONGEST_ID || id.chars().any(char::is_control) {
        return Err(Error::invalid(format!("config.{ID}"), format!("must have 1 to {LONGEST_ID} characters")));
    }
    Ok(())
}

/// An id like the agent's name that neither an agent nor an entry of another name has.
async fn free_id(ctx: &Ctx, file: &dyn Gateway, wanted: &Wanted<'_>) -> Result<String> {
    // A file that cannot be read is told when it is written.
    let entries = file.read().await.unwrap_or_default();
    let others: HashSet<String> =
        entries.iter().filter(|entry| entry.name != wanted.name).map(|entry| session_key(&entry.id)).collect();
    let base = match slug(wanted.name) {
        slug if slug.is_empty() => agent_slug(wanted.name),
        slug => slug,
    };
    let mut number = 1;
    loop {
        let id = if number == 1 { base.clone() } else { format!("{base}-{number}") };
        let key = session_key(&id);
        let holder = store::holder(&ctx.db, ctx.org(), &key).await?;
        let is_free = holder.is_none_or(|holder| wanted.own == Some(holder.as_str()));
        if is_free && !others.contains(&key) {
            return Ok(id);
        }
        number += 1;
    }
}
