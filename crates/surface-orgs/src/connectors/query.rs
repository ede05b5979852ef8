//! Trying connectors and asking them.

use crate::views::List;
use muster_domain::access::{Role, Scope};
use muster_domain::connectors::{self, AnswerBody, Ask};
use muster_http::{Caller, Json, OTHER_SYSTEM, Op, Path, Reply, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Try a connector.
pub(crate) const TEST: Op = post("/v1/orgs/{org}/connectors/{connector}/_test")
    .floor(Role::Admin)
    .scope(Scope::ConnectorsManage)
    .summary("Try whether a connector's source answers with its settings; also of one that is disabled")
    .gives::<TestView>();

/// List what can be asked for.
pub(crate) const RESOURCES: Op = get("/v1/orgs/{org}/connectors/{connector}/resources")
    .floor(Role::Operator)
    .scope(Scope::ConnectorsQuery)
    .summary("List the tables, collections or endpoints of a connector's source")
    .gives::<List<ResourceView>>()
    .fails(OTHER_SYSTEM);

/// Ask a connector.
pub(crate) const QUERY: Op = post("/v1/orgs/{org}/connectors/{connector}/_query")
    .floor(Role::Operator)
    .scope(Scope::ConnectorsQuery)
    .summary("Ask a connector's source; it only ever reads")
    .takes::<QueryBody>()
    .gives::<QueryAnswer>()
    .fails(OTHER_SYSTEM);

/// What came of trying.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ConnectorTest")]
pub(crate) struct TestView {
    /// Whether the source answered.
    ok: bool,
    /// What answered, or why nothing did.
    message: String,
    /// How long it took.
    elapsed_ms: u64,
}

/// Something that can be asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConnectorResource")]
pub(crate) struct ResourceView {
    /// What goes into `resource`.
    name: String,
    /// What it holds, and what it takes.
    description: String,
}

/// A question to a connector's source; its type says how it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ConnectorQuery")]
pub(crate) struct QueryBody {
    /// A table, collection or endpoint.
    #[serde(default)]
    resource: Option<String>,
    /// SQL, a filter, a search expression.
    #[serde(default)]
    query: Option<String>,
    /// Named values.
    #[serde(default)]
    params: Option<Map<String, Value>>,
    /// The most rows or items, 1 to 10000 (1000).
    limit: Option<i64>,
    /// The longest time in milliseconds, 1 to 120000 (30000).
    timeout_ms: Option<i64>,
}

/// What the source answered.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(rename = "ConnectorAnswer")]
pub(crate) struct QueryAnswer(AnswerBody);

pub(crate) async fn test(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<TestView> {
    let tested = connectors::test(&caller, &id).await?;
    let elapsed_ms = tested.took.as_millis() as u64;
    let (ok, message) = match tested.outcome {
        Ok(message) => (true, message),
        Err(error) => (false, error.message().to_owned()),
    };
    Ok(Json(TestView { ok, message, elapsed_ms }))
}

pub(crate) async fn resources(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<List<ResourceView>> {
    let found = connectors::resources(&caller, &id).await?;
    let view = |resource: connectors::Resource| ResourceView { name: resource.name, description: resource.description };
    Ok(Json(List { data: found.into_iter().map(view).collect(), next_page_token: None }))
}

pub(crate) async fn query(
    caller: Caller,
    Path((_org, id)): Path<(String, String)>,
    Json(body): Json<QueryBody>,
) -> Reply<QueryAnswer> {
    let ask = Ask {
        resource: body.resource.unwrap_or_default(),
        query: body.query.unwrap_or_default(),
        params: body.params.unwrap_or_default(),
        limit: body.limit,
        timeout_ms: body.timeout_ms,
    };
    Ok(Json(QueryAnswer(connectors::query(&caller, &id, ask).await?.into())))
}
