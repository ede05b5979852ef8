//! The database: SQLite with one writer and several readers, or PostgreSQL with a pool.

use crate::error::UNAVAILABLE;
use crate::pool::Pool;
use crate::readers::{Readers, view};
use crate::tx::Tx;
use crate::writer::{Writer, guarded};
use crate::{Args, FromRow, Hub, Work, checkpoint, migrate, sqlite};
use muster_base::{Error, Kind, Result};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use std::borrow::Cow;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::oneshot;

/// How many threads read a SQLite database at the most: reads take microseconds, so more would only wait for cores.
const READERS: u32 = 4;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// An embedded file; one process.
    Sqlite,
    /// A server; many nodes may share it.
    Postgres,
}

/// How far a commit on SQLite has got when it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// It survives a power cut.
    #[default]
    Full,
    /// It survives a killed process; a power cut may lose the last commits.
    Normal,
}

/// How to open the database.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite://path` or `postgres://...`.
    pub url: String,
    /// For SQLite.
    pub synchronous: Synchronous,
    /// Connections that read (SQLite) or do anything (PostgreSQL).
    pub connections: u32,
}

impl Options {
    /// Default options for a URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), synchronous: Synchronous::Full, connections: 16 }
    }
}

/// What a process has asked of its database since it opened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Reading statements; a view of the data counts as one.
    pub reads: u64,
    /// Transactions that write.
    pub writes: u64,
}

#[derive(Default)]
struct Counts {
    reads: AtomicU64,
    writes: AtomicU64,
}

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    hub: Hub,
    counts: Arc<Counts>,
}

#[derive(Clone)]
enum Pools {
    Sqlite { readers: Readers, writer: Writer, path: PathBuf, closed: Arc<AtomicBool> },
    Postgres(Pool),
}

impl Db {
    /// Opens the database and brings its schema up to date.
    ///
    /// A SQLite file is created when it is missing. A schema that a newer Muster made is refused.
    pub async fn open(options: &Options) -> Result<Self> {
        let hub = Hub::default();
        let pools = if options.url.starts_with("postgres://") || options.url.starts_with("postgresql://") {
            open_postgres(options).await?
        } else if let Some(path) = options.url.strip_prefix("sqlite://") {
            open_sqlite(options.clone(), path.to_owned(), hub.clone()).await?
        } else {
            return Err(Error::invalid("database_url", "must start with sqlite:// or postgres://"));
        };
        Ok(Self { pools, hub, counts: Arc::default() })
    }

    /// Which database it is.
    pub fn backend(&self) -> Backend {
        match self.pools {
            Pools::Sqlite { .. } => Backend::Sqlite,
            Pools::Postgres(_) => Backend::Postgres,
        }
    }

    /// Whether this process is the only one that changes data, but for the keys that the command line makes.
    pub fn has_one_writer(&self) -> bool {
        self.backend() == Backend::Sqlite
    }

    /// What was asked of the database so far, by this handle and its clones.
    pub fn traffic(&self) -> Traffic {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Traffic { reads: count(&self.counts.reads), writes: count(&self.counts.writes) }
    }

