//! What a client still sends when its request was already refused.
//!
//! A server that answers and closes while the other side writes resets the connection, and the client never sees why.
//! So what is left of a refused request's body is read and thrown away first, within bounds.

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, Limited};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// Bodies that say they are no larger are with us by the time of the answer.
const SMALL: u64 = 8 * 1024;

/// The unread rest of a request's body.
pub(crate) struct Unread(Option<Arc<Mutex<Body>>>);

/// A body whose rest can still be read when the one who reads it has stopped.
struct Watched(Arc<Mutex<Body>>);

/// Hands the body on, and keeps a hold on what will not be read of it.
pub(crate) fn watch(body: Body) -> (Body, Unread) {
    if body.is_end_stream() || body.size_hint().exact().is_some_and(|size| size <= SMALL) {
        return (body, Unread(None));
    }
    let shared = Arc::new(Mutex::new(body));
    (Body::new(Watched(Arc::clone(&shared))), Unread(Some(shared)))
}

impl Unread {
    /// Reads the rest when the answer is a refusal; from strangers less than from those who were let in.
    pub(crate) async fn drain(self, status: StatusCode) {
        let Some(shared) = self.0.filter(|_| status.is_client_error() || status.is_server_error()) else { return };
        let (most, within) = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => (4 << 20, 2),
            _ => (64 << 20, 10),
        };
        let mut rest = Limited::new(Watched(shared), most);
        let reading = async { while let Some(Ok(_)) = rest.frame().await {} };
        let _ = tokio::time::timeout(Duration::from_secs(within), reading).await;
    }
}

impl Watched {
    fn with<T>(&self, look: impl FnOnce(&mut Body) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|body| if body.is_end_stream() { Poll::Ready(None) } else { Pin::new(body).poll_frame(cx) })
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}
