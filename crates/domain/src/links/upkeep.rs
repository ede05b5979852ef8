//! What is done for links by themselves, all of them together: no link has a timer or a task for it.

use super::beat::{self, Dead};
use super::outbox::End;
use super::store::{self, Progress};
use super::writer::{self, Change, What};
use super::{Address, GATHER, Letter, MOST_REMOTE, NODE_SILENT, sessions};
use crate::context::App;
use crate::enrolments;
use muster_base::Result;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often links are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often the node beats, and bytes are written down.
const BEAT: Duration = Duration::from_secs(3);
/// How often rows are compared with links, and dead nodes are looked for.
const COMPARE: Duration = Duration::from_secs(5);
/// How often credentials are looked at without a notice, and what other nodes have is read.
const REFRESH: Duration = Duration::from_secs(30);
/// How soon after another look credentials are looked at, however many notices there are.
const NOT_BEFORE: Duration = Duration::from_secs(2);
/// How many words other nodes are told in one letter.
const WORDS: usize = 500;
/// How long links may take to say good-bye when the server stops.
const FAREWELL: Duration = Duration::from_secs(3);
/// After how many credentials others get a turn.
const POLITE: usize = 64;

/// Looks after this node's links until the program stops; then ends them.
pub async fn run(app: Arc<App>, shutdown: CancellationToken) {
    let unwritten = app.links.unwritten.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    let Some(unwritten) = unwritten else {
        tracing::error!("links are looked after already");
        return;
    };
    let writing = writer::run(Arc::clone(&app), unwritten);
    let upkeep = async {
        tokio::select! {
            () = stir(&app) => {}
            () = keep_up(&app) => {}
            () = watch_credentials(&app) => {}
            () = shutdown.cancelled() => {}
        }
        part(&app).await;
    };
    // The writer goes on until everybody has gone, and ends with us.
    tokio::select! { () = writing => {}, () = upkeep => {} }
}

/// Ends all links, and waits until they are gone or have had their time.
async fn part(app: &Arc<App>) {
    for link in app.links.all() {
        link.end(End::Restart);
    }
    let deadline = Instant::now() + FAREWELL;
    while app.links.count() > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for outcome in [note_progress(app).await, beat::stop(app).await] {
        if let Err(error) = outcome {
            tracing::warn!(error = ?error, "could not write down the end of this node's links");
        }
    }
}

