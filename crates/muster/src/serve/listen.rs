//! Takes connections and serves HTTP/1.1 and HTTP/2 on them. Who says nothing, or stops in the middle of a request's head,
//! is let go: a connection is an open file, and those are counted.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

/// What every connection over HTTP/2 begins with.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How often a beginning that may be either version is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How long nothing is taken after the system refused a connection, such as for want of open files.
const AFTER_REFUSAL: Duration = Duration::from_secs(1);

/// How long clients are waited for.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// For the head of a request, also of the next one on the same connection.
    pub(super) head: Duration,
    /// For the answer to a ping, which tells that the other end of an HTTP/2 connection lives.
    pub(super) ping: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        // Longer than clients and proxies keep a connection that they do not use, so that they end it and not we.
        Self { head: Duration::from_secs(90), ping: Duration::from_secs(20) }
    }
}

/// Serves until the token is cancelled; returns when the requests that were being answered then have been.
pub(super) async fn serve(listener: TcpListener, router: Router, patience: Patience, shutdown: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Frames and events are small and go out one by one; none waits until the one before was acknowledged.
                let _ = stream.set_nodelay(true);
                connections.spawn(connection(stream, peer, router.clone(), patience, shutdown.clone()));
            }
            Err(error) if is_of_one_connection(error.kind()) => {}
            Err(error) => {
                tracing::error!(error = %error, "cannot take connections");
                tokio::time::sleep(AFTER_REFUSAL).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

fn is_of_one_connection(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    patience: Patience,
    shutdown: CancellationToken,
) {
    let is_http2 = tokio::select! {
        begun = tokio::time::timeout(patience.head, begins_as_http2(&stream)) => match begun {
            Ok(Ok(is_http2)) => is_http2,
            _ => return,
        },
        () = shutdown.cancelled() => return,
    };
    let io = TokioIo::new(stream);
    if is_http2 {
        over_http2(io, peer, router, patience, shutdown).await;
    } else {
        over_http1(io, peer, router, patience, shutdown).await;
    }
}

/// Looks at the first bytes and leaves them where they are; an error when there are none.
async fn begins_as_http2(stream: &TcpStream) -> std::io::Result<bool> {
    let mut begin = [0; PREFACE.len()];
    loop {
        let seen = stream.peek(&mut begin).await?;
        if seen == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if begin[..seen] != PREFACE[..seen] || seen == PREFACE.len() {
            return Ok(begin[..seen] == PREFACE[..seen]);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn over_http1<I>(io: I, peer: SocketAddr, router: Router, patience: Patience, shutdown: CancellationToken)
where
    I: Read + Write + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let mut builder = http1::Builder::new();
    let builder = builder.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let mut connection = pin!(builder.serve_connection(io, service).with_upgrades());
    tokio::select! {
        // How it ended is the client's matter: it went away, or sent what is no HTTP.
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn over_http2<I>(io: I, peer: SocketAddr, router: Router, patience: Patience, shutdown: CancellationToken)
where
    I: Read + Write + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let mut builder = http2::Builder::new(TokioExecutor::new());
    let builder = builder.timer(TokioTimer::new()).keep_alive_interval(patience.head).keep_alive_timeout(patience.ping);
    let mut connection = pin!(builder.serve_connection(io, service));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

fn answer(
    mut router: Router,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> <Router as Service<Request<Body>>>::Future {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    // A router is always ready.
    router.call(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::Notify;

    /// How long a test waits for what has to come.
    const SOON: Duration = Duration::from_secs(20);

    struct Started {
        at: SocketAddr,
        shutdown: CancellationToken,
        served: tokio::task::JoinHandle<()>,
        /// Rung by `/slow` when it has begun, and for it when it may answer.
        slow: Arc<[Notify; 2]>,
    }

    async fn start(patience: Patience) -> Started {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let who = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
        let slow = Arc::<[Notify; 2]>::default();
        let bells = Arc::clone(&slow);
        let late = move || async move {
            bells[0].notify_one();
            bells[1].notified().await;
            "late"
        };
        let router = Router::new().route("/who", get(who)).route("/slow", get(late));
        let shutdown = CancellationToken::new();
        let served = tokio::spawn(serve(listener, router, patience, shutdown.clone()));
        Started { at, shutdown, served, slow }
    }

    fn short() -> Patience {
        Patience { head: Duration::from_millis(200), ping: Duration::from_millis(200) }
    }

    async fn rest(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        // Whether it ends in order or not is all the same.
        let _ = tokio::time::timeout(SOON, stream.read_to_string(&mut text)).await.expect("it is closed soon");
        text
    }

    #[tokio::test]
    async fn the_peer_of_a_request_is_known_and_a_connection_serves_several() {
        let Started { at, .. } = start(Patience::default()).await;
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(b"GET /who HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        stream.write_all(b"GET /who HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        let own = stream.local_addr().unwrap().to_string();
        assert_eq!(rest(&mut stream).await.matches(&own).count(), 2);
    }

    #[tokio::test]
    async fn who_says_nothing_or_half_a_head_is_let_go() {
        let Started { at, .. } = start(short()).await;
        for begin in ["", "GET /who HTT", "GET /who HTTP/1.1\r\nhost: a\r\nx-long: ", "PRI * HTTP/2.0\r\n", "PRI"] {
            let mut stream = TcpStream::connect(at).await.unwrap();
            stream.write_all(begin.as_bytes()).await.unwrap();
            assert!(!rest(&mut stream).await.contains("200 OK"), "{begin}");
        }
    }

    #[tokio::test]
    async fn http2_is_served_to_who_begins_with_it() {
        let Started { at, .. } = start(short()).await;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
        let answer = client.get(format!("http://{at}/who")).send().await.unwrap();
        assert_eq!(answer.version(), reqwest::Version::HTTP_2);
        assert!(answer.text().await.unwrap().starts_with("127.0.0.1:"));
    }

    #[tokio::test]
    async fn what_is_being_answered_at_the_end_is_answered() {
        let Started { at, shutdown, served, slow } = start(Patience::default()).await;
        let mut idle = TcpStream::connect(at).await.unwrap();
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        slow[0].notified().await;
        shutdown.cancel();
        slow[1].notify_one();
        assert!(rest(&mut stream).await.ends_with("late"));
        assert_eq!(rest(&mut idle).await, "");
        tokio::time::timeout(SOON, served).await.expect("all connections have ended").unwrap();
        assert!(TcpStream::connect(at).await.is_err());
    }
}
