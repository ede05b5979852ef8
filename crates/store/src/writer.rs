//! Grouped commits on SQLite: one thread owns the writing connection and commits the work of all who wait together, so
//! that many writers share one `fsync`. A failure undoes its own work only, and nobody is answered before the commit.

use crate::tx::{Conn, Tx};
use crate::{Hub, Work};
use futures::FutureExt;
use futures::executor::block_on;
use muster_base::{Error, Kind, Result};
use rusqlite::Connection;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

/// How many writes share a commit at the most, so that the first of them does not wait long.
const GROUP: usize = 128;
/// How many writes may wait for the writer before callers have to.
const QUEUE: usize = 4096;
/// How long a caller waits for a place in the queue.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest time that a commit is put off for writers that are expected.
const CROWD_WAIT: Duration = Duration::from_micros(200);
/// The part of a commit's own time that waiting for others may take: where commits are quick, waiting costs more.
const CROWD_SHARE: u32 = 4;

/// Tells the caller how it went, once that is certain.
type Completer = Box<dyn FnOnce(Result<()>) + Send>;
/// Runs the work and says whether to keep what it did.
type Run = Box<dyn for<'t> FnOnce(&'t mut Tx) -> futures::future::BoxFuture<'t, (bool, Completer)> + Send>;

struct Job {
    run: Run,
    /// It refuses before its first change or not at all, so that it needs no savepoint.
    checked: bool,
}

/// The one writer of a SQLite database.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
}

impl Writer {
    /// Takes the writing connection. The thread ends when the last `Writer` is gone and its queue is empty.
    pub(crate) fn start(conn: Connection, hub: Hub) -> Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let runtime = Handle::current();
        let work = move || {
            let _runtime = runtime.enter();
            run(Tx::new(Conn::Sqlite(conn)), jobs, &hub);
        };
        std::thread::Builder::new().name("muster-write".to_owned()).spawn(work).map_err(Error::internal)?;
        Ok(Self { queue })
    }

    /// Runs `work` in a transaction; the result is known to be on disk when this returns `Ok`.
    ///
    /// The work is carried out even when the caller stops waiting.
    pub(crate) async fn write<T, F>(&self, work: F, checked: bool) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        let (send, receive) = oneshot::channel();
        let run: Run = Box::new(move |tx| {
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
        match tokio::time::timeout(PATIENCE, self.queue.send(Job { run, checked })).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(closed()),
            Err(_) => {
                let message = "too many writes are waiting; try again";
                return Err(Error::new(Kind::Unavailable, "store.busy", message).with_retry_after(2));
            }
        }
        receive.await.map_err(|_| closed())?
    }
}

fn closed() -> Error {
    let message = "the write was not carried out: the server is shutting down, or its database is locked";
    Error::new(Kind::Unavailable, "store.closed", message).with_retry_after(1)
}

/// Turns a panic in the work into an error, so that one bad request does not end the writer.
pub(crate) async fn guarded<T, F>(tx: &mut Tx, work: F) -> Result<T>
where
    F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T>,
{
    let panicked = |_| Err(Error::internal("the work of a transaction panicked"));
    // The closure may panic as well as the future that it makes.
    AssertUnwindSafe(async { work(tx).await }).catch_unwind().await.unwrap_or_else(panicked)
}

fn run(mut tx: Tx, mut jobs: mpsc::Receiver<Job>, hub: &Hub) {
    let mut crowd = Crowd { expected: 1, commit: CROWD_WAIT };
    while let Some(first) = jobs.blocking_recv() {
        let mut done = Vec::new();
        let outcome = run_group(&mut tx, first, &mut jobs, &mut crowd, &mut done);
        crowd.expected = if done.len() > 1 { done.len() + 1 } else { 1 };
        metrics::histogram!("muster_commit_group_size").record(done.len() as f64);
        if let Err(error) = &outcome {
            tracing::error!(error = ?error, "could not commit");
            let _ = block_on(tx.command("ROLLBACK"));
            tx.notices.clear();
            tx.held.clear();
        }
        // Readers are told before the callers are answered: whoever has an answer finds what it says everywhere.
        for notice in tx.notices.drain(..) {
            hub.announce(notice);
        }
        for completer in done {
            completer(outcome.clone());
        }
    }
}

/// Who is expected to write at the same time, and what makes it worth waiting for them.
struct Crowd {
    expected: usize,
    /// How long a commit takes of late.
    commit: Duration,
}

/// Runs a job, and those that arrive meanwhile, in one transaction and commits it.
fn run_group(
    tx: &mut Tx,
    first: Job,
    jobs: &mut mpsc::Receiver<Job>,
    crowd: &mut Crowd,
    done: &mut Vec<Completer>,
) -> Result<()> {
    block_on(tx.command("BEGIN IMMEDIATE"))?;
    let (keep, completer) = block_on((first.run)(tx));
    if !keep {
        // It is alone so far: the whole transaction is undone, which spares every other first job a savepoint.
        tx.notices.clear();
        tx.held.clear();
        let undone = block_on(tx.command("ROLLBACK"));
        completer(undone.clone());
        return undone;
    }
    done.push(completer);
    let patience = Instant::now() + (crowd.commit / CROWD_SHARE).min(CROWD_WAIT);
    while done.len() < GROUP {
        match jobs.try_recv() {
            Ok(job) if job.checked => done.push(run_checked(tx, job)?),
            Ok(job) => done.push(run_in_savepoint(tx, job)?),
            // Those who wrote together last time are about to write again: one commit for all of them is cheaper.
            Err(TryRecvError::Empty) if done.len() < crowd.expected && Instant::now() < patience => {
                std::thread::yield_now();
            }
            Err(_) => break,
        }
    }
    block_on(tx.flush())?;
    let begun = Instant::now();
    let committed = block_on(tx.command("COMMIT"));
    metrics::histogram!("muster_commit_seconds").record(begun.elapsed().as_secs_f64());
    // An average that follows the disk within a few commits.
    crowd.commit = (crowd.commit * 7 + begun.elapsed()) / 8;
    committed
}

/// A savepoint copies every page that is changed after it, which is a good part of what a small work costs.
fn run_checked(tx: &mut Tx, job: Job) -> Result<Completer> {
    let (notices, held, before) = (tx.notices.len(), tx.held.clone(), tx.changes());
    let (keep, completer) = block_on((job.run)(tx));
    if keep {
        return Ok(completer);
    }
    tx.notices.truncate(notices);
    tx.held = held;
    if tx.changes() == before {
        return Ok(completer);
    }
    // It failed where it should not: nothing of the whole group may stay, since its part cannot be told from the rest.
    completer(Ok(()));
    let message = "the write was undone together with another one that failed; try again";
    Err(Error::new(Kind::Unavailable, "store.undone", message).with_retry_after(1))
}

fn run_in_savepoint(tx: &mut Tx, job: Job) -> Result<Completer> {
    let (notices, held) = (tx.notices.len(), tx.held.clone());
    block_on(tx.command("SAVEPOINT job"))?;
    let (keep, completer) = block_on((job.run)(tx));
    let settled = if keep {
        block_on(tx.command("RELEASE job"))
    } else {
        tx.notices.truncate(notices);
        tx.held = held;
        block_on(tx.command("ROLLBACK TO job")).and_then(|()| block_on(tx.command("RELEASE job")))
    };
    match settled {
        Ok(()) => Ok(completer),
        Err(error) => {
            completer(Err(error.clone()));
            Err(error)
        }
    }
}
