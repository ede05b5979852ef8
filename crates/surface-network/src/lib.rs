//! The network dialect: agents that dial in, interrupts, connectors, shared memory. Nothing but translation.
//!
//! It answers at `/api/agents...` for whoever sends `x-agent-token`. Bare objects, `{"error": "..."}`, times in ISO-8601.

mod agents;
mod connectors;
mod errors;
mod interrupt;
mod memory;
mod relay;
mod rendezvous;
mod reply;
mod stats;

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
        .route(agents::LIST, agents::list)
        .route(connectors::LIST, connectors::list)
        .route(connectors::QUERY, connectors::query)
        .route(interrupt::INTERRUPT, interrupt::interrupt)
        .route(reply::REPLY, reply::reply)
        .route(memory::MEMORY, memory::memory)
        .route(stats::STATS, stats::stats)
        .route(relay::RELAY, relay::relay)
        .route(rendezvous::RENDEZVOUS, rendezvous::rendezvous)
}
