//! `/api/agents/{id}/soul`: an agent's personality and instructions.

use muster_base::{Error, Patch, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{self, AgentChange};
use muster_domain::templates;
use muster_http::{Caller, Json, Op, Path, Reply, get, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Read an agent's soul.
pub(crate) const GET: Op = get("/api/agents/{id}/soul")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Read an agent's soul, and which templates have one")
    .gives::<SoulView>();

/// Write an agent's soul.
pub(crate) const PUT: Op = put("/api/agents/{id}/soul")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Write an agent's soul, or take the one of a template")
    .takes::<SoulBody>()
    .gives::<SoulWritten>();

/// An agent's soul.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Soul")]
pub(crate) struct SoulView {
    /// The soul; null when it has none.
    soul_content: Option<String>,
    /// Whose it is.
    agent: WhoseSoul,
    /// Where it comes from: `database`, or `none` when there is none.
    source: &'static str,
    /// The templates that `template_name` may name.
    available_templates: Vec<&'static str>,
    /// When what the agent is told to be last changed, in seconds since the epoch.
    updated_at: i64,
}

/// Whose soul it is.
#[derive(Debug, Serialize, JsonSchema)]
struct WhoseSoul {
    /// The agent's number.
    id: i64,
    /// The agent's name.
    name: String,
    /// What the agent does.
    role: Option<String>,
}

/// A new soul: one of the two.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NewSoul")]
pub(crate) struct SoulBody {
    /// The soul, 1 to 50000 characters.
    soul_content: Option<String>,
    /// The template whose soul it becomes.
    template_name: Option<String>,
}

/// A soul that was written.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WrittenSoul")]
pub(crate) struct SoulWritten {
    /// True.
    success: bool,
    /// The soul.
    soul_content: String,
    /// When it was written, in seconds since the epoch.
    updated_at: i64,
}

impl SoulBody {
    fn read(self) -> Result<String> {
        match (self.soul_content, self.template_name) {
            (None, None) => Err(Error::invalid("soul_content", "is required, or template_name")),
            (Some(_), Some(_)) => Err(Error::invalid("template_name", "must be left out when there is soul_content")),
            (None, Some(template)) => Ok(templates::find(&template, "template_name")?.soul.clone()),
            (Some(soul), None) if soul.trim().is_empty() => {
                Err(Error::invalid("soul_content", "must have 1 to 50000 characters"))
            }
            (Some(soul), None) => Ok(soul),
        }
    }
}

pub(crate) async fn show(caller: Caller, Path(id): Path<String>) -> Reply<SoulView> {
    let card = agents::card(&caller, &id).await?;
    Ok(Json(SoulView {
        source: if card.personality.is_some() { "database" } else { "none" },
        soul_content: card.personality,
        agent: WhoseSoul { id: card.agent.number, name: card.agent.name, role: card.agent.role },
        available_templates: templates::ids(),
        updated_at: card.told_at.seconds(),
    }))
}

pub(crate) async fn write(caller: Caller, Path(id): Path<String>, Json(body): Json<SoulBody>) -> Reply<SoulWritten> {
    let soul = body.read()?;
    let agent = agents::resolve(&caller, &id).await?;
    let change = AgentChange { personality: Patch::Value(soul.clone()), ..AgentChange::default() };
    let agent = agents::update(&caller, &agent.id, change).await?;
    Ok(Json(SoulWritten { success: true, soul_content: soul, updated_at: agent.changed_at.seconds() }))
}
