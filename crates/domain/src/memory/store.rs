//! All SQL of memory.

use super::Entry;
use muster_base::{Millis, Result};
use muster_store::{Db, FromRow, Row, Tx, args};

/// A value to be set.
pub(super) struct NewValue<'a> {
    pub(super) key: &'a str,
    /// JSON text.
    pub(super) value: &'a str,
    /// How many bytes it counts for.
    pub(super) size: usize,
}

impl FromRow for Entry {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            key: row.text("key")?,
            value: row.text("value")?,
            revision: row.int("revision")?,
            changed_at: row.time("changed_at")?,
        })
    }
}

/// Sets a value; `size` is what it counts for.
pub(super) async fn upsert(tx: &mut Tx, org: &str, owner: &str, new: &NewValue<'_>, at: Millis) -> Result<i64> {
    let sql = "INSERT INTO memory (org_id, owner, key, value, size, revision, changed_at) VALUES ($1, $2, $3, $4, $5, 1, $6)
               ON CONFLICT (org_id, owner, key) DO UPDATE
                  SET value = excluded.value, size = excluded.size, changed_at = excluded.changed_at, revision = memory.revision + 1
            RETURNING revision";
    tx.one(sql, args![org, owner, new.key, new.value, i64::try_from(new.size).unwrap_or(i64::MAX), at]).await
}

/// Sets a value that is not there yet; `None` when it is.
pub(super) async fn insert_new(
    tx: &mut Tx,
    org: &str,
    owner: &str,
    new: &NewValue<'_>,
    at: Millis,
) -> Result<Option<i64>> {
    let sql =
        "INSERT INTO memory (org_id, owner, key, value, size, revision, changed_at) VALUES ($1, $2, $3, $4, $5, 1, $6)
               ON CONFLICT (org_id, owner, key) DO NOTHING RETURNING revision";
    tx.optional(sql, args![org, owner, new.key, new.value, i64::try_from(new.size).unwrap_or(i64::MAX), at]).await
}

/// Sets a value that has this revision; `None` when it has another or is not there.
pub(super) async fn replace(
    tx: &mut Tx,
    (org, owner): (&str, &str),
    new: &NewValue<'_>,
    revision: i64,
    at: Millis,
) -> Result<Option<i64>> {
    let sql = "UPDATE memory SET value = $4, size = $5, changed_at = $6, revision = revision + 1
                WHERE org_id = $1 AND owner = $2 AND key = $3 AND revision = $7 RETURNING revision";
    let size = i64::try_from(new.size).unwrap_or(i64::MAX);
    tx.optional(sql, args![org, owner, new.key, new.value, size, at, revision]).await
}

pub(super) async fn revision(tx: &mut Tx, org: &str, owner: &str, key: &str) -> Result<Option<i64>> {
    tx.optional("SELECT revision FROM memory WHERE org_id = $1 AND owner = $2 AND key = $3", args![org, owner, key])
        .await
}

/// Forgets a key if it has this revision.
pub(super) async fn delete_at(tx: &mut Tx, (org, owner): (&str, &str), key: &str, revision: i64) -> Result<bool> {
    let sql = "DELETE FROM memory WHERE org_id = $1 AND owner = $2 AND key = $3 AND revision = $4";
    Ok(tx.execute(sql, args![org, owner, key, revision]).await? == 1)
}

pub(super) async fn count(tx: &mut Tx, org: &str, owner: &str) -> Result<i64> {
    tx.one("SELECT count(*) FROM memory WHERE org_id = $1 AND owner = $2", args![org, owner]).await
}

/// Which keys are listed.
pub(super) struct Keys<'a> {
    /// From this one on.
    pub(super) from: &'a str,
    /// Up to this one, without it; to the end when absent.
    pub(super) to: Option<&'a str>,
    /// Only after this one.
    pub(super) after: &'a str,
}

/// A value, and how many were found that could be listed with it.
pub(super) struct Listed(pub(super) Entry, pub(super) i64);

impl FromRow for Listed {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(Entry::from_row(row)?, row.int("found")?))
    }
}

/// Values in the order of their keys, at most `limit`; none after those that fill `bytes`.
pub(super) async fn list(
    db: &Db,
    (org, owner): (&str, &str),
    keys: &Keys<'_>,
    limit: i64,
    bytes: i64,
) -> Result<Vec<Listed>> {
    let mut args = args![org, owner, keys.from, keys.after, limit, bytes];
    let mut until = "";
    if let Some(to) = keys.to {
        args.push(to.into());
        until = " AND key < $7";
    }
    let sql = format!(
        "SELECT m.key, m.value, m.revision, m.changed_at, p.found
           FROM (SELECT key, sum(size) OVER (ORDER BY key) - size AS so_far, count(*) OVER () AS found
                   FROM (SELECT key, size FROM memory
                          WHERE org_id = $1 AND owner = $2 AND key <> '' AND key >= $3 AND key > $4{until}
                          ORDER BY key LIMIT $5) page) p
           JOIN memory m ON m.org_id = $1 AND m.owner = $2 AND m.key = p.key
          WHERE p.so_far < $6 ORDER BY m.key"
    );
    db.all(sql, args).await
}

const SIZE: &str = "SELECT CAST(COALESCE(sum(size), 0) AS BIGINT) FROM memory WHERE org_id = $1 AND owner = $2";

pub(super) async fn size(tx: &mut Tx, org: &str, owner: &str) -> Result<i64> {
    tx.one(SIZE, args![org, owner]).await
}

pub(super) async fn size_now(db: &Db, org: &str, owner: &str) -> Result<i64> {
    db.one(SIZE, args![org, owner]).await
}

