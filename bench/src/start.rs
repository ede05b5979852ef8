//! From the start of the process to its line that it is ready, and the memory that it takes when idle.

use crate::load::median;
use crate::process::Server;
use crate::report::{Figure, progress};
use crate::{Bench, Outcome};
use std::time::Duration;

const STARTS: usize = 5;

/// Measures the first start, later starts, and idle memory.
pub(crate) async fn measure(bench: &Bench) -> Outcome<Vec<Figure>> {
    progress("start ...");
    let folder = bench.folder()?;
    let first = Server::muster(&bench.program, folder.path(), &[]).await?;
    let first_ms = first.ready_after.as_secs_f64() * 1e3;
    first.stop().await?;
    let mut times = Vec::new();
    for _ in 1..STARTS {
        let server = Server::muster(&bench.program, folder.path(), &[]).await?;
        times.push(server.ready_after.as_secs_f64() * 1e3);
        server.stop().await?;
    }
    let last = Server::muster(&bench.program, folder.path(), &[]).await?;
    times.push(last.ready_after.as_secs_f64() * 1e3);
    tokio::time::sleep(Duration::from_secs(if bench.quick { 1 } else { 5 })).await;
    let memory = last.memory()?;
    last.stop().await?;
    let later = median(&mut times);
    Ok(vec![
        Figure::plain("first start to ready", first_ms, format!("{first_ms:.0} ms")),
        Figure::plain("start to ready", later, format!("{later:.0} ms")).below(300.0, "ms"),
        Figure::plain("idle memory", memory, format!("{memory:.1} MB")).below(60.0, "MB"),
    ])
}
