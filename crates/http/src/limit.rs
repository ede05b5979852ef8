//! Request limits per credential or network address, with the headers of draft-ietf-httpapi-ratelimit-headers.

use crate::op::Rate;
use crate::surface::Limits;
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use muster_base::{Error, Kind};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

const WINDOW_SECONDS: u64 = 60;
/// After how many requests the state of callers that have fallen silent is dropped.
const SWEEP_EVERY: u32 = 8192;
/// Addresses share this many buckets, so that a flood of them cannot fill the memory.
const ADDRESS_BUCKETS: u64 = 1 << 20;

type Keyed = RateLimiter<u64, DefaultKeyedStateStore<u64>, RateClock, StateInformationMiddleware>;

/// What limits measure time by. Not the domain's clock: a limit must not stretch when an operator sets the time back.
#[derive(Debug, Clone)]
pub struct RateClock(Option<Instant>);

impl RateClock {
    /// The machine's steady clock.
    pub fn steady() -> Self {
        Self(Some(Instant::now()))
    }

    /// Stands still, so that what is used up stays used up: for tests, which may run at any speed.
    pub fn held() -> Self {
        Self(None)
    }
}

impl Clock for RateClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.map(|start| start.elapsed()).unwrap_or_default()
    }
}

/// What a request is counted against.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'r> {
    /// The id of a principal.
    Principal(&'r str),
    /// The id of a principal and that of an agent.
    Agent(&'r str, &'r str),
    /// A network address.
    Address(Option<IpAddr>),
}

/// What counting one request came to; goes into the answer's headers.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    policy: HeaderValue,
    state: Option<HeaderValue>,
    /// Seconds until the next request is taken, when this one is refused.
    pub(crate) wait: Option<u64>,
}

impl Standing {
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        headers.insert(RATE_LIMIT_POLICY, self.policy);
        if let Some(state) = self.state {
            headers.insert(RATE_LIMIT, state);
        }
    }

    pub(crate) fn refusal(&self) -> Option<Error> {
        let wait = self.wait?;
        let message = "too many requests; try again later";
        Some(Error::new(Kind::RateLimited, "rate_limited", message).with_retry_after(wait))
    }
}

/// The limiters of one surface.
pub(crate) struct Limiters {
    read: Limiter,
    write: Limiter,
    login: Limiter,
    heartbeat: Limiter,
    shared: bool,
    hasher: RandomState,
}

impl Limiters {
    pub(crate) fn new(limits: &Limits, clock: &RateClock) -> Self {
        let limiter = |name, per_minute| Limiter::new(name, per_minute, clock.clone());
        Self {
            read: limiter(if limits.shared { "requests" } else { "read" }, limits.read),
            write: limiter("write", limits.write),
            login: limiter("login", limits.login),
            heartbeat: limiter("heartbeat", limits.heartbeat),
            shared: limits.shared,
            hasher: RandomState::new(),
        }
    }

    /// Counts a request; `None` when its class is not limited.
    pub(crate) fn count(&self, rate: Rate, subject: Subject<'_>) -> Option<Standing> {
        let limiter = match rate {
            Rate::Read => &self.read,
            Rate::Write if self.shared => &self.read,
            Rate::Write => &self.write,
            Rate::Login => &self.login,
            Rate::Heartbeat => &self.heartbeat,
            Rate::None => return None,
        };
        Some(limiter.count(self.key(subject)))
    }

    fn key(&self, subject: Subject<'_>) -> u64 {
        match subject {
            Subject::Principal(id) => self.hasher.hash_one(id),
            Subject::Agent(id, agent) => self.hasher.hash_one((id, agent)),
            Subject::Address(address) => self.hasher.hash_one(address.map(neighbourhood)) % ADDRESS_BUCKETS,
        }
    }
}

/// One caller can have a whole IPv6 network of 64 bits; it counts as one address.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

struct Limiter {
    name: &'static str,
    quota: u64,
    policy: HeaderValue,
    keyed: Keyed,
    clock: RateClock,
    since_sweep: AtomicU32,
}

