//! Memory while 100,000 messages are answered: it must not grow with them.

use crate::http::Conn;
use crate::model;
use crate::process::Server;
use crate::report::{Figure, progress};
use crate::turns::{agents, turn};
use crate::{Bench, Outcome};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const CONVERSATIONS_AT_ONCE: usize = 64;
/// Messages in each conversation.
const LENGTH: usize = 20;
const STAGES: usize = 5;
/// How much more than after the first fifth it may take at the end.
const GROWTH: f64 = 1.25;

/// Measures memory after each fifth of the messages, and turns a second.
pub(crate) async fn measure(bench: &Bench) -> Outcome<Vec<Figure>> {
    let folder = bench.folder()?;
    let settings = model::settings(model::start(Duration::ZERO).await?);
    let muster = Server::muster(&bench.program, folder.path(), &settings).await?;
    let agents = agents(muster.address, CONVERSATIONS_AT_ONCE).await?;
    let total = if bench.quick { 10_000 } else { 100_000 };
    let stage = total / STAGES / agents.len();
    let before = muster.memory()?;
    let (mut seen, mut seconds) = (Vec::new(), 0.0);
    for number in 0..STAGES {
        progress(&format!("memory: {} of {total} messages ...", number * stage * agents.len()));
        let begun = Instant::now();
        let talks = agents.iter().map(|agent| talk(muster.address, agent, number, stage));
        futures::future::try_join_all(talks).await?;
        seconds += begun.elapsed().as_secs_f64();
        seen.push(muster.memory()?);
    }
    muster.stop().await?;
    let (first, last) = (seen[0], seen[STAGES - 1]);
    let shown: Vec<String> = seen.iter().map(|memory| format!("{memory:.0}")).collect();
    let text = format!("{before:.0} MB before, then {} MB", shown.join(", "));
    let aim = format!("< {GROWTH} x first");
    let growth = last / first;
    let memory = Figure::plain(format!("memory over {total} messages"), growth, text);
    let answered = (stage * agents.len() * STAGES) as f64;
    let rate = answered / seconds;
    let slope = slope(&seen) / (total / STAGES) as f64 * 1e5;
    Ok(vec![
        Figure { ratio: Some(growth), aim, met: Some(growth < GROWTH), ..memory },
        Figure::plain("growth for 100,000 messages", slope, format!("{slope:+.1} MB, by the later four fifths")),
        Figure::plain(
            "turns with an instant model",
            rate,
            format!("{rate:.0}/s at {CONVERSATIONS_AT_ONCE} conversations"),
        ),
    ])
}

/// Takes `count` turns with an agent, in conversations of bounded length.
async fn talk(address: SocketAddr, agent: &str, stage: usize, count: usize) -> Outcome<()> {
    let mut conn = Conn::open(address).await?;
    for number in 0..count {
        turn(&mut conn, agent, &format!("talk-{stage}-{}", number / LENGTH)).await?;
    }
    Ok(())
}

/// The slope of the straight line that fits the stages after the first best, in MB a stage.
fn slope(seen: &[f64]) -> f64 {
    let later = &seen[1..];
    let middle = (later.len() - 1) as f64 / 2.0;
    let mean = later.iter().sum::<f64>() / later.len() as f64;
    let numbered = || later.iter().enumerate().map(|(at, memory)| (at as f64 - middle, memory - mean));
    numbered().map(|(x, y)| x * y).sum::<f64>() / numbered().map(|(x, _)| x * x).sum::<f64>()
}
