//! The network dialect: agents that dial in, interrupts, connectors, shared memory. Nothing but translation.
//!
//! It answers at `/api/agents...` for whoever sends `x-agent-token`. Bare objects, `{"error": "..."}`, times in ISO-8601.

mod agents;
mod connectors;
mod errors;
mod interrupt;
mod memory;
mod message;
mod numbers;
mod relay;
mod rendezvous;
mod reply;
mod stats;

use futures::FutureExt;
use muster_base::Result;
use muster_domain::presence;
use muster_http::{Limits, Surface};

/// The surface with all of its operations.
pub fn surface() -> Surface {
    Surface::new("network", errors::render)
        .title("Network: agents that dial in, interrupts, connectors and shared memory.")
        .owns("/api/agents/connectors")
        .owns("/api/agents/memory")
        .owns("/api/agents/stats")
        .owns("/rendezvous")
        .owns("/relay")
        .limits(Limits::split(1000, 300))
        .errors::<errors::ErrorBody>()
        .gate(|ctx| {
            async move {
                note_sign(presence::called(&ctx).await);
                Ok(())
            }
            .boxed()
        })
        .route(agents::LIST, agents::list)
        .route(connectors::LIST, connectors::list)
        .route(connectors::QUERY, connectors::query)
        .route(interrupt::INTERRUPT, interrupt::interrupt)
        .route(message::GET, message::get)
        .route(reply::REPLY, reply::reply)
        .route(memory::MEMORY, memory::memory)
        .route(stats::STATS, stats::stats)
        .route(relay::RELAY, relay::relay)
        .route(rendezvous::RENDEZVOUS, rendezvous::rendezvous)
}

/// That a sign of life cannot be noted is no reason to refuse what the agent wants.
fn note_sign(noted: Result<()>) {
    if let Err(error) = noted {
        tracing::warn!(error = ?error, "could not note that an agent has called");
    }
}
