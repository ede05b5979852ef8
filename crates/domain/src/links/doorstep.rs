//! Clients that have dialled in and have not yet said who they are: how many there may be, in all and from one network.

use muster_base::{Error, Kind, Result};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The bits of an IPv6 address that name its network: whoever has one address of it has them all.
const NETWORK: u128 = !0 << 64;

/// From where clients stand at the door, and how many.
#[derive(Debug, Default)]
pub(super) struct Doorstep(Mutex<HashMap<Option<IpAddr>, usize>>);

/// A client that has not yet said who it is; it makes room for another when this is dropped.
#[derive(Debug)]
pub struct Newcomer {
    doorstep: Arc<Doorstep>,
    network: Option<IpAddr>,
}

impl Doorstep {
    /// Takes one more, of `most` in all and half of that from one network; `None` when there is no room.
    fn take(self: &Arc<Self>, address: Option<IpAddr>, most: usize) -> Option<Newcomer> {
        let network = address.map(network_of);
        let mut there = self.there();
        let own = there.get(&network).copied().unwrap_or(0);
        if there.values().sum::<usize>() >= most || own >= (most / 2).max(1) {
            return None;
        }
        there.insert(network, own + 1);
        Some(Newcomer { doorstep: Arc::clone(self), network })
    }

    fn there(&self) -> MutexGuard<'_, HashMap<Option<IpAddr>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        let mut there = self.doorstep.there();
        match there.get_mut(&self.network) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(there.remove(&self.network)),
        }
    }
}

fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & NETWORK)),
        address @ IpAddr::V4(_) => address,
    }
}

impl super::Links {
    /// Takes a client that has dialled in from `address` and has yet to say who it is.
    ///
    /// Errors: `unavailable` when `most` do so already, or half of them from its network.
    pub fn meet(&self, address: Option<IpAddr>, most: usize) -> Result<Newcomer> {
        self.doorstep.take(address, most).ok_or_else(|| {
            let message = "too many agents dial in at this moment; try again";
            Error::new(Kind::Unavailable, "rendezvous.crowded", message).with_retry_after(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_takes_half_of_the_room_at_the_most_and_gives_it_back() {
        let doorstep = Arc::new(Doorstep::default());
        let take = |address: &str| doorstep.take(Some(address.parse().unwrap()), 4);
        let here: Vec<Newcomer> = [take("2001:db8::1"), take("2001:db8::ffff:2")].into_iter().flatten().collect();
        assert_eq!(here.len(), 2);
        assert!(take("2001:db8::3").is_none(), "one /64 is one network");
        let other = [take("2001:db8:0:1::1"), take("192.0.2.1")];
        assert!(other.iter().all(Option::is_some));
        assert!(take("192.0.2.2").is_none(), "and four are all");
        drop(here);
        assert!(take("::ffff:192.0.2.1").is_some() && take("2001:db8::3").is_some());
        assert_eq!(doorstep.there().len(), 2, "who left is forgotten");
        drop(other);
        assert!(doorstep.there().is_empty());
    }

    #[test]
    fn there_is_always_room_for_one() {
        let doorstep = Arc::new(Doorstep::default());
        let first = doorstep.take(None, 1);
        assert!(first.is_some() && doorstep.take(None, 1).is_none());
    }
}
