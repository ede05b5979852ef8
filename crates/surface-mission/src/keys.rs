//! `/api/agents/{id}/keys`: keys that act only as one agent.

use crate::views::{Done, seconds};
use muster_base::{Error, Millis, Result};
use muster_domain::access::{self, AgentKey, Role, Scope, Scopes};
use muster_domain::agents;
use muster_http::{Caller, Created, Failure, Json, Op, OptionalJson, Path, Query, Reply, delete, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The longest time of a key that is given in days.
const MOST_DAYS: i64 = 3650;

/// List an agent's keys.
pub(crate) const LIST: Op = get("/api/agents/{id}/keys")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("List the keys that act as this agent, newest first")
    .gives::<KeyList>();

/// Make a key for an agent.
pub(crate) const CREATE: Op = post("/api/agents/{id}/keys")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Make a key that acts only as this agent; it is shown once")
    .takes::<NewKeyBody>()
    .gives::<MadeKey>()
    .status(201)
    .gives_secret();

/// Revoke a key of an agent.
pub(crate) const DELETE: Op = delete("/api/agents/{id}/keys")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Revoke a key of this agent, named in the query or the body")
    .query::<WhichKey>()
    .takes_optional::<WhichKey>()
    .gives::<Done>();

/// A key to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewAgentKey")]
pub(crate) struct NewKeyBody {
    /// A name for people, 1 to 100 characters.
    name: String,
    /// When it ends, in seconds since the epoch; never when nothing is said.
    expires_at: Option<i64>,
    /// In how many days it ends instead, 1 to 3650.
    expires_in_days: Option<i64>,
}

/// Which key is meant.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "WhichAgentKey")]
pub(crate) struct WhichKey {
    /// The key's id.
    key_id: Option<String>,
}

/// A key that acts only as one agent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AgentKey")]
struct KeyView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// The beginning of the key, to tell keys apart.
    prefix: String,
    /// What it may touch.
    scopes: Vec<&'static str>,
    /// When it ends, in seconds since the epoch.
    expires_at: Option<i64>,
    /// When it was last used, to about a minute, in seconds since the epoch.
    last_used_at: Option<i64>,
    /// When it was made, in seconds since the epoch.
    created_at: i64,
}

/// An agent's keys.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AgentKeyList")]
pub(crate) struct KeyList {
    /// The keys; there are at most 100.
    keys: Vec<KeyView>,
}

/// A key that was made.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MadeAgentKey")]
pub(crate) struct MadeKey {
    /// The key without its secret.
    key: KeyView,
    /// The secret: send it as `x-api-key`, `x-agent-token` or `Authorization: Bearer`. It is not shown again.
    api_key: String,
}

impl From<AgentKey> for KeyView {
    fn from(key: AgentKey) -> Self {
        let held = Scopes::of_agent_token();
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scopes: Scope::ALL.iter().filter(|scope| held.contains(**scope)).map(|scope| scope.as_str()).collect(),
            expires_at: seconds(key.expires_at),
            last_used_at: seconds(key.last_used_at),
            created_at: key.created_at.seconds(),
        }
    }
}

impl NewKeyBody {
    fn expiry(&self, now: Millis) -> Result<Option<Millis>> {
        match (self.expires_at, self.expires_in_days) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(Error::invalid("expires_in_days", "must be left out when there is expires_at")),
            (Some(at), None) => Ok(Some(Millis(at.saturating_mul(1000)))),
            (None, Some(days)) if (1..=MOST_DAYS).contains(&days) => {
                Ok(Some(now + Duration::from_secs(days.unsigned_abs() * 24 * 3600)))
            }
            (None, Some(_)) => Err(Error::invalid("expires_in_days", format!("must be from 1 to {MOST_DAYS}"))),
        }
    }
}

pub(crate) async fn list(caller: Caller, Path(id): Path<String>) -> Reply<KeyList> {
    let agent = agents::resolve(&caller, &id).await?;
    let keys = access::list_agent_keys(&caller, &agent.id).await?;
    Ok(Json(KeyList { keys: keys.into_iter().map(KeyView::from).collect() }))
}

pub(crate) async fn create(
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<NewKeyBody>,
) -> Result<Created<MadeKey>, Failure> {
    let expires_at = body.expiry(caller.now())?;
    let agent = agents::resolve(&caller, &id).await?;
    let (key, secret) = access::create_agent_key(&caller, &agent.id, &body.name, expires_at).await?;
    Ok(Created(MadeKey { key: key.into(), api_key: secret.expose().clone() }))
}

pub(crate) async fn remove(
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<WhichKey>,
    OptionalJson(body): OptionalJson<WhichKey>,
) -> Reply<Done> {
    let key = query.key_id.or(body.key_id).ok_or_else(|| Error::invalid("key_id", "is required"))?;
    let agent = agents::resolve(&caller, &id).await?;
    access::delete_agent_key(&caller, &agent.id, &key).await?;
    Ok(Json(Done::YES))
}
