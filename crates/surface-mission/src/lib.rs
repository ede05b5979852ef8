//! The mission dialect, `/api/...`: bare objects, `{"error": "..."}`, and the sessions of the people who use the
//! console.

mod auth;
mod errors;
mod sync;

use muster_http::{Limits, Surface};

/// The surface with all of its operations.
pub fn surface() -> Surface {
    Surface::new("mission", errors::render)
        .title("Mission: sessions.")
        .owns("/api")
        .limits(Limits::split(600, 60))
        .errors::<errors::ErrorBody>()
        .route(auth::LOGIN, auth::login)
        .route(auth::TOKEN, auth::token)
        .route(auth::LOGOUT, auth::logout)
        .route(auth::ME, auth::me)
        .route(sync::PREVIEW, sync::preview)
        .route(sync::SYNC, sync::sync)
}
