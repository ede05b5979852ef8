//! `muster tasks`

use super::Connection;
use super::api::Api;
use super::table::{Field, table};
use super::terminal::{Ink, harmless, one_line, paint, remark, say};
use super::times::{ago, moment, now};
use clap::{Args, Subcommand};
use muster_base::{Error, Millis, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How many tasks are asked for at once.
const PAGE: usize = 200;
const STATUSES: [&str; 7] = ["inbox", "assigned", "in_progress", "review", "quality_review", "done", "failed"];
const PRIORITIES: [&str; 4] = ["critical", "high", "medium", "low"];

const LS_HELP: &str = "\
Examples:
  muster tasks ls --status inbox
  muster tasks ls --agent code-reviewer --json | jq -r '.tasks[].id'";

const ADD_HELP: &str = "\
Examples:
  muster tasks add \"Review the auth module\" --priority high --agent code-reviewer
  muster tasks add \"Water the plants\" --due 2027-01-01T08:00:00Z";

const SET_HELP: &str = "\
Examples:
  muster tasks set 12 --status done
  muster tasks set 12 --agent Ann --priority critical
  muster tasks set 12 --no-agent";

const CLAIM_HELP: &str = "\
The agent goes on with the task that it is at, if there is one; else it begins the most urgent one that it was
given or that nobody has. Ends with exit code 0 also when there is nothing to do.";

/// List, add, change and claim tasks
#[derive(Subcommand)]
pub(crate) enum Tasks {
    /// List tasks, newest first
    #[command(after_help = LS_HELP)]
    Ls(Ls),
    /// Add a task, for an agent or for whoever takes it
    #[command(after_help = ADD_HELP)]
    Add(Add),
    /// Show a task
    Show(One),
    /// Change a task
    #[command(after_help = SET_HELP)]
    Set(Set),
    /// Remove a task
    Rm(One),
    /// Give an agent its next task
    #[command(after_help = CLAIM_HELP)]
    Claim(Claim),
}

/// Which tasks are listed.
#[derive(Args)]
pub(crate) struct Ls {
    /// Only tasks in this status
    #[arg(long, value_parser = STATUSES)]
    status: Option<String>,
    /// Only tasks of this agent, by its number, id or name
    #[arg(long)]
    agent: Option<String>,
    /// Only tasks of this priority
    #[arg(long, value_parser = PRIORITIES)]
    priority: Option<String>,
    /// How many at the most [default: all]
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    #[command(flatten)]
    connection: Connection,
}

/// What is asked of a new task.
#[derive(Args)]
pub(crate) struct Add {
    /// What is to be done, in a line
    title: String,
    #[command(flatten)]
    more: More,
    #[command(flatten)]
    connection: Connection,
}

/// What may be said of a task beside its title.
#[derive(Args)]
struct More {
    /// More about it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// How soon it is to be done [default: medium]
    #[arg(long, value_parser = PRIORITIES)]
    priority: Option<String>,
    /// The agent that gets it, by its number, id or name
    #[arg(long)]
    agent: Option<String>,
    /// When it should be done, e.g. 2027-01-01T08:00:00Z
    #[arg(long, value_name = "TIME")]
    due: Option<String>,
    /// A JSON object to keep with it
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
}

/// Which task is meant.
#[derive(Args)]
pub(crate) struct One {
    /// Its number
    #[arg(value_name = "ID")]
    task: i64,
    #[command(flatten)]
    connection: Connection,
}

/// What is to be another way.
#[derive(Args)]
pub(crate) struct Set {
    /// The task's number
    #[arg(value_name = "ID")]
    task: i64,
    /// What is to be done, in a line
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// How far it is; inbox takes it from its agent
    #[arg(long, value_parser = STATUSES)]
    status: Option<String>,
    #[command(flatten)]
    more: More,
    /// Take it from the agent that has it
    #[arg(long, conflicts_with = "agent")]
    no_agent: bool,
    /// Let it be done whenever
    #[arg(long, conflicts_with = "due")]
    no_due: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Which agent asks for a task.
#[derive(Args)]
pub(crate) struct Claim {
    /// The agent, by its number, id or name
    agent: String,
    /// At how many tasks it may be at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    max: u32,
    #[command(flatten)]
    connection: Connection,
}

/// A task as far as the commands show it.
#[derive(Debug, Deserialize)]
struct Task {
    id: i64,
    title: String,
    description: Option<String>,
    status: String,
    priority: String,
    assigned_to: Option<String>,
    due_date: Option<i64>,
    metadata: Map<String, Value>,
    created_by: String,
    created_at: i64,
    updated_at: i64,
    finished_at: Option<i64>,
}

impl Tasks {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::Ls(command) => command.run().await,
            Self::Add(command) => command.run().await,
            Self::Show(command) => command.show().await,
            Self::Set(command) => command.run().await,
            Self::Rm(command) => command.remove().await,
            Self::Claim(command) => command.run().await,
        }
    }
}

