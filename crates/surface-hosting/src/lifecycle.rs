//! Pausing, resuming, stopping, deleting, and the balance.

use crate::views::Done;
use muster_base::Error;
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{self, Lifecycle};
use muster_http::{Caller, Json, Op, OptionalJson, Path, Reply, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Delete an agent and everything of it.
pub(crate) const DELETE: Op = post("/v1/agent/delete/{id}")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Delete an agent and everything of it")
    .takes_optional::<Delete>()
    .gives::<Done>();

/// Pause an agent.
pub(crate) const PAUSE: Op = post("/v1/agent/{id}/pause")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Pause an agent: a running turn finishes, new messages wait")
    .gives::<Done>();

/// Resume a paused agent.
pub(crate) const RESUME: Op = post("/v1/agent/{id}/resume")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Resume a paused agent: what waited runs")
    .gives::<Done>();

/// Stop an agent.
pub(crate) const STOP: Op = post("/v1/agent/{id}/stop")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Stop an agent: its environment goes down, its workspace stays")
    .gives::<Done>();

/// Set an agent's status directly.
pub(crate) const STATUS: Op = post("/v1/agent/{id}/status")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Set an agent's status directly")
    .takes::<Status>()
    .gives::<StatusView>();

/// Add to an agent's balance of output tokens, or set it.
pub(crate) const BALANCE: Op = post("/v1/agent/{id}/balance")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Add to an agent's balance of output tokens, or set it")
    .takes::<Balance>()
    .gives::<BalanceView>();

#[derive(Deserialize, JsonSchema, Default)]
#[schemars(rename = "DeleteAgent")]
pub(crate) struct Delete {
    /// Also while a turn runs.
    #[serde(default)]
    force: Option<bool>,
}

pub(crate) async fn delete(
    caller: Caller,
    Path(id): Path<String>,
    OptionalJson(body): OptionalJson<Delete>,
) -> Reply<Done> {
    agents::delete(&caller, &id, body.force.unwrap_or(false)).await?;
    Ok(Json(Done { message: "Agent deleted successfully" }))
}

pub(crate) async fn pause(caller: Caller, Path(id): Path<String>) -> Reply<Done> {
    agents::pause(&caller, &id).await?;
    Ok(Json(Done { message: "Agent paused successfully" }))
}

pub(crate) async fn resume(caller: Caller, Path(id): Path<String>) -> Reply<Done> {
    agents::resume(&caller, &id).await?;
    Ok(Json(Done { message: "Agent resumed successfully" }))
}

pub(crate) async fn stop(caller: Caller, Path(id): Path<String>) -> Reply<Done> {
    agents::stop(&caller, &id).await?;
    Ok(Json(Done { message: "Agent stopped successfully" }))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "SetAgentStatus")]
pub(crate) struct Status {
    /// active, paused or stopped.
    status: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgentStatus")]
pub(crate) struct StatusView {
    message: &'static str,
    status: Lifecycle,
}

pub(crate) async fn status(caller: Caller, Path(id): Path<String>, Json(body): Json<Status>) -> Reply<StatusView> {
    let to = match body.status.as_str() {
        "active" => Lifecycle::Active,
        "paused" => Lifecycle::Paused,
        "stopped" => Lifecycle::Stopped,
        _ => return Err(Error::invalid("status", "must be active, paused or stopped").into()),
    };
    let agent = agents::set_status(&caller, &id, to).await?;
    Ok(Json(StatusView { message: "Agent status updated successfully", status: agent.lifecycle }))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ChangeBalance")]
pub(crate) struct Balance {
    /// Output tokens.
    amount: i64,
    /// increment or set.
    #[serde(rename = "type")]
    kind: BalanceType,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum BalanceType {
    Increment,
    Set,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgentBalance")]
pub(crate) struct BalanceView {
    message: &'static str,
    new_balance: i64,
    previous_balance: i64,
}

pub(crate) async fn balance(caller: Caller, Path(id): Path<String>, Json(body): Json<Balance>) -> Reply<BalanceView> {
    let increment = matches!(body.kind, BalanceType::Increment);
    let (new_balance, previous_balance) = agents::balance(&caller, &id, body.amount, increment).await?;
    Ok(Json(BalanceView { message: "Agent balance updated successfully", new_balance, previous_balance }))
}
