//! Writing signs of life, and finding who has fallen silent.

use super::store::{self, Silent};
use super::verbs::changed;
use crate::agents::{self, Presence};
use crate::context::{App, Ctx};
use crate::events;
use crate::jobs::{self, Job};
use muster_base::{Millis, Result, new_id};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How many signs one transaction writes.
const SIGNS: usize = 512;
/// How many silent agents are looked at at once.
const BATCH: i64 = 200;
/// The longest time between two looks for silent agents.
const SELDOM: Duration = Duration::from_secs(30);

/// Writes the signs of life that are only in memory; at the end of a process the last thing before the database closes.
pub async fn flush(app: &App) -> Result<()> {
    for signs in app.presence.signs_by_agent().chunks(SIGNS) {
        let written = signs.to_vec();
        app.db.write(move |tx| Box::pin(async move { store::note_seen(tx, &written).await })).await?;
        app.presence.written(signs);
    }
    Ok(())
}

/// Makes sure that the job exists that looks for silent agents.
pub async fn register_sweep(app: &App) -> Result<()> {
    let now = app.now();
    let job = Job {
        id: new_id("job"),
        kind: "presence".to_owned(),
        key: "sweep".to_owned(),
        org: None,
        payload: "{}".to_owned(),
        attempts: 0,
    };
    app.db.write(move |tx| Box::pin(async move { jobs::enqueue(tx, &job, now, now).await.map(drop) })).await
}

/// Makes agents offline that run elsewhere and have been silent for longer than the setting. Returns when to look again.
///
/// Two nodes that look at once change each agent once.
pub async fn sweep(app: &Arc<App>) -> Result<Millis> {
    flush(app).await?;
    let before = app.now() - app.settings.offline_after;
    let mut after = String::new();
    loop {
        let found = store::silent(&app.db, before, &after, BATCH).await?;
        let is_last = (found.len() as i64) < BATCH;
        if let Some(agent) = found.last() {
            after.clone_from(&agent.id);
        }
        let mut by_org: BTreeMap<String, Vec<Silent>> = BTreeMap::new();
        // What was noted after the flush counts too.
        for agent in found.into_iter().filter(|agent| !app.presence.has_seen(&agent.id, before)) {
            by_org.entry(agent.org.clone()).or_default().push(agent);
        }
        for (org, agents) in by_org {
            fall_silent(app, &org, agents, before).await?;
        }
        if is_last {
            return Ok(app.now() + (app.settings.offline_after / 10).min(SELDOM));
        }
    }
}

async fn fall_silent(app: &Arc<App>, org: &str, found: Vec<Silent>, before: Millis) -> Result<()> {
    let ctx = Ctx::system(app.clone(), org);
    let for_tx = ctx.clone();
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let ids: Vec<&str> = found.iter().map(|agent| agent.id.as_str()).collect();
                agents::lock_first(tx, for_tx.org(), &ids).await?;
                let mut events = Vec::new();
                for agent in &found {
                    if store::fall_silent(tx, agent, before).await? {
                        events.push(changed(&agent.id, &agent.name, agent.presence, Presence::Offline));
                    }
                }
                events::append(tx, &for_tx, events).await
            })
        })
        .await
}
