//! Enrolment tokens: made, listed and revoked by admins. The secret is shown once.

use crate::views::List;
use axum::http::StatusCode;
use axum::response::Response;
use muster_base::Millis;
use muster_domain::access::{self, AgentToken, Role, Scope};
use muster_http::{Caller, Failure, Json, Op, Path, Reply, delete, get, json, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// List the tokens.
pub(crate) const LIST: Op = get("/v1/orgs/{org}/agent-tokens")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("List the tokens with which machines enrol agents, newest first")
    .gives::<List<AgentTokenView>>();

/// Make a token.
pub(crate) const CREATE: Op = post("/v1/orgs/{org}/agent-tokens")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Make a token with which machines enrol agents; its secret is in this answer and never shown again")
    .takes::<NewTokenBody>()
    .gives::<MadeToken>()
    .status(201)
    .gives_secret();

/// Revoke a token.
pub(crate) const DELETE: Op = delete("/v1/orgs/{org}/agent-tokens/{token}")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Revoke an enrolment token at once and for good; the agents that enrolled with it stay")
    .gives::<AgentTokenView>();

/// A token without its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AgentToken")]
pub(crate) struct AgentTokenView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// The beginning of the secret, to tell tokens apart.
    prefix: String,
    /// The agent that it acts as: that of the only machine which has shown it.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    /// How many machines have shown it.
    machines: i64,
    /// When it was made.
    created_at: Millis,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Millis>,
    /// When it was last used, to about a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Millis>,
}

/// A token that was just made.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MadeAgentToken")]
pub(crate) struct MadeToken {
    #[serde(flatten)]
    token: AgentTokenView,
    /// The secret; only its hash is kept.
    secret: String,
}

/// A token to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NewAgentToken")]
pub(crate) struct NewTokenBody {
    /// What it is for, 1 to 100 characters.
    name: String,
    /// When it ends; never when absent.
    expires_at: Option<Millis>,
}

impl From<AgentToken> for AgentTokenView {
    fn from(token: AgentToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            prefix: token.prefix,
            agent_id: token.agent,
            machines: token.machines,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

pub(crate) async fn list(caller: Caller) -> Reply<List<AgentTokenView>> {
    let data = access::list_agent_tokens(&caller).await?.into_iter().map(AgentTokenView::from).collect();
    Ok(Json(List { data, next_page_token: None }))
}

pub(crate) async fn create(caller: Caller, Json(body): Json<NewTokenBody>) -> Result<Response, Failure> {
    let (token, secret) = access::create_agent_token(&caller, &body.name, body.expires_at).await?;
    let made = MadeToken { token: token.into(), secret: secret.expose().clone() };
    Ok(json(StatusCode::CREATED, &made))
}

pub(crate) async fn remove(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<AgentTokenView> {
    Ok(Json(access::delete_agent_token(&caller, &id).await?.into()))
}
