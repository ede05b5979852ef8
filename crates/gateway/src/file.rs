//! The gateway's file as the domain uses it.

use crate::edit::{self, new_file, put_entry};
use crate::entries::{Listed, list, owns};
use crate::fields::fields;
use crate::json5::{Fault, parse};
use crate::replace::{Found, folder_of, name_of, read, replace, target};
use crate::{lock, soul};
use async_trait::async_trait;
use muster_base::{Error, Result};
use muster_domain::gateway::{Entry, EntryChange, Gateway, session_key, unreadable};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How often a change begins anew when somebody who does not take the lock was quicker.
const MOST_TRIES: usize = 10;

/// An `openclaw.json` and the workspaces that it names.
#[derive(Debug, Clone)]
pub struct GatewayFile {
    path: PathBuf,
    home: Option<PathBuf>,
    /// Tasks wait here, so that at most one thread waits for other processes.
    turn: Arc<Mutex<()>>,
}

impl GatewayFile {
    /// The file at `path`; `home` is what `~` stands for in workspaces.
    pub fn new(path: impl Into<PathBuf>, home: Option<PathBuf>) -> Self {
        Self { path: path.into(), home, turn: Arc::default() }
    }
}

#[async_trait]
impl Gateway for GatewayFile {
    async fn read(&self) -> Result<Vec<Entry>> {
        let file = self.clone();
        off_the_async_threads(move || file.entries()).await
    }

    async fn write(&self, change: EntryChange) -> Result<()> {
        let file = self.clone();
        let turn = Arc::clone(&self.turn).lock_owned().await;
        off_the_async_threads(move || {
            let written = file.put(&change);
            drop(turn);
            written
        })
        .await
    }

    fn describe(&self, change: &EntryChange) -> Result<Map<String, Value>> {
        let fault = |fault: Fault| Error::internal(fault.problem);
        let text = new_file(&change.id, &fields(change, None)?).map_err(fault)?;
        let listed = parse(&text).and_then(|root| list(&root)).map_err(fault)?;
        Ok(listed.into_iter().next().map(|listed| listed.config).unwrap_or_default())
    }

    fn owns(&self, path: &str) -> bool {
        owns(path)
    }
}

/// Work that was begun is carried out, also when the caller goes away.
async fn off_the_async_threads<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

impl GatewayFile {
    fn entries(&self) -> Result<Vec<Entry>> {
        let path = target(&self.path)?;
        let Some(found) = read(&path)? else { return Err(missing(&self.path)) };
        let listed = parse(&found.text)
            .and_then(|root| list(&root))
            .map_err(|fault| explain(&self.path, &found.text, &fault))?;
        let places = soul::Places { folder: folder_of(&path), home: self.home.as_deref() };
        Ok(listed.into_iter().map(|listed| entry(&places, listed)).collect())
    }

    fn put(&self, change: &EntryChange) -> Result<()> {
        let path = target(&self.path)?;
        let _held = lock::take(&path)?;
        for _ in 0..MOST_TRIES {
            let found = read(&path)?;
            let Some(text) = self.changed(found.as_ref(), change)? else { return Ok(()) };
            if replace(&path, found.as_ref(), &text)? {
                tracing::info!(entry = %change.id, "wrote an entry of the gateway file");
                return Ok(());
            }
        }
        Err(Error::conflict(format!("{} changes all the time; try again later", name_of(&self.path))))
    }

    /// The text with the change; `None` when it says all of it already.
    fn changed(&self, found: Option<&Found>, change: &EntryChange) -> Result<Option<String>> {
        let Some(Found { text, .. }) = found else {
            let text = new_file(&change.id, &fields(change, None)?).map_err(|fault| explain(&self.path, "", &fault))?;
            return Ok(Some(text));
        };
        let explain = |fault| explain(&self.path, text, &fault);
        let root = parse(text).map_err(explain)?;
        // What the gateway would not understand is better not added to.
        let listed = list(&root).map_err(explain)?;
        let key = session_key(&change.id);
        let current = listed.iter().find(|listed| session_key(&listed.id) == key);
        let node = current.and_then(|listed| edit::entry(&root, &listed.id));
        let fields = fields(change, current.zip(node))?;
        let id = current.map_or(change.id.as_str(), |listed| listed.id.as_str());
        let edited = put_entry(text, &root, id, &fields).map_err(explain)?;
        Ok((edited != *text).then_some(edited))
    }
}

fn entry(places: &soul::Places<'_>, listed: Listed) -> Entry {
    let workspace = listed.workspace.as_deref();
    let (soul, warning) = workspace.map_or((None, None), |workspace| soul::read(places, workspace));
    Entry { id: listed.id, name: listed.name, role: listed.role, soul, config: listed.config, warning }
}

fn missing(path: &Path) -> Error {
    Error::conflict(format!("{} is not there; set MUSTER_GATEWAY_CONFIG to the gateway's file", name_of(path)))
}

fn explain(path: &Path, text: &str, fault: &Fault) -> Error {
    unreadable(format!("{}, {}", name_of(path), fault.located(text)))
}
