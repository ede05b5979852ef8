//! What a turn adds to the time of its model: from sending the message to having its whole reply.

use crate::http::{Conn, call, find, request};
use crate::load::{median, percentile};
use crate::model;
use crate::process::Server;
use crate::report::{Figure, progress};
use crate::{Bench, Database, Outcome, disk};
use serde_json::json;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const MODEL_TIME: Duration = Duration::from_millis(50);
const AT_ONCE: usize = 16;

/// Measures turns one after another, and in 16 conversations at once.
pub(crate) async fn measure(bench: &Bench, database: &Database) -> Outcome<Vec<Figure>> {
    let folder = bench.folder()?;
    let mut settings = database.settings();
    settings.extend(model::settings(model::start(MODEL_TIME).await?));
    let muster = Server::muster(&bench.program, folder.path(), &settings).await?;
    let agents = agents(muster.address, AT_ONCE).await?;
    progress(&format!("{} ...", database.named("turns")));
    turns(muster.address, &agents[0], "warm", 5).await?;
    let (count, each) = if bench.quick { (40, 10) } else { (300, 40) };
    let mut sequential = turns(muster.address, &agents[0], "sequential", count).await?;
    let parallel = agents.iter().map(|agent| turns(muster.address, agent, "parallel", each));
    let mut parallel = futures::future::try_join_all(parallel).await?.concat();
    // A turn commits three times, so what the disk takes at this moment belongs to the figure.
    let (sync, _) = disk::sync(folder.path(), 50)?;
    muster.stop().await?;
    let figure = |name: &str, times: &mut Vec<f64>| {
        let (half, most) = (median(times), percentile(times, 0.99));
        Figure::plain(
            database.named(name),
            half,
            format!("p50 {half:.2} ms, p99 {most:.2} ms; a synced write {sync:.2} ms"),
        )
    };
    let sequential = figure("added to a turn", &mut sequential).below(5.0, "ms p50");
    let mut figures = vec![sequential];
    // What waits for a processor here depends on how many there are: it is shown, and the aim is about a turn alone.
    figures.push(figure("added to a turn, 16 at once", &mut parallel));
    Ok(figures)
}

/// Makes agents that answer by the scripted model, with all the balance they can need.
pub(crate) async fn agents(address: SocketAddr, count: usize) -> Outcome<Vec<String>> {
    let mut conn = Conn::open(address).await?;
    let mut ids = Vec::new();
    for number in 0..count {
        let body = json!({"name": format!("Agent {number}"), "output_token_balance": 1_000_000_000});
        let made = call(&mut conn, "POST", "/v1/agent/create", &body).await?;
        ids.push(made["id"].as_str().ok_or("an agent without an id")?.to_owned());
    }
    Ok(ids)
}

/// Takes turns in one conversation after another of five turns each, as long prompts are not what is measured.
///
/// Returns milliseconds beyond the model's own time.
async fn turns(address: SocketAddr, agent: &str, name: &str, count: usize) -> Outcome<Vec<f64>> {
    let mut conn = Conn::open(address).await?;
    let mut added = Vec::with_capacity(count);
    for number in 0..count {
        added.push(turn(&mut conn, agent, &format!("{name}-{}", number / 5)).await?.as_secs_f64() * 1e3);
    }
    Ok(added)
}

/// Sends a message, waits for the whole reply, and returns the time beyond that of the model.
pub(crate) async fn turn(conn: &mut Conn, agent: &str, conversation: &str) -> Outcome<Duration> {
    const COMPLETED: &[u8] = b"event: message.completed";
    let body = json!({"content": "How is the pump doing?", "conversation_id": conversation}).to_string();
    let path = format!("/v1/agent/{agent}/messages");
    let request = request("POST", &path, "accept: text/event-stream\r\n", &body);
    let begun = Instant::now();
    conn.until(&request, COMPLETED).await?;
    let took = begun.elapsed();
    let answer = conn.drain().await?;
    let completed = find(answer, COMPLETED).ok_or("no reply")?;
    Ok(took.saturating_sub(model::took(&answer[completed..])?))
}
