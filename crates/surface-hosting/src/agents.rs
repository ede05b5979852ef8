//! Reading agents: list, one, summary, readiness.

use crate::create::bounded;
use crate::views::AgentView;
use muster_base::{Error, Millis};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{self, AgentFilter, Lifecycle, Listed, Sort};
use muster_http::{Caller, Json, Op, Path, Query, Reply, get as read};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// After how long without a look at the ledger the turn engine counts as down.
const ENGINE_SILENT: Duration = Duration::from_secs(30);

/// List all agents.
pub(crate) const LIST: Op = read("/v1/agent/list")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("List all agents")
    .query::<ListQuery>()
    .gives::<ListView>()
    .reusable();

/// Get an agent's details and configuration.
pub(crate) const GET: Op = read("/v1/agent/{id}")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Get an agent's details and configuration")
    .gives::<AgentView>()
    .reusable();

/// Get an agent's figures.
pub(crate) const SUMMARY: Op = read("/v1/agent/{id}/summary")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Get an agent's status, tokens and counts")
    .gives::<Summary>()
    .reusable();

/// Check whether an agent can receive messages.
pub(crate) const READY: Op = read("/v1/agent/{id}/ready")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Check whether an agent is ready to receive messages")
    .gives::<Ready>();

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ListAgentsQuery")]
pub(crate) struct ListQuery {
    /// From 1.
    page: Option<i64>,
    /// 1 to 100 (20).
    limit: Option<i64>,
    /// active, paused, stopped or error.
    status: Option<String>,
    /// created_at (default), updated_at or name.
    sort: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgentList")]
pub(crate) struct ListView {
    agents: Vec<ListedView>,
    pagination: Pagination,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ListedAgent")]
struct ListedView {
    id: String,
    name: String,
    description: Option<String>,
    status: Lifecycle,
    created_at: Millis,
    updated_at: Millis,
    message_count: i64,
    mcp_server_count: i64,
}

#[derive(Serialize, JsonSchema)]
struct Pagination {
    page: i64,
    limit: i64,
    total: i64,
    total_pages: i64,
}

impl From<Listed> for ListedView {
    fn from(agent: Listed) -> Self {
        Self {
            id: agent.id,
            name: agent.name,
            description: agent.description,
            status: agent.lifecycle,
            created_at: agent.created_at,
            updated_at: agent.changed_at,
            message_count: agent.message_count,
            mcp_server_count: agent.mcp_server_count,
        }
    }
}

pub(crate) async fn list(caller: Caller, Query(query): Query<ListQuery>) -> Reply<ListView> {
    let page = bounded("page", query.page, 1, 1, 1_000_000)?;
    let limit = bounded("limit", query.limit, 20, 1, 100)?;
    let sort = match query.sort.as_deref() {
        None | Some("created_at") => Sort::Created,
        Some("updated_at") => Sort::Changed,
        Some("name") => Sort::Name,
        Some(_) => return Err(Error::invalid("sort", "must be created_at, updated_at or name").into()),
    };
    let lifecycle = query.status.as_deref().map(|text| Lifecycle::parse(text, "status")).transpose()?;
    let filter = AgentFilter { lifecycle, sort, ..AgentFilter::default() };
    let (rows, total) = agents::list_page(&caller, &filter, limit, (page - 1) * limit).await?;
    let agents = rows.into_iter().map(ListedView::from).collect();
    let pagination = Pagination { page, limit, total, total_pages: (total + limit - 1) / limit };
    Ok(Json(ListView { agents, pagination }))
}

pub(crate) async fn get(caller: Caller, Path(id): Path<String>) -> Reply<AgentView> {
    Ok(Json(agents::whole(&caller, &id).await?.into()))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgentSummary")]
pub(crate) struct Summary {
    /// The agent's id.
    uuid: String,
    name: String,
    status: Lifecycle,
    output_token_balance: i64,
    total_output_tokens_used: i64,
    message_count: i64,
    mcp_server_count: i64,
    created_at: Millis,
    updated_at: Millis,
}

pub(crate) async fn summary(caller: Caller, Path(id): Path<String>) -> Reply<Summary> {
    let agent = agents::find(&caller, &id).await?;
    Ok(Json(Summary {
        uuid: agent.id,
        name: agent.name,
        status: agent.lifecycle,
        output_token_balance: agent.balance,
        total_output_tokens_used: agent.output_tokens_used,
        message_count: agent.message_count,
        mcp_server_count: agent.mcp_server_count,
        created_at: agent.created_at,
        updated_at: agent.changed_at,
    }))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgentReadiness")]
pub(crate) struct Ready {
    ready: bool,
    status: Lifecycle,
    /// running, pending, not_running or error.
    pod_status: &'static str,
    /// When what runs the agent last gave a sign of life.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_heartbeat: Option<Millis>,
    /// Why it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Until an agent has an environment of its own, the turn engine is what runs it.
pub(crate) async fn ready(caller: Caller, Path(id): Path<String>) -> Reply<Ready> {
    let agent = agents::find(&caller, &id).await?;
    let beat = Millis(caller.app().worker_beat.load(Ordering::Relaxed));
    let engine_runs = beat.0 > 0 && caller.now() < beat + ENGINE_SILENT;
    let (pod_status, reason) = match agent.lifecycle {
        Lifecycle::Active if engine_runs => ("running", None),
        Lifecycle::Active => ("pending", Some("the turn engine has not started yet".to_owned())),
        Lifecycle::Paused => {
            ("running", Some("the agent is paused; resume it to have its messages answered".to_owned()))
        }
        Lifecycle::Stopped => {
            ("not_running", Some("the agent is stopped; set its status to active to start it".to_owned()))
        }
        Lifecycle::Error => {
            ("error", Some(agent.lifecycle_reason.unwrap_or_else(|| "the agent is in error".to_owned())))
        }
    };
    let ready = reason.is_none();
    Ok(Json(Ready { ready, status: agent.lifecycle, pod_status, last_heartbeat: ready.then_some(beat), reason }))
}
