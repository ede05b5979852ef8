//! `muster events`

use super::Connection;
use super::api::Api;
use super::follow::{Follower, Heard};
use super::terminal::{Ink, columns, is_person, one_line, paint, remark, say};
use super::times::{day_and_time, moment};
use clap::Args;
use muster_base::{Error, Millis, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How many events are asked for at once.
const PAGE: usize = 1000;
/// How many events are shown when nothing is said.
const USUAL: usize = 20;
/// How much of an event's data is shown to people.
const SHOWN_DATA: usize = 100;
/// How much of it is shown also when the terminal is too narrow for one line.
const LEAST_DATA: usize = 40;

/// What the person reads below the options.
const HELP: &str = "\
Prints the latest events, oldest first. With --after it prints all events after a number instead.

Examples:
  muster events --type message. -n 50
  muster events -f --subject agent-ann-2k4n8p3x
  muster events --after 0 --json > log.jsonl";

/// Show the event log, or follow it with -f
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Events {
    /// Go on with what is new, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// Only events of this type, e.g. agent.created; `agent.` stands for all types that begin so
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Only events about this subject, usually an id
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// Only events after this number, oldest first
    #[arg(long, value_name = "SEQ", value_parser = clap::value_parser!(i64).range(0..))]
    after: Option<i64>,
    /// How many at the most, before what is new [default: 20, with --after all]
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    #[command(flatten)]
    connection: Connection,
}

/// An event as far as people see it.
#[derive(Debug, Deserialize)]
struct Event {
    seq: i64,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    actor: Actor,
    at: Millis,
    data: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Actor {
    kind: String,
    name: String,
}

impl Events {
    pub(crate) async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        match (self.after, self.follow) {
            (Some(_), true) if self.limit.is_some() => Err(Error::invalid(
                "--limit",
                "has no meaning when all events after a number are followed; leave it out",
            )),
            (Some(after), true) => self.follow(&api, after).await,
            (Some(after), false) => self.print_after(&api, after).await,
            (None, is_followed) => {
                // What is new begins after the newest event of all, whether or not the filter shows it.
                let head = self.head(&api).await?;
                self.print_latest(&api, head).await?;
                if is_followed { self.follow(&api, head).await } else { Ok(()) }
            }
        }
    }

    /// The number of the newest event.
    async fn head(&self, api: &Api) -> Result<i64> {
        let answer = api.get(&api.in_org(&["events"], &[("order", "desc"), ("limit", "1")]).await?).await?;
        Ok(answer["data"][0]["seq"].as_i64().unwrap_or(0))
    }

    /// Prints the latest events up to `head`.
    async fn print_latest(&self, api: &Api, head: i64) -> Result<()> {
        let wanted = self.limit.map_or(USUAL, |limit| limit as usize);
        let mut latest = Vec::new();
        let mut before = head.saturating_add(1);
        while latest.len() < wanted {
            let limit = PAGE.min(wanted - latest.len());
            let found = self.page(api, &[("order", "desc"), ("before", &before.to_string())], limit).await?;
            let is_last = found.len() < limit;
            before = seq_of(found.last()).unwrap_or(before);
            latest.extend(found);
            if is_last {
                break;
            }
        }
        latest.into_iter().rev().try_for_each(|event| self.print(api, event))
    }

    /// Prints the events after `after`.
    async fn print_after(&self, api: &Api, mut after: i64) -> Result<()> {
        let mut left = self.limit.map_or(usize::MAX, |limit| limit as usize);
        while left > 0 {
            let limit = PAGE.min(left);
            let found = self.page(api, &[("order", "asc"), ("after", &after.to_string())], limit).await?;
            let is_last = found.len() < limit;
            left -= found.len();
            after = seq_of(found.last()).unwrap_or(after);
            found.into_iter().try_for_each(|event| self.print(api, event))?;
            if is_last {
                break;
            }
        }
        Ok(())
    }

    async fn page(&self, api: &Api, place: &[(&str, &str)], limit: usize) -> Result<Vec<Value>> {
        let limit = limit.to_string();
        let mut query = self.filter();
        query.extend(place);
        query.push(("limit", &limit));
        let mut answer = api.get(&api.in_org(&["events"], &query).await?).await?;
        api.read(answer["data"].take())
    }

    fn filter(&self) -> Vec<(&str, &str)> {
        let all = [("type", self.kind.as_deref()), ("subject", self.subject.as_deref())];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Prints what comes after the event `after`, for ever.
    async fn follow(&self, api: &Api, after: i64) -> Result<()> {
        let url = api.in_org(&["events"], &self.filter()).await?;
        let mut follower = Follower::new(api, url, Some(after.to_string()), None);
        let mut is_lost = false;
        loop {
            match follower.next().await? {
                Heard::Event(event) => {
                    if std::mem::take(&mut is_lost) {
                        remark("connected again; nothing was missed");
                    }
                    if let Ok(event) = serde_json::from_str(&event.data) {
                        self.print(api, event)?;
                    }
                }
                Heard::Lost if !is_lost => {
                    is_lost = true;
                    remark(&format!("lost the connection to {}; trying again until Ctrl-C", api.server()));
                }
                Heard::Lost => {}
            }
        }
    }

    fn print(&self, api: &Api, event: Value) -> Result<()> {
        if self.connection.json {
            return say(event.to_string());
        }
        let event: Event = api.read(event)?;
        say(line(&event))
    }
}

fn seq_of(event: Option<&Value>) -> Option<i64> {
    event?["seq"].as_i64()
}

fn line(event: &Event) -> String {
    let time = if is_person() { day_and_time(event.at) } else { moment(event.at) };
    let head = format!("{time} {:>6} ", event.seq);
    let kind = format!("{:<18}", one_line(&event.kind, 40));
    let actor = match event.actor.kind.as_str() {
        "system" => "system".to_owned(),
        kind => format!("{kind}:{}", one_line(&event.actor.name, 40)),
    };
    let middle = format!(" {:<20} {actor:<14}", one_line(&event.subject, 64));
    let taken = head.chars().count() + kind.chars().count() + middle.chars().count() + 1;
    let room = if is_person() { columns().saturating_sub(taken).min(SHOWN_DATA) } else { SHOWN_DATA };
    let data = one_line(&short(&event.data), room.max(LEAST_DATA));
    let line =
        format!("{}{}{middle} {}", paint(Ink::Dim, &head), paint(ink_of(&event.kind), &kind), paint(Ink::Dim, &data));
    line.trim_end().to_owned()
}

fn ink_of(kind: &str) -> Ink {
    match kind.rsplit('.').next().unwrap_or_default() {
        "failed" | "refused" => Ink::Red,
        "deleted" | "cancelled" | "stopped" | "paused" | "retried" => Ink::Yellow,
        "completed" | "succeeded" | "created" => Ink::Green,
        _ => Ink::Bold,
    }
}

/// The plain values of the data as `name=value`: what a person wants to read first, ids last. The JSON has all of it.
fn short(data: &Map<String, Value>) -> String {
    let mut parts = Vec::new();
    for (name, value) in data {
        let text = match value {
            Value::String(text) if text.contains(char::is_whitespace) || text.is_empty() => format!("{text:?}"),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => continue,
        };
        let place = if name == "preview" { 0 } else { 1 + usize::from(name.ends_with("Id")) };
        parts.push((place, format!("{name}={text}")));
    }
    parts.sort_by_key(|(place, _)| *place);
    let parts: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_tells_when_what_to_whom_by_whom() {
        let event = json!({
            "seq": 12, "id": "evt_1", "type": "message.received", "subject": "msg_1",
            "actor": {"kind": "key", "id": "key_1", "name": "laptop"}, "at": "2026-11-22T04:00:00.000Z",
            "data": {"agentId": "agent-1", "preview": "When do\nyou close?", "role": "user", "usage": {"a": 1}}, "hash": "h",
        });
        let line = line(&serde_json::from_value(event).unwrap());
        if !is_person() {
            let expected = "    12 message.received   msg_1                key:laptop     \
                            preview=\"When do\\nyou close?\" role=user agentId=agent-1";
            assert!(line.ends_with(expected), "{line}");
            assert!(line.starts_with("2026-11-2"));
        }
    }
}
