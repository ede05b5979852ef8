//! `muster heartbeat`

use super::Connection;
use super::table::{Field, table};
use super::terminal::{Ink, one_line, paint, say};
use super::times::{ago, now};
use clap::Args;
use muster_base::{Millis, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How much of a message is shown.
const SHOWN_TEXT: usize = 80;

const HELP: &str = "\
Without an option that says something it only looks, and changes nothing.

Examples:
  muster heartbeat code-reviewer
  muster heartbeat code-reviewer --status busy --activity \"reviewing pull request 12\"
  muster heartbeat code-reviewer --ack 41 --ack 42";

/// Show what waits for an agent, or beat for it
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Heartbeat {
    /// The agent, by its number, id or name
    agent: String,
    /// Beat: the agent counts as seen
    #[arg(long)]
    post: bool,
    /// Beat, and say how the agent is
    #[arg(long, value_parser = ["online", "idle", "busy", "offline", "error"])]
    status: Option<String>,
    /// Beat, and say what the agent does
    #[arg(long, value_name = "TEXT")]
    activity: Option<String>,
    /// Beat, and acknowledge the message with this id; may be given several times
    #[arg(long, value_name = "ID")]
    ack: Vec<i64>,
    #[command(flatten)]
    connection: Connection,
}

/// What waits for an agent.
#[derive(Debug, Deserialize)]
struct Waiting {
    agent: String,
    pending_tasks: Vec<Task>,
    messages: Vec<Message>,
}

#[derive(Debug, Deserialize)]
struct Task {
    id: i64,
    title: String,
    status: String,
    priority: String,
    due_date: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Message {
    id: i64,
    from: String,
    content: String,
    #[serde(rename = "type")]
    kind: String,
    created_at: i64,
}

impl Heartbeat {
    pub(crate) async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        let url = api.in_mission(&["agents", &self.agent, "heartbeat"], &[]);
        let answer = match self.body() {
            Some(body) => api.post(&url, &body).await?,
            None => api.get(&url).await?,
        };
        if self.connection.json {
            return say(format!("{answer:#}"));
        }
        tell(&api.read(answer)?, now())
    }

    /// What is said; `None` when it only looks.
    fn body(&self) -> Option<Value> {
        let mut body = Map::new();
        body.extend(self.status.as_ref().map(|status| ("status".to_owned(), json!(status))));
        body.extend(self.activity.as_ref().map(|activity| ("last_activity".to_owned(), json!(activity))));
        if !self.ack.is_empty() {
            body.insert("ack".to_owned(), json!(self.ack));
        }
        (self.post || !body.is_empty()).then_some(Value::Object(body))
    }
}

fn tell(waiting: &Waiting, now: Millis) -> Result<()> {
    let Waiting { agent, pending_tasks, messages } = waiting;
    let agent = one_line(agent, 100);
    if pending_tasks.is_empty() && messages.is_empty() {
        return say(format!("nothing waits for {}", paint(Ink::Bold, &agent)));
    }
    let counts = format!("{} and {}", counted(pending_tasks.len(), "task"), counted(messages.len(), "message"));
    say(format!("{counts} for {}", paint(Ink::Bold, &agent)))?;
    if !pending_tasks.is_empty() {
        let rows = pending_tasks.iter().map(|task| task_row(task, now)).collect();
        say(format!("\n{}", table(["TASK", "TITLE", "STATUS", "PRIORITY", "DUE"], rows)))?;
    }
    if !messages.is_empty() {
        let rows = messages.iter().map(|message| message_row(message, now)).collect();
        say(format!("\n{}", table(["MESSAGE", "FROM", "TYPE", "CAME", "TEXT"], rows)))?;
    }
    Ok(())
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn task_row(task: &Task, now: Millis) -> [Field; 5] {
    let due = task.due_date.map_or_else(|| "-".to_owned(), |due| ago(Millis(due.saturating_mul(1000)), now));
    [
        Field::text(task.id.to_string()),
        Field::text(one_line(&task.title, 60)).ink(Some(Ink::Bold)),
        Field::text(task.status.as_str()),
        Field::text(task.priority.as_str()),
        Field::text(due),
    ]
}

fn message_row(message: &Message, now: Millis) -> [Field; 5] {
    [
        Field::text(message.id.to_string()),
        Field::text(one_line(&message.from, 30)).ink(Some(Ink::Bold)),
        Field::text(one_line(&message.kind, 20)),
        Field::text(ago(Millis(message.created_at.saturating_mul(1000)), now)),
        Field::text(one_line(&message.content, SHOWN_TEXT)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        heartbeat: Heartbeat,
    }

    fn body(args: &[&str]) -> Option<Value> {
        let args = ["muster", "Ann"].iter().chain(args);
        Command::try_parse_from(args).unwrap().heartbeat.body()
    }

    #[test]
    fn it_only_looks_unless_it_is_told_to_say_something() {
        assert_eq!(body(&[]), None);
        assert_eq!(body(&["--json"]), None);
        assert_eq!(body(&["--post"]), Some(json!({})));
        let all = ["--status", "busy", "--activity", "reading", "--ack", "4", "--ack", "5"];
        assert_eq!(body(&all), Some(json!({"status": "busy", "last_activity": "reading", "ack": [4, 5]})));
    }

    #[test]
    fn what_waits_is_told_in_rows() {
        let now = Millis(1_795_320_000_000);
        let task = Task {
            id: 7,
            title: "Review".to_owned(),
            status: "assigned".to_owned(),
            priority: "high".to_owned(),
            due_date: None,
        };
        assert_eq!(task_row(&task, now).map(|field| field.text), ["7", "Review", "assigned", "high", "-"]);
        let message = Message {
            id: 41,
            from: "Bob".to_owned(),
            content: "one\ntwo".to_owned(),
            kind: "request".to_owned(),
            created_at: 1_795_319_940,
        };
        let texts = message_row(&message, now).map(|field| field.text);
        assert_eq!(texts, ["41", "Bob", "request", "1 min ago", "one two"]);
        assert_eq!((counted(1, "task"), counted(0, "task")), ("1 task".to_owned(), "0 tasks".to_owned()));
    }
}
