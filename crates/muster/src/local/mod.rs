//! Commands that work on the data directory or the database itself, also while the server runs.

pub(crate) mod backup;
pub(crate) mod describe;
pub(crate) mod keys;
pub(crate) mod orgs;
pub(crate) mod secrets;

use crate::settings::{Storage, StorageArgs};
use muster_base::{Result, SystemClock};
use muster_domain::{App, Settings};
use muster_store::Db;
use std::sync::Arc;

/// The domain on the data that the arguments name.
pub(crate) async fn open(args: &StorageArgs) -> Result<(Arc<App>, Storage)> {
    let storage = args.resolve()?;
    storage.prepare()?;
    let db = Db::open(&storage.options()).await?;
    let secrets = storage.secret_box(muster_domain::is_sealed(&db).await?)?;
    muster_domain::verify_key(&db, &secrets).await?;
    Ok((App::new(db, Arc::new(SystemClock), secrets, Settings::default()), storage))
}
