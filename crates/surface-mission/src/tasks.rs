//! `/api/tasks`: what there is to do.

use crate::errors::no_fields;
use crate::views::{Slice, seconds, unless_empty};
use muster_base::{Error, Millis, Patch, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::tasks::{self, NewTask, Priority, Reason, Status, Task, TaskChange, TaskFilter};
use muster_http::{Caller, Created, Failure, Json, Op, Path, Query, Reply, delete, get, post, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// List tasks.
pub(crate) const LIST: Op = get("/api/tasks")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("List tasks, newest first")
    .query::<TasksQuery>()
    .gives::<TaskList>()
    .reusable();

/// Make a task.
pub(crate) const CREATE: Op = post("/api/tasks")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Make a task, for an agent or for whoever takes it")
    .takes::<NewTaskBody>()
    .gives::<OneTask>()
    .status(201);

/// Give an agent its next task.
pub(crate) const QUEUE: Op = get("/api/tasks/queue")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .own_agent()
    .changes()
    .summary("Give an agent its next task: the one that it is at, else it begins another; no task is given to two")
    .query::<QueueQuery>()
    .gives::<Queued>();

/// Read a task.
pub(crate) const GET: Op = get("/api/tasks/{task}")
    .floor(Role::Viewer)
    .scope(Scope::AgentsRead)
    .summary("Read a task")
    .gives::<OneTask>()
    .reusable();

/// Change a task.
pub(crate) const UPDATE: Op = put("/api/tasks/{task}")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .own_agent()
    .summary("Change a task: absent fields stay, null clears")
    .takes::<TaskUpdate>()
    .gives::<UpdatedTask>();

/// Delete a task.
pub(crate) const DELETE: Op = delete("/api/tasks/{task}")
    .floor(Role::Operator)
    .scope(Scope::AgentsWrite)
    .summary("Delete a task")
    .gives::<DeletedTask>();

/// Which tasks are listed. A filter that is empty is none.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct TasksQuery {
    /// Only in this status.
    #[serde(default, deserialize_with = "unless_empty")]
    status: Option<Status>,
    /// Only of this agent: its number, slug or name.
    #[serde(default, deserialize_with = "unless_empty")]
    assigned_to: Option<String>,
    /// Only of this priority.
    #[serde(default, deserialize_with = "unless_empty")]
    priority: Option<Priority>,
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// How many are skipped (0).
    offset: Option<i64>,
}

/// A task to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewTask")]
pub(crate) struct NewTaskBody {
    /// What is to be done: 1 to 500 characters in one line.
    title: String,
    /// More about it, up to 50000 characters.
    description: Option<String>,
    /// How soon (medium).
    priority: Option<Priority>,
    /// How far it is (inbox, or assigned when an agent gets it).
    status: Option<Status>,
    /// The agent that gets it: its number, slug or name.
    assigned_to: Option<String>,
    /// When it should be done, in seconds since the epoch.
    due_date: Option<i64>,
    /// Anything; up to 64 KiB.
    metadata: Option<Map<String, Value>>,
}

/// An update of a task. Absent fields stay as they are, null clears.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct TaskUpdate {
    /// A new title.
    title: Option<String>,
    /// A new description.
    #[serde(default)]
    description: Patch<String>,
    /// A new priority.
    priority: Option<Priority>,
    /// How far it is; inbox takes it from its agent.
    status: Option<Status>,
    /// The agent that gets it: its number, slug or name; null takes it from whoever has it.
    #[serde(default)]
    assigned_to: Patch<String>,
    /// When it should be done, in seconds since the epoch.
    #[serde(default)]
    due_date: Patch<i64>,
    /// Replaces what was attached.
    #[serde(default)]
    metadata: Patch<Map<String, Value>>,
}

/// Which agent asks for a task.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct QueueQuery {
    /// The agent: its number, slug or name.
    agent: String,
    /// At how many tasks it may be at once, 1 to 20 (1).
    max_capacity: Option<i64>,
}

/// A task.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Task")]
struct TaskView {
    /// Its number, unique in the deployment.
    id: i64,
    /// What is to be done.
    title: String,
    /// More about it.
    description: Option<String>,
    /// How far it is.
    status: Status,
    /// How soon it is to be done.
    priority: Priority,
    /// The name of the agent that has it.
    assigned_to: Option<String>,
    /// When it should be done, in seconds since the epoch.
    due_date: Option<i64>,
    /// What was attached.
    #[schemars(with = "Map<String, Value>")]
    metadata: Box<RawValue>,
    /// The name of who made it.
    created_by: String,
    /// When it was made, in seconds since the epoch.
    created_at: i64,
    /// When it was last changed, in seconds since the epoch.
    updated_at: i64,
    /// When it was done or failed, in seconds since the epoch.
    finished_at: Option<i64>,
}

