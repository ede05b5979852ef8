//! Conversations of the org's agents.

use crate::views::{List, narrowed, page};
use muster_base::Millis;
use muster_domain::access::{Role, Scope};
use muster_domain::conversations::{self, Conversation};
use muster_http::{Caller, Json, Op, Path, Query, Reply, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// List conversations, the latest first.
pub(crate) const LIST: Op = get("/v1/orgs/{org}/conversations")
    .floor(Role::Viewer)
    .scope(Scope::MessagesRead)
    .summary("List conversations, the latest first")
    .query::<ConversationsQuery>()
    .gives::<List<ConversationView>>();

/// Mark a conversation's replies as read.
pub(crate) const READ: Op = post("/v1/orgs/{org}/conversations/{conversation}/_read")
    .floor(Role::Operator)
    .scope(Scope::MessagesWrite)
    .summary("Mark all replies of a conversation as read")
    .gives::<ConversationView>();

/// Which conversations are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationsQuery {
    /// Only of this agent, by its id.
    agent: Option<String>,
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// `nextPageToken` of the page before.
    page_token: Option<String>,
}

/// A conversation of an agent with one counterparty on one channel.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Conversation")]
pub(crate) struct ConversationView {
    /// Its id.
    id: String,
    /// What the client that began it calls it; its id when the client chose none.
    name: String,
    /// The agent.
    agent_id: String,
    /// `api`, `discord`, ...
    channel: String,
    /// Whom the agent talks with.
    counterparty: Counterparty,
    /// Messages in it.
    message_count: i64,
    /// Replies that were not read.
    unread_count: i64,
    /// When the last message came.
    last_message_at: Millis,
    /// The beginning of the last message.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_message_preview: Option<String>,
    /// When it began.
    created_at: Millis,
}

/// Whom an agent talks with.
#[derive(Debug, Serialize, JsonSchema)]
struct Counterparty {
    /// The id of the user, key or agent.
    id: String,
    /// `user`, `agent` or `system`.
    #[serde(rename = "type")]
    kind: String,
    /// Their name.
    name: String,
}

impl From<Conversation> for ConversationView {
    fn from(conversation: Conversation) -> Self {
        let with = conversation.counterparty;
        Self {
            id: conversation.id,
            name: conversation.name,
            agent_id: conversation.agent,
            channel: conversation.channel,
            counterparty: Counterparty { id: with.id, kind: with.kind, name: with.name },
            message_count: conversation.message_count,
            unread_count: conversation.unread_count,
            last_message_at: conversation.last_message_at,
            last_message_preview: conversation.last_message_preview,
            created_at: conversation.created_at,
        }
    }
}

pub(crate) async fn list(caller: Caller, Query(query): Query<ConversationsQuery>) -> Reply<List<ConversationView>> {
    let page = page(query.limit, query.page_token.as_deref())?;
    let agent = narrowed(&caller, query.agent)?;
    let found = conversations::conversations(&caller, agent.as_deref(), &page).await?;
    Ok(Json(List::of(found, ConversationView::from)))
}

pub(crate) async fn mark_read(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<ConversationView> {
    let conversation = conversations::conversation(&caller, &id).await?;
    caller.may_act_as(&conversation.agent)?;
    Ok(Json(conversations::mark_read(&caller, &id).await?.into()))
}
