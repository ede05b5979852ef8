//! Answers that are given again as long as nothing has changed in the org: for what dashboards ask over and over.
//!
//! Every change is an event of its org, and the count of an org's commits rises before the change is acknowledged. An
//! answer that was made while the count stood where it stands now is therefore what the database would say. This holds
//! for SQLite, on which one process writes; on PostgreSQL other nodes write too, and nothing is kept.

use crate::reply::json_bytes;
use axum::response::Response;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Method, StatusCode};
use http_body::Body as _;
use muster_base::Result;
use muster_domain::Ctx;

/// The most bytes that all kept answers take.
const KEPT: u64 = 32 * 1024 * 1024;
/// The largest answer that is kept.
const LARGEST: u64 = 256 * 1024;

/// Answers by org and URL.
pub(crate) struct Answers {
    kept: moka::sync::Cache<String, Kept>,
}

#[derive(Clone)]
struct Kept {
    count: u64,
    body: Bytes,
}

/// Where an answer belongs, and the count of changes before it was made.
pub(crate) struct Place {
    key: String,
    count: u64,
}

impl Default for Answers {
    fn default() -> Self {
        let weight = |key: &String, kept: &Kept| u32::try_from(key.len() + kept.body.len() + 64).unwrap_or(u32::MAX);
        Self { kept: moka::sync::Cache::builder().max_capacity(KEPT).weigher(weight).build() }
    }
}

impl Answers {
    /// Where the answer to this request is kept; `None` when it cannot be.
    pub(crate) fn place(ctx: &Ctx, parts: &Parts) -> Option<Place> {
        if parts.method != Method::GET || !ctx.db.has_one_writer() {
            return None;
        }
        let target = parts.uri.path_and_query()?.as_str();
        Some(Place { key: format!("{}\0{target}", ctx.org()), count: ctx.db.hub().changes_of(ctx.org()) })
    }

    /// The kept answer, if nothing has changed since.
    pub(crate) fn find(&self, place: &Place) -> Option<Response> {
        let kept = self.kept.get(&place.key).filter(|kept| kept.count == place.count)?;
        Some(json_bytes(StatusCode::OK, kept.body))
    }

    /// Keeps an answer.
    pub(crate) async fn keep(&self, place: Place, response: Response) -> Result<Response> {
        let is_small = response.body().size_hint().exact().is_some_and(|size| size <= LARGEST);
        let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|value| value == "application/json");
        if response.status() != StatusCode::OK || !is_small || !is_json {
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        let body = crate::extract::collect(body, LARGEST as usize).await?;
        self.kept.insert(place.key, Kept { count: place.count, body: body.clone() });
        Ok(Response::from_parts(head, body.into()))
    }
}
