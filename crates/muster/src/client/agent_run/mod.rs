//! `muster agent run`: an agent that dials in and answers each interrupt by a command of this machine.

mod link;
mod program;
mod state;
#[cfg(test)]
mod tests;

use super::api::Api;
use super::terminal::{harmless, one_line, remark, say};
use clap::{Args, Subcommand};
use link::{Ended, Link};
use muster_base::{Error, Kind, Result};
use program::Program;
use reqwest::Url;
use serde_json::{Value, json};
use state::State;
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// The wait before the second try to dial in; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long running commands may take to finish when the agent is told to stop.
const GRACE: Duration = Duration::from_secs(20);
/// How many messages may wait for a command here; the server keeps the others until the next link.
const MOST_WAITING: usize = 10_000;

const RUN_HELP: &str = "\
The command gets the message on standard input, its id in MUSTER_MESSAGE_ID and its sender in MUSTER_FROM. What it prints
is the reply. A message whose command has finished is never given to the command again; one whose command was cut short
by the end of this program is.

Examples:
  muster agent run --token \"$TOKEN\" --exec 'tr a-z A-Z'
  muster agent run --token \"$TOKEN\" --name builder --exec ./answer.sh --timeout 600 --concurrency 4";

/// Be an agent from this machine
#[derive(Subcommand)]
pub(crate) enum Agent {
    /// Dial in and answer each interrupt by a command
    #[command(after_help = RUN_HELP)]
    Run(Run),
}

impl Agent {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::Run(command) => command.run().await,
        }
    }
}

/// How the agent runs.
#[derive(Args)]
pub(crate) struct Run {
    /// An enrolment token, or another token that may dial in
    #[arg(long, env = "MUSTER_AGENT_TOKEN", hide_env_values = true)]
    token: String,
    /// The command that answers, run by sh -c
    #[arg(long, value_name = "CMD")]
    exec: String,
    /// The agent's name [default: the server chooses]
    #[arg(long)]
    name: Option<String>,
    /// By what the server knows this agent again [default: made once, and kept in the state directory]
    #[arg(long, value_name = "ID")]
    machine_id: Option<String>,
    /// How long a command may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// How many commands run at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Where the machine id and finished replies are kept [default: ~/.local/state/muster]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Where the server is
    #[arg(long, env = "MUSTER_URL", value_name = "URL", default_value = "http://127.0.0.1:7717")]
    url: String,
    /// Print what happens as JSON lines, for programs
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(crate) async fn run(self) -> Result<()> {
        let mut stop = Stop::new()?;
        self.run_until(&mut stop).await
    }

    async fn run_until(self, stop: &mut Stop) -> Result<()> {
        let url = rendezvous(&self.url)?;
        let state = Arc::new(State::open(self.state_dir()?)?);
        let machine_id = match &self.machine_id {
            Some(id) => id.clone(),
            None => state.machine_id()?,
        };
        let register = json!({
            "type": "register", "token": self.token, "machineId": machine_id, "name": self.name,
            "version": concat!("muster/", env!("CARGO_PKG_VERSION")),
        });
        let library = Library { api: self.api()? };
        let program = Program { command: self.exec, time: Duration::from_secs(self.timeout) };
        let mut work = Work::new(program, library, state, usize::from(self.concurrency), Voice { json: self.json });
        let mut tries = 0;
        loop {
            let dialled = tokio::select! {
                dialled = Link::dial(&url, &register) => dialled,
                () = stop.asked() => {
                    work.finish_without_link().await;
                    return Ok(());
                }
            };
            let ended = match dialled {
                Ok(mut link) => {
                    tries = 0;
                    work.voice.tell("registered", &link.agent, json!({"agentId": link.agent, "name": link.name}));
                    link.serve(&mut work, stop).await
                }
                Err(ended) => ended,
            };
            let problem = match ended {
                Ended::Stopped => return Ok(()),
                Ended::Fatal(error) => return Err(error),
                Ended::Broken(problem) => problem,
            };
            let wait = backoff(tries);
            tries += 1;
            let line = format!("{problem}; next try in {:.1} s", wait.as_secs_f32());
            work.voice.tell("disconnected", &line, json!({"problem": problem, "retryInMs": wait.as_millis() as u64}));
            tokio::select! {
                () = sleep(wait) => {}
                () = stop.asked() => {
                    work.finish_without_link().await;
                    return Ok(());
                }
            }
        }
    }

    /// The same server, asked over HTTP.
    fn api(&self) -> Result<Api> {
        let url = match self.url.strip_prefix("ws") {
            Some(rest) => format!("http{rest}"),
            None => self.url.clone(),
        };
        Api::new(&url, Some(&self.token))
    }

    fn state_dir(&self) -> Result<PathBuf> {
        if let Some(dir) = &self.state {
            return Ok(dir.clone());
        }
        let home =
            std::env::home_dir().ok_or_else(|| Error::invalid("state", "there is no home directory; name one"))?;
        Ok(home.join(".local/state/muster"))
    }
}

/// The address of the server's WebSocket.
fn rendezvous(server: &str) -> Result<Url> {
    let wrong = || Error::invalid("url", "must be a http or https address such as http://127.0.0.1:7717");
    let mut url = Url::parse(server).map_err(|_| wrong())?;
    let scheme = match url.scheme() {
        "http" | "ws" => "ws",
        "https" | "wss" => "wss",
        _ => return Err(wrong()),
    };
    let path = format!("{}/rendezvous", url.path().trim_end_matches('/'));
    // A `Url` refuses to go from a scheme with a default port to another only when the host is missing.
    url.set_scheme(scheme).map_err(|()| wrong())?;
    url.set_path(&path);
    Ok(url)
}

