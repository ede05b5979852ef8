//! Grouped commits on SQLite: one task owns the writing connection and commits the work of all who wait together, so
//! that many writers share one `fsync`. A failure undoes its own work only, and nobody is answered before the commit.

use crate::tx::{Conn, Tx};
use crate::{Hub, Work};
use futures::FutureExt;
use muster_base::{Error, Kind, Result};
use sqlx::SqliteConnection;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How many writes share a commit at the most, so that the first of them does not wait long.
const GROUP: usize = 128;
/// How many writes may wait for the writer before callers have to.
const QUEUE: usize = 4096;
/// How long a caller waits for a place in the queue.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells the caller how it went, once that is certain.
type Completer = Box<dyn FnOnce(Result<()>) + Send>;
/// Runs the work and says whether to keep what it did.
type Job = Box<dyn for<'t> FnOnce(&'t mut Tx) -> futures::future::BoxFuture<'t, (bool, Completer)> + Send>;

/// The one writer of a SQLite database.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
}

impl Writer {
    /// Takes the writing connection. The task ends when the last `Writer` is gone and its queue is empty.
    pub(crate) fn start(conn: SqliteConnection, hub: Hub) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(run(Tx::new(Conn::Sqlite(Box::new(conn))), jobs, hub));
        Self { queue }
    }

    /// Runs `work` in a transaction; the result is known to be on disk when this returns `Ok`.
    ///
    /// The work is carried out even when the caller stops waiting.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        let (send, receive) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            async move {
                let result = guarded(tx, work).await;
                let keep = result.is_ok();
                let completer: Completer = Box::new(move |committed| {
                    let _ = send.send(if keep { committed.and(result) } else { result });
                });
                (keep, completer)
            }
            .boxed()
        });
        match tokio::time::timeout(PATIENCE, self.queue.send(job)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(closed()),
            Err(_) => return Err(Error::new(Kind::Unavailable, "store.busy", "too many writes are waiting; try again").with_retry_after(2)),
        }
        receive.await.map_err(|_| closed())?
    }
}

fn closed() -> Error {
    Error::new(Kind::Unavailable, "store.closed", "the server is shutting down")
}

/// Turns a panic in the work into an error, so that one bad request does not end the writer.
pub(crate) async fn guarded<'t, T>(tx: &'t mut Tx, work: impl FnOnce(&'t mut Tx) -> Work<'t, T>) -> Result<T> {
    // The work may panic as soon as it is called, before there is a future.
    let work = AssertUnwindSafe(async move { work(tx).await });
    work.catch_unwind().await.unwrap_or_else(|_| Err(Error::internal("the work of a transaction panicked")))
}

async fn run(mut tx: Tx, mut jobs: mpsc::Receiver<Job>, hub: Hub) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.recv_many(&mut group, GROUP).await > 0 {
        let mut done = Vec::with_capacity(group.len());
        let outcome = run_group(&mut tx, &mut group, &mut done, &mut jobs).await;
        group.clear();
        metrics::histogram!("muster_commit_group_size").record(done.len() as f64);
        if let Err(error) = &outcome {
            tracing::error!(error = ?error, "could not commit");
            let _ = tx.command("ROLLBACK").await;
            tx.notices.clear();
        }
        for completer in done {
            completer(outcome.clone());
        }
        for notice in tx.notices.drain(..) {
            hub.announce(notice);
        }
    }
}

/// Runs the jobs of a group, and those that arrive meanwhile, in one transaction and commits it.
async fn run_group(
    tx: &mut Tx,
    group: &mut Vec<Job>,
    done: &mut Vec<Completer>,
    jobs: &mut mpsc::Receiver<Job>,
) -> Result<()> {
    tx.command("BEGIN IMMEDIATE").await?;
    let mut pending = std::mem::take(group).into_iter().collect::<std::collections::VecDeque<_>>();
    while let Some(job) = pending.pop_front() {
        done.push(run_job(tx, job).await?);
        if pending.is_empty()
            && done.len() < GROUP
            && let Ok(job) = jobs.try_recv()
        {
            pending.push_back(job);
        }
    }
    tx.command("COMMIT").await
}

async fn run_job(tx: &mut Tx, job: Job) -> Result<Completer> {
    let notices = tx.notices.len();
    tx.command("SAVEPOINT job").await?;
    let (keep, completer) = job(tx).await;
    let settled = if keep {
        tx.command("RELEASE job").await
    } else {
        tx.notices.truncate(notices);
        match tx.command("ROLLBACK TO job").await {
            Ok(()) => tx.command("RELEASE job").await,
            Err(error) => Err(error),
        }
    };
    match settled {
        Ok(()) => Ok(completer),
        Err(error) => {
            completer(Err(error.clone()));
            Err(error)
        }
    }
}