/// A moment of the mission surface, which counts in seconds.
fn at(seconds: i64) -> Millis {
    Millis(seconds.saturating_mul(1000))
}

/// The seconds that a time names: an ISO-8601 text, or the seconds themselves.
fn seconds(text: &str) -> Result<i64> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    let moment = Millis::parse(text);
    moment.map(Millis::seconds).ok_or_else(|| Error::invalid("--due", "must be a time such as 2027-01-01T08:00:00Z"))
}

impl More {
    fn write(&self, body: &mut Map<String, Value>) -> Result<()> {
        let texts = [("description", &self.description), ("priority", &self.priority), ("assigned_to", &self.agent)];
        body.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?)))));
        if let Some(due) = &self.due {
            body.insert("due_date".to_owned(), json!(seconds(due)?));
        }
        if let Some(metadata) = &self.metadata {
            let object: Map<String, Value> = serde_json::from_str(metadata)
                .map_err(|error| Error::invalid("--metadata", format!("must be a JSON object: {error}")))?;
            body.insert("metadata".to_owned(), Value::Object(object));
        }
        Ok(())
    }
}

impl Ls {
    async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        let tasks = self.fetch(&api).await?;
        if self.connection.json {
            return say(format!("{:#}", json!({"tasks": tasks})));
        }
        if tasks.is_empty() {
            let is_filtered = self.status.is_some() || self.agent.is_some() || self.priority.is_some();
            let hint = if is_filtered {
                "no task is like that"
            } else {
                "there are no tasks yet; `muster tasks add TITLE` adds one"
            };
            remark(hint);
            return Ok(());
        }
        let tasks: Vec<Task> = api.read(Value::Array(tasks))?;
        let now = now();
        let rows = tasks.iter().map(|task| row(task, now)).collect();
        say(table(["ID", "TITLE", "STATUS", "PRIORITY", "AGENT", "DUE", "CHANGED"], rows))
    }

    /// All pages, up to the limit.
    async fn fetch(&self, api: &Api) -> Result<Vec<Value>> {
        let wanted = self.limit.map_or(usize::MAX, |limit| limit as usize);
        let mut tasks: Vec<Value> = Vec::new();
        loop {
            let (limit, offset) = (PAGE.min(wanted - tasks.len()).to_string(), tasks.len().to_string());
            let mut query = vec![("limit", limit.as_str()), ("offset", offset.as_str())];
            let filter = [("status", &self.status), ("assigned_to", &self.agent), ("priority", &self.priority)];
            query.extend(filter.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))));
            let mut answer = api.get(&api.in_mission(&["tasks"], &query)).await?;
            let found: Vec<Value> = api.read(answer["tasks"].take())?;
            let is_last = found.len() < PAGE;
            tasks.extend(found);
            if is_last || tasks.len() >= wanted {
                return Ok(tasks);
            }
        }
    }
}

fn row(task: &Task, now: Millis) -> [Field; 7] {
    [
        Field::text(task.id.to_string()),
        Field::text(one_line(&task.title, 60)).ink(Some(Ink::Bold)),
        Field::text(task.status.as_str()).ink(ink_of(&task.status)),
        Field::text(task.priority.as_str()).ink(ink_of(&task.priority)),
        Field::text(one_line(task.assigned_to.as_deref().unwrap_or("-"), 30)),
        Field::text(task.due_date.map_or_else(|| "-".to_owned(), |due| ago(at(due), now))),
        Field::text(ago(at(task.updated_at), now)),
    ]
}

fn ink_of(word: &str) -> Option<Ink> {
    match word {
        "done" => Some(Ink::Green),
        "in_progress" | "review" | "quality_review" | "high" => Some(Ink::Yellow),
        "failed" | "critical" => Some(Ink::Red),
        "inbox" | "low" => Some(Ink::Dim),
        _ => None,
    }
}

impl Add {
    async fn run(self) -> Result<()> {
        let mut body = Map::from_iter([("title".to_owned(), json!(self.title))]);
        self.more.write(&mut body)?;
        let api = self.connection.open()?;
        let mut made = api.post(&api.in_mission(&["tasks"], &[]), &Value::Object(body)).await?;
        if self.connection.json {
            return say(format!("{made:#}"));
        }
        let task: Task = api.read(made["task"].take())?;
        say(format!("added task {}: {}", task.id, in_a_line(&task)))
    }
}

