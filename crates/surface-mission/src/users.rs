//! `/api/auth/users`: the people who may sign in, managed by admins.

use crate::errors::no_fields;
use crate::views::{Done, Slice, seconds};
use muster_base::{Error, Patch, Result, Secret};
use muster_domain::access::{self, NewUser, Role, Scope, User, UserChange};
use muster_http::{Caller, Created, Failure, Json, Op, OptionalJson, Query, Reply, delete, get, post, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// List the users.
pub(crate) const LIST: Op = get("/api/auth/users")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("List the users, newest first")
    .query::<UsersQuery>()
    .gives::<UserList>();

/// Add a user.
pub(crate) const CREATE: Op = post("/api/auth/users")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Add a user")
    .takes::<NewUserBody>()
    .gives::<OneUser>()
    .status(201)
    .takes_secret();

/// Change a user.
pub(crate) const CHANGE: Op = put("/api/auth/users")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Change a user's role, password or name, or close signing in to them")
    .takes::<UserBody>()
    .gives::<ChangedUser>()
    .takes_secret();

/// Remove a user.
pub(crate) const DELETE: Op = delete("/api/auth/users")
    .floor(Role::Admin)
    .scope(Scope::OrgAdmin)
    .summary("Remove a user, named in the query or the body, and end their sessions")
    .query::<WhichUser>()
    .takes_optional::<WhichUser>()
    .gives::<Done>();

/// Which users are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "UsersQuery")]
pub(crate) struct UsersQuery {
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// How many are skipped (0).
    offset: Option<i64>,
}

/// A person who may sign in.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "User")]
struct UserView {
    /// Their id.
    id: String,
    /// What they sign in with.
    username: String,
    /// What others see; null when none was chosen.
    display_name: Option<String>,
    /// Their role.
    role: Role,
    /// Whether signing in is closed to them.
    disabled: bool,
    /// When they were added, in seconds since the epoch.
    created_at: i64,
    /// When they were last changed, in seconds since the epoch.
    updated_at: i64,
    /// When they last signed in, in seconds since the epoch.
    last_login_at: Option<i64>,
}

/// A page of the users.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserList")]
pub(crate) struct UserList {
    /// The users.
    users: Vec<UserView>,
    /// How many there are in all.
    total: i64,
    /// The number of this page, from 1.
    page: i64,
    /// How many a page has.
    limit: i64,
}

/// One user.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OneUser {
    /// The user.
    user: UserView,
}

/// A user after they were changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ChangedUser {
    /// True.
    success: bool,
    /// The user.
    user: UserView,
}

/// A user to be added.
#[derive(Debug, Deserialize, JsonSchema)]
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
#[schemars(rename = "UserChange")]
pub(crate) struct UserBody {
    /// Whom.
    id: String,
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

/// Which user is meant.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct WhichUser {
    /// The user's id.
    id: Option<String>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            username: user.username,
            display_name: user.display_name,
            role: user.role,
            disabled: user.disabled,
            created_at: user.created_at.seconds(),
            updated_at: user.changed_at.seconds(),
            last_login_at: seconds(user.last_login_at),
        }
    }
}

impl UserBody {
    fn read(self) -> Result<(String, UserChange)> {
        let mentions =
            self.role.is_some() || self.password.is_some() || !self.display_name.is_absent() || self.disabled.is_some();
        if !mentions {
            return Err(no_fields());
        }
        let Self { id, role, password, display_name, disabled } = self;
        Ok((id, UserChange { role, password, display_name, disabled }))
    }
}

pub(crate) async fn list(caller: Caller, Query(query): Query<UsersQuery>) -> Reply<UserList> {
    let slice = Slice::of(query.limit, query.offset)?;
    let (users, total) = access::users_page(&caller, slice.limit, slice.offset).await?;
    let users = users.into_iter().map(UserView::from).collect();
    Ok(Json(UserList { users, total, page: slice.page(), limit: slice.limit }))
}

pub(crate) async fn create(caller: Caller, Json(body): Json<NewUserBody>) -> Result<Created<OneUser>, Failure> {
    let NewUserBody { username, password, role, display_name } = body;
    let new = NewUser { username, password, role: role.unwrap_or(Role::Viewer), display_name };
    Ok(Created(OneUser { user: access::create_user(&caller, new).await?.into() }))
}

pub(crate) async fn change(caller: Caller, Json(body): Json<UserBody>) -> Reply<ChangedUser> {
    let (id, change) = body.read()?;
    Ok(Json(ChangedUser { success: true, user: access::update_user(&caller, &id, change).await?.into() }))
}

pub(crate) async fn remove(
    caller: Caller,
    Query(query): Query<WhichUser>,
    OptionalJson(body): OptionalJson<WhichUser>,
) -> Reply<Done> {
    let id = query.id.or(body.id).ok_or_else(|| Error::invalid("id", "is required"))?;
    access::delete_user(&caller, &id).await?;
    Ok(Json(Done::YES))
}
