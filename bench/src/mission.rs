//! Agents that run elsewhere: the list with what they have to do, and what their heartbeats cost.

use crate::http::{Conn, call, request};
use crate::load::{NUMBER, median, percentile};
use crate::process::Server;
use crate::report::{Figure, progress};
use crate::{Bench, Outcome, reads};
use serde_json::json;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const LISTED: usize = 50;
const TASKS: usize = 4;
const BEATING: usize = 1000;
const CONNECTIONS: usize = 20;

/// Measures the list of 50 agents with their tasks, and 1,000 agents that ask for work once a second.
pub(crate) async fn measure(bench: &Bench) -> Outcome<Vec<Figure>> {
    let mut figures = list(bench).await?;
    figures.extend(heartbeats(bench).await?);
    Ok(figures)
}

async fn list(bench: &Bench) -> Outcome<Vec<Figure>> {
    let folder = bench.folder()?;
    let muster = Server::muster(&bench.program, folder.path(), &[]).await?;
    let mut conn = Conn::open(muster.address).await?;
    for number in 0..LISTED {
        let name = format!("agent-{number}");
        enrol(&mut conn, &name).await?;
        for task in 0..TASKS {
            let body = json!({"title": format!("Task {task} of {name}"), "assigned_to": name, "priority": "high"});
            call(&mut conn, "POST", "/mission/api/tasks", &body).await?;
        }
    }
    let path = format!("/mission/api/agents?limit={LISTED}");
    reads::keep_answer(&mut conn, &path, folder.path()).await?;
    let bare = Server::bare(folder.path()).await?;
    let new = format!("{path}&number={NUMBER}");
    let name = "list of 50 agents with their tasks";
    progress(&format!("{name} ..."));
    let figures = reads::compare(bench, name, [&path, &new], &muster, &bare).await?;
    muster.stop().await?;
    Ok(figures)
}

async fn enrol(conn: &mut Conn, name: &str) -> Outcome<()> {
    let body = json!({"name": name, "role": "developer", "soul_content": "You review code.", "status": "online"});
    call(conn, "POST", "/mission/api/agents", &body).await.map(drop)
}

/// Each agent asks once a second, spread over the second, as agents that were started at different times do.
async fn heartbeats(bench: &Bench) -> Outcome<Vec<Figure>> {
    let folder = bench.folder()?;
    let muster = Server::muster(&bench.program, folder.path(), &[]).await?;
    let mut conn = Conn::open(muster.address).await?;
    progress("heartbeats of 1,000 agents ...");
    for number in 0..BEATING {
        enrol(&mut conn, &format!("agent-{number}")).await?;
    }
    let seconds = if bench.quick { 4 } else { 15 };
    // The first second compiles statements and opens connections.
    beat(muster.address, 1).await?;
    let before = muster.cpu()?;
    let begun = Instant::now();
    let mut times = beat(muster.address, seconds).await?;
    let share = (muster.cpu()? - before) / begun.elapsed().as_secs_f64() * 100.0;
    let (half, most) = (median(&mut times), percentile(&mut times, 0.99));
    muster.stop().await?;
    let text = format!("{share:.1} % of a core, answered in p50 {half:.2} ms, p99 {most:.2} ms");
    Ok(vec![Figure::plain("1,000 agents that beat once a second", share, text).below(20.0, "%")])
}

/// How long each answer took, in milliseconds.
async fn beat(address: SocketAddr, seconds: u32) -> Outcome<Vec<f64>> {
    let begun = Instant::now();
    let beating = (0..CONNECTIONS).map(|first| async move {
        let mut conn = Conn::open(address).await?;
        let mut times = Vec::new();
        for second in 0..seconds {
            for number in (first..BEATING).step_by(CONNECTIONS) {
                let due = Duration::from_secs(second.into()) + Duration::from_micros(number as u64 * 1000);
                tokio::time::sleep_until((begun + due).into()).await;
                let path = format!("/mission/api/agents/agent-{number}/heartbeat");
                let sent = Instant::now();
                let answer = conn.exchange(&request("POST", &path, "", "{}")).await?;
                if answer.status != 200 {
                    return Err(format!("a heartbeat was answered {}", answer.status).into());
                }
                times.push(sent.elapsed().as_secs_f64() * 1e3);
            }
        }
        Outcome::Ok(times)
    });
    Ok(futures::future::try_join_all(beating).await?.concat())
}
