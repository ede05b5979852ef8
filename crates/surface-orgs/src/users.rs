//! The people who may sign in, managed by admins.

use crate::views::{List, must_change, page};
use muster_base::{Millis, Patch, Result, Secret};
use muster_domain::access::{self, NewUser, Role, Scope, User, UserChange};
use muster_http::{Caller, Created, Failure, Json, NoContent, Op, Path, Query, Reply, delete, get, patch, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// List the users.
pub(crate) const LIST: Op = get("/v1/orgs/{org}/users")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("List the users, newest first")
    .query::<UsersQuery>()
    .gives::<List<UserView>>();

/// Add a user.
pub(crate) const CREATE: Op = post("/v1/orgs/{org}/users")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Add a user")
    .takes::<NewUserBody>()
    .gives::<UserView>()
    .status(201)
    .takes_secret();

/// Read a user.
pub(crate) const GET: Op = get("/v1/orgs/{org}/users/{user}")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Read a user")
    .gives::<UserView>();

/// Change a user.
pub(crate) const CHANGE: Op = patch("/v1/orgs/{org}/users/{user}")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Change a user's role, password or name, or close signing in to them")
    .takes::<UserBody>()
    .gives::<UserView>()
    .takes_secret();

/// Remove a user.
pub(crate) const DELETE: Op = delete("/v1/orgs/{org}/users/{user}")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Remove a user and end their sessions")
    .status(204);

/// Which page of the users is read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsersQuery {
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// `nextPageToken` of the page before.
    page_token: Option<String>,
}

/// A person who may sign in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "User")]
pub(crate) struct UserView {
    /// Their id.
    id: String,
    /// What they sign in with.
    username: String,
    /// What others see.
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    /// Their role.
    role: Role,
    /// Whether signing in is closed to them.
    disabled: bool,
    /// When they were added.
    created_at: Millis,
    /// When they were last changed.
    updated_at: Millis,
    /// When they last signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login_at: Option<Millis>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            username: user.username,
            display_name: user.display_name,
            role: user.role,
            disabled: user.disabled,
            created_at: user.created_at,
            updated_at: user.changed_at,
            last_login_at: user.last_login_at,
        }
    }
}

/// A user to be added.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NewUser")]
pub(crate) struct NewUserBody {
    /// 1 to 100 characters without white space, unique in the deployment.
    username: String,
    /// At least 10 characters.
    password: Secret<String>,
    /// Their role, viewer unless said otherwise; not above the maker's own.
    role: Option<Role>,
    /// What others see, up to 100 characters.
    display_name: Option<String>,
}

/// What to change of a user.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "UserChange")]
pub(crate) struct UserBody {
    /// A new role.
    role: Option<Role>,
    /// A new password; all their sessions end.
    password: Option<Secret<String>>,
    /// A new name; null clears it.
    #[serde(default)]
    display_name: Patch<String>,
    /// Closes or opens signing in.
    disabled: Option<bool>,
}

impl UserBody {
    fn read(self) -> Result<UserChange> {
        let mentions =
            self.role.is_some() || self.password.is_some() || !self.display_name.is_absent() || self.disabled.is_some();
        must_change(mentions, "role, password, displayName, disabled")?;
        let Self { role, password, display_name, disabled } = self;
        Ok(UserChange { role, password, display_name, disabled })
    }
}

pub(crate) async fn list(caller: Caller, Query(query): Query<UsersQuery>) -> Reply<List<UserView>> {
    let page = page(query.limit, query.page_token.as_deref())?;
    Ok(Json(List::of(access::list_users(&caller, &page).await?, UserView::from)))
}

pub(crate) async fn create(caller: Caller, Json(body): Json<NewUserBody>) -> Result<Created<UserView>, Failure> {
    let new = NewUser {
        username: body.username,
        password: body.password,
        role: body.role.unwrap_or(Role::Viewer),
        display_name: body.display_name,
    };
    Ok(Created(access::create_user(&caller, new).await?.into()))
}

pub(crate) async fn show(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<UserView> {
    Ok(Json(access::find_user(&caller, &id).await?.into()))
}

pub(crate) async fn change(
    caller: Caller,
    Path((_org, id)): Path<(String, String)>,
    Json(body): Json<UserBody>,
) -> Reply<UserView> {
    Ok(Json(access::update_user(&caller, &id, body.read()?).await?.into()))
}

pub(crate) async fn remove(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Result<NoContent, Failure> {
    access::delete_user(&caller, &id).await?;
    Ok(NoContent)
}
