//! Agents that dial in, over real sockets.

use crate::support::TestApp;
use muster_testkit::Socket;
use std::net::SocketAddr;
use std::time::Duration;

/// How long anything may take.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) async fn dial(at: SocketAddr, token: &str, machine: &str) -> (Socket, String) {
    Socket::dial(&format!("ws://{at}"), token, machine).await
}

/// Two agents of one org that know of each other.
pub(crate) async fn two(app: &TestApp) -> (SocketAddr, (Socket, String), (Socket, String)) {
    let (at, token) = (app.listen().await, app.token().await);
    let mut ann = dial(at, &token, "ann").await;
    let mut bob = dial(at, &token, "bob").await;
    assert_eq!(ann.0.hear_of("agent_status").await["agentId"], bob.1.as_str());
    assert_eq!(bob.0.hear_of("agent_status").await["agentId"], ann.1.as_str());
    (at, ann, bob)
}
