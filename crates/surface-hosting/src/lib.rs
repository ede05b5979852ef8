//! The hosting surface: hosted LLM agents and messaging, at `/v1/agent/...`. Nothing but translation.

mod agents;
mod create;
mod errors;
mod lifecycle;
mod messages;
mod stream;
mod update;
mod views;

use futures::FutureExt;
use muster_base::Error;
use muster_http::{Limits, Surface};

/// The operations of the surface.
pub fn surface() -> Surface {
    Surface::new("hosting", errors::render)
        .title("Hosted agents.")
        .owns("/v1/agent")
        .owns("/v1/mcp")
        .owns("/v1/webhooks")
        .errors::<errors::Body>()
        .limits(Limits::shared(1000))
        .gate(|ctx| {
            async move {
                if ctx.principal().features.iter().any(|feature| feature == "hosting") {
                    return Ok(());
                }
                Err(Error::forbidden(
                    "hosting.disabled",
                    "AI agents are not enabled for this organisation; an operator can enable the hosting feature (muster orgs set ORG --feature hosting=on)",
                ))
            }
            .boxed()
        })
        .route(create::CREATE, create::create)
        .route(agents::LIST, agents::list)
        .route(agents::GET, agents::get)
        .route(agents::SUMMARY, agents::summary)
        .route(agents::READY, agents::ready)
        .route(update::UPDATE, update::update)
        .route(lifecycle::DELETE, lifecycle::delete)
        .route(lifecycle::PAUSE, lifecycle::pause)
        .route(lifecycle::RESUME, lifecycle::resume)
        .route(lifecycle::STOP, lifecycle::stop)
        .route(lifecycle::STATUS, lifecycle::status)
        .route(lifecycle::BALANCE, lifecycle::balance)
        .route(messages::POST, messages::post)
        .route(messages::LIST, messages::list)
        .route(messages::STREAM, messages::stream)
        .route(messages::CONVERSATIONS, messages::conversations)
}
