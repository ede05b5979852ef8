//! `/api/agents/memory`: what agents share, and what one remembers for itself.

use crate::agents::page;
use crate::numbers::beyond_64_bits;
use muster_base::{Error, Millis, Result};
use muster_domain::access::{Role, Scope};
use muster_domain::memory::{self, Entry, Put};
use muster_http::{Caller, Failure, Json, Op, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How much of a number that is refused is shown.
const LONGEST_SHOWN: usize = 40;

/// Set, read, list or forget values.
pub(crate) const MEMORY: Op = post("/api/agents/memory")
    .floor(Role::Operator)
    .body_limit(2 * 1024 * 1024)
    .summary("Set, read, list or forget a value that the org's agents share, or that an agent keeps for itself")
    .takes::<MemoryBody>()
    .gives::<MemoryAnswer>();

/// What is to be done.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Operation {
    /// Set the value of a key.
    Set,
    /// Read the value of a key.
    Get,
    /// Forget a key.
    Delete,
    /// List keys and values in the order of the keys.
    List,
}

/// Whose memory.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "MemoryScope")]
enum ScopeView {
    /// What all agents of the org share.
    #[default]
    Tenant,
    /// What the agent remembers whose token is shown.
    Agent,
}

/// An operation on a memory.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "MemoryOperation")]
pub(crate) struct MemoryBody {
    /// What is to be done.
    operation: Operation,
    /// The key, 1 to 256 characters; of `set`, `get` and `delete`.
    key: Option<String>,
    /// The value, any JSON up to 256 KiB; of `set`.
    #[serde(default, deserialize_with = "whole")]
    #[schemars(with = "Option<serde_json::Value>")]
    value: Option<Box<RawValue>>,
    /// Whose memory (tenant).
    scope: Option<ScopeView>,
    /// Set or forget it only if it has this revision; 0 sets it only if it is not there.
    #[serde(rename = "ifRevision")]
    if_revision: Option<i64>,
    /// Only keys that begin with this; of `list`.
    prefix: Option<String>,
    /// How many at the most, 1 to 200 (50); of `list`.
    limit: Option<i64>,
    /// Where to go on: the `nextCursor` of the page before; of `list`.
    cursor: Option<String>,
}

/// A `null` is a value like any other.
fn whole<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

/// What came of it: the form depends on the operation.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum MemoryAnswer {
    /// Of `set`.
    Set(SetView),
    /// Of `get`.
    Value(EntryView),
    /// Of `delete`.
    Deleted(DeletedView),
    /// Of `list`.
    List(ListView),
}

/// A value that was set.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MemorySet")]
pub(crate) struct SetView {
    /// True.
    ok: bool,
    /// Its key.
    key: String,
    /// Counts the changes of the key, from 1.
    revision: i64,
}

/// A value that is remembered.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MemoryValue")]
pub(crate) struct EntryView {
    /// Its key.
    key: String,
    /// Any JSON.
    #[schemars(with = "serde_json::Value")]
    value: Box<RawValue>,
    /// Counts the changes of the key, from 1.
    revision: i64,
    /// When it was last set.
    #[serde(rename = "updatedAt")]
    updated_at: Millis,
}

/// A key that is forgotten.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MemoryDeleted")]
pub(crate) struct DeletedView {
    /// True.
    ok: bool,
    /// The key.
    key: String,
    /// Whether there was a value.
    deleted: bool,
}

/// Values in the order of their keys.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MemoryList")]
pub(crate) struct ListView {
    /// A page of them; it ends early with the value that fills 1 MiB.
    entries: Vec<EntryView>,
    /// Where the next page begins; absent after the last one.
    #[serde(rename = "nextCursor", skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl TryFrom<Entry> for EntryView {
    type Error = Error;
    fn try_from(entry: Entry) -> Result<Self> {
        let Entry { key, value, revision, changed_at } = entry;
        let value = RawValue::from_string(value).map_err(Error::internal)?;
        Ok(Self { key, value, revision, updated_at: changed_at })
    }
}

impl From<ScopeView> for memory::Scope {
    fn from(scope: ScopeView) -> Self {
        match scope {
            ScopeView::Tenant => Self::Tenant,
            ScopeView::Agent => Self::Agent,
        }
    }
}

impl MemoryBody {
    fn key(&self) -> Result<&str> {
        self.key.as_deref().ok_or_else(|| Error::invalid("key", "is required"))
    }

    fn put(self) -> Result<Put> {
        let key = self.key()?.to_owned();
        let value = self.value.ok_or_else(|| Error::invalid("value", "is required"))?;
        if let Some(number) = beyond_64_bits(value.get()) {
            let shown: String = number.chars().take(LONGEST_SHOWN).collect();
            let message = format!("must not have numbers beyond 64 bits, such as {shown}; send them as texts");
            return Err(Error::invalid("value", message));
        }
        // As it would be written by us: what counts is not how the client spaces it.
        let value: serde_json::Value =
            serde_json::from_str(value.get()).map_err(|error| Error::invalid("value", error.to_string()))?;
        Ok(Put { key, value: value.to_string(), if_revision: self.if_revision })
    }
}

pub(crate) async fn memory(caller: Caller, Json(body): Json<MemoryBody>) -> Result<Json<MemoryAnswer>, Failure> {
    caller.require(match body.operation {
        Operation::Get | Operation::List => Scope::MemoryRead,
        Operation::Set | Operation::Delete => Scope::MemoryWrite,
    })?;
    let scope = memory::Scope::from(body.scope.unwrap_or_default());
    let answer = match body.operation {
        Operation::Set => {
            let new = body.put()?;
            let key = new.key.clone();
            MemoryAnswer::Set(SetView { ok: true, revision: memory::put(&caller, scope, new).await?, key })
        }
        Operation::Get => MemoryAnswer::Value(memory::read(&caller, scope, body.key()?).await?.try_into()?),
        Operation::Delete => {
            let key = body.key()?.to_owned();
            let deleted = memory::forget(&caller, scope, &key, body.if_revision).await?;
            MemoryAnswer::Deleted(DeletedView { ok: true, key, deleted })
        }
        Operation::List => MemoryAnswer::List(list(&caller, scope, &body).await?),
    };
    Ok(Json(answer))
}

async fn list(caller: &Caller, scope: memory::Scope, body: &MemoryBody) -> Result<ListView> {
    let page = page(body.limit, body.cursor.as_deref())?;
    let found = memory::list(caller, scope, body.prefix.as_deref().unwrap_or_default(), &page).await?;
    Ok(ListView {
        entries: found.items.into_iter().map(EntryView::try_from).collect::<Result<_>>()?,
        next_cursor: found.next.map(|cursor| cursor.encode()),
    })
}
