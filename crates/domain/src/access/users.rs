//! Users of an org.

use crate::access::{Role, password, store};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use muster_base::{Error, Millis, Page, PageRequest, Patch, Result, Secret, new_id};
use muster_store::{Tx, is_unique_violation};
use serde_json::json;

/// A person who may sign in.
#[derive(Debug, Clone)]
pub struct User {
    /// Their id.
    pub id: String,
    /// Their org.
    pub org: String,
    /// What they sign in with; unique in the deployment.
    pub username: String,
    /// What others see.
    pub display_name: Option<String>,
    /// Their role.
    pub role: Role,
    /// Whether signing in is closed to them.
    pub disabled: bool,
    /// When they were added.
    pub created_at: Millis,
    /// When they were last changed.
    pub changed_at: Millis,
    /// When they last signed in.
    pub last_login_at: Option<Millis>,
}

/// A user to be added.
#[derive(Debug)]
pub struct NewUser {
    /// 1 to 100 characters without white space.
    pub username: String,
    /// At least 10 characters.
    pub password: Secret<String>,
    /// Not above the maker's own.
    pub role: Role,
    /// Up to 100 characters.
    pub display_name: Option<String>,
}

/// What to change of a user.
#[derive(Debug, Default)]
pub struct UserChange {
    /// A new role.
    pub role: Option<Role>,
    /// A new password; all sessions end.
    pub password: Option<Secret<String>>,
    /// A new name.
    pub display_name: Patch<String>,
    /// Closes or opens signing in.
    pub disabled: Option<bool>,
}

fn check_username(name: &str) -> Result<()> {
    let sane = |c: char| !c.is_whitespace() && !c.is_control();
    if name.is_empty() || name.chars().count() > 100 || !name.chars().all(sane) {
        return Err(Error::invalid("username", "must have 1 to 100 characters and no white space"));
    }
    Ok(())
}

fn check_display_name(name: Option<&String>) -> Result<()> {
    if name.is_some_and(|name| name.chars().count() > 100) {
        return Err(Error::invalid("displayName", "must have at most 100 characters"));
    }
    Ok(())
}

fn check_role(ctx: &Ctx, role: Role) -> Result<()> {
    if role > ctx.principal().role {
        return Err(Error::forbidden("auth.role_too_low", "nobody can give or change a role above their own"));
    }
    Ok(())
}

/// Adds a user.
pub async fn create_user(ctx: &Ctx, new: NewUser) -> Result<User> {
    check_username(&new.username)?;
    password::check(new.password.expose(), "password")?;
    check_display_name(new.display_name.as_ref())?;
    check_role(ctx, new.role)?;
    let hash = password::hash(new.password).await?;
    let now = ctx.now();
    let user = User {
        id: new_id("usr"),
        org: ctx.org().to_owned(),
        username: new.username,
        display_name: new.display_name,
        role: new.role,
        disabled: false,
        created_at: now,
        changed_at: now,
        last_login_at: None,
    };
    let (for_tx, made) = (ctx.clone(), user.clone());
    let written = ctx
        .write(move |tx| {
            Box::pin(async move {
                store::insert_user(tx, &made, &hash).await?;
                announce(tx, &for_tx, "user.created", &made).await
            })
        })
        .await;
    match written {
        Err(error) if is_unique_violation(&error) => {
            Err(Error::conflict(format!("the user name `{}` is taken", user.username)).with_field("username"))
        }
        other => other.map(|()| user),
    }
}

async fn announce(tx: &mut Tx, ctx: &Ctx, kind: &'static str, user: &User) -> Result<()> {
    tx.announce("access", "");
    let data = json!({"username": user.username, "role": user.role, "disabled": user.disabled});
    events::append(tx, ctx, vec![NewEvent::new(kind, &user.id, data)]).await
}

/// The org's users, newest first.
pub async fn list_users(ctx: &Ctx, page: &PageRequest) -> Result<Page<User>> {
    store::list_users(&ctx.db, ctx.org(), page).await
}

/// A page of the org's users by offset, newest first, and how many there are in all.
pub async fn users_page(ctx: &Ctx, limit: i64, offset: i64) -> Result<(Vec<User>, i64)> {
    store::users_page(&ctx.db, ctx.org(), limit, offset).await
}

/// One user.
pub async fn find_user(ctx: &Ctx, id: &str) -> Result<User> {
    store::find_user(&ctx.db, ctx.org(), id).await?.ok_or_else(|| Error::missing("user", id))
}

/// Changes a user. The org always keeps an admin who can sign in.
pub async fn update_user(ctx: &Ctx, id: &str, change: UserChange) -> Result<User> {
    check_display_name(change.display_name.value())?;
    if change.disabled == Some(true) && ctx.principal().id == id {
        return Err(Error::conflict("you cannot disable yourself"));
    }
    // Refused before the costly hash where it will be refused anyway.
    check_role(ctx, find_user(ctx, id).await?.role)?;
    if let Some(role) = change.role {
        check_role(ctx, role)?;
    }
    let hash = match &change.password {
        Some(password) => {
            password::check(password.expose(), "password")?;
            Some(password::hash(password.clone()).await?)
        }
        None => None,
    };
    let (for_tx, id) = (ctx.clone(), id.to_owned());
    let user = ctx
        .write(move |tx| {
            Box::pin(async move {
                let found = store::lock_user(tx, for_tx.org(), &id).await?;
                let mut user = found.ok_or_else(|| Error::missing("user", &id))?;
                check_role(&for_tx, user.role)?;
                user.role = change.role.unwrap_or(user.role);
                change.display_name.apply(&mut user.display_name);
                user.disabled = change.disabled.unwrap_or(user.disabled);
                user.changed_at = for_tx.now();
                store::update_user(tx, &user, hash.as_deref()).await?;
                if hash.is_some() || user.disabled {
                    store::delete_sessions_of(tx, &user.id).await?;
                }
                keep_an_admin(tx, for_tx.org()).await?;
                announce(tx, &for_tx, "user.updated", &user).await?;
                Ok(user)
            })
        })
        .await?;
    ctx.credentials.forget();
    Ok(user)
}

async fn keep_an_admin(tx: &mut Tx, org: &str) -> Result<()> {
    if store::count_admins(tx, org).await? == 0 {
        return Err(Error::conflict("the org would have no admin left who can sign in; make another one first"));
    }
    Ok(())
}

/// Removes a user and ends their sessions.
pub async fn delete_user(ctx: &Ctx, id: &str) -> Result<()> {
    let user = find_user(ctx, id).await?;
    check_role(ctx, user.role)?;
    if ctx.principal().id == user.id {
        return Err(Error::conflict("you cannot delete yourself"));
    }
    let for_tx = ctx.clone();
    ctx.write(move |tx| {
        Box::pin(async move {
            if !store::delete_user(tx, for_tx.org(), &user.id).await? {
                return Err(Error::missing("user", &user.id));
            }
            keep_an_admin(tx, for_tx.org()).await?;
            announce(tx, &for_tx, "user.deleted", &user).await
        })
    })
    .await?;
    ctx.credentials.forget();
    Ok(())
}
