//! The only way by which the driver connects: a SOCKS5 proxy of this process that lets through what the policy permits.
//!
//! The driver looks names up by itself, again and again, and goes to servers that other servers name. All of that passes
//! here, so that the address that is connected to is the one that was checked. It listens on this machine only, behind a
//! password that nobody else knows. <https://www.rfc-editor.org/rfc/rfc1928>, <https://www.rfc-editor.org/rfc/rfc1929>

use super::TITLE;
use crate::sql::net::{CONNECT_WITHIN, Target};
use mongodb::options::Socks5Proxy;
use muster_base::{Error, Kind, Result, new_secret};
use muster_outbound::Guard;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

const VERSION: u8 = 5;
const BY_PASSWORD: u8 = 2;
const CONNECT: u8 = 1;
const NOT_ALLOWED: u8 = 2;
const UNREACHABLE: u8 = 4;

/// The most connections at once; the driver's pools are far smaller.
const MOST: usize = 64;

/// A gate that is open until it is dropped.
pub(super) struct Gate {
    port: u16,
    password: String,
    refused: Arc<Mutex<Option<Error>>>,
    task: JoinHandle<()>,
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Gate {
    pub(super) async fn open(guard: &Guard) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(Error::internal)?;
        let port = listener.local_addr().map_err(Error::internal)?.port();
        let password = new_secret("");
        let refused = Arc::new(Mutex::new(None));
        let keeper = Keeper { guard: guard.clone(), password: password.clone(), refused: refused.clone() };
        let task = tokio::spawn(keeper.keep(listener));
        Ok(Self { port, password, refused, task })
    }

    /// What the driver is told.
    pub(super) fn proxy(&self) -> Socks5Proxy {
        let authentication = Some((USER.to_owned(), self.password.clone()));
        Socks5Proxy::builder().host("127.0.0.1".to_owned()).port(self.port).authentication(authentication).build()
    }

    /// The last refusal since this was asked: the driver only knows that it could not connect.
    pub(super) fn refusal(&self) -> Option<Error> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

const USER: &str = "muster";

#[derive(Clone)]
struct Keeper {
    guard: Guard,
    password: String,
    refused: Arc<Mutex<Option<Error>>>,
}

impl Keeper {
    async fn keep(self, listener: TcpListener) {
        // Dropped with the task, and the connections with it.
        let mut passing = JoinSet::new();
        loop {
            tokio::select! {
                come = listener.accept() => match come {
                    Ok((near, _)) if passing.len() < MOST => {
                        let keeper = self.clone();
                        passing.spawn(async move {
                            let _ = keeper.pass(near).await;
                        });
                    }
                    Ok(_) => {}
                    // Too many open files, most likely; the driver tries again.
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
                },
                Some(_) = passing.join_next() => {}
            }
        }
    }

    async fn pass(&self, mut near: TcpStream) -> io::Result<()> {
        let _ = near.set_nodelay(true);
        let greeted = tokio::time::timeout(CONNECT_WITHIN, self.greet(&mut near)).await;
        let (host, port) = greeted.map_err(|_| io::ErrorKind::TimedOut)??;
        let target = Target { guard: self.guard.clone(), title: TITLE, host, port };
        let mut far = match target.connect().await {
            Ok(far) => far,
            Err(error) => {
                let reply = if error.kind() == Kind::Invalid { NOT_ALLOWED } else { UNREACHABLE };
                *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                return near.write_all(&answer(reply)).await;
            }
        };
        near.write_all(&answer(0)).await?;
        copy_bidirectional(&mut near, &mut far).await.map(drop)
    }

