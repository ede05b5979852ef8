//! Who may do what: orgs, users, sessions, API keys, agent tokens, roles and scopes.

mod identify;
mod keys;
mod orgs;
mod password;
mod role;
mod scope;
mod sessions;
mod store;
mod throttle;
mod tokens;
mod users;

pub use identify::{Credentials, identify, note_refusal, still_holds};
pub use keys::{
    ApiKey, KeyChange, NewKey, create_key, create_key_with_secret, delete_key, find_key, list_keys, update_key,
};
pub use orgs::{Bootstrap, Org, OrgChange, bootstrap, create_org, ensure_org, find_org, list_orgs, update_org};
pub use role::Role;
pub use scope::{Scope, Scopes};
pub use sessions::{SignedIn, login, logout, me};
pub use throttle::LoginThrottle;
pub use tokens::{
    AgentKey, AgentToken, create_agent_key, create_agent_token, delete_agent_key, delete_agent_token, list_agent_keys,
    list_agent_tokens,
};
pub use users::{NewUser, User, UserChange, create_user, delete_user, find_user, list_users, update_user, users_page};

pub(crate) use identify::{current, digest, invalid};
pub(crate) use store::{expire_sessions, touch_keys};

use muster_base::Millis;
use schemars::JsonSchema;
use serde::Serialize;

/// What kind of caller it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// A person who signed in.
    User,
    /// A program with an API key.
    Key,
    /// An agent: with its token, or in its own turn.
    Agent,
    /// Muster itself.
    System,
}

impl PrincipalKind {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Key => "key",
            Self::Agent => "agent",
            Self::System => "system",
        }
    }
}

/// Who a credential stands for, and what they may do.
#[derive(Debug, Clone)]
pub struct Principal {
    /// What kind of caller.
    pub kind: PrincipalKind,
    /// The id of the user, key or token.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// The org that it belongs to.
    pub org: String,
    /// The role.
    pub role: Role,
    /// The scopes.
    pub scopes: Scopes,
    /// The agent that an agent token acts for.
    pub agent: Option<String>,
    /// When the credential ends.
    pub expires_at: Option<Millis>,
    /// What is switched on in the org, e.g. `hosting`.
    pub features: Vec<String>,
    /// What was shown, to see later whether it still holds.
    pub(crate) credential: Option<Credential>,
}

/// A credential that was looked up, by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A session of a user.
    Session(String),
    /// An API key.
    Key(String),
    /// An agent token.
    Token(String),
}

impl Principal {
    /// Muster itself, acting in `org`.
    pub fn system(org: &str) -> Self {
        Self::internal(PrincipalKind::System, org, "muster", "muster", None)
    }

    /// An agent acting in its turn.
    pub fn of_agent(org: &str, agent: &str, name: &str) -> Self {
        Self::internal(PrincipalKind::Agent, org, agent, name, Some(agent.to_owned()))
    }

    fn internal(kind: PrincipalKind, org: &str, id: &str, name: &str, agent: Option<String>) -> Self {
        Self {
            kind,
            id: id.to_owned(),
            name: name.to_owned(),
            org: org.to_owned(),
            role: Role::Owner,
            scopes: Scopes::all(),
            agent,
            expires_at: None,
            features: vec!["hosting".to_owned()],
            credential: None,
        }
    }
}
