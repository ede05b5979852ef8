//! `muster chat`

mod happening;
mod input;
mod reply;
mod screen;
mod turn;

use super::Connection;
use super::api::Api;
use super::find::{self, Agent};
use super::terminal::{one_line, remark};
use clap::Args;
use happening::Failed;
use input::{Input, Said};
use muster_base::{Error, Kind, Result};
use screen::Look;
use turn::{Message, ask};

/// What the person reads below the options.
const HELP: &str = "\
Without -m this is a conversation: Ctrl-C cancels a reply that is under way, Ctrl-D leaves. What is piped
in is sent line by line. When the output is no terminal, only the replies are printed.

Examples:
  muster chat Ann
  muster chat Ann -m \"When do you close on Saturdays?\"
  git diff | muster chat Reviewer --new -m -

The exit code is 1 when a turn failed, or when its end is not known.";

/// Talk to an agent; the reply streams
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Chat {
    /// The agent's id or name
    agent: String,
    /// One message, then end; - reads it from standard input
    #[arg(long, short, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,
    /// A conversation to go on with, or a name for a new one [default: yours with this agent]
    #[arg(long, value_name = "ID", conflicts_with = "new")]
    conversation: Option<String>,
    /// Begin a new conversation
    #[arg(long)]
    new: bool,
    /// Cancel the turn that runs in the conversation, if any, rather than wait for its end
    #[arg(long)]
    interrupt: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Chat {
    pub(crate) async fn run(self) -> Result<()> {
        let text = match self.message.as_deref() {
            Some("-") => Some(input::whole()?),
            Some(text) => Some(text.to_owned()),
            None => None,
        };
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return Err(Error::invalid("--message", "is empty; say something, or leave it out to talk"));
        }
        let api = self.connection.open()?;
        let agent = find::find(&api, &self.agent).await?;
        let conversation = if self.new { Some(muster_base::new_id("cli")) } else { self.conversation.clone() };
        if agent.lifecycle == "paused" {
            remark(&format!("{} is paused: messages wait until it is resumed", one_line(&agent.name, 40)));
        }
        let message = Message { text: text.unwrap_or_default(), conversation, interrupts: self.interrupt };
        let look = Look::of(self.connection.json);
        if self.new {
            let id = message.conversation.as_deref().unwrap_or_default();
            remark(&format!("conversation {id}; go on with it later by --conversation {id}"));
        }
        if self.message.is_some() {
            return match ask(&api, &agent, &message, look).await? {
                None => Ok(()),
                Some(failed) => Err(explain(&failed, &agent, api.server())),
            };
        }
        talk(&api, &agent, message, look).await
    }
}

/// Message after message, until there are no more. At a prompt a failure ends only its turn.
async fn talk(api: &Api, agent: &Agent, mut message: Message, look: Look) -> Result<()> {
    let mut input = Input::open(&agent.name)?;
    let is_prompt = input.is_prompt();
    if is_prompt {
        remark(&format!("{} ({}); Ctrl-C cancels a reply, Ctrl-D leaves", one_line(&agent.name, 40), agent.id));
    }
    loop {
        message.text = match input.next()? {
            Said::End => return Ok(()),
            Said::Nothing => {
                remark("Ctrl-D leaves");
                continue;
            }
            Said::Message(text) => text,
        };
        let error = match ask(api, agent, &message, look).await {
            Ok(None) => continue,
            Ok(Some(failed)) if is_prompt && failed.code == "CANCELLED" => {
                remark("(cancelled)");
                continue;
            }
            Ok(Some(failed)) => explain(&failed, agent, api.server()),
            Err(error) => error,
        };
        if !is_prompt {
            return Err(error);
        }
        eprintln!("error: {error}");
    }
}

/// Why a turn failed, and what to do about it.
fn explain(failed: &Failed, agent: &Agent, server: &str) -> Error {
    let name = one_line(&agent.name, 40);
    let said = one_line(&failed.message, 500);
    match failed.code.as_str() {
        "INSUFFICIENT_BALANCE" => {
            let message = format!(
                "{name} has used up its output tokens; the message waits and is answered once there are more. Top up in the \
                 console, or with:\n  curl --json '{{\"amount\": 100000, \"type\": \"increment\"}}' \
                 -H \"Authorization: Bearer $MUSTER_API_KEY\" {server}/v1/agent/{}/balance",
                agent.id
            );
            Error::new(Kind::Exhausted, "client.balance", message)
        }
        "CANCELLED" => Error::new(Kind::Conflict, "client.cancelled", "the turn was cancelled"),
        "TIMEOUT" => Error::new(
            Kind::Upstream,
            "client.turn",
            format!(
                "the turn took too long: {said}; `configuration.timeout_seconds` of the agent is how long one may take"
            ),
        ),
        code => Error::new(Kind::Upstream, "client.turn", format!("the turn failed: {said} ({})", one_line(code, 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::find::tests::agent;

    fn explained(code: &str) -> String {
        let failed = Failed { code: code.to_owned(), message: "the model\nanswered 500".to_owned() };
        explain(&failed, &agent("agent-1", "Ann"), "http://h").message().to_owned()
    }

    #[test]
    fn an_agent_without_tokens_says_how_to_top_up() {
        let message = explained("INSUFFICIENT_BALANCE");
        assert!(message.starts_with("Ann has used up its output tokens; the message waits"), "{message}");
        assert!(message.contains(r#"'{"amount": 100000, "type": "increment"}'"#), "{message}");
        assert!(message.ends_with("http://h/v1/agent/agent-1/balance"), "{message}");
    }

    #[test]
    fn a_failed_turn_tells_what_the_server_said() {
        assert_eq!(explained("MODEL_ERROR"), "the turn failed: the model answered 500 (MODEL_ERROR)");
        assert_eq!(explained("CANCELLED"), "the turn was cancelled");
    }
}
