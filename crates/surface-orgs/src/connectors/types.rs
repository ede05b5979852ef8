//! The types that connectors can have.

use crate::views::List;
use muster_domain::access::{Role, Scope};
use muster_domain::connectors::About;
use muster_http::{Caller, Json, Op, Reply, get};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// List the types.
pub(crate) const TYPES: Op = get("/v1/orgs/{org}/connector-types")
    .floor(Role::Operator)
    .scope(Scope::ConnectorsQuery)
    .summary("List the types of connectors, with the schema of their settings and how each is queried")
    .gives::<List<TypeView>>();

/// A type of connector.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ConnectorType")]
pub(crate) struct TypeView {
    /// The word in `type`.
    #[serde(rename = "type")]
    kind: String,
    /// The name for people.
    title: String,
    /// What it reads.
    summary: String,
    /// How `resource`, `query` and `params` are written for it, in Markdown.
    query_form: String,
    /// The JSON Schema of its settings; `x-order` lists them as a form shows them, secrets have `writeOnly`.
    settings_schema: Value,
}

impl From<&About> for TypeView {
    fn from(about: &About) -> Self {
        Self {
            kind: about.kind.to_owned(),
            title: about.title.to_owned(),
            summary: about.summary.to_owned(),
            query_form: about.query_form.to_owned(),
            settings_schema: about.settings.clone(),
        }
    }
}

pub(crate) async fn types(caller: Caller) -> Reply<List<TypeView>> {
    let data = caller.settings.sources.all().map(TypeView::from).collect();
    Ok(Json(List { data, next_page_token: None }))
}
