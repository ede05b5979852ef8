//! Looking at turns, and cancelling them.

use super::store::{self, Filter};
use super::{Lease, State, Step, Turn};
use crate::agents;
use crate::context::{App, Ctx};
use crate::conversations::{self, Message, Status};
use crate::events::{self, NewEvent};
use muster_base::{Cursor, Error, Page, PageRequest, Result};
use serde_json::json;
use std::time::Duration;

/// Which turns are listed.
pub type TurnFilter = Filter;

/// A turn with all that belongs to it.
#[derive(Debug, Clone)]
pub struct TurnDetail {
    /// The turn.
    pub turn: Turn,
    /// The messages that it took up and its reply.
    pub messages: Vec<Message>,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A page of the org's turns, newest first.
pub async fn list(ctx: &Ctx, filter: &TurnFilter, page: &PageRequest) -> Result<Page<Turn>> {
    let rows = store::list(&ctx.db, ctx.org(), filter, page).await?;
    Ok(Page::from_rows(rows, page.limit, |turn: &Turn| Cursor::new(turn.created_at.0, &turn.id)))
}

/// One turn with its messages and steps.
pub async fn find(ctx: &Ctx, id: &str) -> Result<TurnDetail> {
    let turn = store::find(&ctx.db, ctx.org(), id).await?.ok_or_else(|| Error::missing("turn", id))?;
    let messages = conversations::messages_of_turn(&ctx.db, ctx.org(), id).await?;
    let steps = store::steps(&ctx.db, ctx.org(), id).await?;
    Ok(TurnDetail { turn, messages, steps })
}

/// Ends a turn that waits, or asks the worker of a running one to break off. An ended turn is left as it is.
pub async fn cancel(ctx: &Ctx, id: &str) -> Result<Turn> {
    let (for_tx, id) = (ctx.clone(), id.to_owned());
    ctx.write(move |tx| {
        Box::pin(async move {
            let agent = store::agent_of(tx, for_tx.org(), &id).await?.ok_or_else(|| Error::missing("turn", &id))?;
            agents::lock_first(tx, for_tx.org(), &[&agent]).await?;
            let mut turn = store::lock(tx, for_tx.org(), &id).await?.ok_or_else(|| Error::missing("turn", &id))?;
            match turn.state {
                State::Running => {
                    store::request_cancel(tx, &turn.id, "user").await?;
                    tx.announce("turn-cancel", &turn.id);
                    tx.announce("turns", "");
                    turn.cancel = turn.cancel.or_else(|| Some("user".to_owned()));
                }
                State::Queued => {
                    let now = for_tx.now();
                    let message = "the turn was cancelled";
                    let error = Some(("CANCELLED", message));
                    store::end(tx, &turn.id, &store::Ended { state: State::Cancelled, reply: None, error, at: now })
                        .await?;
                    conversations::set_status_of_turn(tx, &turn.id, Status::Cancelled, Some(message), now).await?;
                    tx.announce("replies", &turn.conversation);
                    let failed = json!({"turn_id": turn.id, "error": {"code": "CANCELLED", "message": message}});
                    store::append_stream(tx, &turn.id, &[("turn.failed", failed.to_string())], now).await?;
                    let data = json!({"turnId": turn.id, "code": "CANCELLED"});
                    events::append(tx, &for_tx, vec![NewEvent::new("turn.cancelled", &turn.agent, data)]).await?;
                    turn.state = State::Cancelled;
                    turn.finished_at = Some(now);
                }
                _ => {}
            }
            Ok(turn)
        })
    })
    .await
}

/// Whether somebody wants the turn of this lease to end; an error when the lease is gone.
pub async fn cancel_wanted(ctx: &Ctx, lease: &Lease) -> Result<Option<String>> {
    let turn = store::find(&ctx.db, ctx.org(), &lease.turn).await?;
    let own = turn.filter(|turn| turn.state == State::Running && turn.attempt == lease.attempt);
    match own {
        Some(turn) => Ok(turn.cancel),
        None => Err(Error::new(muster_base::Kind::Conflict, super::LOST, "the turn was taken over or removed")),
    }
}

/// The turns of all orgs that could be taken up now and wait for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// How many.
    pub count: u64,
    /// For how long the first of them has waited.
    pub oldest: Duration,
}

/// What waits for a worker: for the operator of the whole server.
pub async fn backlog(app: &App) -> Result<Backlog> {
    let now = app.now();
    let (count, first) = store::backlog(&app.db, now).await?;
    let waited = first.map_or(0, |first| now.0.saturating_sub(first.0).max(0));
    Ok(Backlog { count: count.unsigned_abs(), oldest: Duration::from_millis(waited.unsigned_abs()) })
}
