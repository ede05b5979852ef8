//! A MariaDB database for tests: on the server at 127.0.0.1:3306 when its user root needs no password, else on a server of
//! its own.

use crate::port::free_port;
use crate::program::{Process, clean};
use crate::wait::soon;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use std::path::Path;
use tempfile::TempDir;

/// An empty database; removed when it is dropped.
pub struct MariaDb {
    name: String,
    port: u16,
    _server: Option<(Process, TempDir)>,
}

impl MariaDb {
    /// Makes the database, and starts a server for it when there is none.
    pub async fn start() -> Self {
        let name = format!("muster_test_{:x}", unique());
        let mut server = None;
        let mut port = 3306;
        if options(port).connect().await.is_err() {
            let (started, at) = start_server().await;
            (server, port) = (Some(started), at);
        }
        let mut connection = options(port).connect().await.expect("the server takes user root without a password");
        let make = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
        connection.execute(sqlx::raw_sql(AssertSqlSafe(make))).await.expect("a database");
        let _ = connection.close().await;
        Self { name, port, _server: server }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server's port on 127.0.0.1; the user is root, without a password.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A connection that may do everything.
    pub async fn connect(&self) -> MySqlConnection {
        options(self.port).database(&self.name).connect().await.expect("the server is there")
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        let (name, port) = (self.name.clone(), self.port);
        // The test's runtime may be about to end, so the clean-up has its own.
        let cleanup = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let Ok(mut connection) = options(port).connect().await else { return };
                // What is still connected may hold locks, and its runtime is what waits here.
                let others = format!("SELECT id FROM information_schema.processlist WHERE db = '{name}'");
                let others = connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(others))).await.unwrap_or_default();
                for row in others {
                    let id: String = row.try_get_unchecked(0).unwrap_or_default();
                    let _ = connection.execute(sqlx::raw_sql(AssertSqlSafe(format!("KILL {id}")))).await;
                }
                let drop = format!("SET lock_wait_timeout = 20; DROP DATABASE IF EXISTS {name}");
                let _ = connection.execute(sqlx::raw_sql(AssertSqlSafe(drop))).await;
            });
        });
        let _ = cleanup.join();
    }
}

fn options(port: u16) -> MySqlConnectOptions {
    MySqlConnectOptions::new().host("127.0.0.1").port(port).username("root").disable_statement_logging()
}

/// A number that no other test has.
fn unique() -> u128 {
    use std::hash::{BuildHasher as _, RandomState};
    let random = |salt: u8| u128::from(RandomState::new().hash_one((salt, std::process::id())));
    random(0) << 64 | random(1)
}

async fn start_server() -> ((Process, TempDir), u16) {
    let program = ["/usr/sbin/mariadbd", "/usr/sbin/mysqld"].into_iter().find(|path| Path::new(path).is_file());
    let program = program.expect("there is no mariadbd; install it: apt-get install mariadb-server");
    let home = TempDir::with_prefix("muster-test-mariadb-").expect("a temporary directory");
    let data = format!("--datadir={}", home.path().join("data").display());
    let mut install = clean("mariadb-install-db");
    install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root", &data]);
    let installed = install.output().expect("mariadb-install-db is there");
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
    for _ in 0..5 {
        let port = free_port();
        let mut command = clean(program);
        let socket = format!("--socket={}", home.path().join("sock").display());
        let port_is = format!("--port={port}");
        command.args([
            "--no-defaults",
            "--user=root",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            &data,
            &socket,
            &port_is,
        ]);
        let mut process = Process::start("mariadbd", command, &home.path().join("log"));
        let ready = soon("mariadbd takes connections or ends", async || {
            if process.has_ended() {
                return Some(false);
            }
            options(port).connect().await.is_ok().then_some(true)
        });
        if ready.await {
            return ((process, home), port);
        }
    }
    panic!("mariadbd does not start");
}
