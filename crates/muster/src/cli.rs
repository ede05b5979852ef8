//! The commands.

use crate::client;
use crate::settings::ServeArgs;
use crate::{local, serve};
use clap::{Parser, Subcommand};
use muster_base::Result;

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

/// Prints a line of a command's answer; whoever closes the pipe has read enough.
pub(crate) fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