    /// Checks the password and reads where to.
    async fn greet(&self, near: &mut TcpStream) -> io::Result<(String, u16)> {
        let [version, methods] = read(near).await?;
        let methods = read_many(near, methods).await?;
        if version != VERSION || !methods.contains(&BY_PASSWORD) {
            near.write_all(&[VERSION, 0xff]).await?;
            return Err(io::ErrorKind::InvalidData.into());
        }
        near.write_all(&[VERSION, BY_PASSWORD]).await?;
        let [_, length] = read(near).await?;
        let user = read_many(near, length).await?;
        let [length] = read(near).await?;
        let password = read_many(near, length).await?;
        if user != USER.as_bytes() || password != self.password.as_bytes() {
            near.write_all(&[1, 1]).await?;
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        near.write_all(&[1, 0]).await?;
        let [_, command, _, kind] = read(near).await?;
        let host = match kind {
            1 => std::net::Ipv4Addr::from(read::<4>(near).await?).to_string(),
            4 => std::net::Ipv6Addr::from(read::<16>(near).await?).to_string(),
            3 => {
                let [length] = read(near).await?;
                String::from_utf8(read_many(near, length).await?).map_err(|_| io::ErrorKind::InvalidData)?
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        };
        let port = u16::from_be_bytes(read(near).await?);
        match command {
            CONNECT => Ok((host, port)),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

fn answer(reply: u8) -> [u8; 10] {
    [VERSION, reply, 0, 1, 0, 0, 0, 0, 0, 0]
}

async fn read<const N: usize>(from: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn read_many(from: &mut TcpStream, length: u8) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(length)];
    from.read_exact(&mut bytes).await?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_outbound::Policy;

    async fn through(gate: &Gate, password: &str, host: &str, port: u16) -> io::Result<(TcpStream, u8)> {
        let mut near = TcpStream::connect(("127.0.0.1", gate.port)).await?;
        near.write_all(&[VERSION, 2, 0, BY_PASSWORD]).await?;
        assert_eq!(read::<2>(&mut near).await?, [VERSION, BY_PASSWORD]);
        let mut words = vec![1, USER.len() as u8];
        words.extend(USER.as_bytes());
        words.push(password.len() as u8);
        words.extend(password.as_bytes());
        near.write_all(&words).await?;
        if read::<2>(&mut near).await? != [1, 0] {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut request = vec![VERSION, CONNECT, 0, 3, host.len() as u8];
        request.extend(host.as_bytes());
        request.extend(port.to_be_bytes());
        near.write_all(&request).await?;
        let reply = read::<10>(&mut near).await?;
        Ok((near, reply[1]))
    }

    #[tokio::test]
    async fn it_leads_where_the_policy_permits_and_nowhere_else() {
        let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = server.local_addr().expect("it is bound").port();
        let gate = Gate::open(&Guard::new(Policy::All)).await.expect("a gate");
        let (mut near, reply) = through(&gate, &gate.password, "127.0.0.1", port).await.expect("an answer");
        assert_eq!(reply, 0);
        let (mut far, _) = server.accept().await.expect("a connection");
        near.write_all(b"ping").await.expect("sent");
        assert_eq!(read::<4>(&mut far).await.expect("received"), *b"ping");

        let strict = Gate::open(&Guard::new(Policy::Public)).await.expect("a gate");
        for host in ["127.0.0.1", "localhost", "0x7f.1", "::1"] {
            let (_, reply) = through(&strict, &strict.password, host, port).await.expect("an answer");
            assert_eq!(reply, NOT_ALLOWED, "{host}");
            let refusal = strict.refusal().expect("it is told why");
            assert!(refusal.message().contains("MUSTER_ALLOW_PRIVATE_URLS"), "{refusal}");
        }
    }

    #[tokio::test]
    async fn only_who_knows_the_password_passes() {
        let gate = Gate::open(&Guard::new(Policy::All)).await.expect("a gate");
        let error = through(&gate, "guess", "127.0.0.1", 1).await.expect_err("refused");
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        let mut near = TcpStream::connect(("127.0.0.1", gate.port)).await.expect("it listens");
        near.write_all(&[VERSION, 1, 0]).await.expect("sent");
        assert_eq!(read::<2>(&mut near).await.expect("an answer"), [VERSION, 0xff]);
    }

    #[tokio::test]
    async fn it_closes_when_it_is_dropped() {
        let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = server.local_addr().expect("it is bound").port();
        let gate = Gate::open(&Guard::new(Policy::All)).await.expect("a gate");
        let (mut near, _) = through(&gate, &gate.password, "127.0.0.1", port).await.expect("an answer");
        drop(gate);
        assert_eq!(near.read(&mut [0; 1]).await.expect("closed"), 0);
    }
}
