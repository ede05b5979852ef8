//! How a turn is shown: as it happens on a terminal, its reply alone to a pipe, event by event to a program.

use super::happening::{Happening, ToolFinished, ToolStarted, as_json};
use super::reply::{Change, Reply};
use crate::client::terminal::{Ink, clear_line, columns, harmless, is_person, one_line, paint, print, remark, say};
use eventsource_stream::Event;
use muster_base::Result;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// A wait shorter than this is not worth a word.
const SHORT_WAIT: Duration = Duration::from_secs(1);
/// What we wait for when no tool runs.
const REPLY: &str = "waiting for the reply";
/// How much of a tool's arguments is shown.
const SHOWN_ARGUMENTS: usize = 120;

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Terminal,
    Plain,
    Json,
}

impl Look {
    pub(super) fn of(json: bool) -> Self {
        if json {
            Self::Json
        } else if is_person() {
            Self::Terminal
        } else {
            Self::Plain
        }
    }
}

/// The turn on its way to the reader.
pub(super) struct Screen {
    look: Look,
    reply: Reply,
    /// Calls that have begun, by id, as they are shown.
    calls: HashMap<String, String>,
    /// The cursor stands behind a piece of the reply.
    is_in_line: bool,
    /// The cursor stands below a line that is no part of the reply.
    is_after_line: bool,
    /// The cursor stands behind a word about what we wait for, which the next output replaces.
    is_waiting: bool,
    waits_for: String,
    since: Instant,
}

impl Screen {
    pub(super) fn new(look: Look) -> Self {
        Self {
            look,
            reply: Reply::default(),
            calls: HashMap::new(),
            is_in_line: false,
            is_after_line: false,
            is_waiting: false,
            waits_for: REPLY.to_owned(),
            since: Instant::now(),
        }
    }

    /// Shows an event.
    pub(super) fn show(&mut self, event: &Event, happening: &Happening) -> Result<()> {
        if self.look == Look::Json {
            return say(as_json(event));
        }
        self.since = Instant::now();
        self.wait_for_rest();
        match happening {
            Happening::Delta(delta) => {
                let change = self.reply.apply(delta);
                if self.look == Look::Terminal { self.change(change) } else { Ok(()) }
            }
            Happening::ToolStarted(call) => self.tool_started(call),
            Happening::ToolFinished(call) => self.tool_finished(call),
            Happening::Completed { content } if self.look == Look::Terminal => {
                let change = self.reply.finish(content);
                self.change(change)?;
                self.end()
            }
            Happening::Completed { content } => say(content.trim_end_matches('\n')),
            Happening::Failed(_) => self.end(),
            Happening::Accepted(_) | Happening::Other => Ok(()),
        }
    }

    fn change(&mut self, change: Change) -> Result<()> {
        match change {
            Change::More(text) if text.is_empty() => Ok(()),
            Change::More(text) => self.text(&text),
            Change::Anew(text) => {
                self.line(&paint(Ink::Dim, "(the reply starts anew)"))?;
                self.text(&text)
            }
        }
    }

    fn text(&mut self, text: &str) -> Result<()> {
        self.forget_wait()?;
        // A line of ours has broken the text already.
        let text = if self.is_after_line { text.trim_start_matches('\n') } else { text };
        if text.is_empty() {
            return Ok(());
        }
        self.is_after_line = false;
        self.is_in_line = !text.ends_with('\n');
        print(&harmless(text))
    }

    /// Prints a line of its own.
    fn line(&mut self, line: &str) -> Result<()> {
        self.end()?;
        self.is_after_line = true;
        say(line)
    }

    /// Leaves the cursor at the beginning of a line.
    pub(super) fn end(&mut self) -> Result<()> {
        self.forget_wait()?;
        if std::mem::take(&mut self.is_in_line) { say("") } else { Ok(()) }
    }

    fn tool_started(&mut self, call: &ToolStarted) -> Result<()> {
        let arguments = if call.arguments.is_null() { String::new() } else { call.arguments.to_string() };
        let shown = format!("{}({})", one_line(&call.name, 64), one_line(&arguments, SHOWN_ARGUMENTS));
        self.wait_for(&shown)?;
        self.calls.insert(call.call_id.clone(), shown);
        Ok(())
    }

    fn tool_finished(&mut self, call: &ToolFinished) -> Result<()> {
        let shown = self.calls.remove(&call.call_id).unwrap_or_else(|| one_line(&call.name, 64));
        let outcome = if call.ok { "" } else { " failed" };
        let time = call.duration_ms.map(|ms| format!(" {ms} ms")).unwrap_or_default();
        self.wait_for_rest();
        if self.look == Look::Terminal {
            let room = columns().saturating_sub(time.len() + outcome.len() + 3);
            self.line(&paint(Ink::Dim, &format!("• {}{outcome}{time}", one_line(&shown, room))))
        } else {
            remark(&format!("• {shown}{outcome}{time}"));
            Ok(())
        }
    }

    /// What is still to come: a tool that runs, else the reply.
    fn wait_for_rest(&mut self) {
        let running = self.calls.values().next();
        self.waits_for = running.map_or_else(|| REPLY.to_owned(), Clone::clone);
    }

    /// Says what we wait for from now on.
    pub(super) fn wait_for(&mut self, what: &str) -> Result<()> {
        if self.is_waiting && self.waits_for == what {
            return Ok(());
        }
        what.clone_into(&mut self.waits_for);
        self.since = Instant::now();
        if self.look != Look::Terminal {
            return Ok(());
        }
        self.end()?;
        self.say_wait("")
    }

    /// Time goes by.
    pub(super) fn tick(&mut self) -> Result<()> {
        let waited = self.since.elapsed();
        if self.look != Look::Terminal || self.is_in_line || waited < SHORT_WAIT {
            return Ok(());
        }
        self.say_wait(&format!(" {} s", waited.as_secs()))
    }

    fn say_wait(&mut self, time: &str) -> Result<()> {
        self.forget_wait()?;
        self.is_waiting = true;
        let room = columns().saturating_sub(time.len() + 3);
        print(&paint(Ink::Dim, &format!("… {}{time}", one_line(&self.waits_for, room))))
    }

    fn forget_wait(&mut self) -> Result<()> {
        if std::mem::take(&mut self.is_waiting) { clear_line() } else { Ok(()) }
    }
}
