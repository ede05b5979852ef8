//! Agents that a gateway runs: taken over from its file, and written into it.
//!
//! An agent and an entry of the file belong together by the agent's session key, `agent:<id>:main`; when a client gave
//! the agent another one, by the id that its config names. So a new name in the file renames the agent. The file belongs
//! to one org of the deployment: to all others it does not exist.

mod entry;
mod plan;
mod port;
mod store;
mod sync;

pub use entry::{check, prepare, write_entry};
pub use port::{Entry, EntryChange, Gateway, REDACTED, UNREADABLE, session_key, unreadable};
pub use sync::{Action, Missing, Outcome, Taken, preview, sync};

use crate::context::Ctx;
use muster_base::{Error, Kind, Result};
use std::sync::Arc;

/// The key of a config that names the id in the file.
const ID: &str = "openclawId";

/// A gateway's file and the org whose agents it lists.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The org's slug.
    pub org: String,
    /// The file.
    pub file: Arc<dyn Gateway>,
}

/// The file, when there is one and it is the caller's org's.
///
/// Errors: `forbidden` for other orgs and for agents, `conflict` when no file is set.
fn file(ctx: &Ctx) -> Result<Arc<dyn Gateway>> {
    entry::may_use_file(ctx)?;
    let binding = ctx.settings.gateway.as_ref().ok_or_else(|| {
        let message = "no gateway file is set; set MUSTER_GATEWAY_CONFIG to the gateway's openclaw.json and restart";
        Error::new(Kind::Conflict, "gateway.unset", message)
    })?;
    Ok(Arc::clone(&binding.file))
}
