//! The processes that are measured: the real program, and what it is compared with.

use crate::Outcome;
use crate::http::API_KEY;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// How long a server has to become ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server. It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    pid: u32,
    pub(crate) address: SocketAddr,
    /// From the start of the process to its line that it is ready.
    pub(crate) ready_after: Duration,
    _output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts the program on a data directory, with `settings` in its environment and nothing else from ours.
    pub(crate) async fn muster(program: &Path, data: &Path, settings: &[(&str, String)]) -> Outcome<Self> {
        let log = std::fs::File::options().create(true).append(true).open(data.join("bench.log"))?;
        let mut command = Command::new(program);
        command.arg("serve").env_clear().current_dir(data).stderr(log);
        command.env("MUSTER_DATA", data.join("data")).env("MUSTER_LISTEN", "127.0.0.1:0");
        command.env("MUSTER_RATE_LIMIT", "off").env("MUSTER_API_KEY", API_KEY);
        command.envs(settings.iter().map(|(name, value)| (*name, value.as_str())));
        Self::start(command, "muster ready on http://").await
    }

    /// Starts this program again as the bare handler that answers with the files of `folder`.
    pub(crate) async fn bare(folder: &Path) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare-http").arg(folder);
        Self::start(command, "bare handler ready on http://").await
    }

    async fn start(mut command: Command, ready: &str) -> Outcome<Self> {
        let begun = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let pid = child.id().ok_or("the server ended at once")?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no output of the server")?).lines();
        let address = tokio::time::timeout(PATIENCE, address_in(&mut output, ready)).await??;
        Ok(Self { child, pid, address, ready_after: begun.elapsed(), _output: output })
    }

    /// Ends the server in order.
    pub(crate) async fn stop(mut self) -> Outcome<()> {
        Command::new("kill").arg(self.pid.to_string()).status().await?;
        self.child.wait().await?;
        Ok(())
    }

    /// Resident memory in MB (of 1,048,576 bytes).
    pub(crate) fn memory(&self) -> Outcome<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Seconds of processor time used so far, of all threads, in user and kernel.
    pub(crate) fn cpu(&self) -> Outcome<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        let (_, rest) = stat.rsplit_once(')').ok_or("no stat")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks: f64 =
            fields.get(11).ok_or("no utime")?.parse::<f64>()? + fields.get(12).ok_or("no stime")?.parse::<f64>()?;
        // USER_HZ is 100 on every Linux of today.
        Ok(ticks / 100.0)
    }
}

async fn address_in(output: &mut Lines<BufReader<ChildStdout>>, ready: &str) -> Outcome<SocketAddr> {
    while let Some(line) = output.next_line().await? {
        if let Some(address) = line.strip_prefix(ready) {
            return Ok(address.trim().parse()?);
        }
    }
    Err("the server ended before it was ready".into())
}
