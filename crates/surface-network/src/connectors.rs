//! `/api/agents/connectors`: data sources of other systems, which agents may read.

use muster_domain::access::{Role, Scope};
use muster_domain::connectors::{self, AnswerBody, Ask, Connector};
use muster_http::{Caller, Json, OTHER_SYSTEM, Op, Path, Reply, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How many connectors are listed; an org has far fewer.
const MOST: i64 = 1000;

/// List the connectors.
pub(crate) const LIST: Op = get("/api/agents/connectors")
    .floor(Role::Viewer)
    .scope(Scope::ConnectorsQuery)
    .summary("List the org's connectors by name")
    .gives::<ConnectorList>();

/// Ask a connector.
pub(crate) const QUERY: Op = post("/api/agents/connectors/{connectorId}/query")
    .floor(Role::Operator)
    .scope(Scope::ConnectorsQuery)
    .summary("Ask a connector's source, by the connector's id or name; it only ever reads")
    .takes::<QueryBody>()
    .gives::<QueryAnswer>()
    .fails(OTHER_SYSTEM);

/// A connector.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NetworkConnector")]
pub(crate) struct ConnectorView {
    /// Its id.
    id: String,
    /// Its name, unique in the org; it may be used in place of the id.
    name: String,
    /// Its type, e.g. `postgresql`: it decides how a query is written.
    #[serde(rename = "type")]
    kind: String,
    /// What is in it; empty when nothing is said.
    description: String,
    /// Whether it answers queries.
    enabled: bool,
}

/// Connectors by name.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NetworkConnectorList")]
pub(crate) struct ConnectorList {
    /// All of them, disabled ones too.
    connectors: Vec<ConnectorView>,
}

/// A question to a connector's source; its type says how it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NetworkConnectorQuery")]
pub(crate) struct QueryBody {
    /// A table, collection or endpoint, e.g. `devices/list`.
    resource: Option<String>,
    /// SQL, a filter, a search expression.
    query: Option<String>,
    /// Named values, e.g. `{"channel": "#general"}`.
    params: Option<Map<String, Value>>,
    /// The most rows or items, 1 to 10000 (1000).
    limit: Option<i64>,
    /// The longest time in milliseconds, 1 to 120000 (30000).
    timeout_ms: Option<i64>,
}

/// What the source answered.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(rename = "NetworkConnectorAnswer")]
pub(crate) struct QueryAnswer(AnswerBody);

impl From<Connector> for ConnectorView {
    fn from(connector: Connector) -> Self {
        Self {
            id: connector.id,
            name: connector.name,
            kind: connector.kind,
            description: connector.description.unwrap_or_default(),
            enabled: connector.enabled,
        }
    }
}

pub(crate) async fn list(caller: Caller) -> Reply<ConnectorList> {
    let found = connectors::list_all(&caller, MOST).await?;
    Ok(Json(ConnectorList { connectors: found.into_iter().map(ConnectorView::from).collect() }))
}

pub(crate) async fn query(caller: Caller, Path(id): Path<String>, Json(body): Json<QueryBody>) -> Reply<QueryAnswer> {
    let ask = Ask {
        resource: body.resource.unwrap_or_default(),
        query: body.query.unwrap_or_default(),
        params: body.params.unwrap_or_default(),
        limit: body.limit,
        timeout_ms: body.timeout_ms,
    };
    Ok(Json(QueryAnswer(connectors::query(&caller, &id, ask).await?.into())))
}
