//! A Redis server for tests.

use crate::port::free_port;
use crate::program::{Process, clean};
use crate::wait::soon;
use std::path::Path;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A running redis-server that keeps nothing; ended when it is dropped.
pub struct Redis {
    port: u16,
    _process: Process,
    _home: TempDir,
}

impl Redis {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts it with more arguments, e.g. `--requirepass`.
    pub async fn start_with(more: &[&str]) -> Self {
        let known = ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/usr/bin/valkey-server"];
        let program = known.into_iter().find(|path| Path::new(path).is_file());
        let program = program.expect("there is no redis-server; install it: apt-get install redis-server");
        let home = TempDir::with_prefix("muster-test-redis-").expect("a temporary directory");
        for _ in 0..5 {
            let port = free_port();
            let mut command = clean(program);
            command.args([
                "--bind",
                "127.0.0.1",
                "--port",
                &port.to_string(),
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
            ]);
            command.arg(home.path()).args(more);
            let mut process = Process::start("redis-server", command, &home.path().join("log"));
            let ready = soon("redis-server takes connections or ends", async || {
                if process.has_ended() {
                    return Some(false);
                }
                TcpStream::connect(("127.0.0.1", port)).await.is_ok().then_some(true)
            });
            if ready.await {
                return Self { port, _process: process, _home: home };
            }
        }
        panic!("redis-server does not start");
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sends commands as one types them, a line each, and gives what came back until all were answered.
    pub async fn run(&self, commands: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("it is there");
        stream
            .write_all(format!("{}\r\nQUIT\r\n", commands.trim().replace('\n', "\r\n")).as_bytes())
            .await
            .expect("it reads");
        let mut said = String::new();
        let _ = stream.read_to_string(&mut said).await;
        said
    }
}
