//! Messaging: send, list, stream, and conversations by counterparty.

use crate::create::bounded;
use crate::stream;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use muster_base::{Cursor, Error, Millis, PageRequest};
use muster_domain::access::{Role, Scope};
use muster_domain::agents;
use muster_domain::conversations::{self, Conversation, Message, MessageFilter, NewMessage, QueueMode, Sender, Status};
use muster_http::{
    AppState, Caller, Created, Failure, Json, Op, Path, Query, Reply, get as read, last_event_id, post as write,
    wants_sse,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Send a message to an agent.
pub(crate) const POST: Op = write("/v1/agent/{id}/messages")
    .floor(Role::Operator)
    .scope(Scope::MessagesWrite)
    .summary("Send a message to an agent; with `Accept: text/event-stream` the answer streams the turn, if it has one")
    .takes::<Post>()
    .gives::<PostedView>()
    .status(201)
    .body_limit(2 * 1024 * 1024)
    .streams()
    .fails(&[(503, "the agent is stopped or in error (`AGENT_UNAVAILABLE`), or the database cannot be reached")]);

/// List an agent's messages.
pub(crate) const LIST: Op = read("/v1/agent/{id}/messages")
    .floor(Role::Viewer)
    .scope(Scope::MessagesRead)
    .summary("List an agent's messages, oldest first")
    .query::<ListQuery>()
    .gives::<ListView>();

/// Stream the turn of a message.
pub(crate) const STREAM: Op = read("/v1/agent/{id}/messages/{messageId}/stream")
    .floor(Role::Viewer)
    .scope(Scope::MessagesRead)
    .summary("Stream the turn of a message; `Last-Event-ID` goes on where a stream broke off")
    .gives_media("text/event-stream")
    .streams();

/// List conversations grouped by counterparty.
pub(crate) const CONVERSATIONS: Op = read("/v1/agent/{id}/conversations")
    .floor(Role::Viewer)
    .scope(Scope::MessagesRead)
    .summary("List an agent's conversations grouped by counterparty, one entry each, the latest first")
    .query::<ConversationsQuery>()
    .gives::<ConversationsView>();

/// A message to be sent.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "SendMessage")]
pub(crate) struct Post {
    /// The text.
    content: String,
    /// Anything; kept with the message.
    #[schemars(with = "Option<serde_json::Value>")]
    metadata: Option<Box<RawValue>>,
    /// Where it comes from (api).
    channel: Option<String>,
    /// collect (default) waits while a turn runs, interrupt cancels the running turn.
    queue_mode: Option<QueueMode>,
    /// A conversation to go on with, or a name of your own for a new one.
    conversation_id: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SentMessage")]
pub(crate) struct PostedView {
    id: String,
    /// user
    role: String,
    content: String,
    status: Status,
    channel: String,
    queue_mode: String,
    conversation_id: String,
    created_at: Millis,
}

impl From<Message> for PostedView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            role: message.role,
            content: message.content,
            status: message.status,
            channel: message.channel,
            queue_mode: message.queue_mode,
            conversation_id: message.conversation,
            created_at: message.created_at,
        }
    }
}

pub(crate) async fn post(
    State(state): State<Arc<AppState>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Post>,
) -> Result<Response, Failure> {
    let channel = body.channel.unwrap_or_else(|| "api".to_owned());
    let sane = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if channel.is_empty() || channel.len() > 32 || !channel.bytes().all(sane) || channel.starts_with("agent") {
        return Err(Error::invalid(
            "channel",
            "must be a channel's name such as api: 1 to 32 lower-case letters, digits, - or _",
        )
        .into());
    }
    let new = NewMessage {
        content: body.content,
        metadata: body.metadata.map(|metadata| metadata.get().to_owned()),
        channel,
        queue_mode: body.queue_mode.unwrap_or_default(),
        conversation: body.conversation_id,
        sender: Sender::of(&caller),
        depth: 0,
    };
    let posted = conversations::post(&caller, &id, new).await?;
    let view = PostedView::from(posted.message);
    if !wants_sse(&headers) {
        return Ok(Created(view).into_response());
    }
    let accepted = serde_json::to_string(&view).map_err(Error::internal)?;
    Ok(match posted.turn {
        Some(turn) => stream::answer(&state, &caller, turn, 0, Some(accepted)),
        None => stream::waiting(&state, &caller, &view.id, accepted),
    })
}

