//! Commands that talk to a running server.

pub(crate) mod agent_run;
pub(crate) mod agents;
mod api;
pub(crate) mod chat;
pub(crate) mod connectors;
pub(crate) mod events;
mod failure;
mod find;
mod follow;
pub(crate) mod gateway;
pub(crate) mod heartbeat;
pub(crate) mod interrupt;
pub(crate) mod memory;
pub(crate) mod soul;
pub(crate) mod status;
mod table;
pub(crate) mod tasks;
mod terminal;
mod times;

use api::Api;
use clap::Args;
use muster_base::Result;
use std::time::Duration;

/// Which server is asked, and how it answers.
#[derive(Args)]
pub(crate) struct Connection {
    /// Where the server is
    #[arg(
        long,
        env = "MUSTER_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:7717",
        help_heading = "Connection"
    )]
    url: String,
    /// An API key or a session token; `muster keys create --name me --role operator` makes a key
    #[arg(long, env = "MUSTER_API_KEY", value_name = "KEY", hide_env_values = true, help_heading = "Connection")]
    key: Option<String>,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

impl Connection {
    fn open(&self) -> Result<Api> {
        Api::new(&self.url, self.key.as_deref())
    }

    /// As [`Self::open`], for a server that is asked to take its time.
    fn open_patiently(&self, time: Duration) -> Result<Api> {
        Api::patient(&self.url, self.key.as_deref(), time)
    }
}
