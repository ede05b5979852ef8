//! The versions of what an agent is told to be: who made each, what it changed, and going back to one.

mod diff;
mod store;

pub use diff::{Difference, differences};
pub(super) use store::insert;

use super::change::redefine;
use super::store as registry;
use super::{Agent, Definition, secret_fields};
use crate::context::Ctx;
use crate::events::{self, Actor, NewEvent};
use crate::sealed;
use muster_base::{Error, Millis, Page, PageRequest, Result};
use muster_store::Tx;
use serde_json::json;

/// A version without its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Counts from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Millis,
    /// Who made it.
    pub actor: Actor,
    /// What is other than in the version before; unknown of versions that an older Muster made.
    pub fields: Option<Vec<String>>,
    /// The version that it brought back.
    pub restored: Option<i64>,
}

/// How a version comes about.
#[derive(Debug, Clone, Default)]
pub(super) struct Made {
    /// What is other than in the version before.
    pub(super) fields: Vec<&'static str>,
    /// The version that it brings back.
    pub(super) restored: Option<i64>,
}

impl Made {
    /// A version that says something else than the one before.
    pub(super) fn by_change(before: &Definition, after: &Definition) -> Self {
        Self { fields: fields(before, after), restored: None }
    }
}

/// The fields in which two definitions differ.
fn fields(before: &Definition, after: &Definition) -> Vec<&'static str> {
    let all = [
        ("system_prompt", before.system_prompt != after.system_prompt),
        ("system_prompt_type", before.system_prompt_type != after.system_prompt_type),
        ("personality", before.personality != after.personality),
        ("config", before.config != after.config),
        ("identity", before.identity != after.identity),
        ("session_mode", before.session_mode != after.session_mode),
        ("warmth_window_ms", before.warmth_window_ms != after.warmth_window_ms),
        ("pvc_size", before.pvc_size != after.pvc_size),
        ("configuration", before.configuration != after.configuration),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// A page of an agent's versions, newest first.
pub async fn list(ctx: &Ctx, agent: &str, page: &PageRequest) -> Result<Page<Version>> {
    let agent = super::find(ctx, agent).await?;
    store::list(&ctx.db, ctx.org(), &agent.id, page).await
}

/// One version with what it said; secrets are not in it.
pub async fn find(ctx: &Ctx, agent: &str, version: i64) -> Result<(Version, Definition)> {
    let found = store::find(&ctx.db, ctx.org(), agent, version).await?;
    match found {
        Some(found) => Ok(found),
        // What is missing is the agent or the version.
        None => {
            super::find(ctx, agent).await?;
            Err(Error::missing("version", version))
        }
    }
}

/// Makes a new version that says what an old one said. Going back to what is said already changes nothing.
///
/// Secrets are not part of versions: those that were removed since are left out of what comes back.
pub async fn restore(ctx: &Ctx, agent: &str, version: i64) -> Result<Agent> {
    let (for_tx, agent) = (ctx.clone(), agent.to_owned());
    ctx.write(move |tx| Box::pin(async move { restore_in(tx, &for_tx, &agent, version).await })).await
}

async fn restore_in(tx: &mut Tx, ctx: &Ctx, agent: &str, version: i64) -> Result<Agent> {
    let mut agent = registry::lock(tx, ctx.org(), agent).await?.ok_or_else(|| Error::missing("agent", agent))?;
    let before = registry::definition(tx, &agent.id, agent.version).await?;
    let wanted = store::definition(tx, ctx.org(), &agent.id, version).await?;
    let mut wanted = wanted.ok_or_else(|| Error::missing("version", version))?;
    let kept = sealed::fields_in(tx, ctx.org(), &agent.id).await?;
    secret_fields::leave_out_lost(&mut wanted.configuration, &kept);
    let gone = secret_fields::split(&mut wanted.configuration, &before.configuration)?;
    secret_fields::store(tx, ctx, &agent.id, &gone).await?;
    if wanted == before {
        return Ok(agent);
    }
    let made = Made { restored: Some(version), ..Made::by_change(&before, &wanted) };
    let data = json!({"fields": made.fields, "version": agent.version + 1, "restored": version});
    redefine(tx, ctx, &mut agent, &wanted, made).await?;
    agent.changed_at = ctx.now();
    registry::update(tx, &agent).await?;
    events::append(tx, ctx, vec![NewEvent::new("agent.updated", &agent.id, data)]).await?;
    Ok(agent)
}