/// A random half to the whole of a wait that doubles, so that agents do not all come back at once.
fn backoff(tries: u32) -> Duration {
    let full = FIRST_WAIT.saturating_mul(1 << tries.min(8)).min(LONGEST_WAIT);
    let share = RandomState::new().build_hasher().finish() % 1000;
    full / 2 + full / 2 * u32::try_from(share).unwrap_or(0) / 1000
}

/// Ctrl-C and SIGTERM; once asked to stop, always.
struct Stop {
    is_asked: bool,
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn new() -> Result<Self> {
        let listen = |kind| signal(kind).map_err(Error::internal);
        let (interrupt, terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
        Ok(Self { is_asked: false, interrupt, terminate })
    }

    async fn asked(&mut self) {
        if self.is_asked {
            return;
        }
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        self.is_asked = true;
    }
}

/// Tells what happens: lines for a person on standard error, JSON for programs on standard output.
struct Voice {
    json: bool,
}

impl Voice {
    fn tell(&self, event: &str, line: &str, mut facts: Value) {
        if self.json {
            facts["event"] = json!(event);
            let _ = say(facts.to_string());
        } else {
            remark(&format!("{event}: {}", one_line(&harmless(line), 300)));
        }
    }
}

/// A message that a command is to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    id: String,
    from: String,
    reason: String,
    /// Whether `reason` is only the beginning of it.
    is_cut: bool,
}

/// A reply that is stored here and can be sent.
struct Finished {
    id: String,
    content: String,
}

/// Where messages are read whole that are too long for a link.
struct Library {
    api: Api,
}

impl Library {
    /// The message with all of its text.
    async fn complete(&self, mut asked: Asked) -> Result<Asked> {
        if asked.is_cut {
            let whole = self.api.get(&self.api.in_network(&["agents", "messages", &asked.id])).await?;
            let reason = whole["reason"].as_str();
            let reason = reason.ok_or_else(|| Error::internal("the server's answer has no `reason`"))?;
            reason.clone_into(&mut asked.reason);
        }
        Ok(asked)
    }
}

/// The messages in hand; outlives links.
struct Work {
    program: Arc<Program>,
    library: Arc<Library>,
    state: Arc<State>,
    most: usize,
    voice: Voice,
    waiting: VecDeque<Asked>,
    in_hand: HashSet<String>,
    running: JoinSet<(String, Result<String, Ended>)>,
}

impl Work {
    fn new(program: Program, library: Library, state: Arc<State>, most: usize, voice: Voice) -> Self {
        let (waiting, in_hand, running) = (VecDeque::new(), HashSet::new(), JoinSet::new());
        let (program, library) = (Arc::new(program), Arc::new(library));
        Self { program, library, state, most, voice, waiting, in_hand, running }
    }

    /// Takes a message up; gives the reply when there is one from before.
    fn take(&mut self, asked: Asked) -> Option<Finished> {
        if let Some(content) = self.state.reply(&asked.id) {
            return Some(Finished { id: asked.id, content });
        }
        if self.in_hand.contains(&asked.id) {
            return None;
        }
        if self.waiting.len() >= MOST_WAITING {
            self.voice.tell("left", "too many messages wait; the server keeps it", json!({"messageId": asked.id}));
            return None;
        }
        self.voice.tell("interrupt", &asked.reason, json!({"messageId": asked.id, "from": asked.from}));
        self.in_hand.insert(asked.id.clone());
        self.waiting.push_back(asked);
        self.start();
        None
    }

    /// Starts commands while there is room.
    fn start(&mut self) {
        while self.running.len() < self.most {
            let Some(asked) = self.waiting.pop_front() else { return };
            let (program, library, state) =
                (Arc::clone(&self.program), Arc::clone(&self.library), Arc::clone(&self.state));
            self.running.spawn(async move {
                let id = asked.id.clone();
                let content = match library.complete(asked).await {
                    Ok(asked) => program.answer(&asked).await,
                    Err(error) if is_for_good(&error) => format!("the message could not be read whole: {error}"),
                    Err(error) => return (id, Err(Ended::Broken(format!("a message could not be read: {error}")))),
                };
                // The reply is on the disk before anybody hears of it.
                let for_state = id.clone();
                let kept = tokio::task::spawn_blocking(move || state.keep(&for_state, content)).await;
                (id, kept.unwrap_or_else(|error| Err(Error::internal(error))).map_err(Ended::Fatal))
            });
        }
    }

    /// The next reply; waits for ever while no command runs.
    async fn finished(&mut self) -> Result<Finished, Ended> {
        match self.running.join_next().await {
            Some(joined) => {
                let (id, kept) = joined.map_err(|error| Ended::Fatal(Error::internal(error)))?;
                self.in_hand.remove(&id);
                let content = kept?;
                self.voice.tell("replied", &content, json!({"messageId": id}));
                Ok(Finished { id, content })
            }
            None => std::future::pending().await,
        }
    }

    /// What waits is left to the server, which sends it again.
    fn take_no_more(&mut self) {
        self.waiting.clear();
    }

    /// Lets running commands finish; their replies are kept and sent when the agent runs again.
    async fn finish_without_link(&mut self) {
        self.take_no_more();
        let until = Instant::now() + GRACE;
        while !self.running.is_empty() {
            tokio::select! {
                finished = self.finished() => if finished.is_err() { return },
                () = sleep_until(until) => return,
            }
        }
    }
}

/// Whether asking again would be answered alike.
fn is_for_good(error: &Error) -> bool {
    matches!(error.kind(), Kind::Unauthorized | Kind::Forbidden | Kind::NotFound | Kind::Invalid)
}

/// An error that dialling in again cannot mend.
fn refused(message: &str) -> Error {
    Error::new(Kind::Unauthorized, "agent_run.refused", message.to_owned())
}
