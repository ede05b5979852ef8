//! What the frames of an agent ask for.

use super::frames::{FromAgent, SignalBody};
use muster_base::{Error, Result};
use muster_domain::links::{self, Link, Signal};
use muster_domain::{comms, inbox};
use std::sync::Arc;

/// Does what a frame asks; what it says is stored when this returns.
pub(super) async fn carry_out(link: &Arc<Link>, frame: FromAgent) -> Result<()> {
    let agent = &*link.agent;
    match frame {
        FromAgent::Register(_) => Err(Error::conflict("the agent is registered; dial in again to be another one")),
        FromAgent::Heartbeat => Ok(()),
        FromAgent::ConnectRequest { target_agent_id, session_id } => {
            links::ask(link, &session_id, &target_agent_id).await
        }
        FromAgent::ConnectAccept { session_id } => links::accept(link, &session_id),
        FromAgent::ConnectReject { session_id, reason } => {
            links::reject(link, &session_id, reason.as_deref().unwrap_or("refused"))
        }
        FromAgent::Signal { session_id, target_agent_id, signal } => {
            links::signal(link, &session_id, &target_agent_id, said(signal))
        }
        FromAgent::RelayRequest { session_id } => links::ask_relay(link, &session_id),
        FromAgent::Disconnect { session_id } => links::leave(link, &session_id),
        FromAgent::Reply { message_id, content } => {
            inbox::reply(&link.ctx, agent, &message_id, content).await.map(drop)
        }
        FromAgent::Ack { message_id } => inbox::acknowledge(&link.ctx, agent, &[message_id]).await,
        FromAgent::Message { to, content } => send(link, to, content).await,
    }
}

fn said(signal: SignalBody) -> Signal {
    Signal { kind: signal.kind.as_str().to_owned(), data: Arc::from(signal.data.to_string()) }
}

async fn send(link: &Link, to: String, content: String) -> Result<()> {
    let outgoing = comms::Outgoing { from: link.agent.to_string(), to, content, kind: None };
    comms::send(&link.ctx, outgoing).await.map(drop)
}
