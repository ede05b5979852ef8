//! `/v1/orgs/{org}/links`: which agents are dialled in, and where.

use crate::views::{List, page};
use muster_base::Millis;
use muster_domain::access::{Role, Scope};
use muster_domain::agents::Presence;
use muster_domain::links::{self, LinkView};
use muster_http::{Caller, Json, Op, Path, Query, Reply, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// List the links.
pub(crate) const LIST: Op = get("/v1/orgs/{org}/links")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("List the live links of agents that dialled in, oldest first")
    .query::<LinksQuery>()
    .gives::<List<Linked>>();

/// Which page is wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinksQuery {
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// `nextPageToken` of the page before.
    page_token: Option<String>,
}

/// The live link of an agent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Link")]
pub(crate) struct Linked {
    /// The agent.
    agent_id: String,
    /// Its name.
    name: String,
    /// Since when.
    since: Millis,
    /// The version of its client, if it said one.
    version: Option<String>,
    /// Bytes of payload that came.
    bytes_in: u64,
    /// Bytes of payload that went.
    bytes_out: u64,
    /// The node that it is linked to.
    node: String,
    /// When something other than a heartbeat last came or went.
    last_activity_at: Millis,
    /// How the agent is.
    presence: Presence,
    /// The machine that it is on.
    machine_id: String,
}

impl From<LinkView> for Linked {
    fn from(link: LinkView) -> Self {
        Self {
            agent_id: link.agent,
            name: link.name,
            since: link.since,
            version: link.version,
            bytes_in: link.bytes_in,
            bytes_out: link.bytes_out,
            node: link.node,
            last_activity_at: link.active_at,
            presence: link.presence,
            machine_id: link.machine,
        }
    }
}

pub(crate) async fn list(
    caller: Caller,
    Path(_org): Path<String>,
    Query(query): Query<LinksQuery>,
) -> Reply<List<Linked>> {
    let page = page(query.limit, query.page_token.as_deref())?;
    Ok(Json(List::of(links::list(&caller, &page).await?, Linked::from)))
}
