//! Looks host names up and lets through the addresses that may be connected to.

use crate::errors::{Refused, UnknownHost};
use crate::policy::Policy;
use futures::future::BoxFuture;
use muster_base::{Error, Result};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// How a host name becomes addresses.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The longest that looking up a name may take.
const LOOKUP_WITHIN: Duration = Duration::from_secs(10);

/// The policy together with the names of this machine's resolver.
#[derive(Clone)]
pub struct Guard {
    policy: Arc<Policy>,
    lookup: Lookup,
}

impl Guard {
    /// A guard that asks the system for names.
    pub fn new(policy: Policy) -> Self {
        Self::with_lookup(policy, Arc::new(|host| Box::pin(system(host))))
    }

    /// A guard with names of its own, for tests.
    pub fn with_lookup(policy: Policy, lookup: Lookup) -> Self {
        Self { policy: Arc::new(policy), lookup }
    }

    /// The addresses at which `host` may be connected to; connect to one of these, not to the name again, which may
    /// lead elsewhere by then. There is at least one.
    ///
    /// Errors: `invalid` without a field when all of them are refused; `upstream` when the name leads nowhere.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>> {
        let found = self.find(host).await;
        found.map(|addresses| addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    /// Refuses a literal address; a name is judged when it is looked up.
    pub(crate) fn check_literal(&self, host: &str) -> Result<()> {
        match literal(host) {
            Some(address) if !self.policy.permits(host, address) => Err(Refused::new(host).into()),
            _ => Ok(()),
        }
    }

    async fn find(&self, host: &str) -> Result<Vec<IpAddr>> {
        self.check_literal(host)?;
        if let Some(address) = literal(host) {
            return Ok(vec![address]);
        }
        self.permitted(host).await.map_err(|cause| match cause.downcast::<Refused>() {
            Ok(refused) => Error::from(*refused),
            Err(cause) => UnknownHost::new(host, cause.to_string()).into(),
        })
    }

    /// The addresses of a name that the policy permits. A name that leads to some that are refused as well as to others
    /// keeps the others.
    async fn permitted(&self, host: &str) -> Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let looking = (self.lookup)(host.to_owned());
        let found = tokio::time::timeout(LOOKUP_WITHIN, looking).await.map_err(|_| "looking it up took too long")??;
        if found.is_empty() {
            return Err("it has no address".into());
        }
        let permitted: Vec<IpAddr> =
            found.iter().copied().filter(|address| self.policy.permits(host, *address)).collect();
        if permitted.is_empty() {
            tracing::warn!(host, addresses = ?found, "refused to connect to a private address");
            return Err(Refused::new(host).into());
        }
        Ok(permitted)
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Guard").field(&self.policy).finish()
    }
}

impl reqwest::dns::Resolve for Guard {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let permitted = guard.permitted(name.as_str()).await?;
            let addresses = permitted.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as reqwest::dns::Addrs)
        })
    }
}

/// A host that is an address, with or without the brackets of a URL.
fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

async fn system(host: String) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_base::Kind;

    /// A resolver that knows one name.
    fn names(addresses: &'static [&'static str]) -> Lookup {
        Arc::new(move |_| {
            let addresses = addresses.iter().map(|text| text.parse().expect("an address")).collect();
            Box::pin(async move { Ok(addresses) })
        })
    }

    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_refused() {
        let guard = Guard::with_lookup(Policy::Public, names(&["10.0.0.7", "::1"]));
        let error = guard.resolve("db.example.com", 5432).await.expect_err("refused");
        assert_eq!(error.kind(), Kind::Invalid);
        assert!(error.message().contains("MUSTER_ALLOW_PRIVATE_URLS"), "{error}");
        assert!(!error.message().contains("10.0.0.7"), "where a name leads inside is not told: {error}");
    }

    #[tokio::test]
    async fn of_several_addresses_only_the_permitted_ones_are_used() {
        let guard = Guard::with_lookup(Policy::Public, names(&["10.0.0.7", "1.1.1.1"]));
        let found = guard.resolve("db.example.com", 5432).await.expect("one is public");
        assert_eq!(found, ["1.1.1.1:5432".parse().expect("an address")]);
    }

    #[tokio::test]
    async fn literal_addresses_are_judged_without_looking_anything_up() {
        let nothing: Lookup = Arc::new(|_| panic!("nothing is looked up"));
        let guard = Guard::with_lookup(Policy::parse("10.0.0.0/8").expect("valid"), nothing);
        assert!(guard.resolve("127.0.0.1", 1).await.is_err());
        assert!(guard.resolve("[::1]", 1).await.is_err());
        assert_eq!(guard.resolve("10.0.0.1", 1).await.expect("listed").len(), 1);
    }

    #[tokio::test]
    async fn a_name_that_leads_nowhere_is_a_failure_of_the_other_side() {
        let guard = Guard::with_lookup(Policy::Public, names(&[]));
        let error = guard.resolve("db.example.com", 5432).await.expect_err("no address");
        assert_eq!(error.kind(), Kind::Upstream);
        assert!(error.message().contains("db.example.com"), "{error}");
    }
}
