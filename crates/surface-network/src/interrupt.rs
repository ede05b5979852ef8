//! `/api/agents/{agentId}/interrupt`: asks an agent something, now.

use axum::extract::State;
use muster_base::{Error, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::conversations::Message;
use muster_domain::interrupts::{self, Awaited, LONGEST_WAIT, Replied};
use muster_http::{AppState, Caller, Json, Op, Path, Reply, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Interrupt an agent.
pub(crate) const INTERRUPT: Op = post("/api/agents/{agentId}/interrupt")
    .floor(Role::Operator)
    .scope(Scope::MessagesWrite)
    .body_limit(2 * 1024 * 1024)
    .summary("Send an agent a message that it gets as soon as can be, and wait for its reply if you like")
    .takes::<Interrupt>()
    .gives::<InterruptView>();

/// What is asked of an agent.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Interrupt {
    /// The text that it gets, up to 1 MiB.
    reason: String,
    /// For how many seconds to wait for its reply, up to 60; it is not waited for when nothing is said.
    wait: Option<u64>,
}

/// The message is stored.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Interrupted")]
pub(crate) struct InterruptView {
    /// The message's id.
    #[serde(rename = "messageId")]
    message_id: String,
    /// Whether the agent has it by now.
    delivered: bool,
    /// `delivered`, or `queued` when it waits until the agent is there.
    status: Delivery,
    /// What the agent replied, when it was waited for; null when it did not within the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<Waited>,
    /// Why there will be no reply, when that is known by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Delivery {
    Delivered,
    Queued,
}

impl Delivery {
    fn of(is_delivered: bool) -> Self {
        if is_delivered { Self::Delivered } else { Self::Queued }
    }
}

/// What came of waiting for a reply.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "AwaitedReply")]
enum Waited {
    /// The agent replied.
    Reply(ReplyView),
    /// It did not.
    Nothing,
}

/// What an agent replied.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InterruptReply")]
struct ReplyView {
    /// The reply's id.
    #[serde(rename = "messageId")]
    message_id: String,
    /// Its text.
    content: String,
}

impl From<Replied> for Waited {
    fn from(reply: Replied) -> Self {
        Self::Reply(ReplyView { message_id: reply.id, content: reply.content })
    }
}

pub(crate) async fn interrupt(
    State(state): State<Arc<AppState>>,
    caller: Caller,
    Path(agent): Path<String>,
    Json(body): Json<Interrupt>,
) -> Reply<InterruptView> {
    let wait = time_to_wait(body.wait)?;
    let interrupted = interrupts::interrupt(&caller, &agent, &body.reason).await?;
    let mut view = InterruptView {
        message_id: interrupted.message.id.clone(),
        delivered: interrupted.is_delivered,
        status: Delivery::of(interrupted.is_delivered),
        reply: None,
        problem: None,
    };
    if let Some(wait) = wait {
        let awaited = await_reply(&state, &caller, &interrupted.message, wait).await?;
        view.delivered |= awaited.is_delivered;
        view.status = Delivery::of(view.delivered);
        view.reply = Some(awaited.reply.map_or(Waited::Nothing, Waited::from));
        view.problem = awaited.problem;
    }
    Ok(Json(view))
}

fn time_to_wait(seconds: Option<u64>) -> Result<Option<Duration>> {
    if seconds.is_some_and(|seconds| seconds > LONGEST_WAIT.as_secs()) {
        return Err(Error::invalid("wait", format!("must be from 0 to {} seconds", LONGEST_WAIT.as_secs())));
    }
    Ok(seconds.map(Duration::from_secs))
}

/// Waits until there is a reply, the time is over, or the server is about to end; ends with the request when the caller
/// goes away.
async fn await_reply(state: &AppState, caller: &Caller, message: &Message, within: Duration) -> Result<Awaited> {
    tokio::select! {
        awaited = interrupts::wait_for_reply(caller, message, within) => awaited,
        () = state.shutdown.cancelled() => Ok(Awaited::default()),
    }
}
