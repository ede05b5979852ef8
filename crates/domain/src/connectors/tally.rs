//! Which connectors were queried by whom: gathered in memory and written to the event log every few seconds, so that the
//! log shows who reads what, and reading costs no write. A killed process loses the counts of the last seconds.

use super::Connector;
use crate::access::Principal;
use crate::context::{App, Ctx, Request};
use crate::events::{self, NewEvent};
use muster_base::Result;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often counts are written.
pub const FLUSH_EVERY: Duration = Duration::from_secs(10);

/// How many pairs of connector and caller are told apart; what is above is counted for the connector alone.
const MOST: usize = 5000;

/// How many resources of one event are named.
const NAMED: usize = 10;

/// Counts that are not written yet.
#[derive(Default)]
pub struct Tally {
    counts: Mutex<BTreeMap<Key, Count>>,
}

/// Org, connector, caller.
type Key = (String, String, String);

#[derive(Clone)]
struct Count {
    caller: Arc<Principal>,
    name: String,
    kind: String,
    queries: u64,
    failed: u64,
    rows: u64,
    took: Duration,
    resources: BTreeSet<String>,
}

/// How one query ended.
pub(super) struct Done {
    pub(super) rows: usize,
    pub(super) took: Duration,
    pub(super) failed: bool,
}

impl Tally {
    /// Counts a query.
    pub(super) fn count(&self, ctx: &Ctx, connector: &Connector, resource: &str, done: Done) {
        let caller = ctx.caller();
        let who = format!("{} {}", caller.kind.as_str(), caller.id);
        let mut counts = self.lock();
        let mut key = (ctx.org().to_owned(), connector.id.clone(), who);
        let crowded = counts.len() >= MOST && !counts.contains_key(&key);
        if crowded {
            key.2.clear();
        }
        let count = counts.entry(key).or_insert_with(|| Count {
            caller: if crowded { Arc::new(Principal::system(ctx.org())) } else { caller },
            name: connector.name.clone(),
            kind: connector.kind.clone(),
            queries: 0,
            failed: 0,
            rows: 0,
            took: Duration::ZERO,
            resources: BTreeSet::new(),
        });
        count.queries += 1;
        count.failed += u64::from(done.failed);
        count.rows += done.rows as u64;
        count.took += done.took;
        if !resource.is_empty() && count.resources.len() < NAMED {
            count.resources.insert(resource.chars().take(100).collect());
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Count {
    fn event(&self, connector: &str) -> NewEvent {
        let data = json!({
            "name": self.name, "type": self.kind, "queries": self.queries, "failed": self.failed, "rows": self.rows,
            "elapsed_ms": self.took.as_millis() as u64, "resources": self.resources,
        });
        NewEvent::new("connector.queried", connector, data)
    }

    fn add(&mut self, other: Self) {
        self.queries += other.queries;
        self.failed += other.failed;
        self.rows += other.rows;
        self.took += other.took;
        self.resources.extend(other.resources);
    }
}

/// Writes what was counted since the last time: one `connector.queried` event per connector and caller.
pub async fn flush(app: &Arc<App>) -> Result<()> {
    let taken = std::mem::take(&mut *app.queries.lock());
    let mut orgs: BTreeMap<String, Vec<(Key, Count)>> = BTreeMap::new();
    for (key, count) in taken {
        orgs.entry(key.0.clone()).or_default().push((key, count));
    }
    let mut outcome = Ok(());
    for counts in orgs.into_values() {
        if let Err(error) = write(app, counts.clone()).await {
            put_back(&app.queries, counts);
            outcome = Err(error);
        }
    }
    outcome
}

async fn write(app: &Arc<App>, counts: Vec<(Key, Count)>) -> Result<()> {
    let for_tx = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                for ((_, connector, _), count) in counts {
                    let ctx = Ctx::new(for_tx.clone(), count.caller.clone(), Request::default());
                    events::append(tx, &ctx, vec![count.event(&connector)]).await?;
                }
                Ok(())
            })
        })
        .await
}

fn put_back(tally: &Tally, counts: Vec<(Key, Count)>) {
    let mut all = tally.lock();
    for (key, count) in counts {
        match all.get_mut(&key) {
            Some(there) => there.add(count),
            None => drop(all.insert(key, count)),
        }
    }
}
