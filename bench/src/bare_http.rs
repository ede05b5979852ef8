//! What reads are compared with: an axum handler that only returns bytes, in a process of its own.

use crate::Outcome;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use std::path::Path;
use tokio::net::TcpListener;

/// The file with the answer to the list.
pub(crate) const LIST: &str = "list.json";
/// The file with the answer to one agent.
pub(crate) const AGENT: &str = "agent.json";

/// Serves the answers in `folder` on the paths of the real program until the process is killed.
pub(crate) async fn serve(folder: &Path) -> Outcome<()> {
    let list = Bytes::from(std::fs::read(folder.join(LIST))?);
    let agent = Bytes::from(std::fs::read(folder.join(AGENT))?);
    let router = Router::new()
        .route("/v1/agent/list", get(move || async move { answer(list) }))
        .route("/v1/agent/{id}", get(move || async move { answer(agent) }));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    crate::report::say(&format!("bare handler ready on http://{}", listener.local_addr()?));
    axum::serve(listener, router).await?;
    Ok(())
}

fn answer(bytes: Bytes) -> Response {
    ([("content-type", "application/json")], bytes).into_response()
}
