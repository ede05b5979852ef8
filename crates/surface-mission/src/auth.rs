//! Signing in and out, and who one is.

use crate::views::Done;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use muster_base::{Error, Kind, Result, Secret};
use muster_domain::access::{self, PrincipalKind, Role, SignedIn, User};
use muster_domain::{Ctx, Settings};
use muster_http::{
    Caller, Failure, Json, Op, Presented, Rate, Reply, SECURE_SESSION_COOKIE, SESSION_COOKIE, Visitor, get, post,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest body of a sign-in.
const LARGEST: usize = 16 * 1024;
/// No user has a longer name.
const LONGEST_NAME: usize = 100;

/// Sign in with a cookie.
pub(crate) const LOGIN: Op = post("/api/auth/login")
    .public()
    .rate(Rate::Login)
    .body_limit(LARGEST)
    .summary("Sign in; sets the session cookie")
    .takes::<Credentials>()
    .gives::<Me>();

/// Sign in for a token.
pub(crate) const TOKEN: Op = post("/api/login")
    .public()
    .rate(Rate::Login)
    .body_limit(LARGEST)
    .summary("Sign in; gives the session's token, to be sent as `Authorization: Bearer`")
    .takes::<Credentials>()
    .gives::<Token>();

/// Sign out.
pub(crate) const LOGOUT: Op = post("/api/auth/logout")
    .floor(Role::Viewer)
    .summary("Sign out; ends the session and clears its cookie")
    .gives::<Done>();

/// Read who one is.
pub(crate) const ME: Op = get("/api/auth/me").floor(Role::Viewer).summary("Read who is signed in").gives::<Me>();

/// What somebody signs in with.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Credentials {
    /// The user name.
    username: String,
    /// The password.
    password: Secret<String>,
}

/// Who is signed in.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Me {
    /// The user, or what the credential stands for.
    user: UserView,
}

/// A user, or what another credential stands for.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SignedInUser")]
struct UserView {
    /// Their id.
    id: String,
    /// What they sign in with; the name of a key or token.
    username: String,
    /// What others see; null when none was chosen. Keys and tokens have none.
    display_name: Option<String>,
    /// Their role.
    role: Role,
    /// Their org.
    org: OrgView,
    /// `key` or `agent` when it is no user.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<PrincipalKind>,
}

/// The org that a user belongs to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OrgOfUser")]
struct OrgView {
    /// Its slug.
    id: String,
    /// Its name.
    name: String,
}

/// A session's token.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionToken")]
pub(crate) struct Token {
    /// The token; shown once.
    token: String,
}

impl Me {
    fn of_user(user: User, org_name: String) -> Self {
        let org = OrgView { id: user.org, name: org_name };
        let User { id, username, display_name, role, .. } = user;
        Self { user: UserView { id, username, display_name, role, org, kind: None } }
    }

    async fn of_credential(ctx: &Ctx) -> Result<Self> {
        let org = access::find_org(ctx).await?;
        let principal = ctx.principal();
        let user = UserView {
            id: principal.id.clone(),
            username: principal.name.clone(),
            display_name: None,
            role: principal.role,
            org: OrgView { id: org.id, name: org.name },
            kind: Some(principal.kind),
        };
        Ok(Self { user })
    }
}

async fn sign_in(visitor: &Visitor, credentials: Credentials) -> Result<SignedIn> {
    // Names are remembered while failures count, so they are bounded.
    if credentials.username.chars().count() > LONGEST_NAME {
        return Err(Error::invalid("username", format!("must have at most {LONGEST_NAME} characters")));
    }
    access::login(&visitor.app, &credentials.username, credentials.password, &visitor.request).await
}

pub(crate) async fn login(visitor: Visitor, Json(credentials): Json<Credentials>) -> Result<Response, Failure> {
    let signed_in = sign_in(&visitor, credentials).await?;
    let settings = &visitor.app.settings;
    let cookie = cookie(settings, signed_in.token.expose(), settings.session_ttl.as_secs())?;
    let body = Json(Me::of_user(signed_in.user, signed_in.org_name));
    Ok(([(SET_COOKIE, cookie)], body).into_response())
}

pub(crate) async fn token(visitor: Visitor, Json(credentials): Json<Credentials>) -> Reply<Token> {
    let signed_in = sign_in(&visitor, credentials).await?;
    Ok(Json(Token { token: signed_in.token.expose().clone() }))
}

pub(crate) async fn logout(caller: Caller, presented: Presented) -> Result<Response, Failure> {
    access::logout(&caller, presented.secret.expose()).await?;
    let mut headers = HeaderMap::new();
    headers.append(SET_COOKIE, cookie(&caller.settings, "", 0)?);
    if is_secure(&caller.settings) {
        // One that was set before the deployment had https would be believed next.
        headers.append(SET_COOKIE, attributed(SESSION_COOKIE, "", 0, "")?);
    }
    Ok((headers, Json(Done::YES)).into_response())
}

pub(crate) async fn me(caller: Caller) -> Reply<Me> {
    if caller.principal().kind != PrincipalKind::User {
        return Ok(Json(Me::of_credential(&caller).await?));
    }
    let found = access::me(&caller).await?;
    let (user, org_name) = found.ok_or_else(|| {
        Error::new(Kind::Unauthorized, "auth.invalid", "the credential is not valid: its user was removed")
    })?;
    Ok(Json(Me::of_user(user, org_name)))
}

fn is_secure(settings: &Settings) -> bool {
    settings.public_url.starts_with("https://")
}

/// The session cookie. Under https its name keeps other hosts of the domain from setting it.
fn cookie(settings: &Settings, token: &str, max_age: u64) -> Result<HeaderValue> {
    if is_secure(settings) {
        attributed(SECURE_SESSION_COOKIE, token, max_age, "; Secure")
    } else {
        attributed(SESSION_COOKIE, token, max_age, "")
    }
}

fn attributed(name: &str, token: &str, max_age: u64, more: &str) -> Result<HeaderValue> {
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{more}");
    HeaderValue::from_str(&text).map_err(Error::internal)
}
