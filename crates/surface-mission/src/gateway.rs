//! The gateway's file, where agents may be entered as well.

use muster_domain::Ctx;
use muster_domain::agents::Card;

/// Writes the agent's entry to the gateway's file; says what kept it from being written, if something did.
pub(crate) async fn write_entry(_: &Ctx, card: &Card) -> Option<String> {
    Some(format!(
        "{} was entered, but not written to a gateway's file: MUSTER_GATEWAY_CONFIG is not set",
        card.agent.name
    ))
}
