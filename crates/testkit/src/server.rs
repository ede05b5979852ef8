//! The real program: started on free ports and throw-away data, killed, ended in order, started again.

use crate::client::Client;
use crate::database::{Backend, Database};
use crate::model::ScriptedModel;
use crate::program::{Process, clean, muster};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// The admin's API key of every server.
pub const ADMIN_KEY: &str = "sk-any-api01-end-to-end-tests-admin-key-0123456789";
/// The password of its user `admin`.
pub const ADMIN_PASSWORD: &str = "a-password-for-end-to-end-tests";

/// How a server is to be started.
#[derive(Debug, Clone)]
pub struct Setup {
    environment: BTreeMap<String, String>,
    database: Arc<Database>,
    home: Arc<TempDir>,
}

/// A running server; ended when it is dropped.
#[derive(Debug)]
pub struct Server {
    setup: Setup,
    process: Option<Process>,
    base: Arc<RwLock<String>>,
}

impl Setup {
    /// A server on an empty database.
    pub async fn new(backend: Backend) -> Self {
        Self::on(Arc::new(Database::create(backend).await))
    }

    fn on(database: Arc<Database>) -> Self {
        let home = TempDir::with_prefix("muster-test-").expect("a temporary directory");
        let setup = Self { environment: BTreeMap::new(), database, home: Arc::new(home) };
        let url = setup.database.url().map(str::to_owned);
        let setup = match url {
            // The test server gives a hundred connections to all tests together.
            Some(url) => setup.env("MUSTER_DATABASE_URL", &url).env("MUSTER_DB_CONNECTIONS", "8"),
            None => setup,
        };
        setup
            .env("MUSTER_LISTEN", "127.0.0.1:0")
            .env("MUSTER_API_KEY", ADMIN_KEY)
            .env("MUSTER_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .env("MUSTER_RATE_LIMIT", "off")
            .env("MUSTER_TURN_LEASE_SECONDS", "2")
            .env("MUSTER_TURN_RETRY_MS", "50")
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Leaves a variable out of its environment.
    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// Has it call this model when an agent names none.
    pub fn model(self, model: &ScriptedModel) -> Self {
        self.env("OPENAI_BASE_URL", &model.base_url())
            .env("OPENAI_API_KEY", "sk-operators-own-model-key")
            .env("MUSTER_DEFAULT_MODEL", "openai/scripted")
    }

    /// Starts it and waits until it is ready.
    pub async fn start(self) -> Server {
        self.try_start().await.unwrap_or_else(|refused| panic!("{refused}"))
    }

    /// As [`Self::start`]; the error is what it wrote when it refused to start.
    pub async fn try_start(self) -> Result<Server, String> {
        let mut server = Server { setup: self, process: None, base: Arc::default() };
        server.launch().await?;
        Ok(server)
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// A command of the program on this data.
    pub fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = clean(muster());
        // The temporary directory has no muster.toml that anybody else wrote.
        command.args(arguments).current_dir(self.home.path()).env("MUSTER_DATA", self.data()).envs(&self.environment);
        command
    }

    /// Runs a command of the program on this data to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().expect("the program runs")).await.expect("it ran")
    }

    /// Runs a command that must succeed; gives what it printed without the line's end.
    pub async fn cli(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "muster {arguments:?} failed: {out}{errors}");
        out.trim_end().to_owned()
    }

    fn log(&self) -> PathBuf {
        self.home.path().join("server.log")
    }
}

impl Server {
    /// A server that calls `model`.
    pub async fn start(backend: Backend, model: &ScriptedModel) -> Self {
        Setup::new(backend).await.model(model).start().await
    }

    /// Another node on the same database, with a data directory of its own.
    pub fn another_node(&self) -> Setup {
        let own = Setup::on(self.setup.database.clone());
        Setup { environment: self.setup.environment.clone(), ..own }
    }

    async fn launch(&mut self) -> Result<(), String> {
        let mut process = Process::start("muster", self.setup.command(&["serve"]), &self.setup.log());
        let ready = |line: &str| line.strip_prefix("muster ready on ").map(str::to_owned);
        let url = process.line(ready).await?;
        *self.base.write().expect("no panic while it is held") = url;
        self.process = Some(process);
        Ok(())
    }

    /// How it was started.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.setup.data()
    }

    /// A place for files of the test, which goes away with the server.
    pub fn home(&self) -> &Path {
        self.setup.home.path()
    }

    /// A client with the admin's key; it follows the server over restarts.
    pub fn client(&self) -> Client {
        Client::new(self.base.clone(), Some(ADMIN_KEY))
    }

    /// Where it answers now.
    pub fn url(&self) -> String {
        self.base.read().expect("no panic while it is held").clone()
    }

    /// Everything that it has logged, over restarts.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.setup.log()).unwrap_or_default()
    }

    /// What it printed on its standard output until it was ready, a line each.
    pub fn printed(&self) -> &[String] {
        self.process.as_ref().expect("it runs").printed()
    }

    /// The id of its process.
    pub fn process_id(&self) -> u32 {
        self.process.as_ref().expect("it runs").id()
    }

    /// Kills it without warning.
    pub fn kill9(&mut self) {
        self.process.take().expect("it runs").kill();
    }

    /// Starts it again on the same data, on another port.
    pub async fn restart(&mut self) {
        assert!(self.process.is_none(), "end it first");
        self.launch().await.unwrap_or_else(|refused| panic!("{refused}"));
    }

    /// Changes a variable for the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.setup.environment.insert(name.to_owned(), value.to_owned());
    }

    /// Ends it in order; gives how long that took. It must exit with 0 within the ten seconds of the contract.
    pub async fn terminate(&mut self) -> Duration {
        let mut process = self.process.take().expect("it runs");
        let begun = Instant::now();
        process.terminate();
        let status = process.ended(Duration::from_secs(12)).await;
        let took = begun.elapsed();
        assert!(status.success(), "it exited with {status}:\n{}", process.log());
        assert!(took < Duration::from_secs(10), "an orderly end took {took:?}");
        took
    }
}