pub(super) async fn find(db: &Db, org: &str, owner: &str, key: &str) -> Result<Option<Entry>> {
    let sql = "SELECT key, value, revision, changed_at FROM memory WHERE org_id = $1 AND owner = $2 AND key = $3";
    db.optional(sql, args![org, owner, key]).await
}

pub(super) async fn search(db: &Db, org: &str, owner: &str, query: &str, limit: i64) -> Result<Vec<Entry>> {
    let words: Vec<String> = query.split_whitespace().take(8).map(like).collect();
    if words.is_empty() {
        return recent(db, org, owner, limit).await;
    }
    let mut args = args![org, owner];
    let mut hits = Vec::new();
    for word in words {
        args.push(word.into());
        let n = args.len();
        hits.push(format!("CASE WHEN lower(key) LIKE lower(${n}) ESCAPE '\\' THEN 2 WHEN lower(value) LIKE lower(${n}) ESCAPE '\\' THEN 1 ELSE 0 END"));
    }
    let score = hits.join(" + ");
    args.push(limit.into());
    let sql = format!(
        "SELECT key, value, revision, changed_at FROM (
           SELECT key, value, revision, changed_at, {score} AS score FROM memory WHERE org_id = $1 AND owner = $2 AND key <> '') hits
          WHERE score > 0 ORDER BY score DESC, changed_at DESC, key LIMIT ${}",
        args.len()
    );
    db.all(sql, args).await
}

/// A pattern that finds the word anywhere, whatever signs it contains.
fn like(word: &str) -> String {
    // The database lowers both sides: it may know fewer letters than we do.
    let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

pub(super) async fn recent(db: &Db, org: &str, owner: &str, limit: i64) -> Result<Vec<Entry>> {
    let sql = "SELECT key, value, revision, changed_at FROM memory
                WHERE org_id = $1 AND owner = $2 AND key <> '' ORDER BY changed_at DESC, key LIMIT $3";
    db.all(sql, args![org, owner, limit]).await
}

pub(super) async fn delete(tx: &mut Tx, org: &str, owner: &str, key: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM memory WHERE org_id = $1 AND owner = $2 AND key = $3", args![org, owner, key]).await?
        == 1)
}

/// How much an owner remembers, and when that last changed.
pub(super) struct Extent {
    pub(super) size: i64,
    pub(super) changed_at: Option<Millis>,
}

impl FromRow for Extent {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { size: row.int("size")?, changed_at: row.time_opt("changed_at")? })
    }
}

pub(super) async fn extent(db: &Db, org: &str, owner: &str) -> Result<Extent> {
    let sql = "SELECT CAST(COALESCE(sum(size), 0) AS BIGINT) AS size, max(changed_at) AS changed_at
                 FROM memory WHERE org_id = $1 AND owner = $2";
    db.one(sql, args![org, owner]).await
}

/// What an owner remembers, the working memory and then the latest first, as far as `bytes` go.
pub(super) async fn within(db: &Db, org: &str, owner: &str, bytes: i64) -> Result<Vec<Entry>> {
    let sql = "SELECT key, value, revision, changed_at FROM (
                 SELECT key, value, revision, changed_at,
                        sum(size) OVER (ORDER BY CASE WHEN key = '' THEN 0 ELSE 1 END, changed_at DESC, key) AS so_far
                   FROM memory WHERE org_id = $1 AND owner = $2) counted
                WHERE so_far <= $3";
    db.all(sql, args![org, owner, bytes]).await
}

pub(super) async fn value(tx: &mut Tx, org: &str, owner: &str, key: &str) -> Result<Option<String>> {
    tx.optional("SELECT value FROM memory WHERE org_id = $1 AND owner = $2 AND key = $3", args![org, owner, key]).await
}

/// The keys of an owner's values.
pub(super) async fn keys(tx: &mut Tx, org: &str, owner: &str) -> Result<Vec<String>> {
    tx.all("SELECT key FROM memory WHERE org_id = $1 AND owner = $2 AND key <> ''", args![org, owner]).await
}

/// Forgets these keys.
pub(super) async fn delete_all(tx: &mut Tx, org: &str, owner: &str, keys: &[String]) -> Result<()> {
    let mut args = args![org, owner];
    let marks: Vec<String> = keys
        .iter()
        .map(|key| {
            args.push(key.into());
            format!("${}", args.len())
        })
        .collect();
    let sql = format!("DELETE FROM memory WHERE org_id = $1 AND owner = $2 AND key IN ({})", marks.join(", "));
    tx.execute(sql, args).await.map(drop)
}

/// Sets these values; those that are so already keep their revision.
pub(super) async fn upsert_all(
    tx: &mut Tx,
    org: &str,
    owner: &str,
    values: &[(String, String)],
    at: Millis,
) -> Result<()> {
    let mut args = args![org, owner, at];
    let mut rows = Vec::with_capacity(values.len());
    for (key, value) in values {
        args.push(key.into());
        args.push(value.into());
        args.push(i64::try_from(key.len() + value.len()).unwrap_or(i64::MAX).into());
        let n = args.len();
        rows.push(format!("($1, $2, ${}, ${}, ${n}, 1, $3)", n - 2, n - 1));
    }
    let sql = format!(
        "INSERT INTO memory (org_id, owner, key, value, size, revision, changed_at) VALUES {}
         ON CONFLICT (org_id, owner, key) DO UPDATE
            SET value = excluded.value, size = excluded.size, changed_at = excluded.changed_at, revision = memory.revision + 1
          WHERE memory.value <> excluded.value",
        rows.join(", ")
    );
    tx.execute(sql, args).await.map(drop)
}

/// Forgets everything of an owner; says whether there was anything.
pub(super) async fn clear(tx: &mut Tx, org: &str, owner: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM memory WHERE org_id = $1 AND owner = $2", args![org, owner]).await? > 0)
}
