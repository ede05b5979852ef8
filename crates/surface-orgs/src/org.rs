//! The org itself: a curated read, and a small patch of preferences.

use crate::views::must_change;
use muster_base::{Error, Millis, Patch, Result};
use muster_domain::access::{self, Org, OrgChange, Role, Scope};
use muster_http::{Caller, Json, Op, Reply, get, patch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Read the org. Needs no scope: any token can read the metadata of its own org.
pub(crate) const GET: Op = get("/v1/orgs/{org}").floor(Role::Viewer).summary("Read the org").gives::<OrgView>();

/// Change the org's preferences.
pub(crate) const PATCH: Op = patch("/v1/orgs/{org}")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Change the org's name, description or time zone")
    .takes::<OrgBody>()
    .gives::<OrgView>();

/// An org.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Org")]
pub(crate) struct OrgView {
    /// Its slug.
    id: String,
    /// Its name.
    name: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// An IANA time zone, e.g. `Europe/Paris`.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    /// What is switched on, e.g. `hosting`.
    features: Vec<String>,
    /// What it has bought: nothing, since it hosts itself.
    products: Vec<String>,
    /// When it was made.
    created_at: Millis,
    /// When it was last changed.
    updated_at: Millis,
}

impl From<Org> for OrgView {
    fn from(org: Org) -> Self {
        Self {
            id: org.id,
            name: org.name,
            description: org.description,
            time_zone: org.time_zone,
            features: org.features,
            products: Vec::new(),
            created_at: org.created_at,
            updated_at: org.changed_at,
        }
    }
}

/// What to change of the org; anything else is refused.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "OrgChange")]
pub(crate) struct OrgBody {
    /// A new name, 1 to 100 characters.
    #[serde(default)]
    name: Patch<String>,
    /// A new description, up to 500 characters; null clears it.
    #[serde(default)]
    description: Patch<String>,
    /// An IANA time zone; null clears it.
    #[serde(default)]
    time_zone: Patch<String>,
}

impl OrgBody {
    fn read(self) -> Result<OrgChange> {
        let mentions = !(self.name.is_absent() && self.description.is_absent() && self.time_zone.is_absent());
        must_change(mentions, "name, description, timeZone")?;
        let name = match self.name {
            Patch::Absent => None,
            Patch::Null => return Err(Error::invalid("name", "must have 1 to 100 characters; it cannot be cleared")),
            Patch::Value(name) => Some(name),
        };
        Ok(OrgChange { name, description: self.description, time_zone: self.time_zone, features: None })
    }
}

pub(crate) async fn show(caller: Caller) -> Reply<OrgView> {
    Ok(Json(access::find_org(&caller).await?.into()))
}

pub(crate) async fn change(caller: Caller, Json(body): Json<OrgBody>) -> Reply<OrgView> {
    Ok(Json(access::update_org(&caller, body.read()?).await?.into()))
}