impl Limiter {
    fn new(name: &'static str, per_minute: u32, clock: RateClock) -> Self {
        let per_minute = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        let policy = format!("\"{name}\";q={per_minute};w={WINDOW_SECONDS}");
        Self {
            name,
            quota: u64::from(per_minute.get()),
            policy: HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("")),
            keyed: Keyed::new(Quota::per_minute(per_minute), DefaultKeyedStateStore::default(), clock.clone()),
            clock,
            since_sweep: AtomicU32::new(0),
        }
    }

    fn count(&self, key: u64) -> Standing {
        self.sweep();
        let (remaining, reset, wait) = match self.keyed.check_key(&key) {
            Ok(snapshot) => {
                let remaining = u64::from(snapshot.remaining_burst_capacity()).min(self.quota);
                (remaining, ((self.quota - remaining) * WINDOW_SECONDS).div_ceil(self.quota), None)
            }
            Err(refused) => {
                let wait = refused.wait_time_from(self.clock.now()).as_secs_f64().ceil().max(1.0) as u64;
                (0, wait, Some(wait))
            }
        };
        let state = format!("\"{}\";r={remaining};t={reset}", self.name);
        Standing { policy: self.policy.clone(), state: HeaderValue::try_from(state).ok(), wait }
    }

    fn sweep(&self) {
        if self.since_sweep.fetch_add(1, Ordering::Relaxed) >= SWEEP_EVERY {
            self.since_sweep.store(0, Ordering::Relaxed);
            self.keyed.retain_recent();
            self.keyed.shrink_to_fit();
        }
    }
}

/// The caller's address: the peer's, or what a trusted proxy says about it.
pub(crate) fn address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut address = peer?.to_canonical();
    if trusted.is_empty() {
        return Some(address);
    }
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let values: Vec<&str> = headers.get_all(X_FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    let hops = values.iter().rev().flat_map(|value| value.rsplit(','));
    for hop in hops {
        if !is_trusted(&address) {
            break;
        }
        let Some(previous) = parse_hop(hop.trim()) else { break };
        address = previous.to_canonical();
    }
    Some(address)
}

fn parse_hop(hop: &str) -> Option<IpAddr> {
    if let Ok(address) = hop.parse::<IpAddr>() {
        return Some(address);
    }
    hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn held(limits: &Limits) -> Limiters {
        Limiters::new(limits, &RateClock::held())
    }

    #[test]
    fn only_a_trusted_proxy_may_say_who_is_behind_it() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("1.1.1.1, 2.2.2.2"));
        headers.append("x-forwarded-for", HeaderValue::from_static("10.0.0.9"));
        assert_eq!(address(Some(ip("10.0.0.1")), &headers, &trusted), Some(ip("2.2.2.2")));
        assert_eq!(address(Some(ip("9.9.9.9")), &headers, &trusted), Some(ip("9.9.9.9")));
        assert_eq!(address(Some(ip("10.0.0.1")), &headers, &[]), Some(ip("10.0.0.1")));
        assert_eq!(address(Some(ip("::ffff:9.9.9.9")), &headers, &trusted), Some(ip("9.9.9.9")));
        assert_eq!(address(None, &headers, &trusted), None);
    }

    #[test]
    fn a_caller_who_used_up_the_minute_waits_and_others_do_not() {
        let limiters = held(&Limits { login: 2, ..Limits::split(10, 5) });
        let count = |address: &str| limiters.count(Rate::Login, Subject::Address(Some(ip(address)))).unwrap();
        assert_eq!(count("1.1.1.1").state.unwrap(), "\"login\";r=1;t=30");
        assert_eq!(count("1.1.1.1").state.unwrap(), "\"login\";r=0;t=60");
        let refused = count("1.1.1.1");
        assert_eq!(refused.policy, "\"login\";q=2;w=60");
        assert!(refused.refusal().unwrap().retry_after().unwrap() <= 30);
        assert!(count("2.2.2.2").refusal().is_none());
    }

    #[test]
    fn one_ipv6_network_is_one_caller() {
        let limiters = held(&Limits { login: 1, ..Limits::split(10, 5) });
        let count = |address: &str| limiters.count(Rate::Login, Subject::Address(Some(ip(address)))).unwrap();
        assert!(count("2001:db8::1").wait.is_none());
        assert!(count("2001:db8::ffff:2").wait.is_some());
        assert!(count("2001:db8:0:1::1").wait.is_none());
    }

    #[test]
    fn reads_and_writes_share_a_number_where_the_surface_says_so() {
        let limiters = held(&Limits::shared(2));
        let count = |rate| limiters.count(rate, Subject::Principal("p")).unwrap().wait.is_some();
        assert!(!count(Rate::Read));
        assert!(!count(Rate::Write));
        assert!(count(Rate::Read));
        assert!(limiters.count(Rate::None, Subject::Principal("p")).is_none());
    }
}
