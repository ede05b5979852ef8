//! Connectors: data sources of other systems, set up by admins, queried by people and agents.

mod grants;
mod query;
mod types;

pub(crate) use grants::{GRANTS, SET_GRANTS, grants, set_grants};
pub(crate) use query::{QUERY, RESOURCES, TEST, query, resources, test};
pub(crate) use types::{TYPES, types};

use crate::views::{List, must_change, page};
use muster_base::{Error, Millis, Patch, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::connectors::{self, ConnectorChange, NewConnector, Shown};
use muster_http::{Caller, Created, Failure, Json, Op, Path, Query, Reply, delete, get, patch, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// List the connectors.
pub(crate) const LIST: Op = get("/v1/orgs/{org}/connectors")
    .floor(Role::Admin)
    .scope(Scope::ConnectorsManage)
    .summary("List the connectors, newest first")
    .query::<ConnectorsQuery>()
    .gives::<List<ConnectorView>>();

/// Set a connector up.
pub(crate) const CREATE: Op = post("/v1/orgs/{org}/connectors")
    .floor(Role::Admin)
    .scope(Scope::ConnectorsManage)
    .summary("Set a connector up; its secrets are sealed and never shown again")
    .takes::<NewConnectorBody>()
    .gives::<ConnectorView>()
    .status(201);

/// Read a connector.
pub(crate) const GET: Op = get("/v1/orgs/{org}/connectors/{connector}")
    .floor(Role::Admin)
    .scope(Scope::ConnectorsManage)
    .summary("Read a connector by its id or name, with its settings and which secrets are set")
    .gives::<ConnectorView>();

/// Change a connector.
pub(crate) const CHANGE: Op = patch("/v1/orgs/{org}/connectors/{connector}")
    .floor(Role::Admin)
    .scope(Scope::ConnectorsManage)
    .summary("Change a connector; settings that are not mentioned stay, secrets too, and null clears one")
    .takes::<ConnectorBody>()
    .gives::<ConnectorView>();

/// Delete a connector.
pub(crate) const DELETE: Op = delete("/v1/orgs/{org}/connectors/{connector}")
    .floor(Role::Admin)
    .scope(Scope::ConnectorsManage)
    .summary("Delete a connector with its secrets and grants")
    .gives::<ConnectorView>();

/// Which page of the connectors is read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectorsQuery {
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// `nextPageToken` of the page before.
    page_token: Option<String>,
}

/// A connector. Secrets are shown as `{"redacted": true, "set": true, "updatedAt": ...}`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Connector")]
pub(crate) struct ConnectorView {
    /// Its id.
    id: String,
    /// Its name, unique in the org; it may be used in place of the id.
    name: String,
    /// Its type, e.g. `postgresql`; see the connector types.
    #[serde(rename = "type")]
    kind: String,
    /// What is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Whether it answers queries.
    enabled: bool,
    /// Its settings, as the type's schema says.
    settings: Map<String, Value>,
    /// When it was made.
    created_at: Millis,
    /// When it was last changed.
    updated_at: Millis,
}

impl From<Shown> for ConnectorView {
    fn from(shown: Shown) -> Self {
        let mut settings = shown.connector.settings;
        for (name, at) in shown.secrets {
            settings.insert(name, json!({ "redacted": true, "set": true, "updatedAt": at }));
        }
        Self {
            id: shown.connector.id,
            name: shown.connector.name,
            kind: shown.connector.kind,
            description: shown.connector.description,
            enabled: shown.connector.enabled,
            settings,
            created_at: shown.connector.created_at,
            updated_at: shown.connector.changed_at,
        }
    }
}

/// A connector to be set up.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewConnector")]
pub(crate) struct NewConnectorBody {
    /// 1 to 100 characters, unique in the org.
    name: String,
    /// Its type, e.g. `postgresql`; see the connector types.
    #[serde(rename = "type")]
    kind: String,
    /// What is in it, up to 1000 characters: agents are told so.
    description: Option<String>,
    /// Whether it answers queries (true).
    enabled: Option<bool>,
    /// Its settings and secrets, as the type's schema says.
    #[serde(default)]
    settings: Map<String, Value>,
}

/// What to change of a connector.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ConnectorChange")]
pub(crate) struct ConnectorBody {
    /// A new name.
    name: Option<String>,
    /// It cannot be changed; given, it must be the type that the connector has.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// A new description; null clears it.
    #[serde(default)]
    description: Patch<String>,
    /// Whether it answers queries.
    enabled: Option<bool>,
    /// Settings and secrets to be set; null clears one, and those that are not mentioned stay.
    settings: Option<Map<String, Value>>,
}

impl ConnectorBody {
    fn read(self) -> Result<ConnectorChange> {
        let mentions = self.name.is_some()
            || self.kind.is_some()
            || !self.description.is_absent()
            || self.enabled.is_some()
            || self.settings.is_some();
        must_change(mentions, "name, description, enabled, settings")?;
        Ok(ConnectorChange {
            name: self.name,
            description: self.description,
            enabled: self.enabled,
            settings: self.settings,
        })
    }
}

pub(crate) async fn list(caller: Caller, Query(query): Query<ConnectorsQuery>) -> Reply<List<ConnectorView>> {
    let page = page(query.limit, query.page_token.as_deref())?;
    Ok(Json(List::of(connectors::list(&caller, &page).await?, ConnectorView::from)))
}

pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<NewConnectorBody>,
) -> Result<Created<ConnectorView>, Failure> {
    let new = NewConnector {
        name: body.name,
        kind: body.kind,
        description: body.description,
        enabled: body.enabled.unwrap_or(true),
        settings: body.settings,
    };
    Ok(Created(connectors::create(&caller, new).await?.into()))
}

pub(crate) async fn show(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<ConnectorView> {
    Ok(Json(connectors::find(&caller, &id).await?.into()))
}

pub(crate) async fn change(
    caller: Caller,
    Path((_org, id)): Path<(String, String)>,
    Json(body): Json<ConnectorBody>,
) -> Reply<ConnectorView> {
    if let Some(kind) = &body.kind
        && connectors::find(&caller, &id).await?.connector.kind != *kind
    {
        return Err(Error::invalid("type", "cannot be changed; set another connector up").into());
    }
    Ok(Json(connectors::update(&caller, &id, body.read()?).await?.into()))
}

pub(crate) async fn remove(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<ConnectorView> {
    Ok(Json(connectors::delete(&caller, &id).await?.into()))
}
