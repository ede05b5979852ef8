//! The relays of this node: which there are and for what, and the tokens that open their sides.
//!
//! Each end of a session is given a token that opens its side once.

use super::relay::{Purpose, Relay, RelayEnd, Seat};
use crate::access::digest;
use crate::context::App;
use muster_base::{Error, Kind, Millis, Result, new_secret};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// How long a token opens a relay.
const OPEN_WITHIN: Duration = Duration::from_secs(60);

struct Waiting {
    seat: Seat,
    until: Millis,
}

#[derive(Default)]
struct Known {
    /// The sides that wait for their ends, by the digests of their tokens.
    waiting: HashMap<[u8; 32], Waiting>,
    /// The relays that wait or carry; they live as long as either of their sides.
    live: HashMap<Purpose, Vec<Weak<Relay>>>,
}

/// The relays of this node.
#[derive(Default)]
pub(super) struct Relays(Mutex<Known>);

/// What one end of a session is told of its relay.
pub(super) struct Pass {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) token: String,
    pub(super) url: String,
}

impl Known {
    /// Takes back the tokens of a session, and ends the relays that they would have opened.
    fn take_back(&mut self, purpose: &Purpose, why: RelayEnd) {
        self.waiting.retain(|_, waiting| {
            let is_other = waiting.seat.relay.purpose() != purpose;
            if !is_other {
                waiting.seat.relay.end(why);
            }
            is_other
        });
    }

    /// How many relays there are, and how many of them are an org's.
    fn count(&mut self, org: &str) -> (usize, usize) {
        let lives = |relay: &Weak<Relay>| relay.upgrade().is_some_and(|relay| relay.ended().is_none());
        self.live.retain(|_, relays| {
            relays.retain(lives);
            !relays.is_empty()
        });
        let all = self.live.iter().map(|(purpose, relays)| (purpose.is_of(org), relays.len()));
        all.fold((0, 0), |(all, own), (is_own, count)| (all + count, own + if is_own { count } else { 0 }))
    }
}

impl Relays {
    /// Makes a relay for both ends of a session, in the place of one that was not taken up; `None` when there are as many
    /// as there may be, or the org has as many as one may have.
    pub(super) fn make(&self, app: &App, purpose: &Purpose) -> Option<[Pass; 2]> {
        let settings = &app.settings.links;
        let now = app.now();
        let mut known = self.known();
        known.waiting.retain(|_, waiting| waiting.until > now);
        known.take_back(purpose, RelayEnd::Replaced);
        let (all, own) = known.count(purpose.org());
        if all >= settings.relays || own >= most_of_one_org(settings.relays) {
            metrics::counter!("muster_relays_refused_total").increment(1);
            return None;
        }
        let seats = Relay::seats(purpose.clone(), settings, now);
        known.live.entry(purpose.clone()).or_default().push(Arc::downgrade(&seats[0].relay));
        let base = settings.relay_url.as_deref().unwrap_or(&app.settings.public_url);
        Some(seats.map(|seat| {
            let token = new_secret("rly_");
            known.waiting.insert(digest(&token), Waiting { seat, until: now + OPEN_WITHIN });
            pass(base, token)
        }))
    }

    /// Ends the relays of a session that is over, and takes back their tokens.
    pub(super) fn end(&self, purpose: &Purpose) {
        let mut known = self.known();
        let Some(relays) = known.live.remove(purpose) else { return };
        for relay in relays.iter().filter_map(Weak::upgrade) {
            relay.end(RelayEnd::SessionOver);
        }
        known.take_back(purpose, RelayEnd::SessionOver);
    }

    /// When something last went through a relay of a session; `None` when it has none.
    pub(super) fn moved_at(&self, purpose: &Purpose) -> Option<Millis> {
        let known = self.known();
        known.live.get(purpose)?.iter().filter_map(Weak::upgrade).map(|relay| relay.moved_at()).max()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.known().live.is_empty()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many of a node's relays one org may have, so that it leaves some to the others.
fn most_of_one_org(all: usize) -> usize {
    (all / 2).max(1)
}

impl super::Links {
    /// The side of a relay that a token opens, once.
    ///
    /// Errors: `unauthorized` for a token that is unknown, was used, is too old, or is of a session that is over.
    pub fn take_seat(&self, token: &str, now: Millis) -> Result<Seat> {
        let found = self.relays.known().waiting.remove(&digest(token)).filter(|waiting| waiting.until > now);
        let refused = || {
            let message = "the relay token is not valid here: it is unknown, was used, is older than a minute, or its session is over; ask for another with relay_request";
            Error::new(Kind::Unauthorized, "relay.token", message)
        };
        found.map(|waiting| waiting.seat).ok_or_else(refused)
    }
}

/// Where a client finds the relay, and with what.
fn pass(base: &str, token: String) -> Pass {
    let (scheme, rest) = base.split_once("://").unwrap_or(("http", base));
    let is_secure = matches!(scheme, "https" | "wss");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = host_and_port(authority, if is_secure { 443 } else { 80 });
    let path = rest[authority.len()..].trim_end_matches('/');
    let scheme = if is_secure { "wss" } else { "ws" };
    let url = format!("{scheme}://{authority}{path}/relay?token={token}");
    Pass { host, port, token, url }
}

fn host_and_port(authority: &str, usual: u16) -> (String, u16) {
    let host_ends = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[host_ends..].rfind(':') {
        Some(at) => {
            let (host, port) = authority.split_at(host_ends + at);
            (host.trim_matches(['[', ']']).to_owned(), port[1..].parse().unwrap_or(usual))
        }
        None => (authority.trim_matches(['[', ']']).to_owned(), usual),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_where_the_public_url_says() {
        let at = |base: &str| {
            let pass = pass(base, "t".to_owned());
            (pass.host, pass.port, pass.url)
        };
        let is = |host: &str, port: u16, url: &str| (host.to_owned(), port, url.to_owned());
        assert_eq!(at("http://127.0.0.1:7717"), is("127.0.0.1", 7717, "ws://127.0.0.1:7717/relay?token=t"));
        assert_eq!(at("https://example.com"), is("example.com", 443, "wss://example.com/relay?token=t"));
        assert_eq!(at("https://example.com/muster/"), is("example.com", 443, "wss://example.com/muster/relay?token=t"));
        assert_eq!(at("http://[::1]:80"), is("::1", 80, "ws://[::1]:80/relay?token=t"));
        assert_eq!(at("http://[::1]"), is("::1", 80, "ws://[::1]/relay?token=t"));
    }
}
