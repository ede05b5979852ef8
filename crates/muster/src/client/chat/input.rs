//! What the person says: typed at a prompt, or piped in line by line.

use crate::client::terminal::one_line;
use muster_base::{Error, Result};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};
use std::io::{BufRead, IsTerminal, Read};
use tokio::task::block_in_place;

/// How much of an agent's name is in the prompt.
const SHOWN_NAME: usize = 30;

/// Where messages come from.
pub(super) enum Input {
    Prompt { editor: Box<Editor<(), MemHistory>>, prompt: String },
    Pipe,
}

/// What came.
pub(super) enum Said {
    Message(String),
    /// Ctrl-C at the prompt.
    Nothing,
    End,
}

impl Input {
    pub(super) fn open(agent: &str) -> Result<Self> {
        if !std::io::stdin().is_terminal() {
            return Ok(Self::Pipe);
        }
        let config = Config::builder().auto_add_history(true).build();
        let editor = Editor::with_history(config, MemHistory::new()).map_err(unreadable)?;
        Ok(Self::Prompt { editor: Box::new(editor), prompt: format!("{}> ", one_line(agent, SHOWN_NAME)) })
    }

    pub(super) fn is_prompt(&self) -> bool {
        matches!(self, Self::Prompt { .. })
    }

    /// Waits for the next message; empty lines are none.
    pub(super) fn next(&mut self) -> Result<Said> {
        loop {
            let text = match self {
                Self::Prompt { editor, prompt } => match block_in_place(|| editor.readline(prompt.as_str())) {
                    Ok(text) => text,
                    Err(ReadlineError::Interrupted) => return Ok(Said::Nothing),
                    Err(ReadlineError::Eof) => return Ok(Said::End),
                    Err(error) => return Err(unreadable(error)),
                },
                Self::Pipe => {
                    let mut line = String::new();
                    let read = block_in_place(|| std::io::stdin().lock().read_line(&mut line)).map_err(unreadable)?;
                    if read == 0 {
                        return Ok(Said::End);
                    }
                    line
                }
            };
            if !text.trim().is_empty() {
                return Ok(Said::Message(text.trim().to_owned()));
            }
        }
    }
}

/// All of standard input.
pub(super) fn whole() -> Result<String> {
    let mut text = String::new();
    block_in_place(|| std::io::stdin().lock().read_to_string(&mut text)).map_err(unreadable)?;
    Ok(text)
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::invalid("message", format!("standard input cannot be read: {error}"))
}
