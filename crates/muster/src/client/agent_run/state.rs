//! What the agent remembers between runs: its machine id, and the replies of commands that have finished.

use muster_base::{Error, Kind, Result, new_id};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many replies are kept; the file holds up to twice as many before the older ones are dropped.
const MOST_REPLIES: usize = 1000;

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Entry {
    id: String,
    content: String,
}

/// A directory that one program at a time uses.
pub(super) struct State {
    dir: PathBuf,
    replies: Mutex<Replies>,
    /// Held as long as the program lives.
    _lock: File,
}

struct Replies {
    file: File,
    lines: usize,
    order: VecDeque<String>,
    by_id: HashMap<String, String>,
}

impl State {
    pub(super) fn open(dir: PathBuf) -> Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(|error| unusable(&dir, &error))?;
        let lock = private(&dir.join("agent.lock"))?;
        lock.try_lock().map_err(|_| {
            let message =
                format!("another agent runs with the state in {}; give each its own by --state", dir.display());
            Error::new(Kind::Conflict, "agent_run.state", message)
        })?;
        let path = dir.join("replies.jsonl");
        let (order, by_id) = read(&path)?;
        let file = rewrite(&dir, &order, &by_id)?;
        let replies = Mutex::new(Replies { file, lines: order.len(), order, by_id });
        Ok(Self { dir, replies, _lock: lock })
    }

    /// The id of this machine; made at the first call.
    pub(super) fn machine_id(&self) -> Result<String> {
        let path = self.dir.join("machine-id");
        match fs::read_to_string(&path) {
            Ok(id) if !id.trim().is_empty() => return Ok(id.trim().to_owned()),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(unusable(&path, &error)),
        }
        let id = new_id("machine");
        replace(&self.dir, "machine-id", id.as_bytes())?;
        Ok(id)
    }

    pub(super) fn reply(&self, id: &str) -> Option<String> {
        self.replies().by_id.get(id).cloned()
    }

    /// Stores a reply so that it survives the end of the program, and gives it back. The first one of a message counts.
    pub(super) fn keep(&self, id: &str, content: String) -> Result<String> {
        let mut replies = self.replies();
        if let Some(earlier) = replies.by_id.get(id) {
            return Ok(earlier.clone());
        }
        let mut line =
            serde_json::to_string(&Entry { id: id.to_owned(), content: content.clone() }).map_err(Error::internal)?;
        line.push('\n');
        let written = replies.file.write_all(line.as_bytes()).and_then(|()| replies.file.sync_data());
        written.map_err(|error| unusable(&self.dir.join("replies.jsonl"), &error))?;
        replies.lines += 1;
        replies.order.push_back(id.to_owned());
        replies.by_id.insert(id.to_owned(), content.clone());
        if replies.order.len() > MOST_REPLIES
            && let Some(oldest) = replies.order.pop_front()
        {
            replies.by_id.remove(&oldest);
        }
        if replies.lines >= 2 * MOST_REPLIES {
            replies.file = rewrite(&self.dir, &replies.order, &replies.by_id)?;
            replies.lines = replies.order.len();
        }
        Ok(content)
    }

    fn replies(&self) -> MutexGuard<'_, Replies> {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The newest replies. A last line that was cut short by a crash was never sent, and does not count.
fn read(path: &Path) -> Result<(VecDeque<String>, HashMap<String, String>)> {
    let (mut order, mut by_id) = (VecDeque::new(), HashMap::new());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((order, by_id)),
        Err(error) => return Err(unusable(path, &error)),
    };
    for line in BufReader::new(file).split(b'\n') {
        let line = line.map_err(|error| unusable(path, &error))?;
        let Ok(Entry { id, content }) = serde_json::from_slice(&line) else { continue };
        if by_id.insert(id.clone(), content).is_none() {
            order.push_back(id);
        }
        if order.len() > MOST_REPLIES
            && let Some(oldest) = order.pop_front()
        {
            by_id.remove(&oldest);
        }
    }
    Ok((order, by_id))
}

/// Writes the file anew and opens it for more.
fn rewrite(dir: &Path, order: &VecDeque<String>, by_id: &HashMap<String, String>) -> Result<File> {
    let mut text = Vec::new();
    for id in order {
        let content = by_id.get(id).cloned().unwrap_or_default();
        serde_json::to_writer(&mut text, &Entry { id: id.clone(), content }).map_err(Error::internal)?;
        text.push(b'\n');
    }
    replace(dir, "replies.jsonl", &text)?;
    private(&dir.join("replies.jsonl"))
}

/// Replaces a file as a whole: after a crash there is the old one or the new one.
fn replace(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = dir.join(name);
    let write = || -> std::io::Result<()> {
        let mut new = tempfile::NamedTempFile::new_in(dir)?;
        new.write_all(bytes)?;
        new.as_file().sync_all()?;
        new.persist(&path).map_err(|error| error.error)?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|error| unusable(&path, &error))
}

fn private(path: &Path) -> Result<File> {
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    opened.map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::invalid("state", format!("{} cannot be used: {error}; name another directory by --state", path.display()))
}
