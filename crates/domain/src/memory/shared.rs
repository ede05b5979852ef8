//! Values that agents and programs share or keep over the network: set, read, listed and forgotten one by one, with the
//! revision that one expects.

use super::store::{self, Keys, Listed, NewValue};
use super::verbs::{announce, check_key, check_room, check_value};
use super::{Entry, LARGEST_VALUE};
use crate::agents;
use crate::context::Ctx;
use muster_base::{Cursor, Error, Kind, Page, PageRequest, Result};
use muster_store::Tx;
use serde_json::json;

/// The owner of what all agents of an org share.
const TENANT: &str = "";
/// The most bytes that all shared values of an org may take together.
const MOST_BYTES: i64 = 64 * 1024 * 1024;
/// The most shared values of an org.
const MOST_VALUES: i64 = 20_000;
/// How many bytes of values a page has, beside its last value.
const PAGE_BYTES: i64 = 1024 * 1024;

/// Whose memory is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What all agents of the org share.
    Tenant,
    /// What the caller's own agent remembers, the same that its tools read and write.
    Agent,
}

/// A value to be set.
#[derive(Debug, Clone)]
pub struct Put {
    /// Its key, 1 to 256 characters.
    pub key: String,
    /// JSON text, up to 256 KiB.
    pub value: String,
    /// Only if it has this revision; 0 only if it is not there.
    pub if_revision: Option<i64>,
}

/// How much an owner may remember.
#[derive(Debug, Clone, Copy)]
struct Room {
    bytes: i64,
    values: Option<i64>,
}

/// Errors: `forbidden` for the scope `agent` of a caller that is no agent.
fn owner(ctx: &Ctx, scope: Scope) -> Result<&str> {
    match scope {
        Scope::Tenant => Ok(TENANT),
        Scope::Agent => ctx.own_agent(),
    }
}

/// How much all agents of an org may share.
const SHARED_ROOM: Room = Room { bytes: MOST_BYTES, values: Some(MOST_VALUES) };

/// How much there is room for. Errors: `conflict` for an agent that remembers nothing.
async fn room(ctx: &Ctx, owner: &str) -> Result<Room> {
    if owner == TENANT {
        return Ok(SHARED_ROOM);
    }
    let agent = agents::find(ctx, owner).await?;
    match agents::load_definition(ctx, &agent).await?.configuration.memory_limit() {
        (true, bytes) => Ok(Room { bytes, values: None }),
        (false, _) => Err(Error::conflict("this agent has no memory: its configuration says so")),
    }
}

/// Sets a value and returns its new revision.
///
/// Errors: `conflict` (`memory.moved_on`) when it has another revision than is expected; `too_large` when the value is,
/// or the memory is full; those of the scope.
pub async fn put(ctx: &Ctx, scope: Scope, new: Put) -> Result<i64> {
    check_value(&new.key, &new.value)?;
    if new.if_revision.is_some_and(|revision| revision < 0) {
        return Err(Error::invalid("ifRevision", "must be 0 or more"));
    }
    let owner = owner(ctx, scope)?.to_owned();
    let room = room(ctx, &owner).await?;
    let for_tx = ctx.clone();
    ctx.write(move |tx| Box::pin(async move { put_in(tx, &for_tx, &owner, &new, room).await })).await
}

/// As [`put`] of a value that all agents of the org share, within a transaction.
pub async fn share_in(tx: &mut Tx, ctx: &Ctx, key: &str, value: String) -> Result<i64> {
    check_value(key, &value)?;
    put_in(tx, ctx, TENANT, &Put { key: key.to_owned(), value, if_revision: None }, SHARED_ROOM).await
}

async fn put_in(tx: &mut Tx, ctx: &Ctx, owner: &str, new: &Put, room: Room) -> Result<i64> {
    let (org, key) = (ctx.org(), new.key.as_str());
    let value = NewValue { key, value: &new.value, size: key.len() + new.value.len() };
    let written = match new.if_revision {
        None => Some(store::upsert(tx, org, owner, &value, ctx.now()).await?),
        Some(0) => store::insert_new(tx, org, owner, &value, ctx.now()).await?,
        Some(revision) => store::replace(tx, (org, owner), &value, revision, ctx.now()).await?,
    };
    let Some(revision) = written else { return Err(moved_on(tx, ctx, owner, key).await?) };
    announce(tx, ctx, owner, "memory.set", json!({"key": key, "revision": revision, "owner": owner})).await?;
    // The end of the log is locked by now, so what others set at the same time counts too.
    check_room(tx, ctx, owner, Some(room.bytes)).await?;
    if let Some(most) = room.values.filter(|_| revision == 1)
        && store::count(tx, org, owner).await? > most
    {
        let message = format!("the memory is full: it may have {most} values; delete some first");
        return Err(Error::new(Kind::TooLarge, "memory.full", message));
    }
    Ok(revision)
}

