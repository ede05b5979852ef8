//! `/api/agents/messages/{messageId}`: one message whole, for an agent whose link showed the beginning of it.

use muster_base::Millis;
use muster_domain::access::{Role, Scope};
use muster_domain::inbox::{self, Whole};
use muster_http::{Caller, Json, Op, Path, Reply, get as read};
use schemars::JsonSchema;
use serde::Serialize;

/// Read a message.
pub(crate) const GET: Op = read("/api/agents/messages/{messageId}")
    .floor(Role::Viewer)
    .scope(Scope::MessagesRead)
    .summary("Read a message to an agent, or a reply to one, whole; an agent's own token reads only its agent's")
    .gives::<MessageView>();

/// A message, as the frame `interrupt` shows it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NetworkMessage")]
pub(crate) struct MessageView {
    /// Its id.
    message_id: String,
    /// The name of who it is from.
    from: String,
    /// The id of the agent, user, key or token that it is from.
    from_id: String,
    /// The text.
    reason: String,
    /// The way it came, e.g. `network` or `agent`.
    channel: String,
    /// The agent's own message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    /// When it came.
    sent_at: Millis,
}

impl From<Whole> for MessageView {
    fn from(message: Whole) -> Self {
        Self {
            message_id: message.id,
            from: message.from,
            from_id: message.from_id,
            reason: message.content,
            channel: message.channel,
            reply_to: message.reply_to,
            sent_at: message.created_at,
        }
    }
}

/// The message is named by its id, or by its number as a heartbeat shows it.
pub(crate) async fn get(caller: Caller, Path(message): Path<String>) -> Reply<MessageView> {
    Ok(Json(inbox::read(&caller, &message).await?.into()))
}
