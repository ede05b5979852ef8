//! Scopes: what a credential may touch, beside its role. Writing implies reading.

use crate::access::Role;
use muster_base::{Error, Result};

macro_rules! scopes {
    ($($name:ident = $text:literal),* $(,)?) => {
        /// One scope.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scope { $(#[doc = $text] $name),* }

        impl Scope {
            /// All scopes.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word that is stored and shown.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

scopes! {
    AgentsRead = "agents:read", AgentsWrite = "agents:write",
    MessagesRead = "messages:read", MessagesWrite = "messages:write",
    MemoryRead = "memory:read", MemoryWrite = "memory:write",
    ConnectorsQuery = "connectors:query", ConnectorsManage = "connectors:manage",
    HostsRead = "hosts:read", HostsCommand = "hosts:command", HostsManage = "hosts:manage",
    FilesRead = "files:read", FilesWrite = "files:write",
    PeopleRead = "people:read", PeopleWrite = "people:write",
    KnowledgeRead = "knowledge:read", CatalogsRead = "catalogs:read", TemplatesApply = "templates:apply",
    WebhooksManage = "webhooks:manage", OrgAdmin = "org:admin",
    ApprovalsDecide = "approvals:decide", AuditRead = "audit:read",
}

impl Scope {
    /// Reads a scope.
    pub fn parse(text: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|scope| scope.as_str()).collect();
            Error::invalid("scopes", format!("`{text}` is not a scope; the scopes are {}", known.join(", ")))
        })
    }

    /// The lesser scope that comes with this one.
    fn implies(self) -> Option<Self> {
        match self {
            Self::AgentsWrite => Some(Self::AgentsRead),
            Self::MessagesWrite => Some(Self::MessagesRead),
            Self::MemoryWrite => Some(Self::MemoryRead),
            Self::ConnectorsManage => Some(Self::ConnectorsQuery),
            Self::HostsManage => Some(Self::HostsCommand),
            Self::HostsCommand => Some(Self::HostsRead),
            Self::FilesWrite => Some(Self::FilesRead),
            Self::PeopleWrite => Some(Self::PeopleRead),
            _ => None,
        }
    }

    /// The least role that a session needs to hold this scope.
    fn floor(self) -> Role {
        match self {
            Self::AgentsRead
            | Self::MessagesRead
            | Self::MemoryRead
            // Seeing which connectors there are is a viewer's; what asks one has a floor of its own.
            | Self::ConnectorsQuery
            | Self::HostsRead
            | Self::FilesRead
            | Self::PeopleRead
            | Self::KnowledgeRead
            | Self::CatalogsRead
            | Self::AuditRead => Role::Viewer,
            Self::AgentsWrite
            | Self::MessagesWrite
            | Self::MemoryWrite
            | Self::HostsCommand
            | Self::FilesWrite
            | Self::PeopleWrite
            | Self::TemplatesApply
            | Self::ApprovalsDecide => Role::Operator,
            Self::ConnectorsManage | Self::HostsManage | Self::WebhooksManage | Self::OrgAdmin => Role::Admin,
        }
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u32);

impl Scopes {
    /// Every scope.
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// What a role may at the most: the scopes of a session, and of a key that names none.
    pub fn of_role(role: Role) -> Self {
        Scope::ALL.iter().copied().filter(|scope| scope.floor() <= role).collect()
    }

    /// What an agent token carries.
    pub fn of_agent_token() -> Self {
        [Scope::AgentsRead, Scope::MessagesWrite, Scope::MemoryWrite, Scope::ConnectorsQuery, Scope::CatalogsRead]
            .into_iter()
            .collect()
    }

    /// The scopes that were asked for and what comes with them; nothing asked for means all that the role may.
    pub fn granted(asked: &[Scope], role: Role) -> Self {
        if asked.is_empty() {
            return Self::of_role(role);
        }
        asked.iter().copied().chain([Scope::CatalogsRead]).collect()
    }

    /// What is in both sets.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the scope is in the set.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u32) != 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut bits = 0;
        for scope in scopes {
            let mut next = Some(scope);
            while let Some(scope) = next {
                bits |= 1 << scope as u32;
                next = scope.implies();
            }
        }
        Self(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_implies_reading_and_not_the_other_way() {
        let writer = Scopes::granted(&[Scope::AgentsWrite], Role::Operator);
        assert!(writer.contains(Scope::AgentsRead));
        assert!(!writer.contains(Scope::MessagesRead));
        let reader = Scopes::granted(&[Scope::AgentsRead], Role::Admin);
        assert!(!reader.contains(Scope::AgentsWrite));
        assert!(reader.contains(Scope::CatalogsRead));
    }

    #[test]
    fn a_viewer_holds_no_scope_that_changes_anything() {
        let viewer = Scopes::of_role(Role::Viewer);
        for scope in Scope::ALL {
            let only_reads = scope.as_str().ends_with(":read") || *scope == Scope::ConnectorsQuery;
            assert_eq!(viewer.contains(*scope), only_reads, "{}", scope.as_str());
        }
    }
}