    /// Where notices of commits are handed out.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Runs `work` in one transaction. `Ok` means that it is on disk.
    ///
    /// The work goes on to its end even when the caller stops waiting; a panic in it undoes it and is an error.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        self.counts.writes.fetch_add(1, Ordering::Relaxed);
        match &self.pools {
            Pools::Sqlite { writer, closed, .. } => {
                refuse_closed(closed)?;
                writer.write(work, false).await
            }
            Pools::Postgres(pool) => {
                let (pool, hub) = (pool.clone(), self.hub.clone());
                tokio::spawn(write_postgres(pool, hub, work)).await.map_err(Error::internal)?
            }
        }
    }

    /// As [`Self::write`], for frequent work that refuses before its first change or not at all.
    ///
    /// On SQLite it shares its transaction with others without a savepoint of its own. Should it fail after a change
    /// none the less, nothing of it stays, and those who shared the transaction are told to try again.
    pub async fn write_checked<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        match &self.pools {
            Pools::Sqlite { writer, closed, .. } => {
                self.counts.writes.fetch_add(1, Ordering::Relaxed);
                refuse_closed(closed)?;
                writer.write(work, true).await
            }
            Pools::Postgres(_) => self.write(work).await,
        }
    }

    /// All rows of a reading statement.
    pub async fn all<T: FromRow + Send + 'static>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<Vec<T>> {
        self.counts.reads.fetch_add(1, Ordering::Relaxed);
        match &self.pools {
            Pools::Sqlite { readers, closed, .. } => {
                refuse_closed(closed)?;
                let sql = sql.into();
                readers.read(move |conn| sqlite::all(conn, &sql, &args)).await
            }
            Pools::Postgres(pool) => read_postgres(pool, sql.into(), args).await,
        }
    }

    /// The row of a reading statement, if there is one.
    pub async fn optional<T: FromRow + Send + 'static>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<Option<T>> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// As [`Self::all`], for a few rows by an index.
    ///
    /// On SQLite it runs on the caller's thread: handing it to another takes longer than the read itself. What may read
    /// many rows has no place here, as it would keep others waiting.
    pub async fn all_short<T: FromRow + Send + 'static>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<Vec<T>> {
        match &self.pools {
            Pools::Sqlite { readers, closed, .. } => {
                self.counts.reads.fetch_add(1, Ordering::Relaxed);
                refuse_closed(closed)?;
                let sql = sql.into();
                readers.read_short(move |conn| sqlite::all(conn, &sql, &args)).await
            }
            Pools::Postgres(_) => self.all(sql, args).await,
        }
    }

    /// As [`Self::optional`], for a row by an index; see [`Self::all_short`].
    pub async fn optional_short<T: FromRow + Send + 'static>(
        &self,
        sql: impl Into<Cow<'static, str>>,
        args: Args,
    ) -> Result<Option<T>> {
        Ok(self.all_short(sql, args).await?.into_iter().next())
    }

    /// The row of a reading statement that always has one.
    pub async fn one<T: FromRow + Send + 'static>(&self, sql: impl Into<Cow<'static, str>>, args: Args) -> Result<T> {
        let row = self.optional(sql, args).await?;
        row.ok_or_else(|| Error::internal("a statement that returns a row returned none"))
    }

    /// Runs several reads on one unchanging view of the data.
    pub async fn snapshot<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
    {
        self.counts.reads.fetch_add(1, Ordering::Relaxed);
        match &self.pools {
            Pools::Sqlite { readers, .. } => readers.snapshot(work).await,
            Pools::Postgres(pool) => {
                let mut tx = pool.acquire().await?;
                let (send, receive) = oneshot::channel();
                // A task of its own ends the transaction also when the caller goes away.
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                tokio::spawn(async move { view(&mut tx, begin, work, send).await });
                receive.await.map_err(Error::internal)?
            }
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.one::<i64>("SELECT CAST(1 AS BIGINT)", vec![]).await.map(drop)
    }

    /// Closes all connections once their work is done.
    pub async fn close(&self) {
        match &self.pools {
            // The threads end with the last handle; what was accepted is on disk already.
            Pools::Sqlite { closed, .. } => closed.store(true, Ordering::SeqCst),
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Bytes that the database file takes, where there is one.
    pub fn file_size(&self) -> Option<u64> {
        match &self.pools {
            Pools::Sqlite { path, .. } => std::fs::metadata(path).ok().map(|meta| meta.len()),
            Pools::Postgres(_) => None,
        }
    }
}

fn refuse_closed(closed: &AtomicBool) -> Result<()> {
    if closed.load(Ordering::SeqCst) {
        return Err(Error::new(Kind::Unavailable, "store.closed", "the database is closed"));
    }
    Ok(())
}

/// All rows of a reading statement. When the connection breaks it is asked once more on another one, as reading twice
/// does no harm.
async fn read_postgres<T: FromRow>(pool: &Pool, sql: Cow<'static, str>, args: Args) -> Result<Vec<T>> {
    let mut tx = pool.acquire().await?;
    match tx.all(sql.clone(), args.clone()).await {
        Err(error) if error.code() == UNAVAILABLE => {
            drop(tx);
            pool.acquire().await?.all(sql, args).await
        }
        other => other,
    }
}

async fn write_postgres<T, F>(pool: Pool, hub: Hub, work: F) -> Result<T>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
{
    let mut tx = pool.acquire().await?;
    tx.command("BEGIN").await?;
    let result = match guarded(&mut tx, work).await {
        Ok(value) => tx.flush().await.map(|()| value),
        failed => failed,
    };
    match result {
        Ok(value) => {
            tx.command("COMMIT").await?;
            for notice in tx.notices.drain(..) {
                hub.announce(notice);
            }
            Ok(value)
        }
        Err(error) => {
            tx.command("ROLLBACK").await?;
            Err(error)
        }
    }
}

async fn open_sqlite(options: Options, path: String, hub: Hub) -> Result<Pools> {
    let open = move || {
        let mut conn = sqlite::open_writer(&path, &options)?;
        migrate::run_sqlite(&mut conn)?;
        checkpoint::tend(&mut conn, &path)?;
        let readers = Readers::start(&path, options.connections.clamp(1, READERS))?;
        Ok(Pools::Sqlite {
            readers,
            writer: Writer::start(conn, hub)?,
            path: PathBuf::from(path),
            closed: Arc::default(),
        })
    };
    tokio::task::spawn_blocking(open).await.map_err(Error::internal)?
}

async fn open_postgres(options: &Options) -> Result<Pools> {
    let connect = PgConnectOptions::from_str(&options.url)
        .map_err(|error| Error::invalid("database_url", error))?
        .application_name("muster")
        .statement_cache_capacity(512)
        .disable_statement_logging();
    let pool = Pool::open(connect, options.connections).await?;
    migrate::run_postgres(pool.connections()).await?;
    Ok(Pools::Postgres(pool))
}
