//! Signing in and out.

use crate::access::identify::{digest, hex};
use crate::access::{PrincipalKind, User, password, store};
use crate::context::{App, Ctx, Request};
use crate::events::{self, NewEvent};
use muster_base::{Error, Kind, Millis, Result, Secret, new_id, new_secret};
use serde_json::json;
use std::sync::Arc;

/// Somebody who has just signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The session's token; shown once.
    pub token: Secret<String>,
    /// When it ends.
    pub expires_at: Millis,
    /// The user.
    pub user: User,
    /// The name of the user's org.
    pub org_name: String,
}

/// Signs in with a user name and a password.
///
/// Errors: `auth.invalid` for a wrong name, a wrong password and a disabled user alike; `auth.throttled` after too many
/// failures from one address or for one name.
pub async fn login(app: &Arc<App>, username: &str, password: Secret<String>, request: &Request) -> Result<SignedIn> {
    let now = app.now();
    app.logins.attempt(request.address, username, now)?;
    let found = store::user_for_login(&app.db, username).await?;
    let (user, hash) = found.map_or((None, None), |(user, hash)| (Some(user), Some(hash)));
    let fits = password::verify(password, hash).await?;
    let Some(user) = user.filter(|user| fits && !user.disabled) else {
        let error = Error::new(Kind::Unauthorized, "auth.invalid", "Invalid username or password");
        super::note_refusal(app, None, request, "POST /api/auth/login", &error).await;
        return Err(error);
    };
    app.logins.succeeded(request.address, username);
    let token = new_secret("mcs_");
    let session = store::NewSession {
        hash: hex(&digest(&token)),
        id: new_id("ses"),
        user: user.id.clone(),
        org: user.org.clone(),
        created_at: now,
        expires_at: now + app.settings.session_ttl,
    };
    let ctx = Ctx::new(
        app.clone(),
        Arc::new(store::principal_of_user(&user, session.expires_at, vec![])),
        Request::default(),
    );
    let expires_at = session.expires_at;
    let (for_tx, user_id) = (ctx.clone(), user.id.clone());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                store::insert_session(tx, &session).await?;
                let event = NewEvent::new("access.login", &user_id, json!({"session": session.id}));
                events::append(tx, &for_tx, vec![event]).await
            })
        })
        .await?;
    let org_name = store::find_org(&app.db, &user.org).await?.map(|org| org.name).unwrap_or_default();
    Ok(SignedIn { token: Secret::new(token), expires_at, user, org_name })
}

/// Ends the session of this token. A token that is no session changes nothing.
pub async fn logout(ctx: &Ctx, token: &str) -> Result<()> {
    let hash = hex(&digest(token));
    let for_tx = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                if store::delete_session(tx, for_tx.org(), &hash).await? {
                    let event = NewEvent::new("access.logout", &for_tx.principal().id, json!({}));
                    events::append(tx, &for_tx, vec![event]).await?;
                }
                tx.announce("access", "");
                Ok(())
            })
        })
        .await?;
    ctx.credentials.forget();
    Ok(())
}

/// The user who is signed in and the name of their org; a key or token has none.
pub async fn me(ctx: &Ctx) -> Result<Option<(User, String)>> {
    if ctx.principal().kind != PrincipalKind::User {
        return Ok(None);
    }
    let user = store::find_user(&ctx.db, ctx.org(), &ctx.principal().id).await?;
    let org = store::find_org(&ctx.db, ctx.org()).await?;
    Ok(user.zip(org.map(|org| org.name)))
}
