//! Agents that dial in: what idle links take, how long an interrupt takes there and back, and how fast all are linked
//! again after the server was killed, while its health is asked for.

use crate::fleet::Fleet;
use crate::http::{Conn, call, request};
use crate::load::{median, percentile};
use crate::process::Server;
use crate::report::{Figure, progress};
use crate::{Bench, Outcome};
use serde_json::json;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const AT_ONCE: usize = 16;
/// Links that are there before memory is looked at, so that what the first ones need once is not counted.
const WARM: usize = 50;

/// What an idle link may take, in KiB.
const KIB_A_LINK: f64 = 20.0;
/// How often health is asked for during the storm, and how long an answer may take: what orchestrators do by default.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOK_WITHIN: Duration = Duration::from_secs(1);

/// Measures idle links, interrupts and a return of all.
pub(crate) async fn measure(bench: &Bench) -> Outcome<Vec<Figure>> {
    let (count, idle, each) =
        if bench.quick { (500, Duration::from_secs(5), 20) } else { (10_000, Duration::from_secs(30), 100) };
    let folder = bench.folder()?;
    let muster = Server::muster(&bench.program, folder.path(), &[]).await?;
    let address = muster.address;
    let mut fleet = Fleet::new(address, token(address).await?);
    progress(&format!("links: {count} agents dial in ..."));
    fleet.grow(WARM).await?;
    let before = muster.memory()?;
    let dialled = fleet.grow(count).await?;
    // What is written in batches is written.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let memory = muster.memory()? - before;
    progress("links: idle ...");
    let cpu = muster.cpu()?;
    tokio::time::sleep(idle).await;
    let cpu = (muster.cpu()? - cpu) / idle.as_secs_f64() * 100.0;
    progress("links: interrupts ...");
    let agents: Vec<String> = fleet.ids().into_iter().take(AT_ONCE).collect();
    interrupts(address, &agents[0], 5).await?;
    let mut alone = interrupts(address, &agents[0], each * 3).await?;
    let asking = agents.iter().map(|agent| interrupts(address, agent, each));
    let mut together = futures::future::try_join_all(asking).await?.concat();
    progress("links: the server is killed ...");
    drop(muster);
    fleet.all_gone().await?;
    let muster = Server::muster(&bench.program, folder.path(), &[("MUSTER_LISTEN", address.to_string())]).await?;
    let begun = Instant::now();
    let mut health = Health::default();
    tokio::select! {
        there = fleet.all_there() => there?,
        never = health.watch(address) => match never {},
    }
    let back = begun.elapsed().as_secs_f64();
    let worked = muster.cpu()?;
    drop(fleet);
    muster.stop().await?;
    let (each_kb, rate) = (memory * 1024.0 / (count - WARM) as f64, (count - WARM) as f64 / dialled.as_secs_f64());
    Ok(vec![
        Figure::plain("an idle link", each_kb, format!("{each_kb:.1} KiB of {count} links, {memory:.1} MiB together"))
            .below(KIB_A_LINK, "KiB"),
        Figure::plain(format!("{count} idle links"), cpu, format!("{cpu:.1} % of one processor")),
        Figure::plain("agents that dial in first", rate, format!("{rate:.0}/s")),
        there_and_back("interrupt and reply", &mut alone),
        there_and_back("interrupt and reply, 16 at once", &mut together),
        Figure::plain(
            format!("{count} agents come back"),
            back,
            format!("{back:.1} s after the start, {worked:.1} s of processor time; each tries every 0.5 to 30 s"),
        ),
        health.figure(),
    ])
}

/// What asking for the server's health came to.
#[derive(Default)]
struct Health {
    failed: usize,
    took: Vec<f64>,
}

impl Health {
    /// Asks over and over, each time over a connection of its own.
    async fn watch(&mut self, address: SocketAddr) -> Infallible {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let asked = request("GET", "/readyz", "", "");
        loop {
            looks.tick().await;
            let begun = Instant::now();
            let look = async { Ok::<_, crate::Problem>(Conn::open(address).await?.exchange(&asked).await?.status) };
            match tokio::time::timeout(LOOK_WITHIN, look).await {
                Ok(Ok(200)) => self.took.push(begun.elapsed().as_secs_f64() * 1e3),
                _ => self.failed += 1,
            }
        }
    }

    fn figure(mut self) -> Figure {
        let (asked, worst) = (self.failed + self.took.len(), percentile(&mut self.took, 1.0));
        let text = format!("{} of {asked} answers were no or came late; the slowest took {worst:.0} ms", self.failed);
        Figure::plain("health asked for meanwhile", self.failed as f64, text).below(1.0, "failed")
    }
}

fn there_and_back(name: &str, times: &mut [f64]) -> Figure {
    let (half, most) = (median(times), percentile(times, 0.99));
    Figure::plain(name, half, format!("p50 {half:.2} ms, p99 {most:.2} ms"))
}

/// An enrolment token.
async fn token(address: SocketAddr) -> Outcome<String> {
    let mut conn = Conn::open(address).await?;
    let made = call(&mut conn, "POST", "/v1/orgs/default/agent-tokens", &json!({"name": "bench"})).await?;
    Ok(made["secret"].as_str().ok_or("a token without its secret")?.to_owned())
}

/// Interrupts an agent over and over, waits for each reply, and returns the milliseconds that each took.
async fn interrupts(address: SocketAddr, agent: &str, count: usize) -> Outcome<Vec<f64>> {
    let mut conn = Conn::open(address).await?;
    let path = format!("/network/api/agents/{agent}/interrupt");
    let mut took = Vec::with_capacity(count);
    for number in 0..count {
        let reason = format!("question {number}");
        let begun = Instant::now();
        let answer = call(&mut conn, "POST", &path, &json!({"reason": reason, "wait": 30})).await?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
        if answer["reply"]["content"] != reason {
            return Err(format!("not the reply to {reason}: {answer}").into());
        }
    }
    Ok(took)
}
