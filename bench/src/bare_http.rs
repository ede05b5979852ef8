//! What reads are compared with: an axum handler that only returns bytes, in a process of its own.

use crate::Outcome;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use std::path::Path;
use tokio::net::TcpListener;

/// What the files with answers end in; the rest of the name is the path, with `+` for each slash.
const ENDING: &str = ".answer";

/// Keeps an answer of the real program, to be served on the same path.
pub(crate) fn keep(folder: &Path, path: &str, body: &[u8]) -> Outcome<()> {
    let path = path.split('?').next().unwrap_or_default();
    Ok(std::fs::write(folder.join(path.replace('/', "+") + ENDING), body)?)
}

/// Serves the answers in `folder` on the paths of the real program until the process is killed.
pub(crate) async fn serve(folder: &Path) -> Outcome<()> {
    let mut router = Router::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(path) = name.to_str().and_then(|name| name.strip_suffix(ENDING)) else { continue };
        let bytes = Bytes::from(std::fs::read(entry.path())?);
        router = router.route(&path.replace('+', "/"), get(move || async move { answer(bytes) }));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    crate::report::say(&format!("bare handler ready on http://{}", listener.local_addr()?));
    axum::serve(listener, router).await?;
    Ok(())
}

fn answer(bytes: Bytes) -> Response {
    ([("content-type", "application/json")], bytes).into_response()
}
