//! Agents: the registry as the org sees it.

use crate::views::{List, page};
use futures::{StreamExt, TryStreamExt, stream};
use muster_base::{Kind, Millis, Page, Result};
use muster_domain::Ctx;
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{self, Agent, AgentFilter, Lifecycle, Presence, Sort};
use muster_http::{Caller, Json, Op, Path, Query, Reply, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How many definitions are read at once for one page.
const AT_ONCE: usize = 8;

/// List the agents.
pub(crate) const LIST: Op = get("/v1/orgs/{org}/agents")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("List the agents")
    .query::<AgentsQuery>()
    .gives::<List<AgentView>>();

/// Read an agent.
pub(crate) const GET: Op = get("/v1/orgs/{org}/agents/{agent}")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Read an agent")
    .gives::<AgentView>();

/// Which agents are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentsQuery {
    /// Part of the name, id or description, whatever its case.
    q: Option<String>,
    /// Only with this lifecycle.
    lifecycle: Option<Lifecycle>,
    /// Only with this presence.
    presence: Option<Presence>,
    /// The order: newest first (`created`) unless said otherwise.
    sort: Option<SortBy>,
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// `nextPageToken` of the page before.
    page_token: Option<String>,
}

/// By what agents are sorted.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SortBy {
    /// By name.
    Name,
    /// Newest first.
    #[default]
    Created,
    /// Last changed first.
    Updated,
}

impl From<SortBy> for Sort {
    fn from(sort: SortBy) -> Self {
        match sort {
            SortBy::Name => Self::Name,
            SortBy::Created => Self::Created,
            SortBy::Updated => Self::Changed,
        }
    }
}

/// An agent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Agent")]
pub(crate) struct AgentView {
    /// A URL-safe slug, immutable.
    id: String,
    /// A number that is unique in the deployment.
    number: i64,
    /// Its org.
    org_id: String,
    /// Unique in its org.
    name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Branding and contact, e.g. `brandColor`, `contactEmail`, `identityPreamble`.
    identity: Map<String, Value>,
    /// Whether it takes turns.
    lifecycle: Lifecycle,
    /// Whether it is there.
    presence: Presence,
    /// How it joined: `hosted`, `sdk`, `host`, `api` or `gateway`.
    source: String,
    /// The model that its definition names.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// Messages from and to it.
    message_count: i64,
    /// Output tokens left.
    output_token_balance: i64,
    /// Its last sign of life.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<Millis>,
    /// The version of its definition.
    version: i64,
    /// When it was made.
    created_at: Millis,
    /// When it was last changed.
    updated_at: Millis,
}

impl AgentView {
    fn new(agent: Agent, identity: Map<String, Value>) -> Self {
        Self {
            id: agent.id,
            number: agent.number,
            org_id: agent.org,
            name: agent.name,
            description: agent.description,
            identity,
            lifecycle: agent.lifecycle,
            presence: agent.presence,
            source: agent.source,
            model: agent.model,
            message_count: agent.message_count,
            output_token_balance: agent.balance,
            last_seen_at: agent.last_seen_at,
            version: agent.version,
            created_at: agent.created_at,
            updated_at: agent.changed_at,
        }
    }
}

/// Shows an agent with the identity of its current version.
pub(crate) async fn view(ctx: &Ctx, agent: Agent) -> Result<AgentView> {
    let identity = match agents::load_definition(ctx, &agent).await {
        Ok(definition) => definition.identity,
        // It was deleted after it was found.
        Err(error) if error.kind() == Kind::NotFound => Map::new(),
        Err(error) => return Err(error),
    };
    Ok(AgentView::new(agent, identity))
}

pub(crate) async fn list(caller: Caller, Query(query): Query<AgentsQuery>) -> Reply<List<AgentView>> {
    let page = page(query.limit, query.page_token.as_deref())?;
    let filter = AgentFilter {
        query: query.q,
        lifecycle: query.lifecycle,
        presence: query.presence,
        sort: query.sort.unwrap_or_default().into(),
        ..AgentFilter::default()
    };
    let found = agents::list(&caller, &filter, &page).await?;
    let views = stream::iter(found.items).map(|agent| view(&caller, agent)).buffered(AT_ONCE);
    let items = views.try_collect().await?;
    Ok(Json(List::of(Page { items, next: found.next }, |view| view)))
}

pub(crate) async fn show(caller: Caller, Path((_org, agent)): Path<(String, String)>) -> Reply<AgentView> {
    let agent = agents::find(&caller, &agent).await?;
    Ok(Json(view(&caller, agent).await?))
}
