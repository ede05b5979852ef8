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
/// How old what is stored of an agent that gives signs of life may become, whatever the setting.
const OLDEST: Duration = Duration::from_secs(60);
/// How many silent agents are looked at at once.
const BATCH: i64 = 200;
/// The longest time between two looks for silent agents.
const SELDOM: Duration = Duration::from_secs(30);

/// Writes signs of life where what is stored is old by now: a tenth of what makes an agent silent, at most a minute.
pub async fn flush(app: &App) -> Result<()> {
    let within = (app.settings.offline_after / 10).min(OLDEST);
    write(app, app.presence.due(app.now(), within)).await?;
    app.presence.tidy(app.now(), within);
    Ok(())
}

/// Writes all signs of life that are only in memory, and lets go of them: at the end of a process the last thing before
/// the database closes.
pub async fn flush_all(app: &App) -> Result<()> {
    write(app, app.presence.unwritten()).await?;
    app.presence.tidy(app.now(), Duration::ZERO);
    Ok(())
}

async fn write(app: &App, signs: Vec<(String, Millis)>) -> Result<()> {
    for signs in signs.chunks(SIGNS) {
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
/// Two nodes that look at once change each agent once. A process that has not run for that long finds nobody silent: it
/// does not know who gave a sign of life to one that was killed, or would have while there was none.
pub async fn sweep(app: &Arc<App>) -> Result<Millis> {
    flush(app).await?;
    let before = app.now() - app.settings.offline_after;
    let again = (app.settings.offline_after / 10).min(SELDOM);
    if before < app.started_at {
        return Ok(app.now() + again);
    }
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
            return Ok(app.now() + again);
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
