//! `muster agents`

use super::Connection;
use super::api::Api;
use super::find::{self, Agent, PAGE};
use super::table::{Field, grouped, table};
use super::terminal::{Ink, harmless, one_line, paint, remark, say};
use super::times::{ago, moment, now};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use muster_base::{Error, Millis, Result};
use serde_json::{Map, Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LS_HELP: &str = "\
Examples:
  muster agents ls --q library
  muster agents ls --status error --json | jq -r '.data[].id'";

const CREATE_HELP: &str = "\
Examples:
  muster agents create --name Ann --system-prompt \"You are Ann of the town library.\"
  muster agents create --name Ben --system-prompt-file ben.md --model openai/gpt-4.1-mini";

/// List, create and show agents
#[derive(Subcommand)]
pub(crate) enum Agents {
    /// List agents, newest first
    #[command(after_help = LS_HELP)]
    Ls(Ls),
    /// Create an agent that runs here
    #[command(after_help = CREATE_HELP)]
    Create(Create),
    /// Show an agent, its settings and its figures
    Show(Show),
}

/// Which agents are listed.
#[derive(Args)]
pub(crate) struct Ls {
    /// Only agents with this in their name, id or description
    #[arg(long, short, value_name = "TEXT")]
    q: Option<String>,
    /// Only agents in this state
    #[arg(long, value_parser = ["active", "paused", "stopped", "error"])]
    status: Option<String>,
    /// How many at the most [default: all]
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    #[command(flatten)]
    connection: Connection,
}

/// What is asked of a new agent.
#[derive(Args)]
pub(crate) struct Create {
    /// Its name, unique in the org
    #[arg(long)]
    name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Its model as provider/model, e.g. openai/gpt-4.1-mini [default: the server's]
    #[arg(long)]
    model: Option<String>,
    /// Its instructions
    #[arg(long, value_name = "TEXT", conflicts_with = "system_prompt_file")]
    system_prompt: Option<String>,
    /// A file with its instructions; - is standard input
    #[arg(long, value_name = "FILE")]
    system_prompt_file: Option<PathBuf>,
    /// Take its instructions in place of Muster's own guidance, not after it
    #[arg(long)]
    replace_prompt: bool,
    /// Output tokens that it may use [default: 1000000]
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(i64).range(0..))]
    balance: Option<i64>,
    /// How long one of its turns may take [default: 3600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    timeout: Option<u32>,
    /// Show each turn only its own messages, not the conversation before
    #[arg(long)]
    ephemeral: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Which agent is shown.
#[derive(Args)]
pub(crate) struct Show {
    /// Its number, id or name
    agent: String,
    #[command(flatten)]
    connection: Connection,
}

impl Agents {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::Ls(command) => command.run().await,
            Self::Create(command) => command.run().await,
            Self::Show(command) => command.run().await,
        }
    }
}

