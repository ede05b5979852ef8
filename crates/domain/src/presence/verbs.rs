//! Being seen, and saying how one is.

use super::board::Noted;
use super::{FLUSH_EVERY, store, sweep};
use crate::agents::{self, Agent, Lifecycle, Presence};
use crate::context::{App, Ctx};
use crate::events::{self, NewEvent};
use crate::links::NODE_SILENT;
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
    note(ctx, agent).await
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
    if app.presence.note(agent, at, None) == Noted::Newer {
        app.db.hub().touch(org);
    }
}

/// Notes a sign of life of an agent that leaves with it: it is offline, and was seen now.
pub(crate) async fn seen_leaving(ctx: &Ctx, agent: &Agent) -> Result<()> {
    note(ctx, agent).await
}

async fn note(ctx: &Ctx, agent: &Agent) -> Result<()> {
    let now = ctx.now();
    let note = || ctx.presence.note(&agent.id, now, agent.last_seen_at);
    let mut noted = note();
    if noted == Noted::Full {
        sweep::flush_all(ctx.app()).await?;
        noted = note();
    }
    if noted == Noted::Known {
        return Ok(());
    }
    if noted == Noted::Full || is_almost_silent(ctx, agent) {
        let signs = vec![(agent.id.clone(), now)];
        let written = signs.clone();
        ctx.db.write(move |tx| Box::pin(async move { store::note_seen(tx, &signs).await })).await?;
        ctx.presence.written(&written);
    }
    ctx.db.hub().touch(ctx.org());
    Ok(())
}

/// Whether another node, which does not see our board, may find the agent silent before what is on it is written.
fn is_almost_silent(ctx: &Ctx, agent: &Agent) -> bool {
    let seen = agent.last_seen_at.unwrap_or(agent.created_at);
    !ctx.db.has_one_writer() && seen + ctx.settings.offline_after <= ctx.now() + FLUSH_EVERY * 2
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
        note(ctx, &agent).await?;
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
        let message = format!("a stopped agent cannot be {}; {}", to.as_str(), agents::how_to_start(&agent.id));
        return Err(Error::conflict(message).with_field("status"));
    }
    let seen: Option<Millis> = (to != Presence::Offline).then(|| ctx.now());
    store::put(tx, ctx.org(), &agent.id, to, seen).await?;
    let from = agent.presence;
    agent.last_seen_at = seen.or(agent.last_seen_at);
    agent.presence = if agent.running_turns > 0 { Presence::Busy } else { to };
    Ok((from != agent.presence).then(|| changed(&agent.id, &agent.name, from, agent.presence)))
}

/// The lifecycle of an agent that is locked has changed: one that is stopped is offline, and one that is started again is
/// there if it runs here or has a link. Pausing and resuming say nothing of it. The event is the caller's to write.
pub(crate) async fn lifecycle_changes(
    tx: &mut Tx,
    ctx: &Ctx,
    agent: &mut Agent,
    from: Lifecycle,
) -> Result<Option<NewEvent>> {
    let to = match (from, agent.lifecycle) {
        (_, Lifecycle::Stopped) => Presence::Offline,
        (Lifecycle::Stopped, _) if is_there(tx, ctx, agent).await? => Presence::Online,
        _ => return Ok(None),
    };
    store::put(tx, ctx.org(), &agent.id, to, None).await?;
    let shown = std::mem::replace(&mut agent.presence, if agent.running_turns > 0 { Presence::Busy } else { to });
    Ok((shown != agent.presence).then(|| changed(&agent.id, &agent.name, shown, agent.presence)))
}

async fn is_there(tx: &mut Tx, ctx: &Ctx, agent: &Agent) -> Result<bool> {
    Ok(agent.hosted || store::is_linked(tx, ctx.org(), &agent.id, ctx.now() - NODE_SILENT).await?)
}

/// A turn of the agent has begun: what was stated of its presence before is over, and it is busy. The event, if it was
/// not so already, is the caller's to write. `state` is how the agent is with the turn.
pub(crate) async fn turn_begins(tx: &mut Tx, org: &str, id: &str, state: &agents::State) -> Result<Option<NewEvent>> {
    if state.presence != Presence::Online {
        store::put(tx, org, id, Presence::Online, None).await?;
    }
    let is_first = state.running_turns == 1 && state.presence != Presence::Busy;
    Ok(is_first.then(|| changed(id, &state.name, state.presence, Presence::Busy)))
}

/// The event that is due when a turn of the agent has ended: with the last one it is as was stated meanwhile, or online.
/// `state` is how the agent is without the turn.
pub(crate) fn turn_ends(id: &str, state: &agents::State) -> Option<NewEvent> {
    let is_last = state.running_turns == 0 && state.presence != Presence::Busy;
    is_last.then(|| changed(id, &state.name, Presence::Busy, state.presence))
}

/// The event of a changed presence.
pub(crate) fn changed(id: &str, name: &str, from: Presence, to: Presence) -> NewEvent {
    NewEvent::new("agent.presence_changed", id, json!({"name": name, "from": from, "to": to}))
}
