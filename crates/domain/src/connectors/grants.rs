//! Which hosted agents have a connector as a tool.

use super::port::{About, Resource};
use super::{Connector, change, store, verbs};
use crate::context::Ctx;
use crate::events::NewEvent;
use muster_base::{Error, Result};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// How many agents may have one connector.
const MOST_AGENTS: usize = 1000;

/// How many connectors one agent is offered.
const MOST_OFFERED: i64 = 50;

/// How long a turn waits for a source to say what it has; without an answer it goes on without.
const LOOK_WITHIN: Duration = Duration::from_secs(3);

/// How long a source that did not say what it has is left alone.
const SILENT: Duration = Duration::from_secs(60);

/// The agents that have a connector as a tool: ids and names, by name.
pub async fn grants(ctx: &Ctx, named: &str) -> Result<Vec<(String, String)>> {
    let connector = verbs::connector(ctx, named).await?;
    store::agents_of(&ctx.db, ctx.org(), &connector.id).await
}

/// Gives a connector to these agents and to no others.
pub async fn set_grants(ctx: &Ctx, named: &str, agents: Vec<String>) -> Result<Vec<(String, String)>> {
    if agents.len() > MOST_AGENTS {
        return Err(Error::invalid("agents", format!("must have at most {MOST_AGENTS} agents")));
    }
    let connector = verbs::connector(ctx, named).await?;
    let (for_tx, id) = (ctx.clone(), connector.id.clone());
    ctx.write(move |tx| {
        Box::pin(async move {
            let connector =
                store::lock(tx, for_tx.org(), &id).await?.ok_or_else(|| Error::missing("connector", &id))?;
            let before: BTreeSet<String> = store::grants(tx, &id).await?.into_iter().collect();
            let after: BTreeSet<String> = agents.iter().cloned().collect();
            let added: Vec<&String> = after.difference(&before).collect();
            let removed: Vec<&String> = before.difference(&after).collect();
            for agent in &added {
                if !store::grant(tx, for_tx.org(), &id, agent, for_tx.now()).await? {
                    let at = agents.iter().position(|known| known == *agent).unwrap_or_default();
                    return Err(Error::invalid(format!("agents[{at}]"), format!("there is no agent `{agent}`")));
                }
            }
            for agent in &removed {
                store::revoke(tx, &id, agent).await?;
            }
            if added.is_empty() && removed.is_empty() {
                return Ok(());
            }
            let data = json!({"name": connector.name, "added": added, "removed": removed});
            change::announce(tx, &for_tx, NewEvent::new("connector.granted", &id, data)).await
        })
    })
    .await?;
    store::agents_of(&ctx.db, ctx.org(), &connector.id).await
}

/// A connector that an agent has as a tool.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The connector.
    pub connector: Connector,
    /// What its type says about itself.
    pub about: About,
    /// What can be asked for, as far as the source said so in time.
    pub resources: Vec<Resource>,
}

/// The connectors that an agent is offered as tools, oldest first, with what can be asked of each.
///
/// A source that does not answer is offered without its resources; so is one that fails.
pub async fn offered_to(ctx: &Ctx, agent: &str) -> Result<Vec<Granted>> {
    let connectors = store::of_agent(&ctx.db, ctx.org(), agent, MOST_OFFERED).await?;
    let looks = connectors.into_iter().filter_map(|connector| {
        let about = ctx.settings.sources.about(&connector.kind)?.clone();
        Some(async move {
            let resources = look(ctx, &connector).await.unwrap_or_else(|error| {
                tracing::info!(connector.id = %connector.id, error = %error, "could not list what a connector has");
                vec![]
            });
            Granted { connector, about, resources }
        })
    });
    Ok(futures::future::join_all(looks).await)
}

/// What a source has; one that has just failed to say so is not asked again at once, as turns would wait for it.
async fn look(ctx: &Ctx, connector: &Connector) -> Result<Vec<Resource>> {
    let open = ctx.pools.open(ctx, connector).await?;
    if open.is_silent(ctx.now(), SILENT) {
        return Ok(vec![]);
    }
    let found = verbs::resources_of(ctx, connector, LOOK_WITHIN).await;
    if found.is_err() {
        open.was_silent(ctx.now());
    }
    found
}
