//! Open sources with their connections, kept while they are used.
//!
//! A source is found by its connector and the revision of it that the caller has just read, so one that was opened with
//! other settings is never used again, whichever node changed them. [`tend`] closes what nobody uses.

use super::port::{Resource, Source};
use super::{Connector, store};
use crate::context::{App, Ctx};
use muster_base::{Millis, Result};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How many sources are open at the most; the one that was not used for longest makes room.
const MOST_OPEN: usize = 256;

/// How long a source stays open that nobody uses.
const IDLE: Duration = Duration::from_secs(300);

/// How many queries of one connector run at once.
const AT_ONCE: usize = 16;

/// The open sources of this process.
#[derive(Default)]
pub struct Pools {
    open: Mutex<HashMap<String, Arc<Open>>>,
}

/// An open source.
pub(super) struct Open {
    revision: i64,
    pub(super) source: Arc<dyn Source>,
    /// For queries that run.
    pub(super) places: Semaphore,
    /// How many wait for a place.
    pub(super) waiting: AtomicUsize,
    used_at: AtomicI64,
    resources: Mutex<Option<(Millis, Vec<Resource>)>>,
    /// When the source last failed to say what it has.
    silent_at: AtomicI64,
}

impl Pools {
    /// The source of a connector as it was just read, opened if it is not.
    pub(super) async fn open(&self, ctx: &Ctx, connector: &Connector) -> Result<Arc<Open>> {
        if let Some(open) = self.find(connector, ctx.now()) {
            return Ok(open);
        }
        let entry = ctx.settings.sources.of(&connector.kind)?;
        let settings = entry.whole(ctx, ctx.org(), &connector.id, &connector.settings).await?;
        let source = entry.kind.open(settings).await?;
        let open = Open {
            revision: connector.revision,
            source,
            places: Semaphore::new(AT_ONCE),
            waiting: AtomicUsize::new(0),
            used_at: AtomicI64::new(ctx.now().0),
            resources: Mutex::default(),
            silent_at: AtomicI64::new(i64::MIN),
        };
        Ok(self.keep(&connector.id, Arc::new(open)))
    }

    /// Closes the source of a connector once its running queries are over.
    pub(super) fn close(&self, id: &str) {
        let closed = self.lock().remove(id);
        // Dropped outside the lock: it may close connections.
        drop(closed);
    }

    /// How many sources are open.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    fn find(&self, connector: &Connector, now: Millis) -> Option<Arc<Open>> {
        let open = self.lock().get(&connector.id).filter(|open| open.revision == connector.revision).cloned()?;
        open.used_at.store(now.0, Ordering::Relaxed);
        Some(open)
    }

    /// Keeps a source; one that another caller has opened meanwhile is used instead, unless it is older.
    fn keep(&self, id: &str, new: Arc<Open>) -> Arc<Open> {
        let mut closed = Vec::new();
        let mut all = self.lock();
        if let Some(there) = all.get(id)
            && there.revision >= new.revision
        {
            // A caller that read an older revision has its answer from that, and leaves nothing behind.
            return if there.revision == new.revision { there.clone() } else { new };
        }
        closed.extend(all.insert(id.to_owned(), new.clone()));
        while all.len() > MOST_OPEN {
            let oldest = all.iter().min_by_key(|(_, open)| open.used_at.load(Ordering::Relaxed));
            let Some(id) = oldest.map(|(id, _)| id.clone()) else { break };
            closed.extend(all.remove(&id));
        }
        drop(all);
        drop(closed);
        new
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Open>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    pub(super) fn known_resources(&self, now: Millis, kept: Duration) -> Option<Vec<Resource>> {
        let known = self.resources.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|(at, _)| now.0 - at.0 < kept.as_millis() as i64).map(|(_, found)| found.clone())
    }

    /// Whether the source lately failed to say what it has.
    pub(super) fn is_silent(&self, now: Millis, since: Duration) -> bool {
        now.0.saturating_sub(self.silent_at.load(Ordering::Relaxed)) < since.as_millis() as i64
    }

    pub(super) fn was_silent(&self, now: Millis) {
        self.silent_at.store(now.0, Ordering::Relaxed);
    }

    pub(super) fn remember_resources(&self, now: Millis, found: &[Resource]) {
        *self.resources.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, found.to_vec()));
    }
}

/// Closes sources that nobody has used for some minutes, and those whose connector was changed or deleted, here or on
/// another node. Queries that run are left to finish.
pub async fn tend(app: &App) -> Result<()> {
    let ids: Vec<String> = app.pools.lock().keys().cloned().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let right: HashMap<String, i64> = store::revisions(&app.db, &ids).await?.into_iter().collect();
    let idle_since = app.now().0 - IDLE.as_millis() as i64;
    let mut closed = Vec::new();
    app.pools.lock().retain(|id, open| {
        let idle = open.used_at.load(Ordering::Relaxed) <= idle_since && Arc::strong_count(open) == 1;
        // One that was opened after the look at the revisions may be newer.
        let stale = ids.contains(id) && right.get(id).is_none_or(|revision| *revision > open.revision);
        if idle || stale {
            closed.push(open.clone());
        }
        !idle && !stale
    });
    Ok(())
}
