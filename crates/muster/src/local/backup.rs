//! `muster backup` and `muster restore`

use crate::cli::say;
use crate::settings::{StorageArgs, write_private};
use clap::Args;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use indicatif::{ProgressBar, ProgressStyle};
use muster_base::{Error, Result};
use muster_store::Db;
use std::fs::File;
use std::io::{BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many lines wait between the database and the file.
const AHEAD: usize = 1024;

/// Write everything into one file, as it stands at one moment
///
/// The file restores into SQLite and PostgreSQL alike. It holds the sealed secrets but not the key that opens them:
/// keep MUSTER_SECRET_KEY or the data directory's secret.key apart, or add --include-key.
#[derive(Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    storage: StorageArgs,
    /// The file to write; it must not exist
    file: PathBuf,
    /// Also write the secret key, beside the file as FILE.key
    #[arg(long)]
    include_key: bool,
}

/// Read a backup into an empty data directory or database
#[derive(Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    storage: StorageArgs,
    /// The file that `muster backup` wrote; FILE.key is taken as the key when it is there
    file: PathBuf,
}

fn progress(message: &'static str) -> ProgressBar {
    // Draws on a terminal only.
    let bar = ProgressBar::new_spinner().with_message(message);
    bar.set_style(
        ProgressStyle::with_template("{spinner} {msg} {pos} rows ({elapsed})")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn key_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

impl Backup {
    pub(crate) async fn run(self) -> Result<()> {
        let storage = self.storage.resolve()?;
        if storage.is_sqlite() && !storage.data.exists() {
            return Err(Error::invalid(
                "data",
                format!("there is no data directory {}; pass --data", storage.data.display()),
            ));
        }
        let db = Db::open(&storage.options()).await?;
        // Written beside its place and put there whole, so that there is never half a backup under the name.
        let mut name = self.file.as_os_str().to_owned();
        name.push(".part");
        let part = PathBuf::from(name);
        if self.file.exists() {
            return Err(Error::conflict(format!("{} exists already; name another file", self.file.display())));
        }
        let out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
        let out =
            out.map_err(|error| Error::invalid("file", format!("{} cannot be written: {error}", part.display())))?;
        let bar = progress("wrote");
        let (send, mut lines) = tokio::sync::mpsc::channel::<String>(AHEAD);
        let counter = bar.clone();
        let writing = tokio::task::spawn_blocking(move || -> std::io::Result<()> {
            let mut gz = GzEncoder::new(out, Compression::default());
            while let Some(line) = lines.blocking_recv() {
                gz.write_all(line.as_bytes())?;
                gz.write_all(b"\n")?;
                counter.inc(1);
            }
            gz.finish()?.sync_all()
        });
        let dumped = muster_store::dump(&db, send).await;
        let written = writing.await.map_err(Error::internal)?;
        bar.finish_and_clear();
        db.close().await;
        let outcome = dumped.and_then(|rows| {
            written
                .map_err(|error| Error::invalid("file", format!("{} cannot be written: {error}", part.display())))?;
            std::fs::rename(&part, &self.file).map_err(|error| Error::invalid("file", error))?;
            Ok(rows)
        });
        if outcome.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        let rows = outcome?;
        say(format!("wrote {rows} rows to {}", self.file.display()));
        if self.include_key {
            let key = std::fs::read_to_string(storage.key_path()).map_err(|_| {
                Error::conflict("there is no key in the data directory: it is set by MUSTER_SECRET_KEY; keep that")
            })?;
            write_private(&key_beside(&self.file), key.trim()).map_err(Error::internal)?;
            say(format!(
                "wrote the secret key to {}; who has both files can open all secrets",
                key_beside(&self.file).display()
            ));
        } else {
            say("the key that opens its secrets is not in it; keep secret.key or MUSTER_SECRET_KEY apart");
        }
        Ok(())
    }
}

impl Restore {
    pub(crate) async fn run(self) -> Result<()> {
        let storage = self.storage.resolve()?;
        let file = File::open(&self.file)
            .map_err(|error| Error::invalid("file", format!("{} cannot be read: {error}", self.file.display())))?;
        storage.prepare()?;
        let db = Db::open(&storage.options()).await?;
        let bar = progress("restoring");
        let restored = muster_store::restore(&db, BufReader::new(GzDecoder::new(BufReader::new(file)))).await;
        bar.finish_and_clear();
        let rows = restored?;
        let key = key_beside(&self.file);
        if key.is_file() && !storage.key_is_set() && !storage.key_path().exists() {
            let text = std::fs::read_to_string(&key).map_err(Error::internal)?;
            write_private(&storage.key_path(), text.trim()).map_err(Error::internal)?;
        }
        db.close().await;
        say(format!("restored {rows} rows into {}", storage.database_url.split('@').next_back().unwrap_or_default()));
        if !storage.key_is_set() && !storage.key_path().exists() {
            say(format!(
                "put the secret.key of the old server into {} before you start this one",
                storage.data.display()
            ));
        }
        Ok(())
    }
}
