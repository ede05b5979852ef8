//! Which hosted agents have a connector as a tool.

use crate::views::List;
use muster_domain::access::{Role, Scope};
use muster_domain::connectors;
use muster_http::{Caller, Json, Op, Path, Reply, get, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Read the grants.
pub(crate) const GRANTS: Op = get("/v1/orgs/{org}/connectors/{connector}/grants")
    .floor(Role::Admin)
    .scope(Scope::ConnectorsManage)
    .summary("List the hosted agents that have a connector as a tool")
    .gives::<List<GrantView>>();

/// Set the grants.
pub(crate) const SET_GRANTS: Op = put("/v1/orgs/{org}/connectors/{connector}/grants")
    .floor(Role::Admin)
    .scope(Scope::ConnectorsManage)
    .summary("Give a connector as a tool to these hosted agents and to no others")
    .takes::<GrantsBody>()
    .gives::<List<GrantView>>();

/// An agent that has the connector.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConnectorGrant")]
pub(crate) struct GrantView {
    /// The agent's id.
    id: String,
    /// The agent's name.
    name: String,
}

/// Who is to have the connector.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConnectorGrants")]
pub(crate) struct GrantsBody {
    /// The ids of the agents, at most 1000.
    agents: Vec<String>,
}

fn shown(agents: Vec<(String, String)>) -> Json<List<GrantView>> {
    let data = agents.into_iter().map(|(id, name)| GrantView { id, name }).collect();
    Json(List { data, next_page_token: None })
}

pub(crate) async fn grants(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<List<GrantView>> {
    Ok(shown(connectors::grants(&caller, &id).await?))
}

pub(crate) async fn set_grants(
    caller: Caller,
    Path((_org, id)): Path<(String, String)>,
    Json(body): Json<GrantsBody>,
) -> Reply<List<GrantView>> {
    Ok(shown(connectors::set_grants(&caller, &id, body.agents).await?))
}
