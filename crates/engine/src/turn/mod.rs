//! One turn from its claim to its end.
//!
//! What a completed step gave is taken from the ledger, so a turn that is taken over goes on where it was. Everything
//! that can go wrong ends in one of four ways: the turn fails, is tried again later, is cancelled, or the lease is gone
//! and this worker stops without a trace.

mod call;
mod compact;
mod session;
mod text;
mod tool;

use crate::worker::Engine;
use muster_base::{Error, Kind, Result};
use muster_domain::Ctx;
use muster_domain::models::{Fault, ModelError};
use muster_domain::turns::{self, Claim, Ending, Trace};
use session::Session;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// The longest wait before a retry.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest wait that a provider may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(600);
/// How often the messages of a failed turn are put before the agent again.
const MOST_REMINDERS: i64 = 5;
/// How often a write to the ledger is tried when the database is busy.
const WRITES: u32 = 5;

/// Why a turn does not give a reply now.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The model failed.
    Model(ModelError),
    /// Somebody cancelled it.
    Cancelled(String),
    /// Its time is over.
    TimedOut,
    /// The balance is used up.
    Starved,
    /// It cannot be done: a code and a sentence.
    Refused(&'static str, String),
    /// The process ends.
    Shutdown,
    /// The store or another part of ours failed.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<ModelError> for Stop {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

/// Runs a claimed turn to one of its ends.
pub(crate) async fn run(engine: Arc<Engine>, claim: Claim, shutdown: CancellationToken) {
    let span = tracing::info_span!("turn", turn.id = %claim.turn.id, agent.id = %claim.turn.agent, attempt = claim.turn.attempt);
    async move {
        let mut session = match Session::load(&engine, &claim, shutdown).await {
            Ok(session) => session,
            Err(error) => return give_up(&engine, &claim, error).await,
        };
        let outcome = session.run().await;
        let settled = match outcome {
            Ok(()) => {
                metrics::counter!("muster_turns_total", "outcome" => "succeeded").increment(1);
                Ok(())
            }
            Err(stop) => settle(&engine, &session, stop).await,
        };
        if let Err(error) = settled {
            report(&error);
        }
    }
    .instrument(span)
    .await;
}

/// A turn that cannot even be loaded is tried again with its lease, but not for ever.
async fn give_up(engine: &Arc<Engine>, claim: &Claim, error: Error) {
    report(&error);
    let turn = &claim.turn;
    if error.code() == turns::LOST || turn.attempt < engine.settings.max_attempts {
        return;
    }
    let ctx = Ctx::of_agent(engine.app.clone(), &turn.org, &turn.agent, &turn.agent);
    let message = "the turn could not be loaded".to_owned();
    let ending = Ending::Failed { code: "INTERNAL", message, remind_after: None, agent_error: None };
    if let Err(error) = persist(|| turns::end(&ctx, &claim.lease, ending.clone(), Trace::default())).await {
        report(&error);
    }
}

/// A worker that lost its lease has nothing to say; anything else is logged, and the lease runs out.
fn report(error: &Error) {
    if error.code() == turns::LOST {
        tracing::debug!("the turn was taken over or removed");
    } else {
        tracing::error!(error = ?error, "a turn could not be carried on; it is taken up again when its lease runs out");
    }
}

async fn settle(engine: &Engine, session: &Session<'_>, stop: Stop) -> Result<()> {
    let turn = &session.claim.turn;
    let fail = |code: &'static str, message: String, agent_error: Option<String>| {
        let interval = session.definition.configuration.unread_reminder_interval_ms;
        let remind_after =
            interval.filter(|_| turn.reminders < MOST_REMINDERS).map(|ms| Duration::from_millis(ms.unsigned_abs()));
        Ending::Failed { code, message, remind_after, agent_error }
    };
    let ending = match stop {
        Stop::Failed(error) if error.code() == turns::LOST => return Err(error),
        Stop::Shutdown => return Ok(()),
        Stop::Model(error) if error.fault.is_transient() && turn.attempt < engine.settings.max_attempts => {
            return postpone(engine, session, &error).await;
        }
        Stop::Failed(error) if error.kind() == Kind::Unavailable && turn.attempt < engine.settings.max_attempts => {
            return Err(error);
        }
        Stop::Model(error) => {
            tracing::warn!(fault = ?error.fault, "a model call failed for good");
            let own_key = error.fault == Fault::Unauthorized && session.uses_own_key;
            let agent_error = own_key.then(|| format!("the provider refuses the agent's own key: {}", error.message));
            fail("MODEL_ERROR", error.message, agent_error)
        }
        Stop::Cancelled(why) => Ending::Cancelled { why },
        Stop::TimedOut => {
            let seconds = session.definition.configuration.timeout_seconds;
            fail("TIMEOUT", format!("the turn took longer than its limit of {seconds} seconds"), None)
        }
        Stop::Starved => Ending::Starved,
        Stop::Refused(code, message) => fail(code, message, None),
        Stop::Failed(error) => {
            tracing::error!(error = ?error, "a turn failed");
            fail("INTERNAL", error.message().to_owned(), None)
        }
    };
    let outcome = match &ending {
        Ending::Failed { .. } => "failed",
        Ending::Cancelled { .. } => "cancelled",
        Ending::Starved => "starved",
    };
    metrics::counter!("muster_turns_total", "outcome" => outcome).increment(1);
    persist(|| turns::end(&session.ctx, &session.claim.lease, ending.clone(), session.trace())).await
}

async fn postpone(engine: &Engine, session: &Session<'_>, error: &ModelError) -> Result<()> {
    let turn = &session.claim.turn;
    let exponent = u32::try_from(turn.attempt.saturating_sub(1).clamp(0, 16)).unwrap_or(0);
    let doubled = engine.settings.retry_base.saturating_mul(2u32.saturating_pow(exponent)).min(LONGEST_WAIT);
    // Turns that failed together should not come back together: up to a quarter more, by the turn's own id.
    let spread = turn.id.bytes().fold(0u32, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(b))) % 256;
    let mut wait = doubled + doubled * spread / 1024;
    if let Fault::RateLimited { retry_after: Some(asked) } = error.fault {
        wait = wait.max(asked.min(LONGEST_ASKED));
    }
    tracing::info!(fault = ?error.fault, wait_ms = wait.as_millis() as u64, "a model call failed; the turn is tried again");
    metrics::counter!("muster_turns_total", "outcome" => "postponed").increment(1);
    let again = engine.app.now() + wait;
    persist(|| turns::retry_later(&session.ctx, &session.claim.lease, again, &error.message, session.trace())).await
}

/// Tries a write again while the database is busy: two replies to each other may meet in a deadlock, of which one is undone.
pub(crate) async fn persist<T, F>(mut write: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match write().await {
            Err(error) if error.kind() == Kind::Unavailable && tries < WRITES => {
                tokio::time::sleep(Duration::from_millis(20 * u64::from(tries))).await;
            }
            other => return other,
        }
    }
}
