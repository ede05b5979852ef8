//! `POST /api/agents`: entering an agent, from a template where one is named.

use crate::gateway;
use crate::views::AgentView;
use muster_base::{Error, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{self, Definition, NewAgent, Presence, Source};
use muster_domain::templates::{self, Template};
use muster_http::{Caller, Created, Failure, Json, Op, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Enter an agent.
pub(crate) const CREATE: Op = post("/api/agents")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Enter an agent; Muster runs it if its config names a model")
    .takes::<Create>()
    .gives::<Entered>()
    .status(201);

/// An agent to be entered.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "EnterAgent")]
pub(crate) struct Create {
    /// 1 to 100 characters, unique in the org.
    name: String,
    /// What it does, 1 to 100 characters; required unless a template has one.
    role: Option<String>,
    /// What its gateway knows it by: 1 to 200 characters, unique in the org.
    session_key: Option<String>,
    /// Its personality and instructions, up to 50000 characters.
    soul_content: Option<String>,
    /// Its status, offline unless said otherwise.
    status: Option<Presence>,
    /// What is said of it, kept as it is, up to 256 KiB. `model` (a name, or an object with `primary`), `system_prompt`,
    /// `tools`, `sandbox.resources` and `sandbox.pvc_size` take effect.
    config: Option<Map<String, Value>>,
    /// A template: what is not given here comes from it, and `config` is merged into its.
    template: Option<String>,
    /// Merged into `config`.
    gateway_config: Option<Map<String, Value>>,
    /// Whether it is also written into the gateway's file; the gateway runs it then.
    write_to_gateway: Option<bool>,
}

/// An agent that was entered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EnteredAgent")]
pub(crate) struct Entered {
    /// The agent.
    agent: AgentView,
    /// What did not work beside entering it.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

impl Create {
    fn template(&self) -> Result<Option<&'static Template>> {
        self.template.as_deref().map(|id| templates::find(id, "template")).transpose()
    }

    fn read(self) -> Result<NewAgent> {
        let template = self.template()?;
        let role = self.role.or_else(|| template.map(|template| template.role.clone()));
        if role.is_none() {
            return Err(Error::invalid("role", "is required, or a template that has one"));
        }
        let soul = self.soul_content.or_else(|| template.map(|template| template.soul.clone()));
        let mut config = self.config.unwrap_or_default();
        if let Some(template) = template {
            let own = std::mem::replace(&mut config, template.config.clone());
            agents::merge_config(&mut config, own)?;
        }
        agents::merge_config(&mut config, self.gateway_config.unwrap_or_default())?;
        let personality = soul.filter(|soul| !soul.is_empty());
        Ok(NewAgent {
            name: self.name,
            role,
            source: Source::Api,
            session_key: self.session_key,
            presence: self.status,
            definition: Definition { personality, config, ..Definition::default() },
            ..NewAgent::default()
        })
    }
}

pub(crate) async fn create(caller: Caller, Json(body): Json<Create>) -> Result<Created<Entered>, Failure> {
    let write_to_gateway = body.write_to_gateway.unwrap_or(false);
    let mut new = body.read()?;
    let said = if write_to_gateway { Some(muster_domain::gateway::prepare(&caller, &mut new).await?) } else { None };
    let agent = agents::create(&caller, new).await?;
    let warning = match said {
        Some(said) => gateway::write_entry(&caller, &agent.id, &said).await,
        None => None,
    };
    let agent = agents::card(&caller, &agent.id).await?.into();
    Ok(Created(Entered { agent, warning }))
}
