//! API keys: made, read, changed and revoked by admins. The secret is shown once.

use crate::views::{List, must_change, page};
use axum::http::StatusCode;
use axum::response::Response;
use muster_base::{Millis, Patch, Result};
use muster_domain::access::{self, ApiKey, KeyChange, NewKey, Role, Scope};
use muster_http::{Caller, Failure, Json, NoContent, Op, Path, Query, Reply, delete, get, json, patch, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// List the keys.
pub(crate) const LIST: Op = get("/v1/orgs/{org}/api-keys")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("List the API keys, newest first")
    .query::<KeysQuery>()
    .gives::<List<ApiKeyView>>();

/// Make a key.
pub(crate) const CREATE: Op = post("/v1/orgs/{org}/api-keys")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Make an API key; its secret is in this answer and never shown again")
    .takes::<NewKeyBody>()
    .gives::<MadeKey>()
    .status(201)
    .gives_secret();

/// Read a key.
pub(crate) const GET: Op = get("/v1/orgs/{org}/api-keys/{key}")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Read an API key's prefix and metadata")
    .gives::<ApiKeyView>();

/// Change a key.
pub(crate) const CHANGE: Op = patch("/v1/orgs/{org}/api-keys/{key}")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Change an API key's name, description, role, scopes or end")
    .takes::<KeyBody>()
    .gives::<ApiKeyView>();

/// Revoke a key.
pub(crate) const DELETE: Op = delete("/v1/orgs/{org}/api-keys/{key}")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Revoke an API key at once and for good")
    .status(204);

/// Which page of the keys is read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeysQuery {
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// `nextPageToken` of the page before.
    page_token: Option<String>,
}

/// An API key without its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ApiKey")]
pub(crate) struct ApiKeyView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The beginning of the secret, to tell keys apart.
    prefix: String,
    /// Its role.
    role: Role,
    /// The scopes that were chosen; none means all that the role may.
    scopes: Vec<&'static str>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Millis>,
    /// When it was last used, to about a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Millis>,
    /// When it was made.
    created_at: Millis,
    /// When it was last changed.
    updated_at: Millis,
}

/// A key that was just made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MadeKey {
    #[serde(flatten)]
    key_view: ApiKeyView,
    /// The secret; only its hash is kept.
    key: String,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            description: key.description,
            prefix: key.prefix,
            role: key.role,
            scopes: key.scopes.into_iter().map(Scope::as_str).collect(),
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            created_at: key.created_at,
            updated_at: key.changed_at,
        }
    }
}

/// A key to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NewApiKey")]
pub(crate) struct NewKeyBody {
    /// 1 to 100 characters.
    name: String,
    /// What it is for, up to 500 characters.
    description: Option<String>,
    /// Its role, operator unless said otherwise; not above the maker's own.
    role: Option<Role>,
    /// Its scopes, e.g. `agents:read`; none means all that the role may.
    #[serde(default)]
    scopes: Vec<String>,
    /// When it ends; never when absent.
    expires_at: Option<Millis>,
}

/// What to change of a key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ApiKeyChange")]
pub(crate) struct KeyBody {
    /// A new name, 1 to 100 characters.
    name: Option<String>,
    /// A new description; null clears it.
    #[serde(default)]
    description: Patch<String>,
    /// A new role.
    role: Option<Role>,
    /// New scopes in place of all that it has.
    scopes: Option<Vec<String>>,
    /// A new end; null makes it last for ever.
    #[serde(default)]
    expires_at: Patch<Millis>,
}

impl KeyBody {
    fn read(self) -> Result<KeyChange> {
        let mentions = self.name.is_some()
            || !self.description.is_absent()
            || self.role.is_some()
            || self.scopes.is_some()
            || !self.expires_at.is_absent();
        must_change(mentions, "name, description, role, scopes, expiresAt")?;
        Ok(KeyChange {
            name: self.name,
            description: self.description,
            role: self.role,
            scopes: self.scopes.as_deref().map(scopes).transpose()?,
            expires_at: self.expires_at,
        })
    }
}

fn scopes(words: &[String]) -> Result<Vec<Scope>> {
    words.iter().map(|word| Scope::parse(word)).collect()
}

pub(crate) async fn list(caller: Caller, Query(query): Query<KeysQuery>) -> Reply<List<ApiKeyView>> {
    let page = page(query.limit, query.page_token.as_deref())?;
    Ok(Json(List::of(access::list_keys(&caller, &page).await?, ApiKeyView::from)))
}

pub(crate) async fn create(caller: Caller, Json(body): Json<NewKeyBody>) -> Result<Response, Failure> {
    let new = NewKey {
        name: body.name,
        description: body.description,
        role: body.role.unwrap_or(Role::Operator),
        scopes: scopes(&body.scopes)?,
        expires_at: body.expires_at,
    };
    let (key, secret) = access::create_key(&caller, new).await?;
    let made = MadeKey { key_view: key.into(), key: secret.expose().clone() };
    Ok(json(StatusCode::CREATED, &made))
}

pub(crate) async fn show(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<ApiKeyView> {
    Ok(Json(access::find_key(&caller, &id).await?.into()))
}

pub(crate) async fn change(
    caller: Caller,
    Path((_org, id)): Path<(String, String)>,
    Json(body): Json<KeyBody>,
) -> Reply<ApiKeyView> {
    Ok(Json(access::update_key(&caller, &id, body.read()?).await?.into()))
}

pub(crate) async fn remove(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Result<NoContent, Failure> {
    access::delete_key(&caller, &id).await?;
    Ok(NoContent)
}
