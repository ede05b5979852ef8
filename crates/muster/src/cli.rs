//! The commands.

use crate::client;
use crate::settings::ServeArgs;
use crate::{local, serve};
use clap::{ArgMatches, Parser, Subcommand};
use muster_base::{Error, Kind, Result};
use serde_json::{Map, Value, json};

/// One control plane for every agent a team runs.
///
/// `muster serve` starts the server. `muster keys`, `orgs`, `secrets`, `backup` and `restore` work on its data directory
/// or database; all other commands talk to a running server.
#[derive(Parser)]
#[command(name = "muster", version, propagate_version = true, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server: HTTP API, workers and web console
    Serve(Box<ServeArgs>),
    /// Make API keys and agent tokens, in the data directory
    #[command(subcommand)]
    Keys(local::keys::Keys),
    /// Make, change and list orgs, in the data directory
    #[command(subcommand)]
    Orgs(local::orgs::Orgs),
    /// Rotate the key that seals secrets, in the data directory
    #[command(subcommand)]
    Secrets(local::secrets::Secrets),
    /// Write everything into one file, also while the server runs
    Backup(local::backup::Backup),
    /// Read a backup into an empty data directory or database, before the server starts
    Restore(local::backup::Restore),
    /// List every operation of the API with its role, scope and place in the source
    Routes(local::describe::Routes),
    /// Print the OpenAPI document
    Openapi,
    /// Be an agent from this machine
    #[command(subcommand)]
    Agent(client::agent_run::Agent),
    /// List, create and show agents
    #[command(subcommand)]
    Agents(client::agents::Agents),
    /// Talk to an agent; the reply streams
    Chat(client::chat::Chat),
    /// List, add, change and claim tasks
    #[command(subcommand)]
    Tasks(client::tasks::Tasks),
    /// Show what waits for an agent, or beat for it
    Heartbeat(client::heartbeat::Heartbeat),
    /// Send an agent a message that it gets as soon as can be, and wait for its reply
    Interrupt(client::interrupt::Interrupt),
    /// Read and write what all agents of the org share
    #[command(subcommand)]
    Memory(client::memory::Memory),
    /// Look at the org's data sources, try them and ask them
    #[command(subcommand)]
    Connectors(client::connectors::Connectors),
    /// Show and edit who an agent is, and go back to an earlier version
    #[command(subcommand)]
    Soul(client::soul::Soul),
    /// Say whether the server is up, and how its agents are
    Status(client::status::Status),
    /// Show the event log, or follow it with -f
    Events(client::events::Events),
    /// Take over agents from the gateway's file
    #[command(subcommand)]
    Gateway(client::gateway::Gateway),
}

impl Cli {
    pub(crate) async fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(args) => serve::run(*args).await,
            Command::Keys(command) => command.run().await,
            Command::Orgs(command) => command.run().await,
            Command::Secrets(command) => command.run().await,
            Command::Backup(command) => command.run().await,
            Command::Restore(command) => command.run().await,
            Command::Routes(command) => {
                command.run();
                Ok(())
            }
            Command::Openapi => local::describe::openapi(),
            Command::Agent(command) => command.run().await,
            Command::Agents(command) => command.run().await,
            Command::Chat(command) => command.run().await,
            Command::Tasks(command) => command.run().await,
            Command::Heartbeat(command) => command.run().await,
            Command::Interrupt(command) => command.run().await,
            Command::Memory(command) => command.run().await,
            Command::Connectors(command) => command.run().await,
            Command::Soul(command) => command.run().await,
            Command::Status(command) => command.run().await,
            Command::Events(command) => command.run().await,
            Command::Gateway(command) => command.run().await,
        }
    }
}

/// Whether the command was given with `--json`.
pub(crate) fn wants_json(matches: &ArgMatches) -> bool {
    let mut command = matches;
    while let Some((_, inner)) = command.subcommand() {
        command = inner;
    }
    command.try_get_one::<bool>("json").ok().flatten().copied().unwrap_or(false)
}

/// What is printed of an error: a sentence for a person, or an object in one line for programs.
pub(crate) fn failure(error: &Error, as_json: bool) -> String {
    let cause = error.cause().filter(|_| error.kind() == Kind::Internal);
    let sentence = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
    if !as_json {
        return format!("error: {sentence}");
    }
    let mut told = Map::from_iter([("code".to_owned(), json!(error.code())), ("message".to_owned(), json!(sentence))]);
    told.extend(error.field().filter(|field| !field.is_empty()).map(|field| ("field".to_owned(), json!(field))));
    told.extend(error.retry_after().map(|seconds| ("retry_after".to_owned(), json!(seconds))));
    json!({"error": Value::Object(told)}).to_string()
}

/// Prints a line of a command's answer; whoever closes the pipe has read enough.
pub(crate) fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn is_json(line: &str) -> bool {
        wants_json(&Cli::command().try_get_matches_from(line.split(' ')).expect("a command"))
    }

    #[test]
    fn json_is_wanted_when_the_command_says_so_and_not_when_a_value_does() {
        assert!(is_json("muster soul show Ann --json"));
        assert!(is_json("muster agents ls --json"));
        assert!(!is_json("muster soul show Ann"));
        assert!(!is_json("muster memory set key --as-json -- --json"));
        assert!(!is_json("muster openapi"));
    }

    #[test]
    fn an_error_is_a_sentence_or_an_object_in_one_line() {
        let error = Error::invalid("name", "is required");
        assert_eq!(failure(&error, false), "error: name: is required");
        let told: Value = serde_json::from_str(&failure(&error, true)).expect("JSON");
        assert_eq!(told, json!({"error": {"code": error.code(), "message": "name: is required", "field": "name"}}));
        let later = Error::new(Kind::RateLimited, "client.rate_limited", "slow\ndown").with_retry_after(7);
        let text = failure(&later, true);
        assert_eq!(text.lines().count(), 1);
        let told: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(told["error"]["retry_after"], 7);
    }
}
