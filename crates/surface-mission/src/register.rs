//! `POST /api/agents/register`: an agent that enters itself.

use crate::views::AgentView;
use axum::response::{IntoResponse, Response};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{self, Registration};
use muster_http::{Caller, Created, Failure, Json, Op, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an agent does that does not say.
const USUAL_ROLE: &str = "agent";

/// Register an agent by itself.
pub(crate) const REGISTER: Op = post("/api/agents/register")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Enter the agent that asks; as often as it likes: 201 the first time, 200 after that")
    .takes::<Register>()
    .gives::<Registered>()
    .status(201);

/// What an agent says of itself.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Register {
    /// Its name, 1 to 100 characters; the same name is the same agent.
    name: String,
    /// What it does, 1 to 100 characters (`agent`); one that is known already stays.
    role: Option<String>,
    /// What it can do: at most 100 items of 1 to 100 characters.
    capabilities: Option<Vec<String>>,
    /// What it is built with, 1 to 100 characters.
    framework: Option<String>,
}

/// An agent that registered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RegisteredAgent")]
pub(crate) struct Registered {
    /// The agent.
    agent: AgentView,
    /// Whether it is new.
    registered: bool,
}

pub(crate) async fn register(caller: Caller, Json(body): Json<Register>) -> Result<Response, Failure> {
    let Register { name, role, capabilities, framework } = body;
    let role = Some(role.unwrap_or_else(|| USUAL_ROLE.to_owned()));
    let (agent, registered) = agents::register(&caller, Registration { name, role, capabilities, framework }).await?;
    let answer = Registered { agent: agents::card(&caller, &agent.id).await?.into(), registered };
    Ok(if registered { Created(answer).into_response() } else { Json(answer).into_response() })
}
