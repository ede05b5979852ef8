//! Child processes that never outlive the test, and the lines they print.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;

/// A child process; killed when it is dropped.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    lines: UnboundedReceiver<String>,
    printed: Vec<String>,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with its errors appended to `log`.
    pub fn start(name: &'static str, mut command: Command, log: &Path) -> Self {
        let errors = File::options().create(true).append(true).open(log).expect("the log can be written");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let stdout = child.stdout.take().expect("it is piped");
        let (send, lines) = unbounded_channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody has to listen, but the pipe must never fill up.
                let _ = send.send(line);
            }
        });
        Self { name, child, lines, printed: Vec::new(), log: log.to_owned() }
    }

    /// Waits for a line that `find` takes something out of; an error with the log when the process ends before.
    pub async fn line<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            match tokio::time::timeout_at(deadline, self.lines.recv()).await {
                Ok(Some(line)) => {
                    let found = find(&line);
                    self.printed.push(line);
                    if let Some(found) = found {
                        return Ok(found);
                    }
                }
                Ok(None) => return Err(format!("{} ended while it started:\n{}", self.name, self.log())),
                Err(_) => return Err(format!("{} was not ready in time:\n{}", self.name, self.log())),
            }
        }
    }

    /// The lines that it printed up to the one that was waited for.
    pub fn printed(&self) -> &[String] {
        &self.printed
    }

    /// Everything that it has written to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends it SIGTERM.
    pub fn terminate(&self) {
        let sent = Command::new("kill").arg("-TERM").arg(self.id().to_string()).status();
        assert!(sent.is_ok_and(|status| status.success()), "{} cannot be sent SIGTERM", self.name);
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Waits for its end.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return status;
            }
            assert!(Instant::now() < deadline, "{} did not end within {within:?}:\n{}", self.name, self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let from = log.char_indices().rev().nth(3000).map_or(0, |(at, _)| at);
            eprintln!("--- end of the log of {}\n{}", self.name, &log[from..]);
        }
    }
}

/// A command with nothing of the caller's environment but what programs need to be found.
pub(crate) fn clean(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for name in ["PATH", "HOME", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// The program under test: `MUSTER_BIN`, else the one that cargo builds beside these tests.
pub(crate) fn muster() -> PathBuf {
    let path = std::env::var_os("MUSTER_BIN").map_or_else(
        || {
            let test = std::env::current_exe().expect("a test knows where it is");
            test.ancestors().nth(2).expect("target/debug/deps/it").join("muster")
        },
        PathBuf::from,
    );
    let whole = std::path::absolute(&path).expect("a path");
    assert!(whole.is_file(), "there is no {}; run `cargo build -p muster`, or set MUSTER_BIN", whole.display());
    whole
}
