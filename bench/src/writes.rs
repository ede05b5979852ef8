//! Accepted messages a second against a bare loop that writes the same rows.

use crate::bare_commits::{AGENTS, Bare, GROUP};
use crate::http::{Conn, call, request};
use crate::load::{self, median, percentile};
use crate::process::Server;
use crate::report::{Figure, progress};
use crate::{Bench, Database, Outcome, disk};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

const CONTENT: &str =
    "The pump in hall 3 shows a pressure of 4.2 bar since this morning; is that within the limits of the plan?";

/// Measures messages to paused agents, so that nothing but their acceptance happens.
pub(crate) async fn measure(bench: &Bench, database: &Database) -> Outcome<Vec<Figure>> {
    let folder = bench.folder()?;
    let mut bare = database.bare(folder.path()).await?;
    let muster = Server::muster(&bench.program, folder.path(), &database.settings()).await?;
    let mut conn = Conn::open(muster.address).await?;
    let mut requests = Vec::new();
    for number in 0..AGENTS {
        let made = call(&mut conn, "POST", "/v1/agent/create", &json!({"name": format!("Agent {number}")})).await?;
        let id = made["id"].as_str().ok_or("an agent without an id")?;
        call(&mut conn, "POST", &format!("/v1/agent/{id}/pause"), &json!({})).await?;
        let body = json!({"content": CONTENT}).to_string();
        requests.push(request("POST", &format!("/v1/agent/{id}/messages"), "", &body));
    }
    let name = database.named("accepted durable messages");
    progress(&format!("{name} ..."));
    let mut figures = compare(bench, &name, &requests, &muster, &mut bare).await?;
    figures.push(alone(bench, &name, &requests[0], &muster).await?);
    if matches!(database, Database::Sqlite) {
        figures.extend(disk(bench, folder.path(), &mut bare).await?);
    }
    muster.stop().await?;
    Ok(figures)
}

async fn compare(
    bench: &Bench,
    name: &str,
    requests: &[Vec<u8>],
    muster: &Server,
    bare: &mut Bare,
) -> Outcome<Vec<Figure>> {
    let (rounds, length) = if bench.quick { (3, Duration::from_millis(700)) } else { (7, Duration::from_secs(2)) };
    load::run(muster.address, requests, Duration::from_millis(300)).await?;
    bare.write(CONTENT, GROUP, Duration::from_millis(300)).await?;
    let (mut ours, mut theirs, mut ratios, mut costs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let before = muster.cpu()?;
        let load = load::run(muster.address, requests, length).await?;
        costs.push((muster.cpu()? - before) * 1e6 / load.answers as f64);
        let other = bare.write(CONTENT, GROUP, length).await?;
        ratios.push(load.per_second() / other);
        ours.push(load.per_second());
        theirs.push(other);
    }
    let (mine, other, cost) = (median(&mut ours), median(&mut theirs), median(&mut costs));
    let figure = Figure::plain(name, mine, format!("{mine:.0}/s, bare commits {other:.0}/s"));
    let cost = Figure::plain(format!("{name}: processor"), cost, format!("{cost:.0} us a message"));
    Ok(vec![figure.against(median(&mut ratios), 0.5), cost])
}

/// How long one message takes when no other is on its way.
async fn alone(bench: &Bench, name: &str, request: &[u8], muster: &Server) -> Outcome<Figure> {
    let mut conn = Conn::open(muster.address).await?;
    let mut times = Vec::new();
    for _ in 0..if bench.quick { 100 } else { 500 } {
        let begun = Instant::now();
        conn.exchange(request).await?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let (half, most) = (median(&mut times), percentile(&mut times, 0.99));
    Ok(Figure::plain(format!("{name}: one at a time"), half, format!("p50 {half:.2} ms, p99 {most:.2} ms")))
}

/// What the disk itself takes: a small synced write, and a commit of one message.
async fn disk(bench: &Bench, folder: &Path, bare: &mut Bare) -> Outcome<Vec<Figure>> {
    let (half, most) = disk::sync(folder, if bench.quick { 100 } else { 500 })?;
    let sync = Figure::plain("disk: synced write of 4 KiB", half, format!("p50 {half:.2} ms, p99 {most:.2} ms"));
    let rate = bare.write(CONTENT, 1, Duration::from_millis(if bench.quick { 300 } else { 1000 })).await?;
    let single = 1e3 / rate;
    Ok(vec![sync, Figure::plain("disk: commit of one message", single, format!("{single:.2} ms"))])
}
