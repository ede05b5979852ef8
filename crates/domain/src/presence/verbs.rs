//! Being seen, and saying how one is.

use super::board::Noted;
use super::{store, sweep};
use crate::agents::{self, Agent, Lifecycle, Presence};
use crate::context::{App, Ctx};
use crate::events::{self, NewEvent};
use muster_base::{Error, Millis, Result};
use muster_store::Tx;
use serde_json::json;

/// The most characters of what an agent says it does.
const LONGEST_ACTIVITY: usize = 1000;

pub(crate) fn check_activity(activity: Option<&String>) -> Result<()> {
    if activity.is_some_and(|text| text.chars().count() > LONGEST_ACTIVITY) {
        return Err(Error::invalid("last_activity", format!("must have at most {LONGEST_ACTIVITY} characters")));
    }
    Ok(())
}

/// Notes a sign of life of an agent that was just read.
///
/// One that was offline is online from now on, which is written at once; any other presence stays as it was stated. When
/// it was seen shows at once and is written within seconds. A stopped agent stays offline.
pub async fn seen(ctx: &Ctx, agent: &Agent) -> Result<()> {
    ctx.may_act_as(&agent.id)?;
    if agent.presence == Presence::Offline && agent.lifecycle != Lifecycle::Stopped && come_back(ctx, agent).await? {
        return Ok(());
    }
    note(ctx, &agent.id).await
}

/// Notes that an agent has called by its own token, as [`heard`]; nothing for others.
///
/// A token that lets in machines is not one: people call by it as well.
pub async fn called(ctx: &Ctx) -> Result<()> {
    let Some(own) = ctx.principal().agent.as_deref().filter(|own| !own.is_empty()) else { return Ok(()) };
    if is_known(ctx, own) || !store::is_own_token(&ctx.db, ctx.org(), &ctx.principal().id).await? {
        return Ok(());
    }
    heard(ctx, own).await
}

/// Notes a sign of life of an agent, as [`seen`]; however many there are, the agent is looked at once a second.
pub async fn heard(ctx: &Ctx, agent: &str) -> Result<()> {
    if is_known(ctx, agent) {
        return Ok(());
    }
    let agent = agents::find(ctx, agent).await?;
    seen(ctx, &agent).await
}

/// Whether the agent was seen in this very second.
fn is_known(ctx: &Ctx, agent: &str) -> bool {
    ctx.presence.has_seen(agent, Millis(ctx.now().seconds() * 1000))
}

async fn come_back(ctx: &Ctx, agent: &Agent) -> Result<bool> {
    let (for_tx, id, name) = (ctx.clone(), agent.id.clone(), agent.name.clone());
    ctx.db
        .write(move |tx| {
            Box::pin(async move {
                if !store::bring_back(tx, for_tx.org(), &id, for_tx.now()).await? {
                    return Ok(false);
                }
                let event = changed(&id, &name, Presence::Offline, Presence::Online);
                events::append(tx, &for_tx, vec![event]).await?;
                Ok(true)
            })
        })
        .await
}

/// Notes that a link of an agent lives: it shows at once and is written within seconds, and is left out when there is no
/// room, as the next one is not far.
pub(crate) fn note_seen(app: &App, org: &str, agent: &str, at: Millis) {
    if app.presence.note(agent, at) == Noted::Newer {
        app.db.hub().touch(org);
    }
}

async fn note(ctx: &Ctx, agent: &str) -> Result<()> {
    let now = ctx.now();
    let mut noted = ctx.presence.note(agent, now);
    if noted == Noted::Full {
        sweep::flush(ctx.app()).await?;
        noted = ctx.presence.note(agent, now);
    }
    match noted {
        Noted::Known => {}
        Noted::Newer => ctx.db.hub().touch(ctx.org()),
        Noted::Full => {
            let signs = vec![(agent.to_owned(), now)];
            ctx.db.write(move |tx| Box::pin(async move { store::note_seen(tx, &signs).await })).await?;
            ctx.db.hub().touch(ctx.org());
        }
    }
    Ok(())
}

/// States the presence of an agent, and what it does if that is said; holds until something newer.
///
/// Any presence but offline is a sign of life. Saying again what is so already changes nothing and writes nothing.
/// Errors: `conflict` for a stopped agent that is said to be there.
pub async fn set(ctx: &Ctx, id: &str, presence: Presence, last_activity: Option<String>) -> Result<Agent> {
    check_activity(last_activity.as_ref())?;
    let mut agent = agents::find(ctx, id).await?;
    ctx.may_act_as(&agent.id)?;
    let says_more = last_activity.is_some() && last_activity != agent.last_activity;
    if agent.presence != presence || says_more {
        let (for_tx, id) = (ctx.clone(), agent.id.clone());
        let written =
            ctx.write(move |tx| Box::pin(async move { set_in(tx, &for_tx, &id, presence, last_activity).await }));
        agent = written.await?;
    } else if presence != Presence::Offline {
        note(ctx, &agent.id).await?;
    }
    ctx.presence.show(&mut agent);
    Ok(agent)
}

async fn set_in(tx: &mut Tx, ctx: &Ctx, id: &str, presence: Presence, last_activity: Option<String>) -> Result<Agent> {
    let mut agent = agents::lock(tx, ctx.org(), id).await?.ok_or_else(|| Error::missing("agent", id))?;
    let mut events: Vec<NewEvent> = state(tx, ctx, &mut agent, presence).await?.into_iter().collect();
    if let Some(activity) = last_activity.filter(|text| agent.last_activity.as_ref() != Some(text)) {
        store::put_activity(tx, ctx.org(), id, &activity, ctx.now()).await?;
        agent.last_activity = Some(activity);
        agent.changed_at = ctx.now();
        if events.is_empty() {
            let data = json!({"fields": ["last_activity"], "version": agent.version});
            events.push(NewEvent::new("agent.updated", &agent.id, data));
        }
    }
    events::append(tx, ctx, events).await?;
    Ok(agent)
}

/// States the presence of an agent that is locked; the event of it, if it is another than before, is the caller's to
/// write.
pub(crate) async fn state(tx: &mut Tx, ctx: &Ctx, agent: &mut Agent, to: Presence) -> Result<Option<NewEvent>> {
    if agent.lifecycle == Lifecycle::Stopped && to != Presence::Offline {
        let message = format!("a stopped agent cannot be {}; set its status to active first", to.as_str());
        return Err(Error::conflict(message).with_field("status"));
    }
    let seen: Option<Millis> = (to != Presence::Offline).then(|| ctx.now());
    store::put(tx, ctx.org(), &agent.id, to, seen).await?;
    let from = agent.presence;
    agent.last_seen_at = seen.or(agent.last_seen_at);
    agent.presence = if agent.running_turns > 0 { Presence::Busy } else { to };
    Ok((from != agent.presence).then(|| changed(&agent.id, &agent.name, from, agent.presence)))
}

/// A turn of the agent begins: what was stated of its presence before is over. The event, if there is one, is the
/// caller's to write.
pub(crate) async fn turn_begins(
    tx: &mut Tx,
    org: &str,
    (id, name): (&str, &str),
    stated: Presence,
) -> Result<Option<NewEvent>> {
    if stated == Presence::Online {
        return Ok(None);
    }
    store::put(tx, org, id, Presence::Online, None).await?;
    Ok((stated != Presence::Busy).then(|| changed(id, name, stated, Presence::Busy)))
}

/// The event of a changed presence.
pub(crate) fn changed(id: &str, name: &str, from: Presence, to: Presence) -> NewEvent {
    NewEvent::new("agent.presence_changed", id, json!({"name": name, "from": from, "to": to}))
}
