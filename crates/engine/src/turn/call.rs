//! One call of a model: its text goes to the stream as it comes, and it ends at once when somebody cancels the turn.

use super::Stop;
use super::session::Session;
use crate::models::Resolved;
use crate::prompt::cut;
use muster_base::{Error, Millis};
use muster_domain::models::{ModelReply, ModelRequest, Usage};
use muster_domain::turns::{self, Step, StepDone, StepKind};
use serde_json::json;
use serde_json::value::to_raw_value;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tracing::Instrument;

/// How soon the first piece of a text is written: later than a model that answers at once.
const FIRST_FLUSH: Duration = Duration::from_millis(12);

/// The most bytes of an error that a step keeps.
const LONGEST_ERROR: usize = 1000;

/// A model call that is over.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) kind: StepKind,
    pub(super) model: String,
    pub(super) input: String,
    pub(super) started_at: Millis,
    pub(super) finished_at: Millis,
    pub(super) milliseconds: i64,
}

impl Call {
    /// What the ledger keeps of it as step `index` of a turn when it gave no answer.
    pub(super) fn failed(&self, (turn, index): (&str, i64), code: &str, message: &str) -> StepDone {
        let step = Step {
            index,
            kind: self.kind,
            name: self.model.clone(),
            key: format!("{turn}:{index}"),
            state: "failed".to_owned(),
            attempts: 1,
            input: serde_json::value::RawValue::from_string(self.input.clone()).ok(),
            output: None,
            error: Some(cut(&format!("{code}: {message}"), LONGEST_ERROR).to_owned()),
            usage: Usage::default(),
            started_at: self.started_at,
            finished_at: Some(self.finished_at),
        };
        StepDone { step, model: self.model.clone(), milliseconds: self.milliseconds, cost: None }
    }
}

/// A model call that gave an answer.
pub(super) struct Called {
    pub(super) call: Call,
    pub(super) reply: ModelReply,
    pub(super) cost: Option<i64>,
}

impl Called {
    /// What the ledger keeps of it as step `index` of a turn.
    pub(super) fn done(&self, turn: &str, index: i64) -> StepDone {
        let mut done = self.useless((turn, index), "", "");
        "done".clone_into(&mut done.step.state);
        done.step.error = None;
        done
    }

    /// As [`Self::done`], when nothing can be done with the answer.
    pub(super) fn useless(&self, place: (&str, i64), code: &str, message: &str) -> StepDone {
        let mut done = self.call.failed(place, code, message);
        (done.step.output, done.step.usage) = (to_raw_value(&self.reply).ok(), self.reply.usage);
        done.cost = self.cost;
        done
    }
}

/// The code and the words that a step keeps of why its call gave no answer; `None` when the call was not at fault.
fn failure(stop: &Stop) -> Option<(&'static str, &str)> {
    match stop {
        Stop::Model(error) => Some((error.fault.code(), &error.message)),
        Stop::TimedOut => Some(("TIMEOUT", "the time of the turn was over before the model had answered")),
        Stop::Cancelled(_) => Some(("CANCELLED", "the turn was cancelled before the model had answered")),
        _ => None,
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
        let called = self.watch(resolved, request, (StepKind::Model, index), &mut sink).await?;
        self.used += called.reply.usage.output_tokens;
        tracing::debug!(step = index, output_tokens = called.reply.usage.output_tokens, "called the model");
        Ok(called)
    }

    /// Calls a model as a step of this kind and index. A call that gives no answer is kept for the end of the turn.
    pub(super) async fn watch(
        &mut self,
        resolved: &Resolved,
        request: &ModelRequest,
        (kind, index): (StepKind, i64),
        sink: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Called, Stop> {
        let started_at = self.engine.app.now();
        let begun = Instant::now();
        let heard = self.hear(resolved, request, begun, sink).await;
        let provider = resolved.model.provider();
        let input = json!({"messages": request.messages.len(), "tools": request.tools.len(), "maxOutputTokens": request.max_output_tokens});
        let call = Call {
            kind,
            model: format!("{provider}/{}", resolved.name),
            input: input.to_string(),
            started_at,
            finished_at: self.engine.app.now(),
            milliseconds: i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX),
        };
        match heard {
            Ok(reply) => {
                let cost = self.engine.prices.cost_micro_usd(provider, &resolved.name, &reply.usage);
                Ok(Called { call, reply, cost })
            }
            Err(stop) => {
                let place = (self.claim.turn.id.as_str(), index);
                self.failed = failure(&stop).map(|(code, message)| call.failed(place, code, message));
                Err(stop)
            }
        }
    }

    /// Waits for the model's answer, and meanwhile for the end of the turn.
    async fn hear(
        &self,
        resolved: &Resolved,
        request: &ModelRequest,
        begun: Instant,
        sink: &mut (dyn FnMut(&str) + Send),
    ) -> Result<ModelReply, Stop> {
        let (app, lease) = (self.engine.app.clone(), self.claim.lease.clone());
        let mut cancelled = app.db.hub().listen("turn-cancel", &lease.turn);
        let provider = resolved.model.provider();
        let span = tracing::info_span!("model_call", model.provider = provider, model.name = %resolved.name);
        let mut call = resolved.model.call(request, sink).instrument(span);
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
        metrics::histogram!("muster_model_call_seconds", "provider" => resolved.model.provider().to_owned())
            .record(begun.elapsed().as_secs_f64());
        reply.map_err(|error| if Instant::now() >= self.deadline { Stop::TimedOut } else { Stop::Model(error) })
    }
}

/// A text for the ledger; anything that cannot be written is our own fault.
pub(super) fn raw(value: &serde_json::Value) -> Result<Box<serde_json::value::RawValue>, Error> {
    to_raw_value(value).map_err(Error::internal)
}
