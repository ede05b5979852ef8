//! `write_to_gateway`: an agent that is also written into the gateway's file.

use muster_domain::{Ctx, gateway};
use serde_json::{Map, Value};

/// Writes the agent's entry; says what kept it from being written, if something did. `said` is what the client says of it.
pub(crate) async fn write_entry(ctx: &Ctx, agent: &str, said: &Map<String, Value>) -> Option<String> {
    let refused = gateway::write_entry(ctx, agent, said).await.err()?;
    Some(format!("The gateway's file was not written: {}", refused.message()))
}
