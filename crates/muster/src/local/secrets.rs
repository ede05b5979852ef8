//! `muster secrets`

use super::open;
use crate::cli::say;
use crate::settings::{StorageArgs, write_private};
use clap::{Args, Subcommand};
use muster_base::{Error, Result};
use muster_domain::events::{self, NewEvent};
use muster_domain::{Ctx, access};
use muster_store::KeyRing;
use serde_json::json;

/// How long writes may be on their way that were sealed under the old key.
const SETTLE: std::time::Duration = std::time::Duration::from_secs(2);

/// Rotate the key that seals secrets
#[derive(Subcommand)]
pub(crate) enum Secrets {
    /// Seal all secrets anew under a new key
    ///
    /// With the key in the data directory a new one is made there; a running server notices by itself. With
    /// MUSTER_SECRET_KEY put the new key in front (MUSTER_SECRET_KEY=new,old), restart the servers, run this, then take
    /// the old key away.
    Rotate(Rotate),
}

/// What is asked of a rotation.
#[derive(Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    storage: StorageArgs,
    /// Print how many secrets were sealed, and the key's id, as JSON
    #[arg(long)]
    json: bool,
}

impl Secrets {
    pub(crate) async fn run(self) -> Result<()> {
        let Self::Rotate(rotate) = self;
        let (app, storage) = open(&rotate.storage).await?;
        let path = storage.key_path();
        if !storage.key_is_set() {
            // Both keys are in the file before the first secret is sealed under the new one: a crash in between loses nothing.
            let old = std::fs::read_to_string(&path).map_err(Error::internal)?;
            let both = format!("{}\n{}", KeyRing::generate().expose(), old.trim());
            write_private(&path, &both).map_err(Error::internal)?;
            app.secrets.replace(KeyRing::parse(&both)?);
            // A running server seals under the new key from now on; what it sealed just before gets into the database meanwhile.
            tokio::time::sleep(SETTLE).await;
        }
        let count = muster_domain::reseal_all(&app.db, &app.secrets, app.now()).await?;
        if !storage.key_is_set() {
            let both = std::fs::read_to_string(&path).map_err(Error::internal)?;
            let newest = both.split_whitespace().next().unwrap_or_default();
            write_private(&path, newest).map_err(Error::internal)?;
        }
        for org in access::list_orgs(&app).await? {
            let ctx = Ctx::system(app.clone(), &org.id);
            let event = NewEvent::new("secrets.rotated", &org.id, json!({"keyId": app.secrets.current_id()}));
            let for_tx = ctx.clone();
            ctx.db.write(move |tx| Box::pin(async move { events::append(tx, &for_tx, vec![event]).await })).await?;
        }
        if rotate.json {
            say(json!({"secrets": count, "keyId": app.secrets.current_id()}));
        } else {
            say(format!("sealed {count} secrets under key {}", app.secrets.current_id()));
        }
        app.db.close().await;
        Ok(())
    }
}
