//! How agents join, and who runs them.

use super::Definition;

/// How an agent joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// Made to be run here.
    #[default]
    Hosted,
    /// Entered by a client, which may or may not leave running it to us.
    Api,
    /// It joins by itself, from wherever it runs.
    Sdk,
    /// It comes with a host.
    Host,
    /// It comes from a gateway's file.
    Gateway,
}

impl Source {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hosted => "hosted",
            Self::Api => "api",
            Self::Sdk => "sdk",
            Self::Host => "host",
            Self::Gateway => "gateway",
        }
    }
}

/// Whether an agent's messages become turns of ours: always for one made to be hosted, never for one that runs
/// elsewhere, and as long as its definition names a model for one that a client entered.
pub(super) fn is_hosted(source: &str, definition: &Definition) -> bool {
    source == Source::Hosted.as_str() || source == Source::Api.as_str() && definition.configuration.model.is_some()
}
