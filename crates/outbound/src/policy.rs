//! Which private addresses the operator lets user-supplied addresses reach.

use crate::address::{is_public, wrapped};
use ipnet::IpNet;
use muster_base::{Error, Result};
use std::net::IpAddr;

/// Which private addresses may be reached: the setting `MUSTER_ALLOW_PRIVATE_URLS`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Policy {
    /// Public addresses only.
    #[default]
    Public,
    /// Every address.
    All,
    /// Public addresses, those in these networks, and whatever these host names lead to.
    Listed {
        /// Networks, a single address being one of its own.
        networks: Vec<IpNet>,
        /// Host names in lower case, whole: `db.internal` does not allow `a.db.internal`.
        hosts: Vec<String>,
    },
}

impl Policy {
    /// Reads `off`, `on`, or networks, addresses and host names separated by commas.
    pub fn parse(text: &str) -> Result<Self> {
        match text.trim() {
            "" | "off" => return Ok(Self::Public),
            "on" => return Ok(Self::All),
            _ => {}
        }
        let (mut networks, mut hosts) = (Vec::new(), Vec::new());
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            if let Ok(network) = part.parse::<IpNet>() {
                networks.push(network);
            } else if let Ok(address) = part.trim_matches(['[', ']']).parse::<IpAddr>() {
                networks.push(IpNet::from(address));
            } else if part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')) {
                hosts.push(normal(part));
            } else {
                let message =
                    format!("`{part}` is neither a network such as 10.0.0.0/8 nor a host name; or say on or off");
                return Err(Error::invalid("allow_private_urls", message));
            }
        }
        Ok(Self::Listed { networks, hosts })
    }

    /// Whether `host`, which leads to `address`, may be connected to there.
    pub fn permits(&self, host: &str, address: IpAddr) -> bool {
        match self {
            Self::All => true,
            Self::Public => is_public(address),
            Self::Listed { networks, hosts } => {
                let inner = wrapped(address).map(IpAddr::V4);
                is_public(address)
                    || hosts.contains(&normal(host))
                    || networks.iter().any(|network| {
                        network.contains(&address) || inner.is_some_and(|inner| network.contains(&inner))
                    })
            }
        }
    }
}

/// A host name as it is compared: lower case, without the dot of the root.
fn normal(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(setting: &str, host: &str, address: &str) -> bool {
        Policy::parse(setting).expect("a setting").permits(host, address.parse().expect("an address"))
    }

    #[test]
    fn private_addresses_are_listed_by_network_and_name() {
        let Policy::Listed { networks, hosts } = Policy::parse("10.0.0.0/8, db.internal,127.0.0.1").expect("valid")
        else {
            panic!("a list")
        };
        assert_eq!(networks.len(), 2);
        assert_eq!(hosts, ["db.internal"]);
        assert_eq!(Policy::parse("on").expect("valid"), Policy::All);
        assert_eq!(Policy::parse(" off ").expect("valid"), Policy::Public);
        assert!(Policy::parse("b@d").is_err());
    }

    #[test]
    fn what_is_not_listed_stays_refused() {
        assert!(!permits("off", "db.internal", "10.0.0.1"));
        assert!(permits("on", "db.internal", "10.0.0.1"));
        assert!(permits("10.0.0.0/8", "db.internal", "10.0.0.1"));
        assert!(permits("10.0.0.0/8", "db.internal", "::ffff:10.0.0.1"));
        assert!(!permits("10.0.0.0/8", "db.internal", "192.168.0.1"));
        assert!(permits("DB.internal", "db.Internal.", "192.168.0.1"));
        assert!(!permits("db.internal", "a.db.internal", "192.168.0.1"));
        assert!(permits("::1", "localhost", "::1"));
        assert!(permits("db.internal", "example.com", "1.1.1.1"));
    }
}
