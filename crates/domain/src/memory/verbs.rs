//! Remembering, recalling, searching, forgetting.

use super::{Entry, LARGEST_VALUE, store};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use muster_base::{Error, Kind, Result};
use muster_store::Tx;
use serde_json::{Value, json};

pub(super) fn check_key(key: &str) -> Result<()> {
    if key.is_empty() || key.chars().count() > 256 || key.contains('\0') {
        return Err(Error::invalid("key", "must have 1 to 256 characters"));
    }
    Ok(())
}

/// Sets a value; `limit` is the most bytes that all values of the owner may take together.
///
/// Setting the same value again is not an error; the revision still rises.
pub async fn set(ctx: &Ctx, owner: &str, key: &str, value: &str, limit: Option<i64>) -> Result<i64> {
    let (for_tx, owner, key, value) = (ctx.clone(), owner.to_owned(), key.to_owned(), value.to_owned());
    ctx.write(move |tx| Box::pin(async move { set_in(tx, &for_tx, &owner, &key, &value, limit).await })).await
}

/// As [`set`], within a transaction.
pub async fn set_in(tx: &mut Tx, ctx: &Ctx, owner: &str, key: &str, value: &str, limit: Option<i64>) -> Result<i64> {
    check_value(key, value)?;
    let new = store::NewValue { key, value, size: key.len() + value.len() };
    let revision = store::upsert(tx, ctx.org(), owner, &new, ctx.now()).await?;
    announce(tx, ctx, owner, "memory.set", json!({"key": key, "revision": revision, "owner": owner})).await?;
    // The end of the log is locked by now, so what others set at the same time counts too.
    check_room(tx, ctx, owner, limit).await?;
    Ok(revision)
}

pub(super) fn check_value(key: &str, value: &str) -> Result<()> {
    check_key(key)?;
    if value.len() > LARGEST_VALUE {
        return Err(Error::invalid("value", format!("may have at most {LARGEST_VALUE} bytes")));
    }
    Ok(())
}

/// Writes the event of a changed value; its data names the key.
pub(super) async fn announce(tx: &mut Tx, ctx: &Ctx, owner: &str, kind: &'static str, data: Value) -> Result<()> {
    let subject = if owner.is_empty() { data["key"].as_str().unwrap_or_default() } else { owner };
    let event = NewEvent::new(kind, subject, data.clone());
    events::append(tx, ctx, vec![event]).await
}

pub(super) async fn check_room(tx: &mut Tx, ctx: &Ctx, owner: &str, limit: Option<i64>) -> Result<()> {
    if let Some(limit) = limit
        && store::size(tx, ctx.org(), owner).await? > limit
    {
        let message = format!("the memory is full: all values together may take {limit} bytes; delete some first");
        return Err(Error::new(Kind::TooLarge, "memory.full", message));
    }
    Ok(())
}

/// The value of a key.
pub async fn find(ctx: &Ctx, owner: &str, key: &str) -> Result<Option<Entry>> {
    check_key(key)?;
    store::find(&ctx.db, ctx.org(), owner, key).await
}

/// Keys and values that contain the words, best first, at most `limit`.
pub async fn search(ctx: &Ctx, owner: &str, query: &str, limit: i64) -> Result<Vec<Entry>> {
    store::search(&ctx.db, ctx.org(), owner, query, limit).await
}

/// The values that were set last, at most `limit`.
pub async fn recent(ctx: &Ctx, owner: &str, limit: i64) -> Result<Vec<Entry>> {
    store::recent(&ctx.db, ctx.org(), owner, limit).await
}

/// How many bytes all values of the owner take.
pub async fn total_size(ctx: &Ctx, owner: &str) -> Result<i64> {
    store::size_now(&ctx.db, ctx.org(), owner).await
}

/// Forgets a key; says whether there was one.
pub async fn delete(ctx: &Ctx, owner: &str, key: &str) -> Result<bool> {
    check_key(key)?;
    let (for_tx, owner, key) = (ctx.clone(), owner.to_owned(), key.to_owned());
    ctx.write(move |tx| {
        Box::pin(async move {
            if !store::delete(tx, for_tx.org(), &owner, &key).await? {
                return Ok(false);
            }
            announce(tx, &for_tx, &owner, "memory.deleted", json!({"key": key, "owner": owner})).await?;
            Ok(true)
        })
    })
    .await
}
