//! Writing, reading and checking the log.

use super::{Event, NewEvent, Verification, store};
use crate::access::Role;
use crate::context::Ctx;
use muster_base::{Error, Result, new_id};
use muster_store::Tx;
use sha2::{Digest, Sha256};

/// Which events are wanted.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// A type, or the beginning of one with a final full stop.
    pub kind: Option<String>,
    /// A subject.
    pub subject: Option<String>,
    /// Only events after this place.
    pub after: Option<i64>,
    /// Only events before this place.
    pub before: Option<i64>,
    /// Newest first.
    pub descending: bool,
    /// Leaves out `access.*`, which only admins see.
    pub(super) hide_access: bool,
}

/// Writes events to the caller's org's log within the transaction of the change. Best done last: it locks the log's end.
pub async fn append(tx: &mut Tx, ctx: &Ctx, events: Vec<NewEvent>) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    append_numbered(tx, ctx, events).await.map(drop)
}

/// As [`append`], for at least one event; returns the place of the first, which numbers what it tells of.
pub(crate) async fn append_numbered(tx: &mut Tx, ctx: &Ctx, events: Vec<NewEvent>) -> Result<i64> {
    let org = ctx.org();
    let principal = ctx.principal();
    let actor =
        serde_json::to_string(&principal.kind.actor(&principal.id, &principal.name)).map_err(Error::internal)?;
    let (mut seq, mut hash) = store::lock_head(tx, org).await?;
    let (at, first) = (ctx.now(), seq + 1);
    for event in events {
        seq += 1;
        let row = store::NewRow {
            seq,
            id: new_id("evt"),
            kind: event.kind,
            subject: event.subject,
            actor: actor.clone(),
            at,
            data: event.data.to_string(),
        };
        hash = chain(&hash, org, &row.id, seq, row.kind, &row.subject, &row.actor, at.0, &row.data);
        store::insert(tx, org, &row, &hash).await?;
    }
    store::set_head(tx, org, seq, &hash);
    tx.announce("events", org);
    Ok(first)
}

#[expect(clippy::too_many_arguments, reason = "these are the columns, each of which counts")]
fn chain(
    previous: &str,
    org: &str,
    id: &str,
    seq: i64,
    kind: &str,
    subject: &str,
    actor: &str,
    at: i64,
    data: &str,
) -> String {
    let mut hasher = Sha256::new();
    for part in [previous, org, id, &seq.to_string(), kind, subject, actor, &at.to_string(), data] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    data_encoding::HEXLOWER.encode(&hasher.finalize())
}

/// Prepares a filter for the caller: what they may not see is left out.
pub fn check_filter(ctx: &Ctx, mut filter: EventFilter) -> Result<EventFilter> {
    filter.hide_access = ctx.principal().role < Role::Admin;
    if let Some(kind) = &filter.kind {
        let sane = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        if kind.is_empty() || kind.len() > 100 || !kind.chars().all(sane) {
            return Err(Error::invalid(
                "type",
                "must be an event type such as agent.created, or a beginning such as agent.",
            ));
        }
    }
    Ok(filter)
}

/// The events that fit, oldest first unless the filter says otherwise, at most `limit`.
pub async fn list(ctx: &Ctx, filter: &EventFilter, limit: i64) -> Result<Vec<Event>> {
    store::list(&ctx.db, ctx.org(), filter, limit).await
}

/// Where a reader that wants only what is new begins.
pub async fn follow_from(ctx: &Ctx) -> Result<i64> {
    store::head(&ctx.db, ctx.org()).await
}

/// Recomputes the hash chain of the caller's org, on one view of it: events may be added and pruned meanwhile.
pub async fn verify(ctx: &Ctx) -> Result<Verification> {
    let org = ctx.org().to_owned();
    ctx.db.snapshot(move |tx| Box::pin(async move { verify_in(tx, &org).await })).await
}

async fn verify_in(tx: &mut Tx, org: &str) -> Result<Verification> {
    let (mut seq, mut hash) = store::anchor(tx, org).await?;
    let end = store::end(tx, org).await?;
    let mut checked = 0;
    loop {
        let rows = store::raw_after(tx, org, seq, 1000).await?;
        if rows.is_empty() {
            // The newest event may have been taken out as well as any other.
            let intact = (seq, &hash) == (end.0, &end.1);
            return Ok(Verification { intact, checked, broken_at: (!intact).then_some(seq + 1), head: hash });
        }
        for row in rows {
            let computed = chain(&hash, org, &row.id, row.seq, &row.kind, &row.subject, &row.actor, row.at, &row.data);
            if row.seq != seq + 1 || computed != row.hash {
                return Ok(Verification { intact: false, checked, broken_at: Some(row.seq), head: hash });
            }
            (seq, hash) = (row.seq, computed);
            checked += 1;
        }
    }
}
