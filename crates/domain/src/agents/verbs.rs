//! Finding and listing agents.

use super::{Agent, Definition, Lifecycle, Presence, Whole, store};
use crate::context::{App, Ctx};
use crate::sealed;
use muster_base::{Error, Millis, Page, PageRequest, Result};

/// By what a list is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    Created,
    /// Last changed first.
    Changed,
    /// By name.
    Name,
}

/// Which agents are wanted.
#[derive(Debug, Clone, Default)]
pub struct AgentFilter {
    /// Part of the name, id or description, whatever its case.
    pub query: Option<String>,
    /// The lifecycle.
    pub lifecycle: Option<Lifecycle>,
    /// The presence.
    pub presence: Option<Presence>,
    /// The role, to the letter.
    pub role: Option<String>,
    /// The order.
    pub sort: Sort,
}

/// What there is in an agent's workspace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileSummary {
    /// How many files.
    pub files: i64,
    /// How many bytes.
    pub bytes: i64,
    /// When a file last changed.
    pub changed_at: Option<Millis>,
}

/// One agent of the caller's org.
pub async fn find(ctx: &Ctx, id: &str) -> Result<Agent> {
    let mut agent = store::find(&ctx.db, ctx.org(), id).await?.ok_or_else(|| Error::missing("agent", id))?;
    ctx.presence.show(&mut agent);
    Ok(agent)
}

/// The agent of the caller's org that a number, an id or a name stands for.
///
/// A number wins over an id, and an id over a name: an agent whose name is another's number is found by its id.
pub async fn resolve(ctx: &Ctx, text: &str) -> Result<Agent> {
    let found = store::resolve(&ctx.db, ctx.org(), text).await?;
    let mut agent = found.ok_or_else(|| Error::missing("agent", text))?;
    ctx.presence.show(&mut agent);
    Ok(agent)
}

/// The agent that an id or a name stands for, as agents call each other; an id wins over a name.
pub async fn known_as(ctx: &Ctx, text: &str) -> Result<Agent> {
    match store::find(&ctx.db, ctx.org(), text).await? {
        Some(mut agent) => {
            ctx.presence.show(&mut agent);
            Ok(agent)
        }
        None => named(ctx, text).await,
    }
}

/// The agent of this name, and of no other sort of id.
pub async fn named(ctx: &Ctx, name: &str) -> Result<Agent> {
    let found = store::find_by_name(&ctx.db, ctx.org(), name).await?;
    let mut agent = found.ok_or_else(|| Error::missing("agent", name))?;
    ctx.presence.show(&mut agent);
    Ok(agent)
}

/// One agent with what it is told to be and what is in its workspace.
pub async fn whole(ctx: &Ctx, id: &str) -> Result<Whole> {
    let mut whole = store::find_whole(&ctx.db, ctx.org(), id).await?.ok_or_else(|| Error::missing("agent", id))?;
    ctx.presence.show(&mut whole.agent);
    Ok(whole)
}

/// A page of the org's agents, by key.
pub async fn list(ctx: &Ctx, filter: &AgentFilter, page: &PageRequest) -> Result<Page<Agent>> {
    let mut page = store::list(&ctx.db, ctx.org(), filter, page).await?;
    ctx.presence.show_all(page.items.iter_mut());
    Ok(page)
}

/// A page of the org's agents by offset, and how many there are in all.
pub async fn list_page(ctx: &Ctx, filter: &AgentFilter, limit: i64, offset: i64) -> Result<(Vec<store::Listed>, i64)> {
    let (rows, total) = store::list_page(&ctx.db, ctx.org(), filter, limit, offset).await?;
    Ok((rows, total))
}

/// How many agents fit.
pub async fn count(ctx: &Ctx, filter: &AgentFilter) -> Result<i64> {
    store::count(&ctx.db, ctx.org(), filter).await
}

/// Ids and names of the org's agents, at most `limit`, for agents that look for each other.
pub async fn names(ctx: &Ctx, limit: i64) -> Result<Vec<Agent>> {
    store::names(&ctx.db, ctx.org(), limit).await
}

/// What an agent is told to be now.
pub async fn load_definition(ctx: &Ctx, agent: &Agent) -> Result<Definition> {
    definition_at(ctx, &agent.id, agent.version).await
}

/// One version of what an agent is told to be.
pub async fn definition_at(ctx: &Ctx, id: &str, version: i64) -> Result<Definition> {
    store::find_definition(&ctx.db, ctx.org(), id, version).await?.ok_or_else(|| Error::missing("version", version))
}

/// What there is in the agent's workspace.
pub async fn file_summary(ctx: &Ctx, id: &str) -> Result<FileSummary> {
    store::file_summary(&ctx.db, ctx.org(), id).await
}

/// The names of the secrets that are set.
pub async fn secrets_set(ctx: &Ctx, id: &str) -> Result<Vec<String>> {
    sealed::fields(&ctx.db, ctx.org(), id).await
}

/// The provider keys that the agent brings itself: of OpenAI and of Anthropic.
pub async fn provider_keys(app: &App, org: &str, id: &str) -> Result<ProviderKeys> {
    Ok(ProviderKeys {
        openai: sealed::open_secret(app, org, id, "openai_api_key").await?,
        anthropic: sealed::open_secret(app, org, id, "anthropic_api_key").await?,
    })
}

/// The provider keys that an agent brings itself.
#[derive(Debug, Clone, Default)]
pub struct ProviderKeys {
    /// For OpenAI.
    pub openai: Option<muster_base::Secret<String>>,
    /// For Anthropic.
    pub anthropic: Option<muster_base::Secret<String>>,
}
