//! Writing, reading and checking the log.

use super::store::NewRow;
use super::{Event, NewEvent, Verification, store};
use crate::access::Role;
use crate::context::Ctx;
use muster_base::{Error, Result, new_id};
use muster_store::{Statement, Tx};
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
    append_all(tx, vec![(ctx.clone(), events)]).await
}

/// As [`append`], for at least one event, with a row that is numbered by the place of the first. Returns that place.
pub(crate) async fn append_with(
    tx: &mut Tx,
    ctx: &Ctx,
    events: Vec<NewEvent>,
    row: impl FnOnce(i64) -> Statement,
) -> Result<i64> {
    let mut log = Extension::begin(tx, ctx.org()).await?;
    let first = log.seq + 1;
    log.changes.push(row(first));
    log.add(ctx, events)?;
    log.write(tx).await?;
    Ok(first)
}

/// As [`append`], for events that several have caused; the logs of several orgs are locked in one order.
pub(crate) async fn append_all(tx: &mut Tx, mut caused: Vec<(Ctx, Vec<NewEvent>)>) -> Result<()> {
    caused.retain(|(_, events)| !events.is_empty());
    caused.sort_by(|(a, _), (b, _)| a.org().cmp(b.org()));
    let mut caused = caused.into_iter().peekable();
    while let Some((ctx, events)) = caused.next() {
        let mut log = Extension::begin(tx, ctx.org()).await?;
        log.add(&ctx, events)?;
        while let Some((ctx, events)) = caused.next_if(|(next, _)| next.org() == log.org) {
            log.add(&ctx, events)?;
        }
        log.write(tx).await?;
    }
    Ok(())
}

/// What is added to the end of an org's log.
struct Extension {
    org: String,
    seq: i64,
    hash: String,
    changes: Vec<Statement>,
}

impl Extension {
    async fn begin(tx: &mut Tx, org: &str) -> Result<Self> {
        let (seq, hash) = store::lock_head(tx, org).await?;
        Ok(Self { org: org.to_owned(), seq, hash, changes: Vec::new() })
    }

    fn add(&mut self, ctx: &Ctx, events: Vec<NewEvent>) -> Result<()> {
        let (principal, at) = (ctx.principal(), ctx.now());
        let actor =
            serde_json::to_string(&principal.kind.actor(&principal.id, &principal.name)).map_err(Error::internal)?;
        for event in events {
            self.seq += 1;
            let row = NewRow {
                seq: self.seq,
                id: new_id("evt"),
                kind: event.kind,
                subject: event.subject,
                actor: actor.clone(),
                at,
                data: event.data.to_string(),
            };
            let NewRow { id, seq, kind, subject, actor, data, .. } = &row;
            self.hash = chain(&self.hash, &self.org, id, *seq, kind, subject, actor, at.0, data);
            self.changes.push(store::insertion(&self.org, &row, &self.hash));
        }
        Ok(())
    }

    async fn write(self, tx: &mut Tx) -> Result<()> {
        store::extend(tx, &self.org, self.changes, (self.seq, &self.hash)).await?;
        tx.announce("events", &self.org);
        Ok(())
    }
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
