//! `muster interrupt`

use super::Connection;
use super::terminal::{harmless, remark, say};
use clap::Args;
use muster_base::{Error, Kind, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::Read;
use std::time::Duration;

const HELP: &str = "\
Without --wait it says whether the agent has the message; with it, it prints what the agent replies and fails when it
does not reply in time. The message waits for the agent either way.

Examples:
  muster interrupt code-reviewer \"is the release safe?\" --wait 30
  git diff | muster interrupt code-reviewer - --wait 60";

/// Send an agent a message that it gets as soon as can be, and wait for its reply
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Interrupt {
    /// The agent, by its number, id or name
    agent: String,
    /// What it is told or asked; - is standard input
    text: String,
    /// For how many seconds to wait for its reply, up to 60
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=60))]
    wait: Option<u64>,
    #[command(flatten)]
    connection: Connection,
}

/// What the server says.
#[derive(Debug, Deserialize)]
struct Interrupted {
    #[serde(rename = "messageId")]
    message_id: String,
    delivered: bool,
    reply: Option<Replied>,
    problem: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Replied {
    content: String,
}

impl Interrupt {
    pub(crate) async fn run(self) -> Result<()> {
        let reason = if self.text == "-" { standard_input("text")? } else { self.text.clone() };
        let api = self.connection.open_patiently(Duration::from_secs(self.wait.unwrap_or(0)))?;
        let url = api.in_network(&["agents", &self.agent, "interrupt"]);
        let answer = api.post(&url, &self.body(&reason)).await?;
        if self.connection.json {
            return say(format!("{answer:#}"));
        }
        self.tell(api.read(answer)?)
    }

    fn body(&self, reason: &str) -> Value {
        match self.wait {
            Some(seconds) => json!({"reason": reason, "wait": seconds}),
            None => json!({"reason": reason}),
        }
    }

    fn tell(&self, done: Interrupted) -> Result<()> {
        if let Some(reply) = done.reply {
            return say(harmless(&reply.content));
        }
        let Some(seconds) = self.wait else {
            return say(if done.delivered { "delivered" } else { "queued: the agent gets it when it is there" });
        };
        if let Some(problem) = done.problem {
            return Err(Error::new(Kind::Upstream, "interrupt.failed", format!("there will be no reply: {problem}")));
        }
        if !done.delivered {
            remark("the agent is not there; it gets the message when it is");
        }
        let message = format!("no reply within {seconds} s; the message is {}", done.message_id);
        Err(Error::new(Kind::Unavailable, "interrupt.no_reply", message))
    }
}

/// All that comes on standard input, as a text.
pub(super) fn standard_input(what: &str) -> Result<String> {
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| Error::invalid(what, format!("standard input cannot be read as text: {error}")))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        interrupt: Interrupt,
    }

    fn interrupt(args: &[&str]) -> Interrupt {
        Command::try_parse_from(["interrupt", "Ann", "hello"].iter().chain(args)).unwrap().interrupt
    }

    fn answer(reply: Option<&str>, problem: Option<&str>) -> Interrupted {
        let reply = reply.map(|content| Replied { content: content.to_owned() });
        Interrupted { message_id: "msg_1".to_owned(), delivered: true, reply, problem: problem.map(str::to_owned) }
    }

    #[test]
    fn the_server_is_asked_to_wait_only_when_that_is_wanted() {
        assert_eq!(interrupt(&[]).body("hello"), json!({"reason": "hello"}));
        assert_eq!(interrupt(&["--wait", "30"]).body("hello"), json!({"reason": "hello", "wait": 30}));
        let too_long = Command::try_parse_from(["interrupt", "Ann", "hello", "--wait", "61"]);
        assert!(too_long.is_err());
    }

    #[test]
    fn no_reply_in_time_is_a_failure_that_says_why() {
        interrupt(&[]).tell(answer(None, None)).unwrap();
        let waiting = interrupt(&["--wait", "5"]);
        waiting.tell(answer(Some("hello"), None)).unwrap();
        let late = waiting.tell(answer(None, None)).unwrap_err();
        assert_eq!(late.message(), "no reply within 5 s; the message is msg_1");
        let failed = waiting.tell(answer(None, Some("the turn was cancelled"))).unwrap_err();
        assert_eq!(failed.message(), "there will be no reply: the turn was cancelled");
    }
}
