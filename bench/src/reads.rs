//! Reads a second against a bare handler that returns the same bytes.

use crate::bare_http::{AGENT, LIST};
use crate::http::{Conn, call, request};
use crate::load::{self, median};
use crate::process::Server;
use crate::report::{Figure, progress};
use crate::{Bench, Outcome};
use serde_json::{Value, json};
use std::time::Duration;

const AGENTS: usize = 50;

/// Measures the list of 50 agents, and one agent.
pub(crate) async fn measure(bench: &Bench) -> Outcome<Vec<Figure>> {
    let folder = bench.folder()?;
    let muster = Server::muster(&bench.program, folder.path(), &[]).await?;
    let mut conn = Conn::open(muster.address).await?;
    let mut id = String::new();
    for number in 0..AGENTS {
        let body = json!({
            "name": format!("Agent {number}"), "description": "An agent that is listed",
            "system_prompt": "You answer in one sentence.", "configuration": {"model": "openai/gpt-4.1-mini"},
        });
        let made = call(&mut conn, "POST", "/v1/agent/create", &body).await?;
        made["id"].as_str().ok_or("an agent without an id")?.clone_into(&mut id);
    }
    let list = format!("/v1/agent/list?limit={AGENTS}");
    let agent = format!("/v1/agent/{id}");
    for (path, file) in [(&list, LIST), (&agent, AGENT)] {
        let answer: Value = call(&mut conn, "GET", path, &Value::Null).await?;
        let body = conn.exchange(&request("GET", path, "", "")).await?.body.to_vec();
        if serde_json::from_slice::<Value>(&body)? != answer {
            return Err("the same request gave two answers".into());
        }
        std::fs::write(folder.path().join(file), body)?;
    }
    let bare = Server::bare(folder.path()).await?;
    let mut figures = Vec::new();
    for (name, path) in [("list of 50 agents", &list), ("get agent", &agent)] {
        progress(&format!("{name} ..."));
        figures.extend(compare(bench, name, &request("GET", path, "", ""), &muster, &bare).await?);
    }
    muster.stop().await?;
    Ok(figures)
}

/// Rounds of the one and the other in turn, so that what else the machine does meets both.
async fn compare(bench: &Bench, name: &str, request: &[u8], muster: &Server, bare: &Server) -> Outcome<Vec<Figure>> {
    let requests = [request.to_vec()];
    let (rounds, length) = if bench.quick { (3, Duration::from_millis(700)) } else { (7, Duration::from_secs(2)) };
    let warm = Duration::from_millis(300);
    load::run(muster.address, &requests, warm).await?;
    load::run(bare.address, &requests, warm).await?;
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut our_cost, mut their_cost) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (mine, cost) = round(muster, &requests, length).await?;
        let (other, other_cost) = round(bare, &requests, length).await?;
        ours.push(mine);
        theirs.push(other);
        ratios.push(mine / other);
        our_cost.push(cost);
        their_cost.push(other_cost);
    }
    let (mine, other) = (median(&mut ours), median(&mut theirs));
    let (cost, other_cost) = (median(&mut our_cost), median(&mut their_cost));
    let figure = Figure::plain(name, mine, format!("{mine:.0}/s, bare handler {other:.0}/s"));
    let text = format!("{cost:.1} us a request, bare handler {other_cost:.1} us");
    let costs = Figure { ratio: Some(other_cost / cost), ..Figure::plain(format!("{name}: processor"), cost, text) };
    Ok(vec![figure.against(median(&mut ratios), 0.5), costs])
}

/// Requests a second, and microseconds of processor time of the server for each.
async fn round(server: &Server, requests: &[Vec<u8>], length: Duration) -> Outcome<(f64, f64)> {
    let before = server.cpu()?;
    let load = load::run(server.address, requests, length).await?;
    let cost = (server.cpu()? - before) * 1e6 / load.answers as f64;
    Ok((load.per_second(), cost))
}
