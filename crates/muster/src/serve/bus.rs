//! The bus between nodes: notices of commits, so that readers and workers of other nodes wake at once.
//!
//! It may lose notices, which carry no data: every reader also looks by itself now and then. Beside them it carries
//! letters, what an agent linked to one node has for an agent linked to another.

use muster_base::{Error, Result};
use muster_domain::App;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The connection to the bus, if there is one.
pub(super) struct Bus {
    #[cfg(feature = "nats")]
    nats: Option<async_nats::Client>,
}

impl Bus {
    /// Sends what is on its way.
    pub(super) async fn close(self) {
        #[cfg(feature = "nats")]
        if let Some(nats) = self.nats {
            let _ = nats.flush().await;
        }
    }
}

#[cfg(not(feature = "nats"))]
pub(super) async fn connect(_: &Arc<App>, url: Option<&str>, _: &CancellationToken) -> Result<Bus> {
    match url {
        None => Ok(Bus {}),
        Some(_) => Err(Error::invalid("bus_url", "this program was built without the feature nats")),
    }
}

/// Connects this process's notices with those of the other nodes.
#[cfg(feature = "nats")]
pub(super) async fn connect(app: &Arc<App>, url: Option<&str>, shutdown: &CancellationToken) -> Result<Bus> {
    use futures::StreamExt;
    use muster_store::Notice;
    use serde::{Deserialize, Serialize};
    use tokio::sync::mpsc;

    const SUBJECT: &str = "muster.notices";
    const TOPICS: &[&str] =
        &["events", "turns", "stream", "turn-cancel", "access", "jobs", "inbox", "delivered", "replies"];

    #[derive(Serialize, Deserialize)]
    struct Wire {
        node: String,
        topic: String,
        key: String,
    }

    let Some(url) = url else { return Ok(Bus { nats: None }) };
    let nats = async_nats::ConnectOptions::new()
        .name("muster")
        .connection_timeout(std::time::Duration::from_secs(5))
        .connect(url)
        .await
        .map_err(|error| Error::invalid("bus_url", format!("the bus cannot be reached: {error}")))?;
    let mut incoming = nats.subscribe(SUBJECT).await.map_err(Error::internal)?;
    let (hub, node, stop) = (app.db.hub().clone(), app.node.clone(), shutdown.clone());
    tokio::spawn(async move {
        while let Some(message) = tokio::select! { next = incoming.next() => next, () = stop.cancelled() => None } {
            let Ok(wire) = serde_json::from_slice::<Wire>(&message.payload) else { continue };
            let topic = TOPICS.iter().find(|topic| **topic == wire.topic);
            if let Some(topic) = topic.filter(|_| wire.node != node) {
                hub.wake(&Notice::new(topic, &wire.key));
            }
        }
    });
    let (send, mut outgoing) = mpsc::channel::<Notice>(4096);
    app.db.hub().forward_to(send);
    let (client, node) = (nats.clone(), app.node.clone());
    tokio::spawn(async move {
        while let Some(notice) = outgoing.recv().await {
            let wire = Wire { node: node.clone(), topic: notice.topic.to_owned(), key: notice.key.to_string() };
            let Ok(payload) = serde_json::to_vec(&wire) else { continue };
            if client.publish(SUBJECT, payload.into()).await.is_err() {
                metrics::counter!("muster_bus_dropped_total").increment(1);
            }
        }
    });
    carry_letters(app, &nats, shutdown).await?;
    Ok(Bus { nats: Some(nats) })
}

/// Connects this process's letters with those of the other nodes.
#[cfg(feature = "nats")]
async fn carry_letters(app: &Arc<App>, nats: &async_nats::Client, shutdown: &CancellationToken) -> Result<()> {
    use futures::StreamExt;
    use muster_domain::links::{Address, Letter};
    use serde::{Deserialize, Serialize};
    use tokio::sync::mpsc;

    const SUBJECT: &str = "muster.letters";
    const TO_ALL: &str = "all";

    #[derive(Serialize, Deserialize)]
    struct Wire {
        node: String,
        letter: Letter,
    }

    let own = nats.subscribe(format!("{SUBJECT}.{}", app.node)).await.map_err(Error::internal)?;
    let all = nats.subscribe(format!("{SUBJECT}.{TO_ALL}")).await.map_err(Error::internal)?;
    let mut incoming = futures::stream::select(own, all);
    let (receiver, stop) = (app.clone(), shutdown.clone());
    tokio::spawn(async move {
        while let Some(message) = tokio::select! { next = incoming.next() => next, () = stop.cancelled() => None } {
            let Ok(wire) = serde_json::from_slice::<Wire>(&message.payload) else { continue };
            if wire.node != receiver.node {
                receiver.links.receive(&receiver, wire.letter);
            }
        }
    });
    let (send, mut outgoing) = mpsc::channel::<(Address, Letter)>(4096);
    app.links.send_by(send);
    let (client, node) = (nats.clone(), app.node.clone());
    tokio::spawn(async move {
        while let Some((to, letter)) = outgoing.recv().await {
            let subject = match &to {
                Address::Node(node) => format!("{SUBJECT}.{node}"),
                Address::Others => format!("{SUBJECT}.{TO_ALL}"),
            };
            let Ok(payload) = serde_json::to_vec(&Wire { node: node.clone(), letter }) else { continue };
            if client.publish(subject, payload.into()).await.is_err() {
                metrics::counter!("muster_bus_dropped_total").increment(1);
            }
        }
    });
    Ok(())
}
