//! An agent's memory as one thing: all its values, and the text that it works with.

use super::{WORKING, store};
use crate::agents;
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use muster_base::{Error, Kind, Millis, Result};
use muster_store::Tx;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// The most bytes of a memory that are read at once.
const LARGEST_READ: i64 = 4 * 1024 * 1024;
/// How many values one statement writes or forgets.
const AT_ONCE: usize = 200;

/// Everything that an agent remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryOf {
    /// Its values by key.
    pub values: Map<String, Value>,
    /// The text that it works with; empty when there is none.
    pub working: String,
    /// When it last changed.
    pub changed_at: Option<Millis>,
    /// How many bytes all of it takes.
    pub size: i64,
    /// Whether values were left out because there are more than can be read at once.
    pub is_cut: bool,
}

/// A change of the text that an agent works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkingMemory {
    /// Replaces it; an empty text ends it.
    Set(String),
    /// Goes on a new line after it.
    Append(String),
}

/// A change of a memory.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Replaces all values.
    pub values: Option<Map<String, Value>>,
    /// Changes the text.
    pub working: Option<WorkingMemory>,
}

fn check(values: &Map<String, Value>) -> Result<()> {
    let fits = |key: &String| (1..=256).contains(&key.chars().count()) && !key.contains('\0');
    if values.keys().all(fits) { Ok(()) } else { Err(Error::invalid("memory", "keys must have 1 to 256 characters")) }
}

/// Everything that the agent remembers, as much of it as can be read at once.
pub async fn load(ctx: &Ctx, agent: &str) -> Result<MemoryOf> {
    ctx.may_act_as(agent)?;
    let extent = store::extent(&ctx.db, ctx.org(), agent).await?;
    let mut found = MemoryOf {
        values: Map::new(),
        working: String::new(),
        changed_at: extent.changed_at,
        size: extent.size,
        is_cut: extent.size > LARGEST_READ,
    };
    for entry in store::within(&ctx.db, ctx.org(), agent, LARGEST_READ).await? {
        if entry.key == WORKING {
            found.working = text_of(&entry.value)?;
        } else {
            found.values.insert(entry.key, serde_json::from_str(&entry.value).map_err(Error::internal)?);
        }
    }
    Ok(found)
}

fn text_of(json: &str) -> Result<String> {
    serde_json::from_str(json).map_err(Error::internal)
}

/// The text that the agent works with, if there is one.
pub async fn working(ctx: &Ctx, agent: &str) -> Result<Option<String>> {
    let found = store::find(&ctx.db, ctx.org(), agent, WORKING).await?;
    found.map(|entry| text_of(&entry.value)).transpose()
}

/// Changes a memory, all or nothing; `limit` is the most bytes that all of it may take afterwards.
///
/// Returns how many bytes it takes. Values that are so already keep their revision.
pub async fn change(ctx: &Ctx, agent: &str, change: Change, limit: i64) -> Result<i64> {
    ctx.may_act_as(agent)?;
    if let Some(values) = &change.values {
        check(values)?;
    }
    let (for_tx, agent) = (ctx.clone(), agent.to_owned());
    ctx.write(move |tx| Box::pin(async move { change_in(tx, &for_tx, &agent, change, limit).await })).await
}

async fn change_in(tx: &mut Tx, ctx: &Ctx, agent: &str, change: Change, limit: i64) -> Result<i64> {
    // Two who append at once come one after the other.
    agents::lock_first(tx, ctx.org(), &[agent]).await?;
    let keys = change.values.as_ref().map(Map::len);
    let has_working = change.working.is_some();
    if let Some(values) = change.values {
        replace(tx, ctx, agent, values).await?;
    }
    if let Some(working) = change.working {
        write_working(tx, ctx, agent, working).await?;
    }
    let data = json!({"owner": agent, "keys": keys, "workingMemory": has_working});
    events::append(tx, ctx, vec![NewEvent::new("memory.replaced", agent, data)]).await?;
    // The end of the log is locked by now, so what others set at the same time counts too.
    let size = store::size(tx, ctx.org(), agent).await?;
    if size > limit {
        let message = format!("the memory would take {size} bytes; it may take {limit}");
        return Err(Error::new(Kind::TooLarge, "memory.full", message));
    }
    Ok(size)
}

async fn replace(tx: &mut Tx, ctx: &Ctx, agent: &str, values: Map<String, Value>) -> Result<()> {
    let gone: Vec<String> = {
        let kept: HashSet<&String> = values.keys().collect();
        store::keys(tx, ctx.org(), agent).await?.into_iter().filter(|key| !kept.contains(key)).collect()
    };
    for keys in gone.chunks(AT_ONCE) {
        store::delete_all(tx, ctx.org(), agent, keys).await?;
    }
    let values: Vec<(String, String)> = values.into_iter().map(|(key, value)| (key, value.to_string())).collect();
    for values in values.chunks(AT_ONCE) {
        store::upsert_all(tx, ctx.org(), agent, values, ctx.now()).await?;
    }
    Ok(())
}

async fn write_working(tx: &mut Tx, ctx: &Ctx, agent: &str, change: WorkingMemory) -> Result<()> {
    let text = match change {
        WorkingMemory::Set(text) => text,
        WorkingMemory::Append(more) => match store::value(tx, ctx.org(), agent, WORKING).await? {
            Some(before) => format!("{}\n{more}", text_of(&before)?),
            None => more,
        },
    };
    if text.is_empty() {
        return store::delete(tx, ctx.org(), agent, WORKING).await.map(drop);
    }
    let size = text.len();
    let value = Value::String(text).to_string();
    let new = store::NewValue { key: WORKING, value: &value, size };
    store::upsert(tx, ctx.org(), agent, &new, ctx.now()).await.map(drop)
}

/// Forgets everything that the agent remembers. An empty memory stays as it is.
pub async fn clear(ctx: &Ctx, agent: &str) -> Result<()> {
    ctx.may_act_as(agent)?;
    let (for_tx, agent) = (ctx.clone(), agent.to_owned());
    ctx.write(move |tx| {
        Box::pin(async move {
            agents::lock_first(tx, for_tx.org(), &[&agent]).await?;
            if !store::clear(tx, for_tx.org(), &agent).await? {
                return Ok(());
            }
            events::append(tx, &for_tx, vec![NewEvent::new("memory.cleared", &agent, json!({"owner": agent}))]).await
        })
    })
    .await
}
