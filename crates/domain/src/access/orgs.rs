//! Orgs: everything belongs to one, and nothing crosses.

use crate::access::{NewKey, NewUser, Role, create_key_with_secret, create_user, store};
use crate::context::{App, Ctx};
use crate::events::{self, NewEvent};
use muster_base::{Error, Millis, Patch, Result, Secret, new_secret, slug};
use muster_store::is_unique_violation;
use serde_json::json;
use std::sync::Arc;

/// An org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Its slug.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// An IANA time zone.
    pub time_zone: Option<String>,
    /// What is switched on, e.g. `hosting`.
    pub features: Vec<String>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last changed.
    pub changed_at: Millis,
}

/// What to change of an org.
#[derive(Debug, Default)]
pub struct OrgChange {
    /// A new name.
    pub name: Option<String>,
    /// A new description.
    pub description: Patch<String>,
    /// A new time zone.
    pub time_zone: Patch<String>,
    /// New features: for operators, not part of any surface.
    pub features: Option<Vec<String>>,
}

/// What the operator wants to exist after the first start.
pub struct Bootstrap {
    /// Slug of the first org.
    pub org: String,
    /// Name of the first user.
    pub username: String,
    /// Their password; generated when absent.
    pub password: Option<Secret<String>>,
    /// The value of an admin key.
    pub api_key: Option<Secret<String>>,
}

fn check_slug(id: &str) -> Result<()> {
    if id.is_empty() || slug(id) != id {
        return Err(Error::invalid(
            "org",
            "must be a slug: lower-case letters, digits and single hyphens, at most 40 characters",
        ));
    }
    Ok(())
}

/// Makes an org.
pub async fn create_org(app: &Arc<App>, id: &str, name: &str) -> Result<Org> {
    check_slug(id)?;
    if name.trim().is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("name", "must have 1 to 100 characters"));
    }
    let now = app.now();
    let org = Org {
        id: id.to_owned(),
        name: name.to_owned(),
        description: None,
        time_zone: None,
        features: vec!["hosting".to_owned()],
        created_at: now,
        changed_at: now,
    };
    let (ctx, made) = (Ctx::system(app.clone(), id), org.clone());
    let written = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::insert_org(tx, &made).await?;
                events::append(tx, &ctx, vec![NewEvent::new("org.created", &made.id, json!({"name": made.name}))]).await
            })
        })
        .await;
    match written {
        Err(error) if is_unique_violation(&error) => Err(Error::conflict(format!("the org `{id}` exists already"))),
        other => other.map(|()| org),
    }
}

/// The org with this slug, made if it is missing.
pub async fn ensure_org(app: &Arc<App>, id: &str) -> Result<Org> {
    match store::find_org(&app.db, id).await? {
        Some(org) => Ok(org),
        None => match create_org(app, id, id).await {
            Err(error) if error.kind() == muster_base::Kind::Conflict => find(app, id).await,
            other => other,
        },
    }
}

async fn find(app: &App, id: &str) -> Result<Org> {
    store::find_org(&app.db, id).await?.ok_or_else(|| Error::missing("org", id))
}

/// The caller's org.
pub async fn find_org(ctx: &Ctx) -> Result<Org> {
    find(ctx.app(), ctx.org()).await
}

/// All orgs, for the operator at the machine.
pub async fn list_orgs(app: &App) -> Result<Vec<Org>> {
    store::list_orgs(&app.db).await
}

/// Changes the caller's org. A change that changes nothing is not an event.
pub async fn update_org(ctx: &Ctx, change: OrgChange) -> Result<Org> {
    check_change(&change)?;
    let for_tx = ctx.clone();
    let org = ctx
        .write(move |tx| {
            Box::pin(async move {
                let found = store::lock_org(tx, for_tx.org()).await?;
                let before = found.ok_or_else(|| Error::missing("org", for_tx.org()))?;
                let mut org = before.clone();
                org.name = change.name.unwrap_or(org.name);
                change.description.apply(&mut org.description);
                change.time_zone.apply(&mut org.time_zone);
                org.features = change.features.unwrap_or(org.features);
                if org == before {
                    return Ok(org);
                }
                org.changed_at = for_tx.now();
                store::update_org(tx, &org).await?;
                tx.announce("access", "");
                let data = json!({"name": org.name, "timeZone": org.time_zone, "features": org.features});
                events::append(tx, &for_tx, vec![NewEvent::new("org.updated", &org.id, data)]).await?;
                Ok(org)
            })
        })
        .await?;
    ctx.credentials.forget();
    Ok(org)
}

fn check_change(change: &OrgChange) -> Result<()> {
    if change.name.as_ref().is_some_and(|name| name.trim().is_empty() || name.chars().count() > 100) {
        return Err(Error::invalid("name", "must have 1 to 100 characters"));
    }
    if change.description.value().is_some_and(|text| text.chars().count() > 500) {
        return Err(Error::invalid("description", "must have at most 500 characters"));
    }
    match change.time_zone.value() {
        Some(zone) if jiff::tz::TimeZone::get(zone).is_err() => {
            Err(Error::invalid("timeZone", "must be an IANA time zone such as Europe/Paris"))
        }
        _ => Ok(()),
    }
}

/// Makes the first org, its first user and the automation key, as far as they are missing.
///
/// Returns the password when one had to be generated.
pub async fn bootstrap(app: &Arc<App>, wanted: Bootstrap) -> Result<Option<Secret<String>>> {
    ensure_org(app, &wanted.org).await?;
    let ctx = Ctx::system(app.clone(), &wanted.org);
    let mut generated = None;
    if !store::has_users(&app.db).await? {
        let password = wanted.password.unwrap_or_else(|| {
            let fresh = Secret::new(new_secret("").chars().take(20).collect::<String>());
            generated = Some(fresh.clone());
            fresh
        });
        let user = NewUser { username: wanted.username, password, role: Role::Owner, display_name: None };
        create_user(&ctx, user).await?;
    }
    if let Some(secret) = wanted.api_key {
        if secret.expose().len() < 16 {
            return Err(Error::invalid("api_key", "must have at least 16 characters"));
        }
        let new = NewKey {
            name: "automation".to_owned(),
            description: Some("set by the operator as MUSTER_API_KEY".to_owned()),
            role: Role::Admin,
            scopes: vec![],
            expires_at: None,
        };
        match create_key_with_secret(&ctx, new, secret).await {
            Err(error) if error.kind() == muster_base::Kind::Conflict => {}
            other => drop(other?),
        }
    }
    Ok(generated)
}
