//! Reads a second against a bare handler that returns the same bytes.

use crate::bare_http;
use crate::http::{Conn, call, request};
use crate::load::{self, NUMBER, median};
use crate::process::Server;
use crate::report::{Figure, progress};
use crate::{Bench, Outcome};
use serde_json::{Value, json};
use std::path::Path;
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
    for path in [&list, &agent] {
        keep_answer(&mut conn, path, folder.path()).await?;
    }
    let bare = Server::bare(folder.path()).await?;
    let mut figures = Vec::new();
    for (name, path, new) in [
        ("list of 50 agents", &list, format!("{list}&number={NUMBER}")),
        ("get agent", &agent, format!("{agent}?number={NUMBER}")),
    ] {
        progress(&format!("{name} ..."));
        figures.extend(compare(bench, name, [path, &new], &muster, &bare).await?);
    }
    muster.stop().await?;
    Ok(figures)
}

/// Keeps what the program answers to a read for the bare handler.
pub(crate) async fn keep_answer(conn: &mut Conn, path: &str, folder: &Path) -> Outcome<()> {
    let answer: Value = call(conn, "GET", path, &Value::Null).await?;
    let body = conn.exchange(&request("GET", path, "", "")).await?.body.to_vec();
    if serde_json::from_slice::<Value>(&body)? != answer {
        return Err("the same request gave two answers".into());
    }
    bare_http::keep(folder, path, &body)
}

/// Rounds of the one and the other in turn, so that what else the machine does meets both.
///
/// The second path is asked with another number each time: what it costs when no answer was kept.
pub(crate) async fn compare(
    bench: &Bench,
    name: &str,
    paths: [&str; 2],
    muster: &Server,
    bare: &Server,
) -> Outcome<Vec<Figure>> {
    let [same, new] = paths.map(|path| [request("GET", path, "", "")]);
    let (rounds, length) = if bench.quick { (3, Duration::from_millis(700)) } else { (7, Duration::from_secs(2)) };
    let warm = Duration::from_millis(300);
    for (server, requests) in [(muster, &same), (muster, &new), (bare, &same)] {
        load::run(server.address, requests, warm).await?;
    }
    let (mut kept, mut made, mut other) = (Rounds::default(), Rounds::default(), Rounds::default());
    for _ in 0..rounds {
        kept.add(muster, &same, length).await?;
        other.add(bare, &same, length).await?;
        made.add(muster, &new, length).await?;
    }
    let (bare_rate, bare_cost) = (median(&mut other.rates.clone()), median(&mut other.costs));
    let mut figures = Vec::new();
    for (name, mut ours) in [(name.to_owned(), kept), (format!("{name}, never asked before"), made)] {
        let mut ratios: Vec<f64> = ours.rates.iter().zip(&other.rates).map(|(mine, theirs)| mine / theirs).collect();
        let (rate, cost) = (median(&mut ours.rates), median(&mut ours.costs));
        let text =
            format!("{rate:.0}/s ({cost:.1} us of processor), bare handler {bare_rate:.0}/s ({bare_cost:.1} us)");
        figures.push(Figure::plain(name, rate, text).against(median(&mut ratios), 0.5));
    }
    Ok(figures)
}

/// Requests a second, and microseconds of processor time of the server for each, by round.
#[derive(Default)]
struct Rounds {
    rates: Vec<f64>,
    costs: Vec<f64>,
}

impl Rounds {
    async fn add(&mut self, server: &Server, requests: &[Vec<u8>], length: Duration) -> Outcome<()> {
        let before = server.cpu()?;
        let load = load::run(server.address, requests, length).await?;
        self.costs.push((server.cpu()? - before) * 1e6 / load.answers as f64);
        self.rates.push(load.per_second());
        Ok(())
    }
}
