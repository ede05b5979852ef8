//! Agent tokens: what an agent shows, made for machines to enrol with or for one agent.

use crate::access::identify::{digest, hex};
use crate::access::{Role, Scopes, store};
use crate::agents;
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use crate::idempotency;
use muster_base::{Error, Millis, Result, Secret, new_id, new_secret};
use muster_store::Tx;
use serde_json::json;

/// The most enrolment tokens of an org.
const MOST_TOKENS: i64 = 1000;

/// A token with which machines enrol agents.
#[derive(Debug, Clone)]
pub struct AgentToken {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The beginning of the token.
    pub prefix: String,
    /// The agent that it acts as: that of the only machine which has shown it.
    pub agent: Option<String>,
    /// How many machines have shown it.
    pub machines: i64,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<Millis>,
}

/// Makes an enrolment token `agt_...`; the secret is returned here and never again. See [`crate::enrolments`].
///
/// Errors: `conflict` when the org has 1000 already; forbidden when the token could do what its maker cannot.
pub async fn create_agent_token(
    ctx: &Ctx,
    name: &str,
    expires_at: Option<Millis>,
) -> Result<(AgentToken, Secret<String>)> {
    super::keys::check_name(name)?;
    super::keys::check_expiry("expiresAt", expires_at, ctx.now())?;
    super::keys::check_grant(ctx, Role::Operator, Scopes::of_agent_token())?;
    let secret = new_secret("agt_");
    let token = AgentToken {
        id: new_id("tok"),
        name: name.to_owned(),
        prefix: secret[..12].to_owned(),
        agent: None,
        machines: 0,
        created_at: ctx.now(),
        expires_at,
        last_used_at: None,
    };
    let (for_tx, made, hash) = (ctx.clone(), token.clone(), hex(&digest(&secret)));
    ctx.write(move |tx| {
        Box::pin(async move {
            if store::count_tokens(tx, for_tx.org()).await? >= MOST_TOKENS {
                return Err(Error::conflict(format!(
                    "the org has {MOST_TOKENS} enrolment tokens already; delete one first"
                )));
            }
            store::insert_token(tx, &for_tx, &made, &hash).await?;
            idempotency::made(tx, &for_tx, &made.id).await?;
            announce_token(tx, &for_tx, "key.created", &made).await
        })
    })
    .await?;
    Ok((token, Secret::new(secret)))
}

async fn announce_token(tx: &mut Tx, ctx: &Ctx, kind: &'static str, token: &AgentToken) -> Result<()> {
    tx.announce("access", "");
    let data = json!({"name": token.name, "kind": "agent-token", "expiresAt": token.expires_at});
    events::append(tx, ctx, vec![NewEvent::new(kind, &token.id, data)]).await
}

/// The org's enrolment tokens, newest first; there are at most 1000.
pub async fn list_agent_tokens(ctx: &Ctx) -> Result<Vec<AgentToken>> {
    store::list_tokens(&ctx.db, ctx.org(), MOST_TOKENS).await
}

/// Revokes an enrolment token at once and for good; the agents that enrolled with it stay.
pub async fn delete_agent_token(ctx: &Ctx, id: &str) -> Result<AgentToken> {
    let (for_tx, id) = (ctx.clone(), id.to_owned());
    let token = ctx
        .write(move |tx| {
            Box::pin(async move {
                let found = store::find_token(tx, for_tx.org(), &id).await?;
                let token = found.ok_or_else(|| Error::missing("agent token", &id))?;
                store::delete_token(tx, for_tx.org(), &id).await?;
                announce_token(tx, &for_tx, "key.deleted", &token).await?;
                Ok(token)
            })
        })
        .await?;
    ctx.credentials.forget();
    Ok(token)
}

/// The most keys that one agent may have.
const MOST_KEYS: i64 = 100;

/// A key that acts only as one agent.
#[derive(Debug, Clone)]
pub struct AgentKey {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The beginning of the key.
    pub prefix: String,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<Millis>,
}

/// Makes a key that acts only as this agent; the secret is returned here and never again.
///
/// Errors: `conflict` when the agent has 100 keys already; forbidden when the key could do what its maker cannot.
pub async fn create_agent_key(
    ctx: &Ctx,
    agent: &str,
    name: &str,
    expires_at: Option<Millis>,
) -> Result<(AgentKey, Secret<String>)> {
    super::keys::check_name(name)?;
    super::keys::check_expiry("expires_at", expires_at, ctx.now())?;
    super::keys::check_grant(ctx, Role::Operator, Scopes::of_agent_token())?;
    let secret = new_secret("agt_");
    let key = AgentKey {
        id: new_id("tok"),
        name: name.to_owned(),
        prefix: secret[..12].to_owned(),
        created_at: ctx.now(),
        expires_at,
        last_used_at: None,
    };
    let (for_tx, made, hash, agent) = (ctx.clone(), key.clone(), hex(&digest(&secret)), agent.to_owned());
    ctx.write(move |tx| {
        Box::pin(async move {
            let found = agents::lock(tx, for_tx.org(), &agent).await?;
            found.ok_or_else(|| Error::missing("agent", &agent))?;
            if store::count_agent_keys(tx, for_tx.org(), &agent).await? >= MOST_KEYS {
                return Err(Error::conflict(format!("the agent has {MOST_KEYS} keys already; delete one first")));
            }
            store::insert_agent_key(tx, &for_tx, &agent, &made, &hash).await?;
            idempotency::made(tx, &for_tx, &made.id).await?;
            announce(tx, &for_tx, "key.created", &agent, &made).await
        })
    })
    .await?;
    Ok((key, Secret::new(secret)))
}

async fn announce(tx: &mut Tx, ctx: &Ctx, kind: &'static str, agent: &str, key: &AgentKey) -> Result<()> {
    tx.announce("access", "");
    let data = json!({"name": key.name, "kind": "agent-key", "agent": agent, "expiresAt": key.expires_at});
    events::append(tx, ctx, vec![NewEvent::new(kind, &key.id, data)]).await
}

/// The keys that act as this agent, newest first; there are at most 100.
pub async fn list_agent_keys(ctx: &Ctx, agent: &str) -> Result<Vec<AgentKey>> {
    store::list_agent_keys(&ctx.db, ctx.org(), agent, MOST_KEYS).await
}

/// Revokes a key of this agent at once and for good.
pub async fn delete_agent_key(ctx: &Ctx, agent: &str, id: &str) -> Result<AgentKey> {
    let (for_tx, agent, id) = (ctx.clone(), agent.to_owned(), id.to_owned());
    let key = ctx
        .write(move |tx| {
            Box::pin(async move {
                let found = store::delete_agent_key(tx, for_tx.org(), &agent, &id).await?;
                let key = found.ok_or_else(|| Error::missing("key", &id))?;
                announce(tx, &for_tx, "key.deleted", &agent, &key).await?;
                Ok(key)
            })
        })
        .await?;
    ctx.credentials.forget();
    Ok(key)
}
