//! `PUT /api/agents` and `PUT /api/agents/{id}`: changing an agent.

use crate::errors::no_fields;
use crate::views::{AgentView, Done};
use muster_base::{Patch, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{self, AgentChange, Presence};
use muster_http::{Caller, Json, Op, Path, Reply, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Update an agent by its name.
pub(crate) const BY_NAME: Op = put("/api/agents")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Update the agent of this name: absent fields stay, null clears")
    .takes::<ByName>()
    .gives::<Done>();

/// Update an agent.
pub(crate) const UPDATE: Op = put("/api/agents/{id}")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Update an agent: absent fields stay, null clears")
    .takes::<Update>()
    .gives::<Updated>();

/// An update of the agent of a name. Absent fields stay as they are, null clears.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "AgentUpdateByName")]
pub(crate) struct ByName {
    /// The name of the agent that is updated.
    name: String,
    /// A new role, 1 to 100 characters.
    #[serde(default)]
    role: Patch<String>,
    /// A new status; it holds until something newer.
    status: Option<Presence>,
    /// What the agent does now, up to 1000 characters.
    #[serde(default)]
    last_activity: Patch<String>,
    /// Replaces what is said of it.
    #[serde(default)]
    config: Patch<Map<String, Value>>,
    /// A new session key, 1 to 200 characters.
    #[serde(default)]
    session_key: Patch<String>,
    /// A new personality, up to 50000 characters.
    #[serde(default)]
    soul_content: Patch<String>,
}

/// An update of an agent. Absent fields stay as they are, null clears.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "AgentUpdate")]
pub(crate) struct Update {
    /// A new name.
    #[serde(default)]
    name: Patch<String>,
    /// A new role, 1 to 100 characters.
    #[serde(default)]
    role: Patch<String>,
    /// A new status; it holds until something newer.
    status: Option<Presence>,
    /// What the agent does now, up to 1000 characters.
    #[serde(default)]
    last_activity: Patch<String>,
    /// Replaces what is said of it.
    #[serde(default)]
    config: Patch<Map<String, Value>>,
    /// A new session key, 1 to 200 characters.
    #[serde(default)]
    session_key: Patch<String>,
    /// A new personality, up to 50000 characters.
    #[serde(default)]
    soul_content: Patch<String>,
}

/// An agent after it was updated.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UpdatedAgent")]
pub(crate) struct Updated {
    /// True.
    success: bool,
    /// The agent.
    agent: AgentView,
}

impl Update {
    fn read(self) -> Result<AgentChange> {
        let has_record = !self.name.is_absent() || !self.role.is_absent() || !self.session_key.is_absent();
        let has_state = self.status.is_some() || !self.last_activity.is_absent();
        let has_told = !self.config.is_absent() || !self.soul_content.is_absent();
        if !has_record && !has_state && !has_told {
            return Err(no_fields());
        }
        let personality = match self.soul_content {
            Patch::Value(soul) if soul.is_empty() => Patch::Null,
            soul => soul,
        };
        Ok(AgentChange {
            name: self.name,
            role: self.role,
            session_key: self.session_key,
            presence: self.status,
            last_activity: self.last_activity,
            personality,
            config: self.config,
            ..AgentChange::default()
        })
    }
}

pub(crate) async fn by_name(caller: Caller, Json(body): Json<ByName>) -> Reply<Done> {
    let ByName { name, role, status, last_activity, config, session_key, soul_content } = body;
    let fields = Update { name: Patch::Absent, role, status, last_activity, config, session_key, soul_content };
    let change = fields.read()?;
    let agent = agents::named(&caller, &name).await?;
    agents::update(&caller, &agent.id, change).await?;
    Ok(Json(Done::YES))
}

pub(crate) async fn update(caller: Caller, Path(id): Path<String>, Json(body): Json<Update>) -> Reply<Updated> {
    let change = body.read()?;
    let agent = agents::resolve(&caller, &id).await?;
    let agent = agents::update(&caller, &agent.id, change).await?;
    Ok(Json(Updated { success: true, agent: agents::card(&caller, &agent.id).await?.into() }))
}
