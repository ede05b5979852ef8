//! `/api/agents/messages/{messageId}/reply`: the reply of an agent that asks for its messages instead of being linked.

use crate::note_sign;
use muster_domain::access::{Role, Scope};
use muster_domain::{inbox, presence};
use muster_http::{Caller, Json, Op, Path, Reply, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Reply to a message.
pub(crate) const REPLY: Op = post("/api/agents/messages/{messageId}/reply")
    .floor(Role::Operator)
    .scope(Scope::MessagesWrite)
    .body_limit(2 * 1024 * 1024)
    .summary("Reply to a message as the agent that got it, once; an agent's own token replies only as its agent")
    .takes::<ReplyBody>()
    .gives::<Replied>();

/// What the agent says.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewAgentReply")]
pub(crate) struct ReplyBody {
    /// The text, up to 1 MiB.
    content: String,
}

/// The reply is stored.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AgentReplied")]
pub(crate) struct Replied {
    /// The reply's id.
    #[serde(rename = "messageId")]
    message_id: String,
}

/// The message is named by its id, or by its number as a heartbeat shows it.
pub(crate) async fn reply(caller: Caller, Path(message): Path<String>, Json(body): Json<ReplyBody>) -> Reply<Replied> {
    let is_agent = caller.principal().agent.is_some();
    let agent = if is_agent { caller.own_agent()?.to_owned() } else { inbox::recipient(&caller, &message).await? };
    let message_id = inbox::reply(&caller, &agent, &message, body.content).await?;
    if is_agent {
        note_sign(presence::heard(&caller, &agent).await);
    }
    Ok(Json(Replied { message_id }))
}
