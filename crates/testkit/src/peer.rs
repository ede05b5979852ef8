//! The independent model server `@copilotkit/aimock`, which nobody on this project has written.

use crate::program::{Process, clean};
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

/// A running aimock; ended when it is dropped.
pub struct Peer {
    url: String,
    _process: Process,
    _home: TempDir,
}

impl Peer {
    /// Starts it with these fixtures; `packages` is the folder whose `node_modules` has it.
    pub async fn start(packages: &Path, fixtures: &Value) -> Self {
        let script = packages.join("node_modules/@copilotkit/aimock/dist/cli.js");
        let install = format!("run `npm ci` in {}", packages.display());
        assert!(script.is_file(), "there is no aimock at {}; {install}", script.display());
        let node = std::process::Command::new("node").arg("--version").output();
        assert!(
            node.is_ok_and(|output| output.status.success()),
            "there is no node; install Node.js 20 or later, then {install}"
        );
        let home = TempDir::with_prefix("muster-test-aimock-").expect("a temporary directory");
        let file = home.path().join("fixtures.json");
        std::fs::write(&file, fixtures.to_string()).expect("the fixtures can be written");
        let mut command = clean("node");
        // Small pieces with a little time between them, so that there is a stream to be seen.
        let options = ["--port", "0", "--chunk-size", "5", "--latency", "20", "--strict", "--fixtures"];
        command.arg(&script).args(options).arg(&file);
        let mut process = Process::start("aimock", command, &home.path().join("aimock.log"));
        let ready = |line: &str| line.split_once("listening on ").map(|(_, url)| url.trim().to_owned());
        let url = process.line(ready).await.unwrap_or_else(|error| panic!("{error}"));
        Self { url, _process: process, _home: home }
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it was asked, as it recorded it.
    pub async fn journal(&self) -> Value {
        let answer =
            crate::client::http().get(format!("{}/__aimock/journal", self.url)).send().await.expect("aimock answers");
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
    }
}
