//! Agents that dial in, as small as can be: each answers interrupts, sends heartbeats, and dials in again when its link ends.

use crate::Outcome;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{interval_at, sleep, timeout};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

/// How many agents dial in at once; the others of a fleet wait for them.
const DIALLING: usize = 64;
/// The wait before dialling in again: a random half to the whole of it, doubled with each try.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(180);

/// Agents with their links; all end when it is dropped.
pub(crate) struct Fleet {
    shared: Arc<Shared>,
    there: watch::Receiver<usize>,
    agents: JoinSet<()>,
}

struct Shared {
    address: SocketAddr,
    token: String,
    there: watch::Sender<usize>,
    ids: Mutex<Vec<String>>,
    dialling: Semaphore,
}

impl Fleet {
    pub(crate) fn new(address: SocketAddr, token: String) -> Self {
        let (send, there) = watch::channel(0);
        let (ids, dialling) = (Mutex::default(), Semaphore::new(DIALLING));
        let shared = Shared { address, token, there: send, ids, dialling };
        Self { shared: Arc::new(shared), there, agents: JoinSet::new() }
    }

    /// Adds agents and waits until all are there; gives how long that took.
    pub(crate) async fn grow(&mut self, to: usize) -> Outcome<Duration> {
        let begun = Instant::now();
        for number in self.agents.len()..to {
            self.agents.spawn(live(Arc::clone(&self.shared), number));
        }
        self.all_there().await?;
        Ok(begun.elapsed())
    }

    /// Waits until every agent is linked.
    pub(crate) async fn all_there(&mut self) -> Outcome<()> {
        let all = self.agents.len();
        let is_in_time = timeout(PATIENCE, self.there.wait_for(|there| *there == all)).await.is_ok();
        if !is_in_time {
            return Err(format!("{} of {all} agents are linked", *self.there.borrow()).into());
        }
        Ok(())
    }

    /// Waits until no agent is linked.
    pub(crate) async fn all_gone(&mut self) -> Outcome<()> {
        timeout(PATIENCE, self.there.wait_for(|there| *there == 0)).await??;
        Ok(())
    }

    /// The ids of its agents.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.shared.ids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn live(shared: Arc<Shared>, number: usize) {
    let mut tries = 0;
    let mut is_known = false;
    loop {
        if let Ok(()) = link(&shared, number, &mut is_known).await {
            tries = 0;
        }
        let full = FIRST_WAIT.saturating_mul(1 << tries.min(6)).min(LONGEST_WAIT);
        tries += 1;
        let share = RandomState::new().build_hasher().finish() % 1000;
        sleep(full.mul_f64(0.5 + share as f64 / 2000.0)).await;
    }
}

/// One link from its begin to its end; an error when the agent was not let in.
async fn link(shared: &Shared, number: usize, is_known: &mut bool) -> Outcome<()> {
    let permit = shared.dialling.acquire().await?;
    let stream = TcpStream::connect(shared.address).await?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = client_async(format!("ws://{}/rendezvous", shared.address), stream).await?;
    let register = json!({"type": "register", "token": shared.token, "machineId": format!("bench-{number}")});
    socket.send(Message::text(register.to_string())).await?;
    let Some(Ok(Message::Text(text))) = socket.next().await else { return Err("the link ended at once".into()) };
    let registered: Value = serde_json::from_str(&text)?;
    let heartbeat = registered["heartbeatIntervalMs"].as_u64().ok_or_else(|| format!("not let in: {registered}"))?;
    let heartbeat = Duration::from_millis(heartbeat);
    drop(permit);
    if !std::mem::replace(is_known, true) {
        let id = registered["agentId"].as_str().unwrap_or_default().to_owned();
        shared.ids.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    }
    shared.there.send_modify(|there| *there += 1);
    let mut beats = interval_at(tokio::time::Instant::now() + heartbeat, heartbeat);
    loop {
        let answer = tokio::select! {
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => reply(&text),
                Some(Ok(_)) => None,
                Some(Err(_)) | None => break,
            },
            _ = beats.tick() => Some(json!({"type": "heartbeat"})),
        };
        if let Some(answer) = answer
            && socket.send(Message::text(answer.to_string())).await.is_err()
        {
            break;
        }
    }
    shared.there.send_modify(|there| *there -= 1);
    Ok(())
}

/// What an agent says to a frame: the text of an interrupt again.
fn reply(text: &str) -> Option<Value> {
    // Most frames tell of peers and are not worth reading here.
    if !text.contains("\"interrupt\"") {
        return None;
    }
    let frame: Value = serde_json::from_str(text).ok()?;
    (frame["type"] == "interrupt")
        .then(|| json!({"type": "reply", "messageId": frame["messageId"], "content": frame["reason"]}))
}
