//! The HTTP framework: one table of operations per surface drives routing, authorisation, limits, errors, OpenAPI and
//! the list of routes. Handlers are plain axum functions.
//!
//! A surface declares each endpoint as a constant beside its handler and mounts the two together:
//!
//! ```ignore
//! /// Pause an agent.
//! pub const PAUSE: Op = post("/v1/agent/{id}/pause")
//!     .floor(Role::Operator).scope(Scope::AgentsWrite).summary("Pause an agent").gives::<Message>();
//!
//! pub async fn pause(caller: Caller, Path(id): Path<String>) -> Reply<Message> {
//!     agents::pause(&caller, &id).await?;
//!     Ok(Json(Message::new("Agent paused successfully")))
//! }
//!
//! pub fn surface() -> Surface {
//!     Surface::new("hosting", errors::render).owns("/v1/agent").limits(Limits::shared(1000)).route(PAUSE, pause)
//! }
//! ```

#![warn(missing_docs)]

mod aliases;
mod answers;
mod call;
mod credential;
mod depth;
mod extract;
mod files;
mod follow;
mod guard;
mod limit;
mod observe;
mod op;
mod openapi;
mod repeat;
mod reply;
mod request_id;
mod router;
mod routes;
mod sse;
mod state;
mod surface;
mod table;
mod text;
mod unread;
mod words;

pub use call::{Caller, Visitor};
pub use credential::{Presented, SECURE_SESSION_COOKIE, SESSION_COOKIE, Source};
pub use extract::{OptionalJson, Path, Query, RawBody, parse_json, parse_query};
pub use files::{Asset, CONSOLE_CSP, file, secure_page};
pub use follow::{Follower, ShowEvent, follow, last_place};
pub use limit::RateClock;
pub use op::{
    Access, DEFAULT_BODY_LIMIT, Declared, OTHER_SYSTEM, Op, Rate, SchemaOf, Spec, Undeclared, Verb, delete, get, patch,
    post, put,
};
pub use openapi::openapi;
pub use reply::{Accepted, Created, Failure, Json, METHOD_NOT_ALLOWED, NoContent, Reply, json, status_of};
pub use router::{router, router_with};
pub use routes::{RouteLine, routes};
pub use sse::{SseEvent, last_event_id, sse, sse_for, wants_sse};
pub use state::AppState;
pub use surface::{Endpoint, Gate, Limits, Meta, Render, Route, Surface};
pub use table::{Chooser, choose_by_credential};