pub(crate) async fn stream(
    State(state): State<Arc<AppState>>,
    caller: Caller,
    Path((id, message)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let message = conversations::message(&caller, &id, &message).await?;
    let turn = message.turn.ok_or_else(|| Error::conflict(stream::WAITS))?;
    let after = last_event_id(&headers, query.as_deref()).map_or(0, |last| stream::place(&turn, &last));
    Ok(stream::answer(&state, &caller, turn, after, None))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ListMessagesQuery")]
pub(crate) struct ListQuery {
    /// 1 to 100 (50).
    limit: Option<i64>,
    /// Only before the message with this id.
    before: Option<String>,
    /// Only after the message with this id.
    after: Option<String>,
    /// pending, processing, completed, failed or cancelled.
    status: Option<String>,
    channel: Option<String>,
    conversation_id: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MessageList")]
pub(crate) struct ListView {
    messages: Vec<MessageView>,
    has_more: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HostedMessage")]
struct MessageView {
    id: String,
    /// user or assistant.
    role: String,
    content: String,
    status: Status,
    channel: String,
    queue_mode: String,
    conversation_id: String,
    reply_to_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    metadata: Option<Box<RawValue>>,
    created_at: Millis,
    delivered_at: Option<Millis>,
    read_at: Option<Millis>,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            role: message.role,
            content: message.content,
            status: message.status,
            channel: message.channel,
            queue_mode: message.queue_mode,
            conversation_id: message.conversation,
            reply_to_id: message.reply_to,
            turn_id: message.turn,
            error: message.error,
            metadata: message.metadata.and_then(|text| RawValue::from_string(text).ok()),
            created_at: message.created_at,
            delivered_at: message.delivered_at,
            read_at: message.read_at,
        }
    }
}

pub(crate) async fn list(caller: Caller, Path(id): Path<String>, Query(query): Query<ListQuery>) -> Reply<ListView> {
    let limit = bounded("limit", query.limit, 50, 1, 100)?;
    let status = query.status.as_deref().map(|text| Status::parse(text, "status")).transpose()?;
    let filter = MessageFilter {
        before: query.before,
        after: query.after,
        status,
        channel: query.channel,
        conversation: query.conversation_id,
    };
    let (rows, has_more) = conversations::messages(&caller, &id, &filter, limit).await?;
    if rows.is_empty() {
        // Nothing to tell whether the agent exists.
        agents::find(&caller, &id).await?;
    }
    Ok(Json(ListView { messages: rows.into_iter().map(Into::into).collect(), has_more }))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ListConversationsQuery")]
pub(crate) struct ConversationsQuery {
    /// 1 to 50 (10).
    limit: Option<i64>,
    /// 1 to 50 (20).
    messages_per_conversation: Option<i64>,
    /// The `next_cursor` of the page before.
    before: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HostedConversations")]
pub(crate) struct ConversationsView {
    conversations: Vec<ConversationView>,
    pagination: CursorPagination,
}

#[derive(Serialize, JsonSchema)]
struct CursorPagination {
    has_more: bool,
    next_cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HostedConversation")]
struct ConversationView {
    counterparty: Counterparty,
    /// The latest of the conversations with this counterparty, as it stands in messages.
    conversation_id: String,
    /// Of all conversations with this counterparty, as what follows.
    total_messages: i64,
    unread_count: i64,
    last_message_at: Millis,
    /// The newest, oldest first.
    messages: Vec<ConversationMessage>,
}

#[derive(Serialize, JsonSchema)]
struct Counterparty {
    uuid: String,
    /// user or agent.
    #[serde(rename = "type")]
    kind: String,
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct ConversationMessage {
    uuid: String,
    conversation_id: String,
    content: String,
    sender_type: String,
    sender_uuid: String,
    recipient_type: String,
    recipient_uuid: String,
    status: Status,
    created_at: Millis,
}

fn conversation_message(message: Message, with: &Conversation) -> ConversationMessage {
    let to_agent = message.role == "user";
    let (recipient_type, recipient_uuid) = if to_agent {
        ("agent".to_owned(), message.agent)
    } else {
        (with.counterparty.kind.clone(), with.counterparty.id.clone())
    };
    ConversationMessage {
        uuid: message.id,
        conversation_id: message.conversation,
        content: message.content,
        sender_type: message.sender_type,
        sender_uuid: message.sender,
        recipient_type,
        recipient_uuid,
        status: message.status,
        created_at: message.created_at,
    }
}

pub(crate) async fn conversations(
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<ConversationsQuery>,
) -> Reply<ConversationsView> {
    let limit = bounded("limit", query.limit, 10, 1, 50)?;
    let messages = bounded("messages_per_conversation", query.messages_per_conversation, 20, 1, 50)?;
    let after = query.before.as_deref().map(|token| Cursor::decode(token, "before")).transpose()?;
    let page = conversations::counterparties(&caller, &id, &PageRequest { limit, after }, messages).await?;
    if page.items.is_empty() {
        agents::find(&caller, &id).await?;
    }
    let conversations = page
        .items
        .into_iter()
        .map(|(conversation, messages)| ConversationView {
            counterparty: Counterparty {
                uuid: conversation.counterparty.id.clone(),
                kind: conversation.counterparty.kind.clone(),
                name: conversation.counterparty.name.clone(),
            },
            conversation_id: conversation.name.clone(),
            total_messages: conversation.message_count,
            unread_count: conversation.unread_count,
            last_message_at: conversation.last_message_at,
            messages: messages.into_iter().map(|message| conversation_message(message, &conversation)).collect(),
        })
        .collect();
    let next_cursor = page.next.map(|cursor| cursor.encode());
    Ok(Json(ConversationsView {
        conversations,
        pagination: CursorPagination { has_more: next_cursor.is_some(), next_cursor },
    }))
}
