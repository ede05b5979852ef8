//! `Idempotency-Key`: a repeated request gets the first answer and changes nothing.
//!
//! The record of the key is written in the transaction of the change itself, so after a crash either both are there or
//! neither. The answer is added once it is known.

use crate::Ctx;
use muster_base::{Error, Kind, Millis, Result};
use muster_store::{FromRow, Row, Tx, args, is_unique_violation};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The key of a request that may be repeated.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// What the client sent, 1 to 255 characters.
    pub key: String,
    /// A hash of method, path and body: the same key with another request is an error.
    pub fingerprint: String,
    written: Arc<AtomicBool>,
}

/// What is known of a key.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The hash of the first request.
    pub fingerprint: String,
    /// What the first request made, where its verb says so.
    pub subject: Option<String>,
    /// The first answer's status and body; `None` when the server stopped before it was noted.
    pub answer: Option<(u16, String)>,
}

impl FromRow for Replay {
    fn from_row(row: &Row) -> Result<Self> {
        let status = row.int_opt("status")?;
        let body = row.text_opt("body")?;
        let answer = status.zip(body).map(|(status, body)| (u16::try_from(status).unwrap_or(200), body));
        Ok(Self { fingerprint: row.text("fingerprint")?, subject: row.text_opt("subject")?, answer })
    }
}

impl Idempotency {
    /// A key that was not used yet in this request.
    pub fn new(key: String, fingerprint: String) -> Self {
        Self { key, fingerprint, written: Arc::default() }
    }

    /// Whether the request has written anything, so that its answer is worth keeping.
    pub fn was_written(&self) -> bool {
        self.written.load(Ordering::SeqCst)
    }

    /// True the first time: the first write of a request carries the record.
    pub(crate) fn begin(&self) -> bool {
        !self.written.swap(true, Ordering::SeqCst)
    }
}

fn principal(ctx: &Ctx) -> &str {
    &ctx.principal().id
}

pub(crate) async fn claim(tx: &mut Tx, ctx: &Ctx, key: &Idempotency) -> Result<()> {
    let sql = "INSERT INTO idempotency (org_id, principal, key, fingerprint, created_at) VALUES ($1, $2, $3, $4, $5)";
    let args = args![ctx.org(), principal(ctx), &key.key, &key.fingerprint, ctx.now()];
    match tx.execute(sql, args).await {
        Err(error) if is_unique_violation(&error) => Err(Error::new(
            Kind::Conflict,
            "idempotency.in_progress",
            "a request with this Idempotency-Key is being carried out; repeat it in a moment",
        )
        .with_retry_after(1)),
        other => other.map(drop),
    }
}

/// What is known of the key of this request, before it is carried out.
pub async fn find(ctx: &Ctx, key: &Idempotency) -> Result<Option<Replay>> {
    let sql =
        "SELECT fingerprint, subject, status, body FROM idempotency WHERE org_id = $1 AND principal = $2 AND key = $3";
    ctx.db.optional_short(sql, args![ctx.org(), principal(ctx), &key.key]).await
}

/// Notes within the transaction what the request made, so that a repetition after a crash finds it.
pub(crate) async fn made(tx: &mut Tx, ctx: &Ctx, subject: &str) -> Result<()> {
    let Some(key) = &ctx.request().idempotency else { return Ok(()) };
    let sql = "UPDATE idempotency SET subject = $4 WHERE org_id = $1 AND principal = $2 AND key = $3";
    tx.execute(sql, args![ctx.org(), principal(ctx), &key.key, subject]).await.map(drop)
}

/// Keeps the answer for repetitions.
pub async fn answered(ctx: &Ctx, key: &Idempotency, status: u16, body: String) -> Result<()> {
    let (org, principal, key) = (ctx.org().to_owned(), principal(ctx).to_owned(), key.key.clone());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                let sql =
                    "UPDATE idempotency SET status = $4, body = $5 WHERE org_id = $1 AND principal = $2 AND key = $3";
                tx.execute(sql, args![org, principal, key, i64::from(status), body]).await.map(drop)
            })
        })
        .await
}

/// Forgets keys older than `before`.
pub(crate) async fn forget(tx: &mut Tx, before: Millis) -> Result<u64> {
    tx.execute("DELETE FROM idempotency WHERE created_at < $1", args![before]).await
}
