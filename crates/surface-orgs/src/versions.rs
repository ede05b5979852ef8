//! The versions of what an agent is told to be: who changed what and when, what is different, and going back.

use crate::agents::AgentView;
use crate::views::{List, page};
use muster_base::{Error, Millis, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::versions::{self, Difference, Version, differences};
use muster_domain::agents::{Configuration, Definition, PromptType, SessionMode};
use muster_domain::events::Actor;
use muster_http::{Caller, Json, Op, Path, Query, Reply, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// List the versions.
pub(crate) const LIST: Op = get("/v1/orgs/{org}/agents/{agent}/versions")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("List the versions of what an agent is told to be, newest first")
    .query::<VersionsQuery>()
    .gives::<List<VersionView>>();

/// Read a version.
pub(crate) const GET: Op = get("/v1/orgs/{org}/agents/{agent}/versions/{version}")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Read a version, and what is different in it from another")
    .query::<VersionQuery>()
    .gives::<WholeVersion>();

/// Go back to a version.
pub(crate) const RESTORE: Op = post("/v1/orgs/{org}/agents/{agent}/versions/{version}/_restore")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Make a new version that says what this one says")
    .gives::<AgentView>();

/// Which page of the versions is read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionsQuery {
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// `nextPageToken` of the page before.
    page_token: Option<String>,
}

/// What is asked of a version.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct VersionQuery {
    /// Another version: what is different from it is told as well.
    against: Option<i64>,
}

/// A version of what an agent is told to be.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Version")]
pub(crate) struct VersionView {
    /// Counts from 1.
    version: i64,
    /// When it was made.
    created_at: Millis,
    /// Who made it.
    actor: Actor,
    /// What is other than in the version before; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<String>>,
    /// The version that it brought back.
    #[serde(skip_serializing_if = "Option::is_none")]
    restored: Option<i64>,
}

/// A version with what it says.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WholeVersion {
    #[serde(flatten)]
    version: VersionView,
    /// What it says.
    body: DefinitionView,
    /// What is different from the version in `against`, which comes before it here whatever its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<Vec<Difference>>,
}

/// What an agent is told to be. Secrets are not part of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Definition")]
struct DefinitionView {
    /// The agent's own instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    system_prompt: Option<String>,
    /// How they stand to Muster's own.
    system_prompt_type: PromptType,
    /// Voice and tone.
    #[serde(skip_serializing_if = "Option::is_none")]
    personality: Option<String>,
    /// What mission clients say of it.
    config: Map<String, Value>,
    /// Branding and contact.
    identity: Map<String, Value>,
    /// What a turn sees of the turns before it.
    session_mode: SessionMode,
    /// How long the environment stays up when idle, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    warmth_window_ms: Option<i64>,
    /// The workspace's quota.
    #[serde(skip_serializing_if = "Option::is_none")]
    pvc_size: Option<String>,
    /// How its turns run.
    configuration: Configuration,
}

impl From<Version> for VersionView {
    fn from(version: Version) -> Self {
        let fields = version.fields.map(|fields| fields.iter().map(|field| camel(field)).collect());
        Self {
            version: version.version,
            created_at: version.created_at,
            actor: version.actor,
            fields,
            restored: version.restored,
        }
    }
}

impl From<Definition> for DefinitionView {
    fn from(definition: Definition) -> Self {
        Self {
            system_prompt: definition.system_prompt,
            system_prompt_type: definition.system_prompt_type,
            personality: definition.personality,
            config: definition.config,
            identity: definition.identity,
            session_mode: definition.session_mode,
            warmth_window_ms: definition.warmth_window_ms,
            pvc_size: definition.pvc_size,
            configuration: definition.configuration,
        }
    }
}

/// A field's name as this dialect writes it.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.into_iter().chain(letters).collect::<String>()
    })
}

pub(crate) async fn list(
    caller: Caller,
    Path((_org, agent)): Path<(String, String)>,
    Query(query): Query<VersionsQuery>,
) -> Reply<List<VersionView>> {
    let page = page(query.limit, query.page_token.as_deref())?;
    Ok(Json(List::of(versions::list(&caller, &agent, &page).await?, VersionView::from)))
}

pub(crate) async fn show(
    caller: Caller,
    Path((_org, agent, version)): Path<(String, String, String)>,
    Query(query): Query<VersionQuery>,
) -> Reply<WholeVersion> {
    let (version, definition) = versions::find(&caller, &agent, number(&version)?).await?;
    let body = DefinitionView::from(definition);
    let diff = match query.against {
        Some(other) => {
            let (_, other) = versions::find(&caller, &agent, other).await?;
            Some(differences(&value(&DefinitionView::from(other))?, &value(&body)?))
        }
        None => None,
    };
    Ok(Json(WholeVersion { version: version.into(), body, diff }))
}

pub(crate) async fn restore(
    caller: Caller,
    Path((_org, agent, version)): Path<(String, String, String)>,
) -> Reply<AgentView> {
    let agent = versions::restore(&caller, &agent, number(&version)?).await?;
    Ok(Json(crate::agents::view(&caller, agent).await?))
}

/// The number of a version in a path; nothing else names one.
fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::missing("version", text))
}

fn value(view: &DefinitionView) -> Result<Value> {
    serde_json::to_value(view).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::camel;

    #[test]
    fn names_are_written_as_in_the_body() {
        assert_eq!(["pvc_size", "warmth_window_ms", "config"].map(camel), ["pvcSize", "warmthWindowMs", "config"]);
    }
}
