//! The credentials of servers that people run themselves and put behind what they like.

use super::Auth;
use crate::form::{Field, secret, text};
use muster_base::{Error, Result, Secret};
use serde::Deserialize;

/// Nothing, a token, or a user name and a password.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignIn {
    token: Option<Secret<String>>,
    username: Option<String>,
    password: Option<Secret<String>>,
}

impl SignIn {
    /// The three fields of a form.
    pub(crate) fn fields() -> [(&'static str, Field); 3] {
        [
            ("token", secret("Token", "A bearer token, where the server wants one.")),
            ("username", text("User name", "For HTTP basic authentication.")),
            ("password", secret("Password", "For HTTP basic authentication.")),
        ]
    }

    /// How the server is told.
    ///
    /// Errors: `invalid` for what does not go together.
    pub(crate) fn auth(self) -> Result<Auth> {
        let token = self.token.filter(|token| !token.expose().trim().is_empty());
        let username = self.username.filter(|name| !name.trim().is_empty());
        match (token, username, self.password) {
            (Some(_), Some(_), _) => Err(Error::invalid("token", "give either a token or a user name with a password")),
            (Some(token), None, _) => Ok(Auth::Bearer("Bearer", token)),
            (None, Some(user), password) => {
                Ok(Auth::Basic(user, password.unwrap_or_else(|| Secret::new(String::new()))))
            }
            (None, None, Some(_)) => Err(Error::invalid("username", "is needed beside the password")),
            (None, None, None) => Ok(Auth::None),
        }
    }
}