/// What a task is and where it is.
fn in_a_line(task: &Task) -> String {
    let title = one_line(&task.title, 100);
    let title = paint(Ink::Bold, &title);
    match &task.assigned_to {
        Some(agent) => format!("{title} ({}, {}, with {})", task.priority, task.status, one_line(agent, 40)),
        None => format!("{title} ({}, {})", task.priority, task.status),
    }
}

impl One {
    async fn show(self) -> Result<()> {
        let api = self.connection.open()?;
        let mut answer = api.get(&api.in_mission(&["tasks", &self.task.to_string()], &[])).await?;
        if self.connection.json {
            return say(format!("{answer:#}"));
        }
        let task: Task = api.read(answer["task"].take())?;
        for (title, value) in facts(&task, now()) {
            let mut lines = value.lines();
            let title = format!("{title:<12}");
            say(format!("{} {}", paint(Ink::Dim, &title), lines.next().unwrap_or_default()))?;
            for line in lines {
                say(format!("{:12} {line}", ""))?;
            }
        }
        Ok(())
    }

    async fn remove(self) -> Result<()> {
        let api = self.connection.open()?;
        let answer = api.delete(&api.in_mission(&["tasks", &self.task.to_string()], &[])).await?;
        if self.connection.json {
            return say(format!("{answer:#}"));
        }
        say(format!("removed task {}", self.task))
    }
}

/// What is shown of a task, in order.
fn facts(task: &Task, now: Millis) -> Vec<(&'static str, String)> {
    let when = |seconds: i64| format!("{} ({})", ago(at(seconds), now), moment(at(seconds)));
    let state = |word: &str| ink_of(word).map_or_else(|| word.to_owned(), |ink| paint(ink, word).into_owned());
    let metadata = (!task.metadata.is_empty()).then(|| format!("{:#}", Value::Object(task.metadata.clone())));
    let all = [
        ("task", Some(task.id.to_string())),
        ("title", Some(paint(Ink::Bold, &one_line(&task.title, 500)).into_owned())),
        ("status", Some(state(&task.status))),
        ("priority", Some(state(&task.priority))),
        ("agent", task.assigned_to.as_deref().map(|name| one_line(name, 100))),
        ("due", task.due_date.map(when)),
        ("created", Some(format!("{} by {}", when(task.created_at), one_line(&task.created_by, 100)))),
        ("changed", Some(when(task.updated_at))),
        ("finished", task.finished_at.map(when)),
        ("metadata", metadata.map(|text| harmless(&text).into_owned())),
        ("description", task.description.as_deref().map(|text| harmless(text).into_owned())),
    ];
    all.into_iter().filter_map(|(title, value)| Some((title, value?))).collect()
}

impl Set {
    async fn run(self) -> Result<()> {
        let body = self.body()?;
        let api = self.connection.open()?;
        let url = api.in_mission(&["tasks", &self.task.to_string()], &[]);
        let mut changed = api.put(&url, &Value::Object(body)).await?;
        if self.connection.json {
            return say(format!("{changed:#}"));
        }
        let task: Task = api.read(changed["task"].take())?;
        say(format!("task {}: {}", task.id, in_a_line(&task)))
    }

    /// The request; what was not said stays as it is.
    fn body(&self) -> Result<Map<String, Value>> {
        let mut body = Map::new();
        body.extend(self.title.as_ref().map(|title| ("title".to_owned(), json!(title))));
        body.extend(self.status.as_ref().map(|status| ("status".to_owned(), json!(status))));
        self.more.write(&mut body)?;
        if self.no_agent {
            body.insert("assigned_to".to_owned(), Value::Null);
        }
        if self.no_due {
            body.insert("due_date".to_owned(), Value::Null);
        }
        if body.is_empty() {
            let message = "says nothing to change; see `muster tasks set --help`";
            return Err(Error::invalid("", message));
        }
        Ok(body)
    }
}

impl Claim {
    async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        let max = self.max.to_string();
        let query = [("agent", self.agent.as_str()), ("max_capacity", &max)];
        let mut answer = api.get(&api.in_mission(&["tasks", "queue"], &query)).await?;
        if self.connection.json {
            return say(format!("{answer:#}"));
        }
        let agent = one_line(answer["agent"].as_str().unwrap_or_default(), 40);
        let is_new = answer["reason"] == "assigned";
        match api.read::<Option<Task>>(answer["task"].take())? {
            None => {
                remark(&format!("there is nothing to do for {agent}"));
                Ok(())
            }
            Some(task) if is_new => say(format!("{agent} begins task {}: {}", task.id, in_a_line(&task))),
            Some(task) => say(format!("{agent} goes on with task {}: {}", task.id, in_a_line(&task))),
        }
    }
}

#[cfg(test)]
#[path = "tasks_tests.rs"]
mod tests;
