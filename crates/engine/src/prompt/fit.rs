//! Keeping a conversation inside the model's context window: older messages are replaced by a summary, or left out.

use crate::models::estimate;
use muster_domain::agents::Configuration;
use muster_domain::conversations::Message;

/// The share of the window that starts a compaction when nothing else is said.
const THRESHOLD: f64 = 0.8;
/// The share of the threshold that the newest messages keep after a compaction.
const KEPT: f64 = 0.4;
/// How many messages of the past a prompt shows at the most, beside those of the turn.
pub const MOST_PAST: usize = 400;
/// How many messages of the past a compaction leaves at the most.
const KEPT_PAST: usize = 200;
/// What a message costs beside its text.
const PER_MESSAGE: i64 = 8;
/// The most bytes of a transcript that is to be summarised.
const TRANSCRIPT_BYTES: usize = 400_000;
/// How many bytes of a transcript a token has at the least, for nearly all texts.
const BYTES_PER_TOKEN: usize = 3;

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

/// Decides by the number of messages and by the estimated tokens of the system prompt and the history. `own` messages at
/// the end always stay.
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
    let movable = history.len().saturating_sub(own.max(1));
    if movable <= MOST_PAST && fixed + sizes.iter().sum::<i64>() <= threshold {
        return Plan::Keep;
    }
    let enabled = compaction.enabled != Some(false);
    let (budget, most) =
        if enabled { ((threshold as f64 * KEPT) as i64, KEPT_PAST) } else { ((threshold - fixed).max(0), MOST_PAST) };
    let mut kept: i64 = sizes[movable..].iter().sum();
    let mut first = movable;
    while first > 0 && movable - first < most && kept + sizes[first - 1] <= budget {
        first -= 1;
        kept += sizes[first];
    }
    match (first, enabled) {
        (0, _) => Plan::Keep,
        (first, true) => Plan::Compact(first),
        (first, false) => Plan::Drop(first),
    }
}

/// Divides messages into parts, each of which a model with room for so many tokens can summarise at once.
pub fn parts(history: &[Message], tokens: i64) -> Vec<&[Message]> {
    let most = usize::try_from(tokens).unwrap_or(0).saturating_mul(BYTES_PER_TOKEN).min(TRANSCRIPT_BYTES);
    let (mut parts, mut begin, mut bytes) = (Vec::new(), 0, 0);
    for (at, message) in history.iter().enumerate() {
        let size = line(message).len();
        if at > begin && bytes + size > most {
            parts.push(&history[begin..at]);
            (begin, bytes) = (at, 0);
        }
        bytes += size;
    }
    if begin < history.len() {
        parts.push(&history[begin..]);
    }
    parts
}

fn line(message: &Message) -> String {
    format!("{}: {}\n\n", message.role, message.content)
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
        text.push_str(super::cut(&line(message), TRANSCRIPT_BYTES.saturating_sub(text.len())));
    }
    text
}
