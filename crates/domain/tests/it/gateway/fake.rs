//! A gateway's file in memory.

use crate::support::{ORG, World, on_both};
use async_trait::async_trait;
use muster_base::{Error, Patch, Result};
use muster_domain::agents::{self, Agent, AgentChange, Definition, NewAgent, Source};
use muster_domain::gateway::{Binding, Entry, EntryChange, Gateway, REDACTED, unreadable};
use muster_domain::{App, Ctx, Settings};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, MutexGuard};

/// What the file lists, or why it cannot be read; and what was written.
#[derive(Default)]
pub(crate) struct FakeFile {
    listed: Mutex<Option<Vec<Entry>>>,
    written: Mutex<Vec<EntryChange>>,
    /// Who changes an agent's role while the file is written for the first time.
    meanwhile: Mutex<Option<(Ctx, String)>>,
}

impl std::fmt::Debug for FakeFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a file in memory")
    }
}

fn held<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().expect("nobody panics while it is held")
}

impl FakeFile {
    pub(crate) fn lists(&self, entries: &[Entry]) {
        *held(&self.listed) = Some(entries.to_vec());
    }

    pub(crate) fn role_changes_meanwhile(&self, ctx: Ctx, agent: &Agent) {
        *held(&self.meanwhile) = Some((ctx, agent.id.clone()));
    }

    pub(crate) fn is_broken(&self) {
        *held(&self.listed) = None;
    }

    pub(crate) fn written(&self) -> Vec<EntryChange> {
        std::mem::take(&mut held(&self.written))
    }
}

#[async_trait]
impl Gateway for FakeFile {
    async fn read(&self) -> Result<Vec<Entry>> {
        let listed = held(&self.listed).clone();
        listed.ok_or_else(|| unreadable("the gateway file, line 1, column 2: expected a value"))
    }

    async fn write(&self, change: EntryChange) -> Result<()> {
        if held(&self.listed).is_none() {
            return Err(unreadable("the gateway file, line 1, column 2: expected a value"));
        }
        held(&self.written).push(change);
        let meanwhile = held(&self.meanwhile).take();
        if let Some((ctx, agent)) = meanwhile {
            let role = Patch::Value("changed meanwhile".to_owned());
            agents::update(&ctx, &agent, AgentChange { role, ..AgentChange::default() }).await?;
        }
        Ok(())
    }

    fn describe(&self, change: &EntryChange) -> Result<Map<String, Value>> {
        if change.config.get("tools").is_some_and(Value::is_string) {
            return Err(Error::invalid("config.tools", "must be a list"));
        }
        let mut config: Map<String, Value> = change
            .config
            .iter()
            .filter(|(key, _)| self.owns(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if let Some(secret) = config.get_mut("apiKey") {
            *secret = json!(REDACTED);
        }
        config.insert("openclawId".to_owned(), json!(change.id));
        config.insert("identity".to_owned(), json!({"name": change.name, "theme": change.role}));
        Ok(config)
    }

    fn owns(&self, path: &str) -> bool {
        let key = path.split('.').next().unwrap_or_default();
        path != "sandbox.ours" && ["openclawId", "identity", "model", "tools", "sandbox", "apiKey"].contains(&key)
    }
}

/// An entry with nothing but names.
pub(crate) fn entry(id: &str, name: &str) -> Entry {
    let config = map(json!({"openclawId": id}));
    Entry { id: id.to_owned(), name: name.to_owned(), role: "agent".to_owned(), config, ..Entry::default() }
}

pub(crate) fn map(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

/// A world whose first org has a gateway's file.
pub(crate) struct GatewayWorld {
    pub(crate) world: World,
    pub(crate) file: Arc<FakeFile>,
}

impl std::ops::Deref for GatewayWorld {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

/// Runs a test on SQLite and on PostgreSQL, with a file that lists nobody yet.
pub(crate) async fn with_file(test: impl AsyncFn(GatewayWorld)) {
    on_both(async |mut world| {
        let file = Arc::new(FakeFile::default());
        file.lists(&[]);
        let binding = Binding { org: ORG.to_owned(), file: file.clone() };
        let settings = Settings { gateway: Some(binding), ..Settings::default() };
        world.app = App::new((*world.db).clone(), world.clock.clone(), world.secrets.clone(), settings);
        test(GatewayWorld { world, file }).await;
    })
    .await;
}

impl GatewayWorld {
    /// An agent that a client entered.
    pub(crate) async fn entered(&self, name: &str, session_key: Option<&str>, config: Value) -> Agent {
        let new = NewAgent {
            name: name.to_owned(),
            source: Source::Api,
            session_key: session_key.map(str::to_owned),
            definition: Definition { config: map(config), ..Definition::default() },
            ..NewAgent::default()
        };
        agents::create(&self.ctx(), new).await.expect("makes an agent")
    }

    pub(crate) async fn named(&self, name: &str) -> Agent {
        agents::resolve(&self.ctx(), name).await.expect("the agent is there")
    }

    pub(crate) async fn definition(&self, agent: &Agent) -> Definition {
        let agent = self.find(agent).await;
        agents::load_definition(&self.ctx(), &agent).await.expect("the definition is there")
    }

    /// An agent in its own turn.
    pub(crate) fn ctx_of_agent(&self) -> Ctx {
        Ctx::of_agent(self.app.clone(), ORG, "agent-1", "an agent")
    }
}
