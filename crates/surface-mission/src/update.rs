//! `PUT /api/agents` and `PUT /api/agents/{id}`: changing an agent.

use crate::errors::no_fields;
use crate::gateway;
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
    /// Whether it is also written into the gateway's file; the gateway runs it then.
    write_to_gateway: Option<bool>,
}

/// An agent after it was updated.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UpdatedAgent")]
pub(crate) struct Updated {
    /// True.
    success: bool,
    /// The agent.
    agent: AgentView,
    /// What did not work beside updating it.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

impl Update {
    fn says_something(&self) -> bool {
        let has_record = !self.name.is_absent() || !self.role.is_absent() || !self.session_key.is_absent();
        let has_state = self.status.is_some() || !self.last_activity.is_absent();
        let has_told = !self.config.is_absent() || !self.soul_content.is_absent();
        has_record || has_state || has_told
    }

    fn read(self) -> Result<AgentChange> {
        if !self.says_something() {
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
    let name_stays = Update { role, status, last_activity, config, session_key, soul_content, ..Update::default() };
    let change = name_stays.read()?;
    let agent = agents::named(&caller, &name).await?;
    agents::update(&caller, &agent.id, change).await?;
    Ok(Json(Done::YES))
}

pub(crate) async fn update(caller: Caller, Path(id): Path<String>, Json(body): Json<Update>) -> Reply<Updated> {
    let write_to_gateway = body.write_to_gateway.unwrap_or(false);
    let said = body.config.value().cloned().unwrap_or_default();
    if write_to_gateway {
        muster_domain::gateway::check(&caller, &said)?;
    }
    // An agent that could not be written before may be written as it is.
    let change = if write_to_gateway && !body.says_something() { None } else { Some(body.read()?) };
    let agent = agents::resolve(&caller, &id).await?;
    if let Some(change) = change {
        agents::update(&caller, &agent.id, change).await?;
    }
    let warning = if write_to_gateway { gateway::write_entry(&caller, &agent.id, &said).await } else { None };
    let agent = agents::card(&caller, &agent.id).await?.into();
    Ok(Json(Updated { success: true, agent, warning }))
}
