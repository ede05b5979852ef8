//! Load: connections that each ask again as soon as they have their answer.

use crate::Outcome;
use crate::http::{Conn, find};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How many connections ask at once.
pub(crate) const CONNECTIONS: usize = 32;

/// What a round of load came to.
pub(crate) struct Load {
    pub(crate) answers: u64,
    pub(crate) seconds: f64,
}

impl Load {
    pub(crate) fn per_second(&self) -> f64 {
        self.answers as f64 / self.seconds
    }
}

/// Eight digits in a request that are another number each time it is sent, so that no kept answer fits.
pub(crate) const NUMBER: &str = "00000000";

/// Asks for `duration`; the n-th connection sends the n-th of the requests over and over.
pub(crate) async fn run(address: SocketAddr, requests: &[Vec<u8>], duration: Duration) -> Outcome<Load> {
    let begun = Instant::now();
    let until = begun + duration;
    let asking = (0..CONNECTIONS).map(|index| ask(address, requests[index % requests.len()].clone(), index, until));
    let counts = futures::future::try_join_all(asking).await?;
    Ok(Load { answers: counts.iter().sum(), seconds: begun.elapsed().as_secs_f64() })
}

async fn ask(address: SocketAddr, mut request: Vec<u8>, index: usize, until: Instant) -> Outcome<u64> {
    let mut conn = Conn::open(address).await?;
    let number = find(&request, NUMBER.as_bytes()).map(|begin| begin..begin + NUMBER.len());
    let mut count = 0;
    while Instant::now() < until {
        if let Some(place) = &number {
            let digits = format!("{:02}{:06}", index % 100, count % 1_000_000);
            request[place.clone()].copy_from_slice(digits.as_bytes());
        }
        let answer = conn.exchange(&request).await?;
        if answer.status >= 300 {
            let text = String::from_utf8_lossy(answer.body);
            return Err(format!("the server answered {}: {text}", answer.status).into());
        }
        count += 1;
    }
    Ok(count)
}

/// The value below which this share of the values lies; the values are put in order.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// The middle value.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 0.5)
}
