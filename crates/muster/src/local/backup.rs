//! `muster backup` and `muster restore`

use crate::cli::say;
use crate::settings::{Storage, StorageArgs, write_private};
use clap::Args;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use indicatif::{ProgressBar, ProgressStyle};
use muster_base::{Error, Result, Secret};
use muster_store::Db;
use serde_json::json;
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
    /// Print the files and how many rows as JSON
    #[arg(long)]
    json: bool,
}

/// Read a backup into an empty data directory or database
#[derive(Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    storage: StorageArgs,
    /// The file that `muster backup` wrote; FILE.key is taken as the key when it is there
    file: PathBuf,
    /// Print how many rows were restored as JSON
    #[arg(long)]
    json: bool,
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

/// The key in the data directory, if it is the one that the database is sealed with.
async fn fitting_key(storage: &Storage, db: &Db) -> Result<Secret<String>> {
    if storage.key_is_set() {
        return Err(Error::conflict("the key is set by MUSTER_SECRET_KEY; keep that, and leave out --include-key"));
    }
    let secrets = storage.secret_box(muster_domain::is_sealed(db).await?)?;
    muster_domain::verify_key(db, &secrets).await?;
    let key = std::fs::read_to_string(storage.key_path()).map_err(Error::internal)?;
    Ok(Secret::new(key.trim().to_owned()))
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
        let key = if self.include_key { Some(fitting_key(&storage, &db).await?) } else { None };
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
        let key_file = key_beside(&self.file);
        if let Some(key) = &key {
            write_private(&key_file, key.expose()).map_err(Error::internal)?;
        }
        if self.json {
            say(json!({"file": self.file, "rows": rows, "keyFile": key.map(|_| key_file)}));
            return Ok(());
        }
        say(format!("wrote {rows} rows to {}", self.file.display()));
        say(match key {
            Some(_) => {
                format!("wrote the secret key to {}; who has both files can open all secrets", key_file.display())
            }
            None => {
                "the key that opens its secrets is not in it; keep secret.key or MUSTER_SECRET_KEY apart".to_owned()
            }
        });
        Ok(())
    }
}

/// Whether the key in the data directory opens what the database holds. One that a look at an empty directory made does not.
async fn key_fits(storage: &Storage, db: &Db) -> bool {
    let Ok(secrets) = storage.secret_box(true) else { return false };
    muster_domain::verify_key(db, &secrets).await.is_ok()
}

/// Takes the key that was written beside the backup; `false` when there is none.
fn take_key(storage: &Storage, file: &Path) -> Result<bool> {
    let key = key_beside(file);
    if !key.is_file() {
        return Ok(false);
    }
    let text = std::fs::read_to_string(&key).map_err(Error::internal)?;
    write_private(&storage.key_path(), text.trim()).map_err(Error::internal)?;
    Ok(true)
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
        let has_key = storage.key_is_set() || key_fits(&storage, &db).await || take_key(&storage, &self.file)?;
        db.close().await;
        let place = storage.database_url.split('@').next_back().unwrap_or_default();
        if self.json {
            say(json!({"rows": rows, "into": place, "hasKey": has_key}));
            return Ok(());
        }
        say(format!("restored {rows} rows into {place}"));
        if !has_key {
            say(format!(
                "put the secret.key of the old server into {} before you start this one",
                storage.data.display()
            ));
        }
        Ok(())
    }
}
