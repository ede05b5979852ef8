//! `/api/agents/{id}/heartbeat`: an agent lives, and asks what waits for it.

use crate::views::seconds;
use muster_domain::access::{Role, Scope};
use muster_domain::agents::Presence;
use muster_domain::heartbeat::{self, Beat, PendingTask, WaitingMessage, Work};
use muster_domain::tasks::{Priority, Status};
use muster_domain::usage::Report;
use muster_http::{Caller, Json, Op, OptionalJson, Path, Rate, Reply, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Look what waits for an agent.
pub(crate) const LOOK: Op = get("/api/agents/{id}/heartbeat")
    .floor(Role::Viewer)
    .scope(Scope::MessagesRead)
    .summary("Read which tasks and messages wait for an agent; changes nothing. Needs the scope agents:read as well")
    .gives::<Heartbeat>();

/// Take a heartbeat.
pub(crate) const BEAT: Op = post("/api/agents/{id}/heartbeat")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .own_agent()
    .rate(Rate::Heartbeat)
    .summary("Mark an agent as seen, take what it says, and answer with what waits for it. Needs a scope for messages as well")
    .takes_optional::<Said>()
    .gives::<Taken>();

/// What an agent says with a heartbeat.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "HeartbeatInput")]
pub(crate) struct Said {
    /// How it is; it holds until something newer.
    status: Option<Presence>,
    /// What it does now, up to 1000 characters.
    last_activity: Option<String>,
    /// The ids of messages that it has taken up, up to 200: no heartbeat shows them again.
    #[serde(default)]
    ack: Vec<i64>,
    /// What it used since it last said so.
    token_usage: Option<TokenUsage>,
}

/// Tokens that an agent used.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenUsage {
    /// The model, up to 200 characters.
    model: String,
    /// Tokens that the model read.
    input_tokens: i64,
    /// Tokens that it wrote.
    output_tokens: i64,
    /// The id of the task that it was for.
    task_id: Option<i64>,
}

/// What waits for an agent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Heartbeat {
    /// The agent's name.
    agent: String,
    /// Whether anything waits.
    status: Found,
    /// Tasks that are assigned or in progress: the most urgent first, then the oldest; at most 100.
    pending_tasks: Vec<TaskView>,
    /// Messages that were not acknowledged, the oldest first: at most 100, and 1 MiB of text beyond the first.
    messages: Vec<MessageView>,
    /// What there is to do, by sort.
    work_items: Vec<WorkItems>,
    /// How many items there are in all sorts.
    total_items: usize,
    /// When this was read, in seconds since the epoch.
    checked_at: i64,
}

/// A heartbeat that was taken.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HeartbeatTaken")]
pub(crate) struct Taken {
    /// True.
    success: bool,
    /// What waits now.
    #[serde(flatten)]
    heartbeat: Heartbeat,
    /// Whether token usage was recorded.
    token_recorded: bool,
}

/// Whether anything waits.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "HeartbeatStatus")]
enum Found {
    /// Nothing does.
    HeartbeatOk,
    /// Something does.
    WorkItemsFound,
}

/// A task that waits.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "PendingTask")]
struct TaskView {
    /// Its number.
    id: i64,
    /// What is to be done.
    title: String,
    /// assigned or in_progress.
    status: Status,
    /// How soon.
    priority: Priority,
    /// When it should be done, in seconds since the epoch.
    due_date: Option<i64>,
}

/// A message that waits.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PendingMessage")]
struct MessageView {
    /// Its number, to acknowledge it by.
    id: i64,
    /// The name of who it is from.
    from: String,
    /// The text.
    content: String,
    /// As `content`.
    message: String,
    /// What sort of message; `text` when nobody said.
    #[serde(rename = "type")]
    kind: String,
    /// When it came, in seconds since the epoch.
    created_at: i64,
}

/// A message without its text, which stands under `messages`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PendingMessageHead")]
struct MessageHead {
    /// Its number.
    id: i64,
    /// The name of who it is from.
    from: String,
    /// What sort of message.
    #[serde(rename = "type")]
    kind: String,
    /// When it came, in seconds since the epoch.
    created_at: i64,
}

/// What there is to do, of one sort.
#[derive(Debug, Serialize, JsonSchema)]
struct WorkItems {
    /// assigned_tasks or messages.
    #[serde(rename = "type")]
    kind: &'static str,
    /// How many.
    count: usize,
    /// Which.
    items: Items,
}

/// The items of one sort.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "WorkItemList")]
enum Items {
    /// Tasks.
    Tasks(Vec<TaskView>),
    /// Messages.
    Messages(Vec<MessageHead>),
}

impl From<PendingTask> for TaskView {
    fn from(task: PendingTask) -> Self {
        let PendingTask { number, title, status, priority, due_at, .. } = task;
        Self { id: number, title, status, priority, due_date: seconds(due_at) }
    }
}

impl From<WaitingMessage> for MessageView {
    fn from(message: WaitingMessage) -> Self {
        Self {
            id: message.number,
            from: message.from,
            message: message.content.clone(),
            content: message.content,
            kind: message.kind,
            created_at: message.created_at.seconds(),
        }
    }
}

impl From<&MessageView> for MessageHead {
    fn from(message: &MessageView) -> Self {
        let MessageView { id, from, kind, created_at, .. } = message;
        Self { id: *id, from: from.clone(), kind: kind.clone(), created_at: *created_at }
    }
}

impl Heartbeat {
    fn new(agent: String, work: Work, checked_at: i64) -> Self {
        let pending_tasks: Vec<TaskView> = work.tasks.into_iter().map(Into::into).collect();
        let messages: Vec<MessageView> = work.messages.into_iter().map(Into::into).collect();
        let total_items = pending_tasks.len() + messages.len();
        let mut work_items = Vec::new();
        if !pending_tasks.is_empty() {
            let items = Items::Tasks(pending_tasks.clone());
            work_items.push(WorkItems { kind: "assigned_tasks", count: pending_tasks.len(), items });
        }
        if !messages.is_empty() {
            let items = Items::Messages(messages.iter().map(Into::into).collect());
            work_items.push(WorkItems { kind: "messages", count: messages.len(), items });
        }
        let status = if total_items == 0 { Found::HeartbeatOk } else { Found::WorkItemsFound };
        Self { agent, status, pending_tasks, messages, work_items, total_items, checked_at }
    }
}

pub(crate) async fn look(caller: Caller, Path(id): Path<String>) -> Reply<Heartbeat> {
    caller.require(Scope::AgentsRead)?;
    let (agent, work) = heartbeat::look(&caller, &id).await?;
    Ok(Json(Heartbeat::new(agent.name, work, caller.now().seconds())))
}

pub(crate) async fn beat(
    caller: Caller,
    Path(id): Path<String>,
    OptionalJson(said): OptionalJson<Said>,
) -> Reply<Taken> {
    // The answer holds messages; acknowledging changes them.
    caller.require(if said.ack.is_empty() { Scope::MessagesRead } else { Scope::MessagesWrite })?;
    let used = said.token_usage.map(|usage| Report {
        model: usage.model,
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        task: usage.task_id,
    });
    let beat = Beat { status: said.status, last_activity: said.last_activity, acknowledged: said.ack, used };
    let beaten = heartbeat::beat(&caller, &id, beat).await?;
    let heartbeat = Heartbeat::new(beaten.agent, beaten.work, caller.now().seconds());
    Ok(Json(Taken { success: true, heartbeat, token_recorded: beaten.is_usage_recorded }))
}
