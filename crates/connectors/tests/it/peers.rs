//! Servers of other projects, started for a test and ended with it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A child process that speaks in lines of JSON and ends when its standard input does.
pub(crate) struct Peer {
    pub(crate) told: Value,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Peer {
    async fn start(name: &str, mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let stdin = child.stdin.take().expect("it is piped");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut peer = Self { told: Value::Null, stdin, lines, _child: child };
        peer.told = peer.line(name).await;
        peer
    }

    async fn line(&mut self, name: &str) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(60), self.lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("{name} says nothing")).expect("it can be read");
        let line = line.unwrap_or_else(|| panic!("{name} ended; its errors are above"));
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{name} says {line}: {error}"))
    }

    /// Asks it a word and gives what it says.
    pub(crate) async fn say(&mut self, word: &str) -> Value {
        self.stdin.write_all(format!("{word}\n").as_bytes()).await.expect("it listens");
        self.line(word).await
    }

    /// A text that it told at its start.
    pub(crate) fn text(&self, name: &str) -> String {
        self.told[name].as_str().unwrap_or_else(|| panic!("it did not tell {name}")).to_owned()
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

/// Slack and GitHub by `emulate`.
pub(crate) async fn emulate() -> Peer {
    let folder = repository().join("tests/node-emulate");
    let node = folder.join("node_modules/.bin/node");
    assert!(node.is_file(), "there is no emulate; run scripts/npm-install tests/node-emulate");
    let mut command = Command::new(node);
    command.arg("serve.mjs").current_dir(folder);
    Peer::start("emulate", command).await
}

/// MongoDB by `mockupdb` and `mongomock`.
pub(crate) async fn mongo() -> Peer {
    let python = repository().join("tests/.cache/python/bin/python");
    assert!(python.is_file(), "there is no mockupdb; run scripts/python-install tests/python");
    let mut command = Command::new(python);
    command.arg(repository().join("tests/python/mongo.py"));
    Peer::start("mockupdb", command).await
}
