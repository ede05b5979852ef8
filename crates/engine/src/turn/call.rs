//! One call of a model: its text goes to the stream as it comes, and it ends at once when somebody cancels the turn.

use super::Stop;
use super::session::Session;
use crate::models::Resolved;
use muster_base::{Error, Millis};
use muster_domain::models::{ModelReply, ModelRequest};
use muster_domain::turns::{self, Step, StepDone, StepKind};
use serde_json::json;
use serde_json::value::to_raw_value;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How soon the first piece of a text is written: later than a model that answers at once.
const FIRST_FLUSH: Duration = Duration::from_millis(12);

/// A model call that gave an answer.
pub(super) struct Called {
    pub(super) reply: ModelReply,
    pub(super) kind: StepKind,
    pub(super) model: String,
    pub(super) input: String,
    pub(super) started_at: Millis,
    pub(super) finished_at: Millis,
    pub(super) milliseconds: i64,
    pub(super) cost: Option<i64>,
}

impl Called {
    /// What the ledger keeps of it as step `index`.
    pub(super) fn done(&self, index: i64, turn: &str) -> StepDone {
        let step = Step {
            index,
            kind: self.kind,
            name: self.model.clone(),
            key: format!("{turn}:{index}"),
            state: "done".to_owned(),
            attempts: 1,
            input: serde_json::value::RawValue::from_string(self.input.clone()).ok(),
            output: to_raw_value(&self.reply).ok(),
            error: None,
            usage: self.reply.usage,
            started_at: self.started_at,
            finished_at: Some(self.finished_at),
        };
        StepDone { step, model: self.model.clone(), milliseconds: self.milliseconds, cost: self.cost }
    }
}

impl Session<'_> {
    /// Calls the model as step `index`.
    pub(super) async fn call(
        &mut self,
        resolved: &Resolved,
        request: &ModelRequest,
        index: i64,
    ) -> Result<Called, Stop> {
        self.text.begin_call();
        let text = self.text.clone();
        let mut sink = |piece: &str| text.push(piece);
        let called = self.watch(resolved, request, &mut sink).await?;
        self.used += called.reply.usage.output_tokens;
        tracing::debug!(step = index, output_tokens = called.reply.usage.output_tokens, "called the model");
        Ok(called)
    }

    /// Calls a model and watches meanwhile for the end of the turn.
    pub(super) async fn watch(
        &mut self,
        resolved: &Resolved,
        request: &ModelRequest,
        sink: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Called, Stop> {
        let (app, lease) = (self.engine.app.clone(), self.claim.lease.clone());
        let started_at = app.now();
        let begun = Instant::now();
        let mut cancelled = app.db.hub().listen("turn-cancel", &lease.turn);
        let mut call = resolved.model.call(request, sink);
        let mut flush_at = begun + FIRST_FLUSH;
        // A cancel may have come between the claim and the listener.
        if let Some(why) = turns::cancel_wanted(&self.ctx, &lease).await? {
            return Err(Stop::Cancelled(why));
        }
        let reply = loop {
            tokio::select! {
                reply = &mut call => break reply,
                () = sleep_until(flush_at) => {
                    if self.text.has_news()
                        && let Some(piece) = self.text.take_news(&lease.turn)
                    {
                        turns::append_stream(&app, &lease, vec![("message.delta", piece)]).await?;
                    }
                    flush_at = Instant::now() + self.engine.settings.flush_every;
                }
                () = cancelled.wait() => {
                    if let Some(why) = turns::cancel_wanted(&self.ctx, &lease).await? {
                        return Err(Stop::Cancelled(why));
                    }
                }
                () = sleep_until(self.deadline) => return Err(Stop::TimedOut),
            }
        };
        drop(call);
        let milliseconds = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let provider = resolved.model.provider();
        metrics::histogram!("muster_model_call_seconds", "provider" => provider.to_owned())
            .record(begun.elapsed().as_secs_f64());
        let reply =
            reply.map_err(|error| if Instant::now() >= self.deadline { Stop::TimedOut } else { Stop::Model(error) })?;
        let cost = self.engine.prices.cost_micro_usd(provider, &resolved.name, &reply.usage);
        let input = json!({"messages": request.messages.len(), "tools": request.tools.len(), "maxOutputTokens": request.max_output_tokens});
        Ok(Called {
            model: format!("{provider}/{}", resolved.name),
            kind: StepKind::Model,
            input: input.to_string(),
            reply,
            started_at,
            finished_at: app.now(),
            milliseconds,
            cost,
        })
    }
}

/// A text for the ledger; anything that cannot be written is our own fault.
pub(super) fn raw(value: &serde_json::Value) -> Result<Box<serde_json::value::RawValue>, Error> {
    to_raw_value(value).map_err(Error::internal)
}
