//! The mission dialect, `/api/...`: the registry as mission control shows it, and the sessions of the people who use it.
//! Bare objects, `{"error": "..."}`, times in seconds since the epoch. An agent is named by number, slug or name.

mod agents;
mod auth;
mod create;
mod errors;
mod events;
mod gateway;
mod keys;
mod memory;
mod register;
mod soul;
mod status;
mod sync;
mod templates;
mod update;
mod users;
mod views;

use muster_http::{Limits, Surface};

/// The surface with all of its operations.
pub fn surface() -> Surface {
    Surface::new("mission", errors::render)
        .title("Mission: agents, souls, memory and sessions")
        .owns("/api")
        .limits(Limits::split(600, 60))
        .errors::<errors::ErrorBody>()
        .route(auth::LOGIN, auth::login)
        .route(auth::TOKEN, auth::token)
        .route(auth::LOGOUT, auth::logout)
        .route(auth::ME, auth::me)
        .route(users::LIST, users::list)
        .route(users::CREATE, users::create)
        .route(users::CHANGE, users::change)
        .route(users::DELETE, users::remove)
        .route(agents::LIST, agents::list)
        .route(create::CREATE, create::create)
        .route(update::BY_NAME, update::by_name)
        .route(register::REGISTER, register::register)
        .route(agents::GET, agents::show)
        .route(update::UPDATE, update::update)
        .route(agents::DELETE, agents::remove)
        .route(soul::GET, soul::show)
        .route(soul::PUT, soul::write)
        .route(memory::GET, memory::show)
        .route(memory::PUT, memory::write)
        .route(memory::DELETE, memory::clear)
        .route(keys::LIST, keys::list)
        .route(keys::CREATE, keys::create)
        .route(keys::DELETE, keys::remove)
        .route(templates::LIST, templates::list)
        .route(templates::GET, templates::show)
        .route(events::FOLLOW, events::stream)
        .route(status::STATUS, status::show)
        .route(sync::PREVIEW, sync::preview)
        .route(sync::SYNC, sync::sync)
}
