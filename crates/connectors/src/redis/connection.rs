//! Connections to a Redis server: to an address that was checked, and never more of an answer than the limits let through.

use super::command::Command;
use crate::idle::Idle;
use crate::sql::net::{CONNECT_WITHIN, Target};
use muster_base::{Error, Result};
use muster_domain::connectors::{Limits, failed};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ErrorKind, RedisConnectionInfo, RedisError};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinHandle;

/// How many connections are kept that nobody uses.
const KEPT: usize = 4;

/// What an answer may be larger on its way than as JSON.
const ON_ITS_WAY: usize = 64 * 1024;

/// A server, how to sign in there, and connections that are not used at the moment.
pub(super) struct Server {
    target: Target,
    sign_in: RedisConnectionInfo,
    tls: Option<tokio_rustls::TlsConnector>,
    idle: Idle<Kept>,
}

struct Kept {
    connection: MultiplexedConnection,
    /// How many bytes may still arrive.
    room: Arc<AtomicUsize>,
    #[expect(dead_code, reason = "it ends when it is dropped")]
    driver: Ended,
}

/// The task that moves a connection's bytes; ended with it.
struct Ended(JoinHandle<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Server {
    pub(super) fn new(target: Target, sign_in: RedisConnectionInfo, tls: Option<tokio_rustls::TlsConnector>) -> Self {
        Self { target, sign_in, tls, idle: Idle::new() }
    }

    /// Sends a command and gives its answer.
    ///
    /// Errors: `invalid` when the server refuses the command, or answers with too much; `upstream` when it fails.
    pub(super) async fn ask(&self, command: &Command, limits: &Limits) -> Result<redis::Value> {
        let mut request = redis::cmd(&command.name);
        for argument in &command.arguments {
            request.arg(argument);
        }
        loop {
            let kept = self.idle.take();
            let (mut kept, is_fresh) = match kept {
                Some(kept) => (kept, false),
                None => (self.connect().await?, true),
            };
            kept.room.store(limits.bytes + ON_ITS_WAY, Ordering::Relaxed);
            match request.query_async::<redis::Value>(&mut kept.connection).await {
                Ok(value) => {
                    self.keep(kept);
                    return Ok(value);
                }
                Err(_) if kept.room.load(Ordering::Relaxed) == 0 => {
                    return Err(Error::invalid("query", "is answered with too much; ask for less"));
                }
                // The server may have closed a connection that was kept; another one will do.
                Err(error) if !is_fresh && (error.is_io_error() || error.is_connection_dropped()) => {}
                Err(error) => {
                    if !error.is_unrecoverable_error() {
                        self.keep(kept);
                    }
                    return Err(of_command(&self.target, &error));
                }
            }
        }
    }

    fn keep(&self, kept: Kept) {
        if self.idle.count() < KEPT {
            self.idle.keep(kept);
        }
    }

    async fn connect(&self) -> Result<Kept> {
        let connecting = tokio::time::timeout(CONNECT_WITHIN, self.sign_in());
        connecting.await.map_err(|_| self.target.unreachable("it did not answer"))?
    }

    async fn sign_in(&self) -> Result<Kept> {
        let stream = self.target.connect().await?;
        let room = Arc::new(AtomicUsize::new(ON_ITS_WAY));
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None);
        let (connection, driver) = if let Some(tls) = &self.tls {
            let name = ServerName::try_from(self.target.host.clone())
                .map_err(|_| Error::invalid("host", "cannot be the name in a certificate"))?;
            let stream = tls.connect(name, stream).await;
            let stream = stream.map_err(|error| failed(format!("TLS with {} failed: {error}", self.target.title)))?;
            start(&self.sign_in, Bounded { inner: stream, room: room.clone() }, config).await
        } else {
            start(&self.sign_in, Bounded { inner: stream, room: room.clone() }, config).await
        }
        .map_err(|error| failed(format!("{} refuses the connection: {}", self.target.title, said(&error))))?;
        Ok(Kept { connection, room, driver })
    }
}

/// Signs in; the bytes move while it waits for the server's word.
async fn start<S>(
    sign_in: &RedisConnectionInfo,
    stream: S,
    config: AsyncConnectionConfig,
) -> std::result::Result<(MultiplexedConnection, Ended), RedisError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (connection, driver) = MultiplexedConnection::new_with_config(sign_in, stream, config).await?;
    Ok((connection, Ended(tokio::spawn(driver))))
}

/// A client of TLS that trusts what the system trusts, and `authorities` in PEM.
///
/// Errors: `invalid` with the field `caCertificate`.
pub(super) fn tls(authorities: Option<&str>) -> Result<tokio_rustls::TlsConnector> {
    let wrong =
        |_| Error::invalid("caCertificate", "must be a certificate in PEM, beginning with -----BEGIN CERTIFICATE-----");
    let extra: Vec<CertificateDer<'static>> = match authorities {
        Some(pem) => CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(wrong)?,
        None => vec![],
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider.clone())
        .map_err(|error| Error::invalid("caCertificate", format!("cannot be used: {error}")))?;
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(tokio_rustls::TlsConnector::from(Arc::new(config)))
}

fn of_command(target: &Target, error: &RedisError) -> Error {
    if error.is_io_error() || error.is_connection_dropped() || error.is_timeout() {
        return failed(format!("the connection to {} broke: {error}", target.title));
    }
    let message = said(error);
    match (error.kind(), error.code().unwrap_or_default()) {
        (ErrorKind::AuthenticationFailed, _)
        | (_, "NOAUTH" | "WRONGPASS" | "LOADING" | "BUSY" | "MASTERDOWN" | "CLUSTERDOWN") => {
            failed(format!("{} failed: {message}", target.title))
        }
        _ => Error::invalid("query", format!("{} refuses it: {message}", target.title)),
    }
}

/// The server's own words.
fn said(error: &RedisError) -> String {
    let words = [error.code(), error.detail()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let words = if words.is_empty() { error.to_string() } else { words };
    words.chars().take(300).collect()
}

/// Breaks off what sends more than there is room for.
struct Bounded<S> {
    inner: S,
    room: Arc<AtomicUsize>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        let arrived = buffer.filled().len() - before;
        let room = self.room.load(Ordering::Relaxed);
        self.room.store(room.saturating_sub(arrived), Ordering::Relaxed);
        if arrived >= room {
            return Poll::Ready(Err(std::io::Error::other("more arrived than there is room for")));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