impl Ls {
    async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        let agents = self.fetch(&api).await?;
        if self.connection.json {
            return say(format!("{:#}", json!({"data": agents})));
        }
        if agents.is_empty() {
            let is_filtered = self.q.is_some() || self.status.is_some();
            let hint = if is_filtered {
                "no agent is like that"
            } else {
                "there are no agents yet; `muster agents create --name Ann` makes one"
            };
            remark(hint);
            return Ok(());
        }
        let agents: Vec<Agent> = api.read(Value::Array(agents))?;
        let now = now();
        let rows = agents.iter().map(|agent| row(agent, now)).collect();
        say(table(["NAME", "ID", "STATUS", "PRESENCE", "MODEL", "MESSAGES", "TOKENS LEFT", "LAST SEEN"], rows))
    }

    /// All pages, up to the limit.
    async fn fetch(&self, api: &Api) -> Result<Vec<Value>> {
        let limit = self.limit.map_or(usize::MAX, |limit| limit as usize);
        let filter: Vec<(&str, &str)> = [("q", &self.q), ("lifecycle", &self.status)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
            .collect();
        let bar = ProgressBar::new_spinner().with_style(
            ProgressStyle::with_template("{spinner} read {pos} agents")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        let mut agents = Vec::new();
        let mut token = None;
        loop {
            let wanted = PAGE.min(limit - agents.len());
            let (found, next) = find::page(api, &filter, wanted, token.as_deref()).await?;
            agents.extend(found);
            token = next;
            if token.is_none() || agents.len() >= limit {
                break;
            }
            bar.set_position(agents.len() as u64);
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        bar.finish_and_clear();
        Ok(agents)
    }
}

fn row(agent: &Agent, now: Millis) -> [Field; 8] {
    [
        Field::text(one_line(&agent.name, 40)).ink(Some(Ink::Bold)),
        Field::text(harmless(&agent.id)),
        Field::text(agent.lifecycle.as_str()).ink(ink_of(&agent.lifecycle)),
        Field::text(agent.presence.as_str()).ink(ink_of(&agent.presence)),
        Field::text(one_line(agent.model.as_deref().unwrap_or("-"), 40)),
        Field::number(agent.message_count),
        Field::number(agent.output_token_balance),
        Field::text(agent.last_seen_at.map_or_else(|| "-".to_owned(), |at| ago(at, now))),
    ]
}

fn ink_of(state: &str) -> Option<Ink> {
    match state {
        "active" | "online" => Some(Ink::Green),
        "paused" | "busy" => Some(Ink::Yellow),
        "error" => Some(Ink::Red),
        "stopped" | "offline" => Some(Ink::Dim),
        _ => None,
    }
}

impl Create {
    async fn run(self) -> Result<()> {
        let prompt = match &self.system_prompt_file {
            Some(path) => Some(read_prompt(path)?),
            None => self.system_prompt.clone(),
        };
        if self.replace_prompt && prompt.is_none() {
            let message =
                "needs instructions that stand in place of Muster's: pass --system-prompt or --system-prompt-file";
            return Err(Error::invalid("--replace-prompt", message));
        }
        let api = self.connection.open()?;
        let made = api.post(&api.at(&["v1", "agent", "create"], &[]), &self.body(prompt)).await?;
        if self.connection.json {
            return say(format!("{made:#}"));
        }
        let (id, name) = (made["id"].as_str().unwrap_or_default(), made["name"].as_str().unwrap_or_default());
        say(format!("made the agent {} ({})", paint(Ink::Bold, &harmless(name)), harmless(id)))?;
        say(format!("talk to it: muster chat {}", harmless(id)))
    }

    /// The request; what was not said is left to the server.
    fn body(&self, prompt: Option<String>) -> Value {
        let mut configuration = Map::new();
        configuration.extend(self.model.as_ref().map(|model| ("model".to_owned(), json!(model))));
        configuration.extend(self.timeout.map(|seconds| ("timeout_seconds".to_owned(), json!(seconds))));
        let said = [
            ("description", self.description.as_ref().map(|text| json!(text))),
            ("system_prompt", prompt.map(|text| json!(text))),
            ("system_prompt_type", self.replace_prompt.then(|| json!("replace"))),
            ("output_token_balance", self.balance.map(|tokens| json!(tokens))),
            ("session_mode", self.ephemeral.then(|| json!("ephemeral"))),
            ("configuration", (!configuration.is_empty()).then_some(Value::Object(configuration))),
        ];
        let mut body = Map::from_iter([("name".to_owned(), json!(self.name))]);
        body.extend(said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        Value::Object(body)
    }
}

fn read_prompt(path: &Path) -> Result<String> {
    let text = if path.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|error| Error::invalid("--system-prompt-file", format!("{} cannot be read: {error}", path.display())))
}

impl Show {
    async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        let agent = find::find(&api, &self.agent).await?;
        let whole = api.get(&api.at(&["v1", "agent", &agent.id], &[])).await?;
        if self.connection.json {
            return say(format!("{whole:#}"));
        }
        for (title, value) in facts(&agent, &whole, now()) {
            let mut lines = value.lines();
            let title = format!("{title:<12}");
            say(format!("{} {}", paint(Ink::Dim, &title), lines.next().unwrap_or_default()))?;
            for line in lines {
                say(format!("{:12} {line}", ""))?;
            }
        }
        Ok(())
    }
}

/// What is shown of an agent, in order.
fn facts(agent: &Agent, whole: &Value, now: Millis) -> Vec<(&'static str, String)> {
    let text = |value: &Value| value.as_str().map(|text| harmless(text).into_owned()).filter(|text| !text.is_empty());
    let when = |at: Millis| format!("{} ({})", ago(at, now), moment(at));
    let configuration = &whole["configuration"];
    let status = match text(&whole["status_reason"]) {
        Some(reason) => format!("{}: {reason}", paint_state(&agent.lifecycle)),
        None => paint_state(&agent.lifecycle),
    };
    let files = &whole["filesystem_summary"];
    let files =
        files["total_files"].as_i64().map(|count| format!("{} ({} MB)", grouped(count), files["total_size_mb"]));
    let prompt = text(&whole["system_prompt"]).map(|prompt| match text(&whole["system_prompt_type"]).as_deref() {
        Some("replace") => format!("(in place of Muster's guidance)\n{prompt}"),
        _ => prompt,
    });
    let all = [
        ("name", Some(paint(Ink::Bold, &one_line(&agent.name, 100)).into_owned())),
        ("id", Some(harmless(&agent.id).into_owned())),
        ("description", agent.description.as_deref().map(|text| harmless(text).into_owned())),
        ("status", Some(status)),
        ("presence", Some(paint_state(&agent.presence))),
        (
            "model",
            Some(
                text(&configuration["model"])
                    .or_else(|| agent.model.clone())
                    .unwrap_or_else(|| "the server's default".to_owned()),
            ),
        ),
        ("session", text(&whole["session_mode"])),
        ("timeout", configuration["timeout_seconds"].as_i64().map(|seconds| format!("{seconds} s"))),
        ("tokens left", Some(grouped(agent.output_token_balance))),
        ("messages", Some(grouped(agent.message_count))),
        ("files", files),
        ("last seen", agent.last_seen_at.map(when)),
        ("created", Some(when(agent.created_at))),
        ("changed", Some(format!("{}, version {}", when(agent.updated_at), agent.version))),
        ("instructions", prompt),
    ];
    all.into_iter().filter_map(|(title, value)| Some((title, value?))).collect()
}

fn paint_state(state: &str) -> String {
    match ink_of(state) {
        Some(ink) => paint(ink, state).into_owned(),
        None => state.to_owned(),
    }
}

#[cfg(test)]
#[path = "agents_tests.rs"]
mod tests;