/// Tells peers, and sees to sessions, when there is something to do.
async fn stir(app: &Arc<App>) {
    loop {
        let next = app
            .links
            .deadlines
            .next()
            .map(|at| Duration::from_millis((at.0 - app.now().0).clamp(0, 60_000).unsigned_abs()));
        let due = async {
            match next {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! { () = app.links.stir.notified() => {}, () = due => {} }
        if app.links.peers.has_changes() {
            tokio::time::sleep(GATHER).await;
        }
        tick(app);
    }
}

/// Tells agents of their peers and does what is due in sessions.
pub fn tick(app: &Arc<App>) {
    sessions::settle(app);
    for (org, changes) in app.links.peers.tell(&app.node) {
        for changes in changes.chunks(WORDS) {
            let letter = Letter::Peers { org: org.clone(), node: app.node.clone(), changes: changes.to_vec() };
            app.links.send(Address::Others, letter);
        }
    }
    if app.links.peers.has_changes() {
        app.links.stir.notify_one();
    }
}

/// Everything that is done every so often.
async fn keep_up(app: &Arc<App>) {
    let started_at = app.now();
    let mut dead = Dead::default();
    if app.db.has_one_writer() {
        complain("forget nodes that are gone", beat::forget_others(app).await);
    }
    let mut rounds: u64 = 0;
    let every = |rounds: u64, span: Duration| rounds.is_multiple_of(span.as_secs());
    loop {
        if every(rounds, BEAT) {
            complain("beat", beat::beat(app, started_at).await);
            complain("write down bytes", note_progress(app).await);
        }
        look(app).await;
        if every(rounds, COMPARE) {
            complain("look for lost links", dead.bury(app).await);
            complain("compare links", beat::reconcile(app).await);
            complain("look for sessions that are over", tidy(app).await);
        }
        if every(rounds, REFRESH) {
            complain("read links of other nodes", refresh(app).await);
        }
        rounds += 1;
        tokio::time::sleep(LOOK).await;
    }
}

fn complain(what: &str, outcome: Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(error = ?error, "could not {what}; trying again");
    }
}

/// Ends links that are silent or slow, and notes which are idle or active again.
pub async fn look(app: &Arc<App>) {
    let now = app.now();
    for link in app.links.all() {
        if let Some(end) = link.overdue(now) {
            link.end(end);
            continue;
        }
        let is_idle = link.active_at() + app.settings.links.idle_after <= now;
        if link.is_idle.swap(is_idle, Ordering::Relaxed) != is_idle {
            let what = if is_idle { What::Idle } else { What::Active };
            app.links.write_down(Change { link, what }).await;
        }
    }
}

/// Leaves the sessions that nothing went through for long, and those with agents at nodes that live no longer.
pub async fn tidy(app: &Arc<App>) -> Result<()> {
    app.links.all().iter().for_each(sessions::leave_stale);
    sessions::leave_lost(app).await
}

/// Writes down how far links have got: bytes, and when they were last active.
async fn note_progress(app: &Arc<App>) -> Result<()> {
    let mut all = Vec::new();
    for link in app.links.all() {
        let bytes = link.count();
        if bytes == 0 {
            continue;
        }
        app.links.count_bytes(link.ctx.org(), bytes);
        let (came, went) = link.bytes();
        all.push(Progress {
            agent: link.agent.to_string(),
            since: link.since,
            active_at: link.active_at(),
            bytes_in: came as i64,
            bytes_out: went as i64,
        });
    }
    // In one order, as other nodes may write the same rows.
    all.sort_unstable_by(|a, b| a.agent.cmp(&b.agent));
    for some in all.chunks(512) {
        let some: Vec<Progress> = some.to_vec();
        app.db.write(move |tx| Box::pin(async move { store::note_progress(tx, &some).await })).await?;
    }
    let mut traffic = app.links.take_traffic();
    traffic.sort_unstable();
    while let Some((org, bytes)) = traffic.pop() {
        let for_tx = org.clone();
        let written =
            app.db.write(move |tx| Box::pin(async move { store::add_traffic(tx, &for_tx, bytes as i64).await })).await;
        if let Err(error) = written {
            traffic.push((org, bytes));
            for (org, bytes) in traffic {
                app.links.count_bytes(&org, bytes);
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Reads which agents other nodes have, for orgs that have links here: a letter may have been lost, or a node.
pub(super) async fn refresh(app: &Arc<App>) -> Result<()> {
    if !app.links.has_post() {
        return Ok(());
    }
    for org in app.links.peers.with_links() {
        refresh_org(app, &org).await?;
    }
    Ok(())
}

pub(super) async fn refresh_org(app: &Arc<App>, org: &str) -> Result<()> {
    let alive = app.now() - NODE_SILENT;
    let there = store::remote(&app.db, org, &app.node, alive, MOST_REMOTE as i64).await?;
    app.links.peers.set_remote(org, there);
    app.links.stir.notify_one();
    Ok(())
}

/// Ends links whose credential holds no longer: within seconds of a notice, and without one within half a minute.
async fn watch_credentials(app: &Arc<App>) {
    let mut changed = app.db.hub().listen("access", "");
    loop {
        let _ = tokio::time::timeout(REFRESH, changed.wait()).await;
        for (at, link) in app.links.all().into_iter().enumerate() {
            if !enrolments::still_holds(app, &link.enrolled).await {
                link.end(End::Revoked);
            }
            if at % POLITE == POLITE - 1 {
                tokio::task::yield_now().await;
            }
        }
        complain("compare links", beat::reconcile(app).await);
        tokio::time::sleep(NOT_BEFORE).await;
    }
}
