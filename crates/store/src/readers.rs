//! The readers of a SQLite database: a few threads with a connection each, which never wait for the writer.

use crate::Work;
use crate::sqlite;
use crate::tx::{Conn, Tx};
use crate::writer::guarded;
use crossbeam_channel::{Receiver, Sender, TrySendError};
use futures::executor::block_on;
use futures::future::{Either, select};
use muster_base::{Error, Kind, Result};
use rusqlite::Connection;
use std::sync::{Arc, Mutex};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// How many reads may wait before callers are told to come back.
const QUEUE: usize = 8192;

/// How many short reads run on callers' threads at once: as many as there are cores to run them, and a few more.
const NEAR: usize = 4;

type Job = Box<dyn FnOnce(&mut Tx) + Send>;

/// The reading threads. They end when the last `Readers` is gone.
#[derive(Clone)]
pub(crate) struct Readers {
    queue: Sender<Job>,
    /// Connections for reads that are over before a thread would have taken them up.
    near: Arc<[Mutex<Connection>]>,
}

impl Readers {
    /// Starts `count` threads on the database at `path`.
    pub(crate) fn start(path: &str, count: u32) -> Result<Self> {
        let (queue, jobs) = crossbeam_channel::bounded(QUEUE);
        for number in 0..count {
            let (conn, jobs, runtime) = (sqlite::open_reader(path)?, jobs.clone(), Handle::current());
            let work = move || {
                let _runtime = runtime.enter();
                run(conn, jobs);
            };
            let name = format!("muster-read-{number}");
            std::thread::Builder::new().name(name).spawn(work).map_err(Error::internal)?;
        }
        let near = (0..NEAR).map(|_| sqlite::open_reader(path).map(Mutex::new)).collect::<Result<Vec<_>>>()?;
        Ok(Self { queue, near: near.into() })
    }

    /// Runs a short read on the caller's own thread; hands it to one of ours when every connection for that is in use.
    pub(crate) async fn read_short<T, F>(&self, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        if let Some(conn) = self.near.iter().find_map(|conn| conn.try_lock().ok()) {
            return read(&conn);
        }
        self.read(read).await
    }

    /// Runs a read on one of the threads.
    pub(crate) async fn read<T, F>(&self, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        self.submit(move |tx| match &tx.conn {
            Conn::Sqlite(conn) => read(conn),
            Conn::Postgres(_) => Err(Error::internal("a reader of SQLite has another connection")),
        })
        .await
    }

    /// Runs several reads on one unchanging view of the data; it breaks off when the caller goes away.
    pub(crate) async fn snapshot<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        let (send, receive) = oneshot::channel();
        self.enqueue(Box::new(move |tx| block_on(view(tx, "BEGIN", work, send))))?;
        receive.await.map_err(|_| panicked())?
    }

    async fn submit<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx) -> Result<T> + Send + 'static,
    {
        let (send, receive) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            // Nobody waits for it any more.
            if !send.is_closed() {
                let _ = send.send(work(tx));
            }
        });
        self.enqueue(job)?;
        receive.await.map_err(|_| panicked())?
    }

    fn enqueue(&self, job: Job) -> Result<()> {
        match self.queue.try_send(job) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => {
                let message = "too many reads are waiting; try again";
                Err(Error::new(Kind::Unavailable, "store.busy", message).with_retry_after(1))
            }
            Err(TrySendError::Disconnected(_)) => Err(Error::internal("the readers of the database are gone")),
        }
    }
}

fn panicked() -> Error {
    Error::internal("a read of the database panicked")
}

/// Runs `work` on one view of the data and answers through `send`; breaks off when nobody waits for the answer.
pub(crate) async fn view<T, F>(tx: &mut Tx, begin: &'static str, work: F, mut send: oneshot::Sender<Result<T>>)
where
    F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T>,
{
    let result = match tx.command(begin).await {
        Err(error) => Err(error),
        Ok(()) => {
            let result = {
                let work = std::pin::pin!(guarded(tx, work));
                match select(work, std::pin::pin!(send.closed())).await {
                    Either::Left((result, _)) => result,
                    Either::Right(_) => Err(Error::internal("nobody waits for this read")),
                }
            };
            tx.command("ROLLBACK").await.and(result)
        }
    };
    let _ = send.send(result);
}

fn run(conn: Connection, jobs: Receiver<Job>) {
    let mut tx = Tx::new(Conn::Sqlite(conn));
    for job in jobs {
        // A panic answers its own caller, whose channel is dropped, and nobody else's.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut tx))).is_err() {
            tracing::error!("a read of the database panicked");
            let _ = block_on(tx.command("ROLLBACK"));
        }
    }
}
