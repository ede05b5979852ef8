//! Words that every other crate uses: errors, ids, time, paging, secrets and three-state fields. No IO.

mod error;
mod ids;
mod paging;
mod patch;
mod secret;
mod time;

pub use error::{Error, Kind, Result};
pub use ids::{agent_slug, new_id, new_secret, slug};
pub use paging::{Cursor, Page, PageRequest};
pub use patch::Patch;
pub use secret::Secret;
pub use time::{Clock, Millis, SystemClock};
