//! Reading one message whole, however long it is.

use super::Whole;
use super::store::{self, Reader};
use crate::context::Ctx;
use muster_base::{Error, Result};

/// A message to an agent, or a reply to one, by its id or its number.
///
/// An agent reads what is to itself, and a token that acts as none what is to the agents of its machines; people and
/// programs read any. Errors: `not_found` for every other message.
pub async fn read(ctx: &Ctx, message: &str) -> Result<Whole> {
    let principal = ctx.principal();
    let reader = match principal.agent.as_deref() {
        Some("") => Reader::Machines(&principal.id),
        Some(agent) => Reader::Agent(agent),
        None => Reader::Anybody,
    };
    let found = store::whole(&ctx.db, ctx.org(), &reader, message).await?;
    found.ok_or_else(|| Error::missing("message", message))
}
