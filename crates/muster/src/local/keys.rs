//! `muster keys`

use super::open;
use crate::cli::say;
use crate::settings::StorageArgs;
use clap::{Args, Subcommand};
use muster_base::{Error, Kind, Millis, Result};
use muster_domain::Ctx;
use muster_domain::access::{self, NewKey, Role, Scope};
use serde_json::json;

/// Make API keys and agent tokens
#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Make an API key; prints only the new secret
    ///
    /// Example: export MUSTER_API_KEY=$(muster keys create --name laptop --role operator)
    Create(Create),
    /// Make an enrolment token for agents that dial in; prints only the token
    AgentToken(AgentToken),
    /// List the enrolment tokens
    AgentTokens(AgentTokens),
    /// Revoke an enrolment token; the agents that enrolled with it stay
    RevokeAgentToken(RevokeAgentToken),
}

/// What is asked of a new key.
#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    storage: StorageArgs,
    /// What it is for
    #[arg(long)]
    name: String,
    /// viewer, operator or admin
    #[arg(long, value_parser = ["viewer", "operator", "editor", "admin", "owner"])]
    role: String,
    /// A scope that it carries, e.g. agents:read; may be repeated [default: all that the role may]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The org [default: the first]
    #[arg(long)]
    org: Option<String>,
    /// When it ends, e.g. 2027-01-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// Print id, prefix and secret as JSON
    #[arg(long)]
    json: bool,
}

/// What is asked of a new token.
#[derive(Args)]
pub(crate) struct AgentToken {
    #[command(flatten)]
    storage: StorageArgs,
    /// What it is for
    #[arg(long)]
    name: String,
    /// The org [default: the first]
    #[arg(long)]
    org: Option<String>,
    /// When it ends, e.g. 2027-01-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// Print id, prefix and token as JSON
    #[arg(long)]
    json: bool,
}

/// How tokens are listed.
#[derive(Args)]
pub(crate) struct AgentTokens {
    #[command(flatten)]
    storage: StorageArgs,
    /// The org [default: the first]
    #[arg(long)]
    org: Option<String>,
    /// Print JSON, one token a line
    #[arg(long)]
    json: bool,
}

/// Which token ends.
#[derive(Args)]
pub(crate) struct RevokeAgentToken {
    #[command(flatten)]
    storage: StorageArgs,
    /// Its id, as `muster keys agent-tokens` lists it
    id: String,
    /// The org [default: the first]
    #[arg(long)]
    org: Option<String>,
    /// Print the token that was revoked as JSON
    #[arg(long)]
    json: bool,
}

impl Keys {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::Create(create) => create.run().await,
            Self::AgentToken(token) => token.run().await,
            Self::AgentTokens(tokens) => tokens.run().await,
            Self::RevokeAgentToken(revoke) => revoke.run().await,
        }
    }
}

fn time(text: Option<&String>) -> Result<Option<Millis>> {
    let read = |text: &String| {
        let wrong = || Error::invalid("expires-at", "must be a time such as 2027-01-01T00:00:00Z");
        Millis::parse(text).ok_or_else(wrong)
    };
    text.map(read).transpose()
}

impl AgentToken {
    async fn run(self) -> Result<()> {
        let expires_at = time(self.expires_at.as_ref())?;
        let ctx = context(&self.storage, self.org.as_deref()).await?;
        let (token, secret) = access::create_agent_token(&ctx, &self.name, expires_at).await?;
        if self.json {
            say(json!({"id": token.id, "name": token.name, "prefix": token.prefix, "token": secret.expose()}));
        } else {
            say(secret.expose());
        }
        ctx.db.close().await;
        Ok(())
    }
}

impl AgentTokens {
    async fn run(self) -> Result<()> {
        let ctx = context(&self.storage, self.org.as_deref()).await?;
        for token in access::list_agent_tokens(&ctx).await? {
            if self.json {
                say(json!({
                    "id": token.id, "name": token.name, "prefix": token.prefix, "agentId": token.agent,
                    "machines": token.machines, "createdAt": token.created_at, "expiresAt": token.expires_at,
                    "lastUsedAt": token.last_used_at,
                }));
            } else {
                let machines =
                    if token.machines == 1 { "1 machine".to_owned() } else { format!("{} machines", token.machines) };
                say(format!("{}  {}...  {:<12}  {}", token.id, token.prefix, machines, token.name));
            }
        }
        ctx.db.close().await;
        Ok(())
    }
}

impl RevokeAgentToken {
    async fn run(self) -> Result<()> {
        let ctx = context(&self.storage, self.org.as_deref()).await?;
        let token = access::delete_agent_token(&ctx, &self.id).await?;
        if self.json {
            say(json!({"id": token.id, "name": token.name, "revoked": true}));
        } else {
            say(format!("revoked {}", token.name));
        }
        ctx.db.close().await;
        Ok(())
    }
}

impl Create {
    async fn run(self) -> Result<()> {
        let expires_at = time(self.expires_at.as_ref())?;
        let new = NewKey {
            name: self.name,
            description: None,
            role: Role::parse(&self.role)?,
            scopes: self.scopes.iter().map(|scope| Scope::parse(scope)).collect::<Result<_>>()?,
            expires_at,
        };
        let ctx = context(&self.storage, self.org.as_deref()).await?;
        let (key, secret) = access::create_key(&ctx, new).await?;
        if self.json {
            say(
                json!({"id": key.id, "name": key.name, "role": key.role, "prefix": key.prefix, "key": secret.expose()}),
            );
        } else {
            say(secret.expose());
        }
        ctx.db.close().await;
        Ok(())
    }
}

/// Muster itself in the named org, or in the first.
async fn context(storage: &StorageArgs, org: Option<&str>) -> Result<Ctx> {
    let (app, _) = open(storage).await?;
    let orgs = access::list_orgs(&app).await?;
    let found = match org {
        Some(id) => orgs.iter().find(|known| known.id == id).ok_or_else(|| {
            let known: Vec<&str> = orgs.iter().map(|org| org.id.as_str()).collect();
            let message = format!("there is no org `{id}` here; there are: {}", known.join(", "));
            Error::new(Kind::NotFound, "not_found", message)
        })?,
        None => orgs.first().ok_or_else(|| {
            Error::conflict("there is no org yet; start `muster serve` once, or `muster orgs create`")
        })?,
    };
    Ok(Ctx::system(app.clone(), &found.id))
}
