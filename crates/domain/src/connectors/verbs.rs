//! Finding connectors, trying them, and what can be asked of them.

use super::port::{FAILED, Resource, TIMEOUT};
use super::{Connector, Shown, store};
use crate::context::Ctx;
use crate::sealed;
use muster_base::{Error, Kind, Page, PageRequest, Result};
use std::time::{Duration, Instant};

/// How long a source may take to say that it is there, and what it has.
const LOOK_WITHIN: Duration = Duration::from_secs(15);

/// How long the resources of a source are remembered.
const RESOURCES_KEPT: Duration = Duration::from_secs(300);

/// A connector of the org, by its id or name.
pub(super) async fn connector(ctx: &Ctx, named: &str) -> Result<Connector> {
    store::find(&ctx.db, ctx.org(), named).await?.ok_or_else(|| Error::missing("connector", named))
}

pub(super) async fn shown(ctx: &Ctx, connector: Connector) -> Result<Shown> {
    let dates = sealed::dates(&ctx.db, ctx.org(), &[&connector.id]).await?;
    Ok(Shown { connector, secrets: dates.into_iter().map(|(_, field, at)| (field, at)).collect() })
}

/// One connector, by its id or name.
pub async fn find(ctx: &Ctx, named: &str) -> Result<Shown> {
    shown(ctx, connector(ctx, named).await?).await
}

/// A page of the org's connectors, newest first.
pub async fn list(ctx: &Ctx, page: &PageRequest) -> Result<Page<Shown>> {
    let page = store::list(&ctx.db, ctx.org(), page).await?;
    let ids: Vec<&str> = page.items.iter().map(|connector| connector.id.as_str()).collect();
    let dates = sealed::dates(&ctx.db, ctx.org(), &ids).await?;
    let secrets_of = |id: &str| {
        let own = dates.iter().filter(|(owner, _, _)| owner == id);
        own.map(|(_, field, at)| (field.clone(), *at)).collect()
    };
    let items = page.items.into_iter().map(|connector| Shown { secrets: secrets_of(&connector.id), connector });
    Ok(Page { items: items.collect(), next: page.next })
}

/// The org's connectors by name, at most `limit`, without their secrets' names.
pub async fn list_all(ctx: &Ctx, limit: i64) -> Result<Vec<Connector>> {
    store::all(&ctx.db, ctx.org(), limit).await
}

/// What came of trying a connector.
#[derive(Debug, Clone)]
pub struct Tested {
    /// What answered, e.g. `PostgreSQL 15.19`; or why nothing did.
    pub outcome: Result<String>,
    /// How long it took.
    pub took: Duration,
}

/// Tries whether the source answers with these settings; also of a connector that is disabled.
pub async fn test(ctx: &Ctx, named: &str) -> Result<Tested> {
    let connector = connector(ctx, named).await?;
    let begun = Instant::now();
    let outcome = match ctx.pools.open(ctx, &connector).await {
        Ok(open) => {
            let tried = tokio::time::timeout(LOOK_WITHIN, open.source.test()).await;
            tried.unwrap_or_else(|_| Err(late(ctx, &connector)))
        }
        Err(error) => Err(error),
    };
    match outcome {
        Err(error) if error.kind() == Kind::Internal || error.code().starts_with("store.") => Err(error),
        outcome => Ok(Tested { outcome: outcome.map_err(as_failure), took: begun.elapsed() }),
    }
}

/// What can be asked for in a connector's source. It is remembered for some minutes.
///
/// Errors: `not_found` when it is disabled; `upstream` when the source fails.
pub async fn resources(ctx: &Ctx, named: &str) -> Result<Vec<Resource>> {
    let connector = connector(ctx, named).await?;
    super::query::must_be_enabled(&connector)?;
    resources_of(ctx, &connector, LOOK_WITHIN).await
}

pub(super) async fn resources_of(ctx: &Ctx, connector: &Connector, within: Duration) -> Result<Vec<Resource>> {
    let open = ctx.pools.open(ctx, connector).await?;
    if let Some(known) = open.known_resources(ctx.now(), RESOURCES_KEPT) {
        return Ok(known);
    }
    let looking = tokio::time::timeout(within, open.source.resources()).await;
    let found = looking.unwrap_or_else(|_| Err(late(ctx, connector))).map_err(as_failure)?;
    open.remember_resources(ctx.now(), &found);
    Ok(found)
}

fn late(ctx: &Ctx, connector: &Connector) -> Error {
    let title = ctx.settings.sources.about(&connector.kind).map_or(connector.kind.as_str(), |about| about.title);
    super::timed_out(title)
}

/// Without a query, there is none to be refused: it is the source that does not work as it is set up.
fn as_failure(error: Error) -> Error {
    match error.code() {
        FAILED | TIMEOUT => error,
        _ if error.kind() == Kind::Invalid && !error.field().unwrap_or_default().is_empty() => {
            super::failed(error.problem().to_owned())
        }
        _ => super::failed(error.message().to_owned()),
    }
}
