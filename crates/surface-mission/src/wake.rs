//! `/api/agents/{id}/wake`: telling an agent to look after its work.

use muster_domain::access::{Role, Scope};
use muster_domain::comms;
use muster_http::{Caller, Json, Op, OptionalJson, Path, Reply, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Wake an agent.
pub(crate) const WAKE: Op = post("/api/agents/{id}/wake")
    .floor(Role::Operator)
    .scope(Scope::MessagesWrite)
    .summary("Wake an agent: by a turn, over its WebSocket, or by a message that waits for its next heartbeat")
    .takes_optional::<Wake>()
    .gives::<Woken>();

/// Why an agent is woken.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Wake {
    /// What it is told, up to 2000 characters.
    reason: Option<String>,
    /// The same, under another name.
    message: Option<String>,
}

/// How far the wake message has got.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Woken {
    /// True.
    success: bool,
    /// Whether the agent has it now; otherwise it waits.
    delivered: bool,
}

pub(crate) async fn wake(
    caller: Caller,
    Path(id): Path<String>,
    OptionalJson(body): OptionalJson<Wake>,
) -> Reply<Woken> {
    let delivered = comms::wake(&caller, &id, body.reason.or(body.message)).await?;
    Ok(Json(Woken { success: true, delivered }))
}
