//! `muster gateway`

use super::Connection;
use super::table::{Field, table};
use super::terminal::{Ink, harmless, one_line, remark, say};
use clap::{Args, Subcommand};
use muster_base::Result;
use serde::Deserialize;
use serde_json::json;

const SYNC_HELP: &str = "\
Examples:
  muster gateway sync --preview
  muster gateway sync --json | jq '.agents[] | select(.action == \"conflict\")'";

/// Take over agents from the gateway's file
#[derive(Subcommand)]
pub(crate) enum Gateway {
    /// Make and change agents as the gateway's file lists them
    #[command(after_help = SYNC_HELP)]
    Sync(Sync),
}

/// How agents are taken over.
#[derive(Args)]
pub(crate) struct Sync {
    /// Only say what would be done
    #[arg(long)]
    preview: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What was done, or would be.
#[derive(Debug, Deserialize)]
struct Outcome {
    synced: i64,
    created: i64,
    updated: i64,
    conflicts: i64,
    agents: Vec<Taken>,
    missing: Vec<Missing>,
}

/// An entry of the file and its agent.
#[derive(Debug, Deserialize)]
struct Taken {
    id: String,
    name: String,
    action: String,
    reason: Option<String>,
    warning: Option<String>,
}

/// An agent that the file does not list any more.
#[derive(Debug, Deserialize)]
struct Missing {
    name: String,
}

impl Gateway {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::Sync(command) => command.run().await,
        }
    }
}

impl Sync {
    async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        let url = api.at(&["mission", "api", "agents", "sync"], &[]);
        let answer = if self.preview { api.get(&url).await? } else { api.post(&url, &json!({})).await? };
        if self.connection.json {
            return say(format!("{answer:#}"));
        }
        let outcome: Outcome = api.read(answer)?;
        if outcome.agents.is_empty() {
            remark("the gateway's file lists no agents");
        } else {
            say(table(["ENTRY", "NAME", "ACTION", "NOTE"], outcome.agents.iter().map(row).collect()))?;
            say(summary(&outcome, self.preview))?;
        }
        if let Some(note) = not_listed(&outcome.missing) {
            remark(&note);
        }
        Ok(())
    }
}

fn row(taken: &Taken) -> [Field; 4] {
    let note = taken.reason.as_deref().or(taken.warning.as_deref()).unwrap_or_default();
    let ink = match taken.action.as_str() {
        "created" => Some(Ink::Green),
        "updated" => Some(Ink::Yellow),
        "conflict" => Some(Ink::Red),
        _ => Some(Ink::Dim),
    };
    [
        Field::text(harmless(&taken.id)),
        Field::text(one_line(&taken.name, 40)).ink(Some(Ink::Bold)),
        Field::text(harmless(&taken.action)).ink(ink),
        Field::text(one_line(note, 200)),
    ]
}

fn summary(outcome: &Outcome, is_preview: bool) -> String {
    let Outcome { synced, created, updated, conflicts, .. } = outcome;
    let verb = if is_preview { "would be in step" } else { "in step" };
    let mut text = format!("{synced} {verb}: {created} created, {updated} updated");
    if *conflicts > 0 {
        text.push_str(&format!("; {conflicts} left alone because of a conflict"));
    }
    text
}

fn not_listed(missing: &[Missing]) -> Option<String> {
    let names: Vec<String> = missing.iter().map(|agent| one_line(&agent.name, 40)).collect();
    (!names.is_empty()).then(|| format!("no longer in the file, and left as they are: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        let answer = json!({"preview": true, "synced": 2, "created": 1, "updated": 0, "conflicts": 1, "agents": [
                {"id": "main", "name": "Ann\n\u{1b}[31m", "action": "created", "agent": null},
                {"id": "b", "name": "Ben", "action": "unchanged", "agent": 2, "warning": "soul.md is not read: it is a link"},
                {"id": "c", "name": "Cem", "action": "conflict", "reason": "the name is taken"}],
            "missing": [{"id": "d", "name": "Dan", "agent": 4}]});
        serde_json::from_value(answer).unwrap()
    }

    #[test]
    fn each_entry_is_told_in_one_line() {
        let texts: Vec<[String; 4]> = outcome().agents.iter().map(|taken| row(taken).map(|field| field.text)).collect();
        assert_eq!(texts[0], ["main", "Ann [31m", "created", ""]);
        assert_eq!(texts[1], ["b", "Ben", "unchanged", "soul.md is not read: it is a link"]);
        assert_eq!(texts[2], ["c", "Cem", "conflict", "the name is taken"]);
    }

    #[test]
    fn the_summary_says_what_was_left_alone() {
        let mut outcome = outcome();
        let expected = "2 would be in step: 1 created, 0 updated; 1 left alone because of a conflict";
        assert_eq!(summary(&outcome, true), expected);
        assert_eq!(not_listed(&outcome.missing).unwrap(), "no longer in the file, and left as they are: Dan");
        outcome.conflicts = 0;
        assert_eq!(summary(&outcome, false), "2 in step: 1 created, 0 updated");
        assert_eq!(not_listed(&[]), None);
    }
}
