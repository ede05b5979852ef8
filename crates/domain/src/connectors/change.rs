//! Making, changing and deleting connectors.

use super::settings::Split;
use super::{Connector, ConnectorChange, NewConnector, Shown, store, verbs};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use crate::sealed;
use muster_base::{Error, Result, new_id};
use muster_store::{Tx, is_unique_violation};
use serde_json::{Map, Value, json};

/// The most bytes of a connector's settings.
const LARGEST_SETTINGS: usize = 256 * 1024;

/// How often a change is tried that met another one.
const TRIES: usize = 5;

fn check_name(name: &str) -> Result<()> {
    let length = name.chars().count();
    if length == 0 || length > 100 || name.trim() != name || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "must have 1 to 100 characters, without white space around it"));
    }
    if name.starts_with("con_") {
        return Err(Error::invalid("name", "must not begin with con_, as ids do"));
    }
    Ok(())
}

fn check_description(description: Option<&String>) -> Result<()> {
    match description {
        Some(text) if text.chars().count() > 1000 => {
            Err(Error::invalid("description", "must have at most 1000 characters"))
        }
        _ => Ok(()),
    }
}

fn check_size(settings: &Map<String, Value>) -> Result<()> {
    let bytes = serde_json::to_vec(settings).map_or(0, |text| text.len());
    if bytes > LARGEST_SETTINGS {
        return Err(Error::invalid("settings", format!("must have at most {LARGEST_SETTINGS} bytes")));
    }
    Ok(())
}

fn taken(name: &str) -> impl Fn(Error) -> Error {
    move |error| {
        if is_unique_violation(&error) {
            return Error::conflict(format!("a connector named `{name}` is there already")).with_field("name");
        }
        error
    }
}

/// Sets a connector up. The source need not be reachable.
pub async fn create(ctx: &Ctx, new: NewConnector) -> Result<Shown> {
    check_name(&new.name)?;
    check_description(new.description.as_ref())?;
    check_size(&new.settings)?;
    let entry = ctx.settings.sources.named(&new.kind)?;
    let settings = entry.merge(Map::new(), new.settings);
    entry.check(&settings).await?;
    let split = entry.split(settings);
    let now = ctx.now();
    let connector = Connector {
        id: new_id("con"),
        name: new.name,
        kind: new.kind,
        description: new.description,
        enabled: new.enabled,
        settings: split.open.clone(),
        revision: 1,
        created_at: now,
        changed_at: now,
    };
    let (for_tx, made) = (ctx.clone(), connector.clone());
    let written = ctx.write(move |tx| {
        Box::pin(async move {
            store::insert(tx, for_tx.org(), &made).await?;
            seal(tx, &for_tx, &made.id, &split, &[]).await?;
            let data = json!({"name": made.name, "type": made.kind, "enabled": made.enabled});
            announce(tx, &for_tx, NewEvent::new("connector.created", &made.id, data)).await
        })
    });
    written.await.map_err(taken(&connector.name))?;
    verbs::shown(ctx, connector).await
}

/// Changes a connector. Connections made with other settings are closed.
///
/// A change that changes nothing is no error and leaves no event. Changes that meet each other are made one after the
/// other.
pub async fn update(ctx: &Ctx, id: &str, change: ConnectorChange) -> Result<Shown> {
    if let Some(name) = &change.name {
        check_name(name)?;
    }
    check_description(change.description.value())?;
    for _ in 0..TRIES {
        let before = verbs::connector(ctx, id).await?;
        if let Some(after) = try_update(ctx, before, &change).await? {
            ctx.pools.close(&after.id);
            return verbs::shown(ctx, after).await;
        }
    }
    Err(Error::conflict("the connector is being changed by others at the same time; try again"))
}

/// `None` means that another change came between.
async fn try_update(ctx: &Ctx, before: Connector, change: &ConnectorChange) -> Result<Option<Connector>> {
    let entry = ctx.settings.sources.of(&before.kind)?;
    let mut after = before.clone();
    if let Some(name) = &change.name {
        after.name.clone_from(name);
    }
    change.description.clone().apply(&mut after.description);
    after.enabled = change.enabled.unwrap_or(after.enabled);
    let (mut split, mut cleared) = (Split::default(), Vec::new());
    let mut fields = changed_fields(&before, &after);
    if let Some(wanted) = &change.settings {
        let stored = entry.whole(ctx, ctx.org(), &before.id, &before.settings).await?;
        let merged = entry.merge(stored.clone(), wanted.clone());
        check_size(&merged)?;
        entry.check(&merged).await?;
        fields.extend(changed_settings(&stored, &merged));
        cleared = entry.secrets.iter().filter(|name| !merged.contains_key(*name)).cloned().collect();
        split = entry.split(merged.clone());
        // What stays as it is keeps its date.
        split.secrets.retain(|name, _| stored.get(name) != merged.get(name));
        after.settings = std::mem::take(&mut split.open);
    }
    if fields.is_empty() {
        return Ok(Some(before));
    }
    (after.revision, after.changed_at) = (before.revision + 1, ctx.now());
    let (for_tx, written) = (ctx.clone(), after.clone());
    let done = ctx.write(move |tx| {
        Box::pin(async move {
            if !store::update(tx, for_tx.org(), &written).await? {
                return Ok(false);
            }
            seal(tx, &for_tx, &written.id, &split, &cleared).await?;
            let data =
                json!({"name": written.name, "type": written.kind, "enabled": written.enabled, "fields": fields});
            announce(tx, &for_tx, NewEvent::new("connector.updated", &written.id, data)).await?;
            Ok(true)
        })
    });
    let done = done.await.map_err(taken(&after.name))?;
    Ok(done.then_some(after))
}

fn changed_fields(before: &Connector, after: &Connector) -> Vec<String> {
    let mut fields = Vec::new();
    for (name, changed) in [
        ("name", before.name != after.name),
        ("description", before.description != after.description),
        ("enabled", before.enabled != after.enabled),
    ] {
        if changed {
            fields.push(name.to_owned());
        }
    }
    fields
}

/// The names of the settings that are other than before, secrets too.
fn changed_settings(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| before.get(*name) != after.get(*name));
    names.into_iter().map(|name| format!("settings.{name}")).collect()
}

/// Deletes a connector with its secrets and grants, and closes its connections. Gives what it was.
pub async fn delete(ctx: &Ctx, id: &str) -> Result<Shown> {
    let found = verbs::find(ctx, id).await?;
    let (for_tx, id) = (ctx.clone(), found.connector.id.clone());
    ctx.write(move |tx| {
        Box::pin(async move {
            let deleted =
                store::delete(tx, for_tx.org(), &id).await?.ok_or_else(|| Error::missing("connector", &id))?;
            sealed::remove_all(tx, for_tx.org(), &id).await?;
            let data = json!({"name": deleted.name, "type": deleted.kind});
            announce(tx, &for_tx, NewEvent::new("connector.deleted", &id, data)).await
        })
    })
    .await?;
    ctx.pools.close(&found.connector.id);
    Ok(found)
}

async fn seal(tx: &mut Tx, ctx: &Ctx, id: &str, split: &Split, cleared: &[String]) -> Result<()> {
    for (name, secret) in &split.secrets {
        sealed::put(tx, ctx, id, name, Some(secret.expose())).await?;
    }
    for name in cleared {
        sealed::put(tx, ctx, id, name, None).await?;
    }
    Ok(())
}

pub(super) async fn announce(tx: &mut Tx, ctx: &Ctx, event: NewEvent) -> Result<()> {
    tx.announce("connectors", "");
    events::append(tx, ctx, vec![event]).await
}