/// A page of tasks.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TaskList {
    /// The tasks.
    tasks: Vec<TaskView>,
    /// How many fit in all.
    total: i64,
    /// The number of this page, from 1.
    page: i64,
    /// How many a page has.
    limit: i64,
}

/// One task.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OneTask {
    /// The task.
    task: TaskView,
}

/// A task after it was changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UpdatedTask {
    /// True.
    success: bool,
    /// The task.
    task: TaskView,
}

/// A task that is gone.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DeletedTask {
    /// True.
    success: bool,
    /// Its number.
    deleted: i64,
}

/// What an agent is to do next.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "QueuedTask")]
pub(crate) struct Queued {
    /// The task; null when there is none.
    task: Option<TaskView>,
    /// Why.
    reason: Reason,
    /// The agent's name.
    agent: String,
    /// Now, in seconds since the epoch.
    timestamp: i64,
}

impl TryFrom<Task> for TaskView {
    type Error = Error;
    fn try_from(task: Task) -> Result<Self> {
        let metadata = task.metadata.unwrap_or_else(|| "{}".to_owned());
        Ok(Self {
            id: task.number,
            title: task.title,
            description: task.description,
            status: task.status,
            priority: task.priority,
            assigned_to: task.agent_name,
            due_date: seconds(task.due_at),
            metadata: RawValue::from_string(metadata).map_err(Error::internal)?,
            created_by: task.created_by,
            created_at: task.created_at.seconds(),
            updated_at: task.changed_at.seconds(),
            finished_at: seconds(task.finished_at),
        })
    }
}

/// A number of seconds that is too large stays too large, for the domain to refuse.
fn moment(seconds: i64) -> Millis {
    Millis(seconds.saturating_mul(1000))
}

fn text(metadata: Map<String, Value>) -> String {
    Value::Object(metadata).to_string()
}

fn patched<T, U>(patch: Patch<T>, read: impl FnOnce(T) -> U) -> Patch<U> {
    match patch {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Value(value) => Patch::Value(read(value)),
    }
}

/// The number that a path names; anything else names no task.
fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::missing("task", text))
}

impl TaskUpdate {
    fn read(self) -> Result<TaskChange> {
        let sets = self.title.is_some() || self.status.is_some() || self.priority.is_some();
        let patches = !self.description.is_absent() || !self.assigned_to.is_absent();
        if !sets && !patches && self.due_date.is_absent() && self.metadata.is_absent() {
            return Err(no_fields());
        }
        Ok(TaskChange {
            title: self.title,
            description: self.description,
            status: self.status,
            priority: self.priority,
            assigned_to: self.assigned_to,
            due_at: patched(self.due_date, moment),
            metadata: patched(self.metadata, text),
        })
    }
}

pub(crate) async fn list(caller: Caller, Query(query): Query<TasksQuery>) -> Reply<TaskList> {
    let slice = Slice::of(query.limit, query.offset)?;
    let filter = TaskFilter { status: query.status, priority: query.priority, assigned_to: query.assigned_to };
    let (tasks, total) = tasks::list(&caller, &filter, slice.limit, slice.offset).await?;
    let tasks = tasks.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
    Ok(Json(TaskList { tasks, total, page: slice.page(), limit: slice.limit }))
}

pub(crate) async fn create(caller: Caller, Json(body): Json<NewTaskBody>) -> Result<Created<OneTask>, Failure> {
    let new = NewTask {
        title: body.title,
        description: body.description,
        priority: body.priority,
        status: body.status,
        assigned_to: body.assigned_to,
        due_at: body.due_date.map(moment),
        metadata: body.metadata.map(text),
    };
    Ok(Created(OneTask { task: tasks::create(&caller, new).await?.try_into()? }))
}

pub(crate) async fn queue(caller: Caller, Query(query): Query<QueueQuery>) -> Reply<Queued> {
    let claimed = tasks::claim(&caller, &query.agent, query.max_capacity.unwrap_or(1)).await?;
    let task = claimed.task.map(TryInto::try_into).transpose()?;
    Ok(Json(Queued { task, reason: claimed.reason, agent: claimed.agent, timestamp: caller.now().seconds() }))
}

pub(crate) async fn show(caller: Caller, Path(task): Path<String>) -> Reply<OneTask> {
    Ok(Json(OneTask { task: tasks::find(&caller, number(&task)?).await?.try_into()? }))
}

pub(crate) async fn update(
    caller: Caller,
    Path(task): Path<String>,
    Json(body): Json<TaskUpdate>,
) -> Reply<UpdatedTask> {
    let number = number(&task)?;
    let task = tasks::update(&caller, number, body.read()?).await?;
    Ok(Json(UpdatedTask { success: true, task: task.try_into()? }))
}

pub(crate) async fn remove(caller: Caller, Path(task): Path<String>) -> Reply<DeletedTask> {
    let number = number(&task)?;
    tasks::delete(&caller, number).await?;
    Ok(Json(DeletedTask { success: true, deleted: number }))
}
