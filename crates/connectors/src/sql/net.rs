//! The way to a database server: to an address that was checked, whatever its name leads to a moment later.

use muster_base::{Error, Result};
use muster_domain::connectors::failed;
use muster_outbound::Guard;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::{TcpStream, UnixListener, UnixStream};

/// How long connecting may take.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// How many addresses of a name are tried.
const TRIED: usize = 4;

/// A server, by name and port.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) guard: Guard,
    pub(crate) title: &'static str,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Target {
    /// Connects to one of the server's addresses.
    ///
    /// Errors: `invalid` with the field `host` when it is refused; `upstream` when nothing listens there.
    pub(crate) async fn connect(&self) -> Result<TcpStream> {
        let addresses = self.guard.resolve(&self.host, self.port).await.map_err(|error| of_host(&error))?;
        let mut why = None;
        for address in addresses.into_iter().take(TRIED) {
            match tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => why = Some(error.to_string()),
                Err(_) => why = Some("it did not answer".to_owned()),
            }
        }
        Err(self.unreachable(&why.unwrap_or_default()))
    }

    pub(crate) fn unreachable(&self, why: &str) -> Error {
        failed(format!("{} at {}:{} cannot be reached: {why}", self.title, self.host, self.port))
    }

    /// A socket of this machine that leads to the server: for drivers that would look the name up again which they check
    /// a certificate against, and that let the system hold back small packets. `file` is the socket's name. It serves one
    /// connection.
    pub(crate) async fn by_socket(&self, file: &str) -> Result<Relay> {
        let far = self.connect().await?;
        let no_socket = |error: std::io::Error| {
            let why = "Muster needs a directory for temporary files that it may write (TMPDIR)";
            self.unreachable(&format!("no socket can be made: {}; {why}", error.kind()))
        };
        let folder = tempfile::Builder::new().prefix("muster-").tempdir().map_err(no_socket)?;
        let path = folder.path().join(file);
        let listener = UnixListener::bind(&path).map_err(no_socket)?;
        tokio::spawn(async move {
            // Nobody else may enter the folder; still, who does not come in time finds nothing.
            let Ok(Ok((near, _))) = tokio::time::timeout(CONNECT_WITHIN, listener.accept()).await else { return };
            drop(listener);
            relay(near, far).await;
        });
        Ok(Relay { path, folder })
    }
}

/// Carries bytes both ways until either end closes. A driver that closes reads nothing any more, so nothing is left
/// waiting for the server.
async fn relay(near: UnixStream, far: TcpStream) {
    let (mut from_near, mut to_near) = near.into_split();
    let (mut from_far, mut to_far) = far.into_split();
    tokio::select! {
        _ = tokio::io::copy(&mut from_near, &mut to_far) => {}
        _ = tokio::io::copy(&mut from_far, &mut to_near) => {}
    }
}

/// A socket that leads to a server, until it is dropped; a connection made through it goes on.
pub(crate) struct Relay {
    pub(crate) path: PathBuf,
    folder: TempDir,
}

impl Relay {
    /// The folder of the socket.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

fn of_host(error: &Error) -> Error {
    match error.kind() {
        muster_base::Kind::Invalid => Error::invalid("host", error.message()),
        _ => failed(error.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_outbound::Policy;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_relay_carries_both_ways_and_ends_with_either_end() {
        for near_ends in [true, false] {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let port = listener.local_addr().expect("an address").port();
            let target = Target { guard: Guard::new(Policy::All), title: "A server", host: "127.0.0.1".into(), port };
            let relay = target.by_socket("x.sock").await.expect("a relay");
            let mut near = UnixStream::connect(&relay.path).await.expect("connected");
            drop(relay);
            let (mut far, _) = listener.accept().await.expect("accepted");
            let mut heard = [0; 4];
            near.write_all(b"ping").await.expect("sent");
            far.read_exact(&mut heard).await.expect("heard");
            assert_eq!(&heard, b"ping");
            far.write_all(b"pong").await.expect("sent");
            near.read_exact(&mut heard).await.expect("heard");
            assert_eq!(&heard, b"pong");
            // The end that stays says nothing and closes nothing.
            if near_ends {
                drop(near);
                assert_eq!(far.read(&mut heard).await.unwrap_or(0), 0);
            } else {
                drop(far);
                assert_eq!(near.read(&mut heard).await.unwrap_or(0), 0);
            }
        }
    }
}
