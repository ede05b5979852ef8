//! API keys: made, listed, changed and revoked by admins; only their hashes are kept.

use crate::access::identify::{digest, hex};
use crate::access::{Role, Scope, Scopes, store};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use crate::idempotency;
use muster_base::{Error, Millis, Page, PageRequest, Patch, Result, Secret, new_id, new_secret};
use muster_store::{Tx, is_unique_violation};
use serde_json::json;

/// How many characters of a key are shown to tell keys apart.
const SHOWN: usize = 20;

/// An API key as it may be shown.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The beginning of the key.
    pub prefix: String,
    /// Its role.
    pub role: Role,
    /// The scopes that were chosen; none means all that the role may.
    pub scopes: Vec<Scope>,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last changed.
    pub changed_at: Millis,
}

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// 1 to 100 characters.
    pub name: String,
    /// Up to 500 characters.
    pub description: Option<String>,
    /// The role; not above the maker's own.
    pub role: Role,
    /// The scopes; none means all that the role may.
    pub scopes: Vec<Scope>,
    /// When it ends.
    pub expires_at: Option<Millis>,
}

/// What to change of a key.
#[derive(Debug, Clone, Default)]
pub struct KeyChange {
    /// A new name.
    pub name: Option<String>,
    /// A new description.
    pub description: Patch<String>,
    /// A new role.
    pub role: Option<Role>,
    /// New scopes.
    pub scopes: Option<Vec<Scope>>,
    /// A new end.
    pub expires_at: Patch<Millis>,
}

pub(super) fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("name", "must have 1 to 100 characters"));
    }
    Ok(())
}

fn check_description(description: Option<&String>) -> Result<()> {
    if description.is_some_and(|text| text.chars().count() > 500) {
        return Err(Error::invalid("description", "must have at most 500 characters"));
    }
    Ok(())
}

/// Nobody can make a key that may more than they may themselves.
pub(super) fn check_grant(ctx: &Ctx, role: Role, granted: Scopes) -> Result<()> {
    if role > ctx.principal().role {
        return Err(Error::forbidden("auth.role_too_low", "a key cannot have a higher role than the one who makes it"));
    }
    let excess = Scope::ALL.iter().find(|scope| granted.contains(**scope) && !ctx.principal().scopes.contains(**scope));
    match excess {
        Some(scope) => {
            let message = format!("a key cannot have the scope {} that its maker lacks", scope.as_str());
            Err(Error::forbidden("auth.scope_missing", message))
        }
        None => Ok(()),
    }
}

pub(super) fn check_expiry(field: &str, expires_at: Option<Millis>, now: Millis) -> Result<()> {
    if expires_at.is_some_and(|at| at <= now) {
        return Err(Error::invalid(field, "must be in the future"));
    }
    Ok(())
}

/// Nobody can change or revoke a key with a role above their own.
fn check_above(ctx: &Ctx, key: &ApiKey) -> Result<()> {
    if key.role > ctx.principal().role {
        return Err(Error::forbidden("auth.role_too_low", "the key has a higher role than you"));
    }
    Ok(())
}

/// Makes a key; the secret is returned here and never again.
pub async fn create_key(ctx: &Ctx, new: NewKey) -> Result<(ApiKey, Secret<String>)> {
    let secret = Secret::new(new_secret("sk-any-api01-"));
    let key = create_key_with_secret(ctx, new, secret.clone()).await?;
    Ok((key, secret))
}

/// Makes a key with a given secret: the operator's automation key at start.
pub async fn create_key_with_secret(ctx: &Ctx, new: NewKey, secret: Secret<String>) -> Result<ApiKey> {
    check_name(&new.name)?;
    check_description(new.description.as_ref())?;
    check_grant(ctx, new.role, Scopes::granted(&new.scopes, new.role))?;
    check_expiry("expiresAt", new.expires_at, ctx.now())?;
    let now = ctx.now();
    let key = ApiKey {
        id: new_id("key"),
        name: new.name,
        description: new.description,
        prefix: secret.expose().chars().take(SHOWN.min(secret.expose().len() / 2)).collect(),
        role: new.role,
        scopes: new.scopes,
        expires_at: new.expires_at,
        last_used_at: None,
        created_at: now,
        changed_at: now,
    };
    let hash = hex(&digest(secret.expose()));
    let (for_tx, made) = (ctx.clone(), key.clone());
    let written = ctx
        .write(move |tx| {
            Box::pin(async move {
                store::insert_key(tx, &for_tx, &made, &hash).await?;
                idempotency::made(tx, &for_tx, &made.id).await?;
                announce(tx, &for_tx, "key.created", &made).await
            })
        })
        .await;
    match written {
        Err(error) if is_unique_violation(&error) => Err(Error::conflict("a key with this secret exists already")),
        other => other.map(|()| key),
    }
}

async fn announce(tx: &mut Tx, ctx: &Ctx, kind: &'static str, key: &ApiKey) -> Result<()> {
    tx.announce("access", "");
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let data = json!({"name": key.name, "role": key.role, "scopes": scopes, "expiresAt": key.expires_at});
    events::append(tx, ctx, vec![NewEvent::new(kind, &key.id, data)]).await
}

/// The org's keys, newest first.
pub async fn list_keys(ctx: &Ctx, page: &PageRequest) -> Result<Page<ApiKey>> {
    store::list_keys(&ctx.db, ctx.org(), page).await
}

/// One key.
pub async fn find_key(ctx: &Ctx, id: &str) -> Result<ApiKey> {
    store::find_key(&ctx.db, ctx.org(), id).await?.ok_or_else(|| Error::missing("key", id))
}

/// Changes a key; what it may is limited as when it was made.
pub async fn update_key(ctx: &Ctx, id: &str, change: KeyChange) -> Result<ApiKey> {
    if let Some(name) = &change.name {
        check_name(name)?;
    }
    check_description(change.description.value())?;
    let (for_tx, id) = (ctx.clone(), id.to_owned());
    let key = ctx
        .write(move |tx| {
            Box::pin(async move {
                let found = store::lock_key(tx, for_tx.org(), &id).await?;
                let mut key = found.ok_or_else(|| Error::missing("key", &id))?;
                check_above(&for_tx, &key)?;
                key.name = change.name.unwrap_or(key.name);
                change.description.apply(&mut key.description);
                key.role = change.role.unwrap_or(key.role);
                key.scopes = change.scopes.unwrap_or(key.scopes);
                change.expires_at.apply(&mut key.expires_at);
                check_grant(&for_tx, key.role, Scopes::granted(&key.scopes, key.role))?;
                key.changed_at = for_tx.now();
                store::update_key(tx, for_tx.org(), &key).await?;
                announce(tx, &for_tx, "key.updated", &key).await?;
                Ok(key)
            })
        })
        .await?;
    ctx.credentials.forget();
    Ok(key)
}

/// Revokes a key at once and for good.
pub async fn delete_key(ctx: &Ctx, id: &str) -> Result<()> {
    let key = find_key(ctx, id).await?;
    check_above(ctx, &key)?;
    let for_tx = ctx.clone();
    ctx.write(move |tx| {
        Box::pin(async move {
            if !store::delete_key(tx, for_tx.org(), &key.id).await? {
                return Err(Error::missing("key", &key.id));
            }
            announce(tx, &for_tx, "key.deleted", &key).await
        })
    })
    .await?;
    ctx.credentials.forget();
    Ok(())
}