async fn moved_on(tx: &mut Tx, ctx: &Ctx, owner: &str, key: &str) -> Result<Error> {
    let message = match store::revision(tx, ctx.org(), owner, key).await? {
        Some(revision) => format!("the value has moved on: its revision is {revision}; read it again"),
        None => "there is no value under this key any more; read it again".to_owned(),
    };
    Ok(Error::new(Kind::Conflict, "memory.moved_on", message).with_field("ifRevision"))
}

/// The value of a key. Errors: `not_found` when there is none; those of the scope.
pub async fn read(ctx: &Ctx, scope: Scope, key: &str) -> Result<Entry> {
    let owner = owner(ctx, scope)?;
    super::find(ctx, owner, key).await?.ok_or_else(|| missing(key))
}

fn missing(key: &str) -> Error {
    let shown: String = key.chars().take(256).collect();
    Error::missing("key", shown)
}

/// Forgets a key; says whether there was one.
///
/// Errors: `conflict` (`memory.moved_on`) when it has another revision than is expected; those of the scope.
pub async fn forget(ctx: &Ctx, scope: Scope, key: &str, if_revision: Option<i64>) -> Result<bool> {
    let owner = owner(ctx, scope)?.to_owned();
    let Some(revision) = if_revision else { return super::delete(ctx, &owner, key).await };
    check_key(key)?;
    let (for_tx, key) = (ctx.clone(), key.to_owned());
    ctx.write(move |tx| {
        Box::pin(async move {
            if store::delete_at(tx, (for_tx.org(), &owner), &key, revision).await? {
                let data = json!({"key": key, "owner": owner});
                announce(tx, &for_tx, &owner, "memory.deleted", data).await?;
                return Ok(true);
            }
            match store::revision(tx, for_tx.org(), &owner, &key).await? {
                Some(_) => Err(moved_on(tx, &for_tx, &owner, &key).await?),
                None => Ok(false),
            }
        })
    })
    .await
}

/// The values whose keys begin with `prefix`, in the order of their keys.
///
/// A page has at most `page.limit` values and ends with the one that fills 1 MiB. Errors: those of the scope.
pub async fn list(ctx: &Ctx, scope: Scope, prefix: &str, page: &PageRequest) -> Result<Page<Entry>> {
    if prefix.len() > LARGEST_VALUE || prefix.contains('\0') {
        return Err(Error::invalid("prefix", "must have at most 256 characters"));
    }
    let owner = owner(ctx, scope)?;
    let to = after_prefix(prefix);
    let after = page.after.as_ref().map_or("", |cursor| cursor.key.as_str());
    let keys = Keys { from: prefix, to: to.as_deref(), after };
    let rows = store::list(&ctx.db, (ctx.org(), owner), &keys, page.limit + 1, PAGE_BYTES).await?;
    let found = rows.first().map_or(0, |Listed(_, found)| *found);
    let mut items: Vec<Entry> = rows.into_iter().map(|Listed(entry, _)| entry).collect();
    items.truncate(usize::try_from(page.limit).unwrap_or(0));
    let is_cut = found > items.len() as i64;
    let next = items.last().filter(|_| is_cut).map(|last| Cursor::new(&last.key, ""));
    Ok(Page { items, next })
}

/// The first text, in the order of bytes, after all that begin with `prefix`; `None` when there is none.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut letters: Vec<char> = prefix.chars().collect();
    while let Some(last) = letters.pop() {
        // The successors skip what is no letter by itself.
        if let Some(next) = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32) {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_end_of_a_prefix_is_the_next_letter() {
        assert_eq!(after_prefix("ab").as_deref(), Some("ac"));
        assert_eq!(after_prefix("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix(""), None);
        assert_eq!(after_prefix("\u{10ffff}"), None);
    }

    proptest! {
        #[test]
        fn what_begins_with_a_prefix_and_nothing_else_is_before_its_end(prefix in ".{1,3}", key in ".{0,5}") {
            let begins = key.starts_with(&prefix);
            let is_before_end = after_prefix(&prefix).is_none_or(|end| key < end);
            prop_assert_eq!(begins, key.as_str() >= prefix.as_str() && is_before_end);
        }
    }
}
