//! `/api/agents/message`: one tells another something.

use muster_base::{Error, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::comms::{self, Outgoing};
use muster_http::{Caller, Json, Op, Reply, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Send a message to an agent.
pub(crate) const SEND: Op = post("/api/agents/message")
    .floor(Role::Operator)
    .scope(Scope::MessagesWrite)
    .body_limit(2 * 1024 * 1024)
    .summary("Send a message to an agent, as an agent or under your own name; it is stored before it is delivered")
    .takes::<Message>()
    .gives::<Sent>()
    .fails(&[(503, "the agent is stopped or in error, or the database cannot be reached")]);

/// A message to an agent.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "MessageByName")]
pub(crate) struct Message {
    /// Who sends it: an agent by its number, slug or name, or your own user name.
    from: String,
    /// The agent that gets it, by its number, slug or name.
    to: String,
    /// The text, up to 1 MiB.
    content: Option<String>,
    /// The text, under another name.
    message: Option<String>,
    /// What sort of message, e.g. `notification` or `request`: 1 to 50 characters (text).
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// The message is stored.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MessageSent")]
pub(crate) struct Sent {
    /// True.
    success: bool,
    /// Its number, unique in the org.
    id: i64,
}

/// A text that has two names: the first counts where both are given.
pub(crate) fn either(first: Option<String>, second: Option<String>, field: &str) -> Result<String> {
    first.or(second).ok_or_else(|| Error::invalid(field, "is required"))
}

pub(crate) async fn send(caller: Caller, Json(body): Json<Message>) -> Reply<Sent> {
    let content = either(body.content, body.message, "content")?;
    let posted = comms::send(&caller, Outgoing { from: body.from, to: body.to, content, kind: body.kind }).await?;
    let id = posted.message.number.ok_or_else(|| Error::internal("a message without a number"))?;
    Ok(Json(Sent { success: true, id }))
}
