//! Slows down guessing: attempts per address and per user name within a window, kept in memory and bounded.

use muster_base::{Error, Kind, Millis, Result};
use std::collections::HashMap;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// The window in which failures count.
const WINDOW_MS: i64 = 60_000;
/// Failures per address in a window.
const PER_ADDRESS: usize = 5;
/// Failures per user name in a window, from whatever addresses.
const PER_NAME: usize = 20;
/// How many addresses and names are remembered at once.
const REMEMBERED: usize = 50_000;

/// Remembers failed sign-ins.
#[derive(Default)]
pub struct LoginThrottle {
    failures: Mutex<HashMap<String, VecDeque<i64>>>,
}

impl LoginThrottle {
    /// Refuses when there were too many failures lately, else counts the attempt as one until it has succeeded.
    ///
    /// Counted before the password is looked at, so that many guesses at once are no more than many in a row.
    pub(super) fn attempt(&self, address: Option<IpAddr>, name: &str, now: Millis) -> Result<()> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, limit) in keys(address, name) {
            let Some(times) = failures.get(&key) else { continue };
            let recent: Vec<i64> = times.iter().copied().filter(|at| now.0 - at < WINDOW_MS).collect();
            if recent.len() >= limit {
                let wait = (WINDOW_MS - (now.0 - recent[0])).max(1000) / 1000;
                return Err(Error::new(
                    Kind::RateLimited,
                    "auth.throttled",
                    "too many failed sign-ins; wait before you try again",
                )
                .with_retry_after(wait.unsigned_abs()));
            }
        }
        note(&mut failures, address, name, now);
        Ok(())
    }

    /// Takes back the attempt, and forgets the name's failures: it signed in.
    pub(super) fn succeeded(&self, address: Option<IpAddr>, name: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&name_key(name));
        if let Some(address) = address
            && let Some(times) = failures.get_mut(&address_key(address))
        {
            times.pop_back();
        }
    }
}

fn note(failures: &mut HashMap<String, VecDeque<i64>>, address: Option<IpAddr>, name: &str, now: Millis) {
    if failures.len() >= REMEMBERED {
        failures.retain(|_, times| times.back().is_some_and(|at| now.0 - at < WINDOW_MS));
    }
    if failures.len() >= REMEMBERED {
        return;
    }
    for (key, limit) in keys(address, name) {
        let times = failures.entry(key).or_default();
        times.push_back(now.0);
        while times.len() > limit {
            times.pop_front();
        }
    }
}

fn name_key(name: &str) -> String {
    format!("name:{}", name.to_lowercase())
}

fn address_key(address: IpAddr) -> String {
    format!("address:{address}")
}

fn keys(address: Option<IpAddr>, name: &str) -> Vec<(String, usize)> {
    let mut keys = vec![(name_key(name), PER_NAME)];
    if let Some(address) = address {
        keys.push((address_key(address), PER_ADDRESS));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_close_an_address_for_a_minute() {
        let throttle = LoginThrottle::default();
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        for n in 0..5 {
            throttle.attempt(address, &format!("user{n}"), Millis(1000)).expect("still open");
        }
        let refused = throttle.attempt(address, "another", Millis(2000)).expect_err("closed");
        assert_eq!((refused.kind(), refused.retry_after()), (Kind::RateLimited, Some(59)));
        throttle.attempt(Some(IpAddr::from([192, 0, 2, 2])), "another", Millis(2000)).expect("others are not affected");
        throttle.attempt(address, "another", Millis(61_001)).expect("open again");
    }

    #[test]
    fn a_success_takes_back_its_own_attempt_and_no_other() {
        let throttle = LoginThrottle::default();
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        for n in 0..4 {
            throttle.attempt(address, &format!("user{n}"), Millis(1000)).expect("open");
        }
        for _ in 0..9 {
            throttle.attempt(address, "right", Millis(1000)).expect("open");
            throttle.succeeded(address, "right");
        }
        throttle.attempt(address, "wrong", Millis(1000)).expect("the fifth failure");
        throttle.attempt(address, "right", Millis(1000)).expect_err("closed");
    }
}
