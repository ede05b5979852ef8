//! A folder with a gateway file, and writers as tasks and as processes.

use muster_base::{Error, Result};
use muster_domain::gateway::{Entry, EntryChange, Gateway};
use muster_gateway::GatewayFile;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// Where a process of a test finds what it shall write.
const FILE: &str = "GATEWAY_TEST_FILE";
const FIRST: &str = "GATEWAY_TEST_FIRST";
const COUNT: &str = "GATEWAY_TEST_COUNT";

/// A gateway file in a folder of its own.
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) file: GatewayFile,
}

impl Place {
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = GatewayFile::new(folder.path().join("openclaw.json"), Some(folder.path().join("home")));
        Self { folder, file }
    }

    pub(crate) fn with(text: &str) -> Self {
        let place = Self::empty();
        place.write(text);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("openclaw.json")
    }

    pub(crate) fn write(&self, text: &str) {
        std::fs::write(self.config(), text).unwrap();
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.config()).unwrap()
    }

    /// What is in the folder besides the file and its lock.
    pub(crate) fn left_over(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| name != "openclaw.json" && name != ".openclaw.json.muster-lock");
        names.sort();
        names
    }

    pub(crate) async fn entries(&self) -> Vec<Entry> {
        self.file.read().await.unwrap()
    }

    pub(crate) async fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.entries().await.into_iter().map(|entry| entry.id).collect();
        ids.sort();
        ids
    }

    pub(crate) async fn put(&self, id: &str, config: Value) -> Result<()> {
        self.file.write(change(id, config)).await
    }

    /// A process that writes the entries `first`, `first + 1`, ...; `count` of them, or for ever.
    pub(crate) fn process(&self, first: usize, count: Option<usize>) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["crowds::a_process_of_its_own", "--exact", "--ignored", "--nocapture"]);
        command.env(FILE, self.config()).env(FIRST, first.to_string());
        command.env(COUNT, count.unwrap_or(usize::MAX).to_string());
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command
    }
}

/// What a process of a test does.
#[expect(clippy::disallowed_methods, reason = "a process of a test is told by environment what to do")]
pub(crate) async fn write_as_told() {
    let told = |name| std::env::var(name).unwrap();
    let file = GatewayFile::new(told(FILE), None);
    let (first, count): (usize, usize) = (told(FIRST).parse().unwrap(), told(COUNT).parse().unwrap());
    for number in first..first.saturating_add(count) {
        file.write(change(&format!("agent-{number}"), json!({}))).await.unwrap();
    }
}

pub(crate) fn change(id: &str, config: Value) -> EntryChange {
    let config = config.as_object().cloned().unwrap_or_default();
    EntryChange { id: id.to_owned(), name: id.to_uppercase(), role: Some("tester".to_owned()), config }
}

pub(crate) fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T>) -> Error {
    result.expect_err("must be refused")
}
