//! Where sealed secrets are kept: one row per org, owner and field.

use crate::{App, Ctx};
use muster_base::{Error, Kind, Millis, Result, Secret};
use muster_store::{Db, FromRow, Row, SecretBox, Tx, args};

const CHECK: &str = "secret_check";
const CHECK_TEXT: &str = "muster";

/// Seals and stores a secret; `None` removes it.
pub(crate) async fn put(tx: &mut Tx, ctx: &Ctx, owner: &str, field: &str, secret: Option<&str>) -> Result<()> {
    let Some(plain) = secret else {
        let sql = "DELETE FROM secrets WHERE org_id = $1 AND owner = $2 AND field = $3";
        return tx.execute(sql, args![ctx.org(), owner, field]).await.map(drop);
    };
    let sealed = ctx.secrets.seal(&[ctx.org(), owner, field], plain)?;
    let sql = "INSERT INTO secrets (org_id, owner, field, sealed, changed_at) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (org_id, owner, field) DO UPDATE SET sealed = excluded.sealed, changed_at = excluded.changed_at";
    tx.execute(sql, args![ctx.org(), owner, field, sealed, ctx.now()]).await.map(drop)
}

/// Removes all secrets of an owner.
pub(crate) async fn remove_all(tx: &mut Tx, org: &str, owner: &str) -> Result<()> {
    tx.execute("DELETE FROM secrets WHERE org_id = $1 AND owner = $2", args![org, owner]).await.map(drop)
}

/// The names of the secrets that an owner has.
pub(crate) async fn fields(db: &Db, org: &str, owner: &str) -> Result<Vec<String>> {
    db.all("SELECT field FROM secrets WHERE org_id = $1 AND owner = $2 ORDER BY field", args![org, owner]).await
}

/// As [`fields`], within a transaction.
pub(crate) async fn fields_in(tx: &mut Tx, org: &str, owner: &str) -> Result<Vec<String>> {
    tx.all("SELECT field FROM secrets WHERE org_id = $1 AND owner = $2 ORDER BY field", args![org, owner]).await
}

/// The secrets of several owners: owner, name, and when it was last set.
pub(crate) async fn dates(db: &Db, org: &str, owners: &[&str]) -> Result<Vec<(String, String, Millis)>> {
    if owners.is_empty() {
        return Ok(vec![]);
    }
    let mut args = args![org];
    args.extend(owners.iter().map(|owner| (*owner).into()));
    let marks: Vec<String> = (2..=args.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT owner, field, changed_at FROM secrets WHERE org_id = $1 AND owner IN ({}) ORDER BY owner, field",
        marks.join(", ")
    );
    let rows: Vec<Dated> = db.all(sql, args).await?;
    Ok(rows.into_iter().map(|row| (row.owner, row.field, row.changed_at)).collect())
}

struct Dated {
    owner: String,
    field: String,
    changed_at: Millis,
}

impl FromRow for Dated {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { owner: row.text("owner")?, field: row.text("field")?, changed_at: row.time("changed_at")? })
    }
}

/// Opens a stored secret.
pub async fn open_secret(app: &App, org: &str, owner: &str, field: &str) -> Result<Option<Secret<String>>> {
    let sql = "SELECT sealed FROM secrets WHERE org_id = $1 AND owner = $2 AND field = $3";
    let sealed: Option<String> = app.db.optional(sql, args![org, owner, field]).await?;
    sealed.map(|sealed| app.secrets.open(&[org, owner, field], &sealed)).transpose()
}

/// Whether a key was used with this database before.
pub async fn is_sealed(db: &Db) -> Result<bool> {
    let sql = "SELECT name FROM meta WHERE name = $1";
    Ok(db.optional::<String>(sql, args![CHECK]).await?.is_some())
}

/// Makes sure that this key opens what the database holds; remembers the key of a fresh database.
///
/// A wrong key is refused here, at start, rather than at the first use of a secret.
pub async fn verify_key(db: &Db, secrets: &SecretBox) -> Result<()> {
    let stored: Option<String> = db.optional("SELECT value FROM meta WHERE name = $1", args![CHECK]).await?;
    if let Some(sealed) = stored {
        return match secrets.open(&[CHECK], &sealed) {
            Ok(text) if text.expose() == CHECK_TEXT => Ok(()),
            _ => Err(Error::new(
                Kind::Invalid,
                "secrets.wrong_key",
                "the secret key does not fit this database: its secrets were sealed with another key; \
                 set MUSTER_SECRET_KEY (or the data directory's secret.key) to the key that it was started with",
            )),
        };
    }
    let sealed = secrets.seal(&[CHECK], CHECK_TEXT)?;
    db.write(move |tx| {
        Box::pin(async move {
            let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
            tx.execute(sql, args![CHECK, sealed]).await.map(drop)
        })
    })
    .await
}

/// Seals everything anew under the first key of the ring, in one transaction. Returns how many secrets.
pub async fn reseal_all(db: &Db, secrets: &SecretBox, now: Millis) -> Result<u64> {
    let secrets = secrets.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let mut count = 0;
            let sql = "SELECT org_id, owner || '\u{1f}' || field FROM secrets ORDER BY org_id, owner, field";
            let places: Vec<(String, String)> = tx.all(sql, vec![]).await?;
            for (org, place) in places {
                let (owner, field) = place.split_once('\u{1f}').ok_or_else(|| Error::internal("a secret without a place"))?;
                let sql = "SELECT sealed FROM secrets WHERE org_id = $1 AND owner = $2 AND field = $3";
                let sealed: String = tx.one(sql, args![&org, owner, field]).await?;
                let plain = secrets.open(&[&org, owner, field], &sealed)?;
                let again = secrets.seal(&[&org, owner, field], plain.expose())?;
                let sql = "UPDATE secrets SET sealed = $4, changed_at = $5 WHERE org_id = $1 AND owner = $2 AND field = $3";
                tx.execute(sql, args![&org, owner, field, again, now]).await?;
                count += 1;
            }
            let check = secrets.seal(&[CHECK], CHECK_TEXT)?;
            let sql = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            tx.execute(sql, args![CHECK, check]).await?;
            Ok(count)
        })
    })
    .await
}
