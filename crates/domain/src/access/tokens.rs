//! Agent tokens: what an agent that dials in shows.

use crate::access::identify::{digest, hex};
use crate::access::store;
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use muster_base::{Error, Result, Secret, new_id, new_secret};
use serde_json::json;

/// Makes an enrolment token `agt_...`; the agent that first registers with it becomes its agent.
pub async fn create_agent_token(ctx: &Ctx, name: &str) -> Result<Secret<String>> {
    if name.trim().is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("name", "must have 1 to 100 characters"));
    }
    let secret = new_secret("agt_");
    let (id, hash, prefix, name) = (new_id("tok"), hex(&digest(&secret)), secret[..12].to_owned(), name.to_owned());
    let for_tx = ctx.clone();
    ctx.write(move |tx| {
        Box::pin(async move {
            store::insert_token(tx, &for_tx, &id, &name, &prefix, &hash).await?;
            events::append(
                tx,
                &for_tx,
                vec![NewEvent::new("key.created", &id, json!({"name": name, "kind": "agent-token"}))],
            )
            .await
        })
    })
    .await?;
    Ok(Secret::new(secret))
}
