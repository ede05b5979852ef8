//! Roles, each of which may do all that the ones below it may.

use muster_base::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a caller is in their org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Runs agents; the orgs surface calls it editor.
    #[serde(alias = "editor")]
    Operator,
    /// Manages keys, users and settings.
    Admin,
    /// As admin; cannot be removed by one.
    Owner,
}

impl Role {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Reads a role; `editor` is another word for operator.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "viewer" => Ok(Self::Viewer),
            "operator" | "editor" => Ok(Self::Operator),
            "admin" => Ok(Self::Admin),
            "owner" => Ok(Self::Owner),
            _ => Err(Error::invalid("role", "must be viewer, operator, admin or owner")),
        }
    }
}
