//! Tokens that agents which run elsewhere report.

use super::store;
use crate::context::Ctx;
use crate::events::NewEvent;
use crate::tasks;
use muster_base::{Error, Result};
use muster_store::Tx;
use serde_json::json;

const LONGEST_MODEL: usize = 200;
/// The most tokens of one report.
const MOST_TOKENS: i64 = 1_000_000_000_000;

/// What an agent used since its last report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The model.
    pub model: String,
    /// Tokens that it read.
    pub input_tokens: i64,
    /// Tokens that it wrote.
    pub output_tokens: i64,
    /// The task that it was for.
    pub task: Option<i64>,
}

impl Report {
    /// Checks all but the task; errors name the fields of a heartbeat.
    pub(crate) fn check(&self) -> Result<()> {
        let length = self.model.chars().count();
        if self.model.trim().is_empty() || length > LONGEST_MODEL || self.model.chars().any(char::is_control) {
            let message = format!("must have 1 to {LONGEST_MODEL} characters");
            return Err(Error::invalid("token_usage.model", message));
        }
        for (name, tokens) in [("inputTokens", self.input_tokens), ("outputTokens", self.output_tokens)] {
            if !(0..=MOST_TOKENS).contains(&tokens) {
                let message = format!("must be from 0 to {MOST_TOKENS}");
                return Err(Error::invalid(format!("token_usage.{name}"), message));
            }
        }
        Ok(())
    }
}

/// Counts a report for an agent; the event of it is the caller's to write. Its balance is not touched: it pays for its
/// models itself.
pub(crate) async fn record(tx: &mut Tx, ctx: &Ctx, agent: &str, report: &Report) -> Result<NewEvent> {
    if let Some(task) = report.task
        && !tasks::exists(tx, ctx.org(), task).await?
    {
        return Err(Error::invalid("token_usage.taskId", format!("there is no task {task}")));
    }
    store::insert(tx, ctx.org(), agent, report, ctx.now()).await?;
    let data = json!({
        "agentId": agent, "model": report.model, "inputTokens": report.input_tokens, "outputTokens": report.output_tokens,
        "taskId": report.task,
    });
    Ok(NewEvent::new("usage.reported", agent, data))
}
