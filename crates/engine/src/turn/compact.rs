//! Replacing older messages of a conversation by a summary.

use super::call::Call;
use super::session::Session;
use super::{Stop, persist};
use crate::models::Resolved;
use crate::prompt;
use muster_domain::agents::Compaction;
use muster_domain::conversations::Message;
use muster_domain::models::{ModelError, ModelRequest, PromptMessage};
use muster_domain::turns::{self, Compacted, StepDone, StepKind};
use tokio::time::Instant;

/// The most tokens of a summary.
const SUMMARY_TOKENS: i64 = 2048;
/// How many summaries one turn writes at the most; what is left then is summarised by the next turn.
const MOST_PARTS: usize = 4;

const INSTRUCTIONS: &str = "Summarise the conversation below for the assistant that will go on with it. Keep names, figures, \
decisions, promises, open questions and what the person wants. Write plain sentences, no preface.";

impl Session<'_> {
    /// Summarises `old` into the conversation's summary. When the model gives none, the old messages are just left out.
    pub(super) async fn compact(&mut self, resolved: &Resolved, old: &[Message]) -> Result<(), Stop> {
        let compaction = self.definition.configuration.compaction.clone().unwrap_or_default();
        let own;
        let resolved = match &compaction.model {
            Some(model) => match self.engine.models.resolve(Some(model), &self.keys) {
                Ok(found) => {
                    own = found;
                    &own
                }
                Err(error) => return self.leave_out(self.uncalled(model, &error)).await,
            },
            None => resolved,
        };
        let window = self.window(resolved) - 2 * SUMMARY_TOKENS;
        let mut parts = prompt::parts(old, window);
        parts.truncate(MOST_PARTS);
        // The steps' places: before the model calls, which count from 0.
        for (index, part) in (-(parts.len() as i64)..0).zip(parts) {
            if self.grant == 0 || !self.summarise(resolved, &compaction, (index, part)).await? {
                break;
            }
        }
        Ok(())
    }

    /// Summarises one part as step `index`; says whether there is a summary.
    async fn summarise(
        &mut self,
        resolved: &Resolved,
        compaction: &Compaction,
        (index, part): (i64, &[Message]),
    ) -> Result<bool, Stop> {
        let Some(last) = part.last() else { return Ok(true) };
        let system = match &compaction.instructions {
            Some(more) => format!("{INSTRUCTIONS}\n\n{more}"),
            None => INSTRUCTIONS.to_owned(),
        };
        let request = ModelRequest {
            model: resolved.name.clone(),
            system,
            messages: vec![PromptMessage::User {
                content: prompt::transcript(self.conversation.summary.as_deref(), part),
            }],
            tools: vec![],
            max_output_tokens: self.grant.min(SUMMARY_TOKENS),
            // Half of the time is left for the answer.
            timeout: self.deadline.saturating_duration_since(Instant::now()) / 2,
        };
        let called = match self.watch(resolved, &request, (StepKind::Compaction, index), &mut |_| {}).await {
            Ok(called) => called,
            Err(Stop::Model(error)) => {
                let failed = self.failed.take().unwrap_or_else(|| self.uncalled(&resolved.name, &error));
                return self.leave_out(failed).await.map(|()| false);
            }
            Err(stop) => return Err(stop),
        };
        self.used += called.reply.usage.output_tokens;
        let text = called.reply.content.trim().to_owned();
        if text.is_empty() {
            let place = (self.claim.turn.id.as_str(), index);
            let failed = called.useless(place, "EMPTY_SUMMARY", "the model gave no summary of the older messages");
            return self.leave_out(failed).await.map(|()| false);
        }
        let done = called.done(&self.claim.turn.id, index);
        self.note_compaction(done, Compacted::Summary { text: text.clone(), seq: last.seq }).await?;
        self.conversation.summary = Some(text);
        self.conversation.summary_seq = last.seq;
        Ok(true)
    }

    /// The step of a model that could not even be called.
    fn uncalled(&self, model: &str, error: &ModelError) -> StepDone {
        let now = self.engine.app.now();
        let call = Call {
            kind: StepKind::Compaction,
            model: model.to_owned(),
            input: "null".to_owned(),
            started_at: now,
            finished_at: now,
            milliseconds: 0,
        };
        call.failed((&self.claim.turn.id, -1), error.fault.code(), &error.message)
    }

    /// Notes that there is no summary and goes on without: a conversation must not end because of it.
    async fn leave_out(&mut self, failed: StepDone) -> Result<(), Stop> {
        tracing::warn!(
            error = failed.step.error.as_deref(),
            "older messages could not be summarised; they are left out of this turn"
        );
        self.note_compaction(failed, Compacted::LeftOut).await
    }

    async fn note_compaction(&mut self, done: StepDone, compacted: Compacted) -> Result<(), Stop> {
        let want = self.engine.settings.max_output_tokens;
        self.grant =
            persist(|| turns::finish_compaction(&self.ctx, &self.claim.lease, done.clone(), compacted.clone(), want))
                .await?;
        Ok(())
    }
}
