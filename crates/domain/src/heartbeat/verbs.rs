//! Looking for work, and beating.

use super::{MOST, Work, store};
use crate::agents::{self, Agent, Lifecycle, Presence};
use crate::context::Ctx;
use crate::usage::{self, Report};
use crate::{events, inbox, presence};
use muster_base::{Error, Result};

/// What an agent says with a heartbeat.
#[derive(Debug, Clone, Default)]
pub struct Beat {
    /// How it is.
    pub status: Option<Presence>,
    /// What it does, up to 1,000 characters.
    pub last_activity: Option<String>,
    /// The numbers of the messages that it has taken up, up to 200.
    pub acknowledged: Vec<i64>,
    /// What it used since it last said so.
    pub used: Option<Report>,
}

/// What came of a heartbeat.
#[derive(Debug, Clone, PartialEq)]
pub struct Beaten {
    /// The agent's name.
    pub agent: String,
    /// What waits for it now.
    pub work: Work,
    /// Whether usage was recorded.
    pub is_usage_recorded: bool,
}

/// What waits for an agent, named by number, id or name: two reads, and nothing changes.
///
/// Errors: `not_found` for an unknown agent, `forbidden` for the token of another one.
pub async fn look(ctx: &Ctx, agent: &str) -> Result<(Agent, Work)> {
    let agent = agents::resolve(ctx, agent).await?;
    ctx.may_act_as(&agent.id)?;
    let work = work_of(ctx, &agent).await?;
    Ok((agent, work))
}

/// The tasks and messages that wait, cut to what is shown.
async fn work_of(ctx: &Ctx, agent: &Agent) -> Result<Work> {
    let mut work = store::work(&ctx.db, agent).await?;
    work.tasks.sort_by_key(|task| (task.priority, task.created_at, task.number));
    work.tasks.truncate(MOST);
    work.messages.sort_by_key(|message| message.number);
    work.messages.truncate(MOST);
    let shown = inbox::shown(work.messages.iter().map(|message| message.content.len()));
    work.messages.truncate(shown);
    Ok(work)
}

/// Takes a heartbeat: marks the agent as seen, takes what it says, and tells what waits for it afterwards.
///
/// When it says nothing new that is two reads and no write. What is wrong with any part of it is found before anything
/// changes. Errors: `not_found` for an unknown agent; `invalid` for ids of no message to the agent, with these ids, and
/// for an unknown task; `conflict` for a stopped agent that says it is there.
pub async fn beat(ctx: &Ctx, agent: &str, beat: Beat) -> Result<Beaten> {
    let agent = agents::resolve(ctx, agent).await?;
    ctx.may_act_as(&agent.id)?;
    check(&agent, &beat)?;
    let Beat { status, last_activity, acknowledged, used } = beat;
    let is_usage_recorded = used.is_some();
    note(ctx, &agent, &acknowledged, used).await?;
    say(ctx, &agent, status, last_activity).await?;
    Ok(Beaten { work: work_of(ctx, &agent).await?, agent: agent.name, is_usage_recorded })
}

fn check(agent: &Agent, beat: &Beat) -> Result<()> {
    presence::check_activity(beat.last_activity.as_ref())?;
    if let Some(report) = &beat.used {
        report.check()?;
    }
    let is_there = beat.status.is_some_and(|status| status != Presence::Offline);
    if is_there && agent.lifecycle == Lifecycle::Stopped {
        let message = format!("a stopped agent cannot be there; {}", agents::how_to_start(&agent.id));
        return Err(Error::conflict(message).with_field("status"));
    }
    Ok(())
}

/// Acknowledges messages and records usage, together.
async fn note(ctx: &Ctx, agent: &Agent, acknowledged: &[i64], used: Option<Report>) -> Result<()> {
    let unread = inbox::find(ctx, agent, acknowledged).await?;
    if unread.is_empty() && used.is_none() {
        return Ok(());
    }
    let (for_tx, agent) = (ctx.clone(), agent.clone());
    ctx.write(move |tx| {
        Box::pin(async move {
            agents::lock_first(tx, for_tx.org(), &[&agent.id]).await?;
            let mut events = Vec::new();
            if let Some(report) = &used {
                events.push(usage::record(tx, &for_tx, &agent.id, report).await?);
            }
            events.extend(inbox::mark(tx, &for_tx, &agent, &unread).await?);
            events::append(tx, &for_tx, events).await
        })
    })
    .await
}

async fn say(ctx: &Ctx, agent: &Agent, status: Option<Presence>, last_activity: Option<String>) -> Result<()> {
    let says_more = last_activity.is_some() && last_activity != agent.last_activity;
    let says_other = status.is_some_and(|status| status != agent.presence);
    if says_more || says_other {
        let status = status.unwrap_or_else(|| kept(agent));
        presence::set(ctx, &agent.id, status, last_activity).await?;
    }
    match status {
        // Who says good-bye was there to say it.
        Some(Presence::Offline) => presence::seen_leaving(ctx, agent).await,
        _ if says_more || says_other => Ok(()),
        _ => presence::seen(ctx, agent).await,
    }
}

/// The presence of an agent that speaks and does not say how it is.
fn kept(agent: &Agent) -> Presence {
    match agent.presence {
        Presence::Offline if agent.lifecycle != Lifecycle::Stopped => Presence::Online,
        // That it is busy follows from its turn; it has not said so.
        Presence::Busy if agent.running_turns > 0 => Presence::Online,
        other => other,
    }
}
