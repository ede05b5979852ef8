//! Replacing older messages of a conversation by a summary.

use super::session::Session;
use super::{Stop, persist};
use crate::models::Resolved;
use crate::prompt;
use muster_domain::conversations::Message;
use muster_domain::models::{ModelRequest, PromptMessage};
use muster_domain::turns::{self, StepKind};
use tokio::time::Instant;

/// The most tokens of a summary.
const SUMMARY_TOKENS: i64 = 2048;
/// The step's place: before the model calls, which count from 0.
const INDEX: i64 = -1;

const INSTRUCTIONS: &str = "Summarise the conversation below for the assistant that will go on with it. Keep names, figures, \
decisions, promises, open questions and what the person wants. Write plain sentences, no preface.";

impl Session<'_> {
    /// Summarises `old` into the conversation's summary. When the model gives none, the old messages are just left out.
    pub(super) async fn compact(&mut self, resolved: &Resolved, old: &[Message]) -> Result<(), Stop> {
        let Some(last) = old.last() else { return Ok(()) };
        let compaction = self.definition.configuration.compaction.clone().unwrap_or_default();
        let own;
        let resolved = match &compaction.model {
            Some(model) => {
                own = self.engine.models.resolve(Some(model), &self.keys)?;
                &own
            }
            None => resolved,
        };
        let system = match &compaction.instructions {
            Some(more) => format!("{INSTRUCTIONS}\n\n{more}"),
            None => INSTRUCTIONS.to_owned(),
        };
        let request = ModelRequest {
            model: resolved.name.clone(),
            system,
            messages: vec![PromptMessage::User {
                content: prompt::transcript(self.conversation.summary.as_deref(), old),
            }],
            tools: vec![],
            max_output_tokens: self.grant.min(SUMMARY_TOKENS),
            timeout: self.deadline.saturating_duration_since(Instant::now()),
        };
        let mut called = self.watch(resolved, &request, &mut |_| {}).await?;
        called.kind = StepKind::Compaction;
        self.used += called.reply.usage.output_tokens;
        let summary = called.reply.content.trim().to_owned();
        if summary.is_empty() {
            return Err(Stop::Refused(
                "COMPACTION_FAILED",
                "the model gave no summary of the older messages".to_owned(),
            ));
        }
        let want = self.engine.settings.max_output_tokens;
        self.grant = persist(|| {
            let done = called.done(INDEX, &self.claim.turn.id);
            turns::finish_compaction(&self.ctx, &self.claim.lease, done, summary.clone(), last.seq, want)
        })
        .await?;
        self.conversation.summary = Some(summary);
        self.conversation.summary_seq = last.seq;
        Ok(())
    }
}
