//! `/api/agents/{id}/memory`: what an agent remembers, the same that its tools read and write.

use crate::errors::no_fields;
use crate::views::{Done, seconds};
use muster_base::{Error, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::agents;
use muster_domain::memory::{self, Change, WorkingMemory};
use muster_http::{Caller, Json, Op, Path, Reply, delete, get, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The most bytes that a memory may take after it was written here.
const LARGEST: i64 = 512 * 1024;
/// The largest body: escaped letters take more bytes than they count for.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Read an agent's memory.
pub(crate) const GET: Op = get("/api/agents/{id}/memory")
    .floor(Role::Viewer)
    .scope(Scope::MemoryRead)
    .summary("Read what an agent remembers")
    .gives::<MemoryView>();

/// Write an agent's memory.
pub(crate) const PUT: Op = put("/api/agents/{id}/memory")
    .floor(Role::Operator)
    .scope(Scope::MemoryWrite)
    .summary("Replace all values that an agent remembers, or the text that it works with")
    .takes::<MemoryBody>()
    .body_limit(BODY_LIMIT)
    .gives::<MemoryWritten>();

/// Clear an agent's memory.
pub(crate) const DELETE: Op = delete("/api/agents/{id}/memory")
    .floor(Role::Operator)
    .scope(Scope::MemoryWrite)
    .summary("Clear what an agent remembers")
    .gives::<Done>();

/// What an agent remembers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AgentMemory")]
pub(crate) struct MemoryView {
    /// Its values by key.
    memory: Map<String, Value>,
    /// The text that it works with; empty when there is none.
    working_memory: String,
    /// When it last changed, in seconds since the epoch; null when there is nothing.
    updated_at: Option<i64>,
    /// How many bytes all of it takes.
    size: i64,
    /// True when it is more than is shown at once: the values that were set first are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<bool>,
}

/// What an agent remembers from now on: one of the two, or both.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NewAgentMemory")]
pub(crate) struct MemoryBody {
    /// Replaces all values.
    memory: Option<Map<String, Value>>,
    /// Replaces the text that the agent works with; an empty one ends it.
    working_memory: Option<String>,
    /// Puts the text on a new line after what is there instead.
    append: Option<bool>,
}

/// A memory that was written.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WrittenMemory")]
pub(crate) struct MemoryWritten {
    /// True.
    success: bool,
    /// How many bytes all of it takes.
    size: i64,
    /// When it was written, in seconds since the epoch.
    updated_at: i64,
}

impl MemoryBody {
    fn read(self) -> Result<Change> {
        let working = match (self.working_memory, self.append.unwrap_or(false)) {
            (Some(text), true) => Some(WorkingMemory::Append(text)),
            (Some(text), false) => Some(WorkingMemory::Set(text)),
            (None, true) => return Err(Error::invalid("working_memory", "is required with append")),
            (None, false) => None,
        };
        if self.memory.is_none() && working.is_none() {
            return Err(no_fields());
        }
        Ok(Change { values: self.memory, working })
    }
}

pub(crate) async fn show(caller: Caller, Path(id): Path<String>) -> Reply<MemoryView> {
    let agent = agents::resolve(&caller, &id).await?;
    let found = memory::load(&caller, &agent.id).await?;
    Ok(Json(MemoryView {
        memory: found.values,
        working_memory: found.working,
        updated_at: seconds(found.changed_at),
        size: found.size,
        truncated: found.is_cut.then_some(true),
    }))
}

pub(crate) async fn write(
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<MemoryBody>,
) -> Reply<MemoryWritten> {
    let change = body.read()?;
    let agent = agents::resolve(&caller, &id).await?;
    let size = memory::change(&caller, &agent.id, change, LARGEST).await?;
    Ok(Json(MemoryWritten { success: true, size, updated_at: caller.now().seconds() }))
}

pub(crate) async fn clear(caller: Caller, Path(id): Path<String>) -> Reply<Done> {
    let agent = agents::resolve(&caller, &id).await?;
    memory::clear(&caller, &agent.id).await?;
    Ok(Json(Done::YES))
}
