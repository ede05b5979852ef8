//! Keeping a conversation inside the model's context window: older messages are replaced by a summary, or left out.

use crate::models::estimate;
use muster_domain::agents::Configuration;
use muster_domain::conversations::Message;

/// The share of the window that starts a compaction when nothing else is said.
const THRESHOLD: f64 = 0.8;
/// The share of the threshold that the newest messages keep after a compaction.
const KEPT: f64 = 0.4;
/// What a message costs beside its text.
const PER_MESSAGE: i64 = 8;
/// The most bytes of a transcript that is to be summarised.
const TRANSCRIPT_BYTES: usize = 400_000;

/// What to do with a conversation before the model is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// It fits.
    Keep,
    /// The first so many messages go into a summary.
    Compact(usize),
    /// The first so many messages are left out.
    Drop(usize),
}

/// Decides by the estimated tokens of the system prompt and the history. `own` messages at the end always stay.
pub fn plan(
    configuration: &Configuration,
    window: i64,
    answer: i64,
    system: &str,
    history: &[Message],
    own: usize,
) -> Plan {
    let compaction = configuration.compaction.clone().unwrap_or_default();
    let room = (window - answer).max(window / 4);
    let threshold = match compaction.threshold_trigger.unwrap_or(THRESHOLD) {
        share if share <= 1.0 => (room as f64 * share) as i64,
        tokens => (tokens as i64).min(room),
    };
    let sizes: Vec<i64> = history.iter().map(|message| estimate::tokens(&message.content) + PER_MESSAGE).collect();
    let fixed = estimate::tokens(system);
    if fixed + sizes.iter().sum::<i64>() <= threshold {
        return Plan::Keep;
    }
    let enabled = compaction.enabled != Some(false);
    let budget = if enabled { (threshold as f64 * KEPT) as i64 } else { (threshold - fixed).max(0) };
    let movable = history.len().saturating_sub(own.max(1));
    let mut kept: i64 = sizes[movable..].iter().sum();
    let mut first = movable;
    while first > 0 && kept + sizes[first - 1] <= budget {
        first -= 1;
        kept += sizes[first];
    }
    match (first, enabled) {
        (0, _) => Plan::Keep,
        (first, true) => Plan::Compact(first),
        (first, false) => Plan::Drop(first),
    }
}

/// The text that is to be summarised: what was summarised before, and the messages since.
pub fn transcript(summary: Option<&str>, history: &[Message]) -> String {
    let mut text = String::new();
    if let Some(summary) = summary {
        text.push_str("Summary of what came before:\n");
        text.push_str(summary);
        text.push_str("\n\n");
    }
    for message in history {
        let line = format!("{}: {}\n\n", message.role, message.content);
        text.push_str(super::cut(&line, TRANSCRIPT_BYTES.saturating_sub(text.len())));
    }
    text
}
