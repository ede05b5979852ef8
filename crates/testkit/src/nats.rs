//! A NATS server for tests of several nodes.

use crate::program::{Process, clean};
use crate::wait::soon;
use std::path::Path;
use tempfile::TempDir;

/// A running nats-server; ended when it is dropped.
pub struct Nats {
    url: String,
    _process: Process,
    _home: TempDir,
}

impl Nats {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let known = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"];
        let program = known.into_iter().find(|path| Path::new(path).is_file());
        let program = program.expect("there is no nats-server; install it: apt-get install nats-server");
        let home = TempDir::with_prefix("muster-test-nats-").expect("a temporary directory");
        let ports = home.path().to_str().expect("a path of letters");
        let mut command = clean(program);
        command.args(["--addr", "127.0.0.1", "--port", "-1", "--ports_file_dir", ports]);
        let process = Process::start("nats-server", command, &home.path().join("nats.log"));
        let file = home.path().join(format!("nats-server_{}.ports", process.id()));
        let url = soon("nats-server writes down its port", async || {
            let text = std::fs::read(&file).ok()?;
            let ports: serde_json::Value = serde_json::from_slice(&text).ok()?;
            ports["nats"][0].as_str().map(str::to_owned)
        })
        .await;
        Self { url, _process: process, _home: home }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }
}
