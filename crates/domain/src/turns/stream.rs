//! What a stream of a turn shows: written in order, so that a reader that was away misses nothing.

use super::{Lease, store};
use crate::context::App;
use muster_base::Result;
use serde::Deserialize;

/// A piece of a turn's stream.
#[derive(Debug, Clone)]
pub struct Streamed {
    /// Its place, from 1.
    pub seq: i64,
    /// `message.delta`, `tool.started`, `tool.finished`, `message.completed` or `turn.failed`.
    pub kind: String,
    /// JSON.
    pub data: String,
}

impl Streamed {
    /// Whether nothing follows.
    pub fn is_last(&self) -> bool {
        matches!(self.kind.as_str(), "message.completed" | "turn.failed")
    }
}

/// Adds pieces to the stream of a turn, as long as the lease holds.
pub async fn append_stream(app: &App, lease: &Lease, rows: Vec<(&'static str, String)>) -> Result<()> {
    let (lease, at) = (lease.clone(), app.now());
    app.db
        .write_checked(move |tx| {
            Box::pin(async move {
                store::hold_lease(tx, &lease).await?;
                store::append_stream(tx, &lease.turn, &rows, at).await
            })
        })
        .await
}

/// The pieces after a place, at most `limit`.
pub async fn stream_after(app: &App, turn: &str, seq: i64, limit: i64) -> Result<Vec<Streamed>> {
    let rows = store::stream_after(&app.db, turn, seq, limit).await?;
    Ok(rows.into_iter().map(|row| Streamed { seq: row.seq, kind: row.kind, data: row.data }).collect())
}

/// Whether a stream has anything left, e.g. after its pieces were deleted.
pub async fn stream_head(app: &App, turn: &str) -> Result<bool> {
    Ok(!store::stream_after(&app.db, turn, 0, 1).await?.is_empty())
}

/// The text that readers of a turn's stream have put together so far.
///
/// Needed when a turn is taken over: the new attempt goes on from there if it says the same.
pub async fn longest_text(app: &App, turn: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Delta {
        text: String,
        offset: usize,
    }
    let mut text = String::new();
    let mut seq = 0;
    loop {
        let rows = store::stream_after(&app.db, turn, seq, 500).await?;
        let Some(last) = rows.last() else { return Ok(text) };
        seq = last.seq;
        for row in rows.iter().filter(|row| row.kind == "message.delta") {
            let delta: Delta = serde_json::from_str(&row.data).map_err(muster_base::Error::internal)?;
            let keep = text.char_indices().nth(delta.offset).map_or(text.len(), |(at, _)| at);
            text.truncate(keep);
            text.push_str(&delta.text);
        }
    }
}
