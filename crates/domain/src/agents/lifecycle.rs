//! Pausing, resuming, stopping, deleting, and the balance.

use super::create::check_balance;
use super::{Agent, store};
use crate::context::Ctx;
use crate::events::{self, NewEvent};
use crate::{presence, sealed, tasks, turns};
use muster_base::{Error, Result};
use muster_store::Tx;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Whether a hosted agent takes turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lifecycle {
    /// It does.
    Active,
    /// Messages wait.
    Paused,
    /// Messages are refused; the environment is down.
    Stopped,
    /// Something is wrong that a person must look at.
    Error,
}

impl Lifecycle {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Error => "error",
        }
    }

    /// Whether it takes messages, to be answered now or later.
    pub fn takes_messages(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }

    /// Reads a word; `field` names the input.
    pub fn parse(text: &str, field: &str) -> Result<Self> {
        match text {
            "active" => Ok(Self::Active),
            "paused" => Ok(Self::Paused),
            "stopped" => Ok(Self::Stopped),
            "error" => Ok(Self::Error),
            _ => Err(Error::invalid(field, "must be active, paused, stopped or error")),
        }
    }
}

/// What callers of any surface are told to do about an agent that takes nothing as it is.
pub(crate) fn how_to_start(id: &str) -> String {
    format!("start it in the console, or by POST /v1/agent/{id}/status with {{\"status\": \"active\"}}")
}

/// Whether an agent is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// There.
    Online,
    /// There, and nothing happened for a while.
    Idle,
    /// At work.
    Busy,
    /// Not there.
    Offline,
    /// In trouble.
    Error,
}

impl Presence {
    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Idle => "idle",
            Self::Busy => "busy",
            Self::Offline => "offline",
            Self::Error => "error",
        }
    }

    /// Reads a word; `field` names the input.
    pub fn parse(text: &str, field: &str) -> Result<Self> {
        match text {
            "online" => Ok(Self::Online),
            "idle" => Ok(Self::Idle),
            "busy" => Ok(Self::Busy),
            "offline" => Ok(Self::Offline),
            "error" => Ok(Self::Error),
            _ => Err(Error::invalid(field, "must be online, idle, busy, offline or error")),
        }
    }
}

/// Stops an agent from taking new turns; a running turn finishes and new messages wait.
///
/// Errors: `agent.already_paused`, `agent.stopped`.
pub async fn pause(ctx: &Ctx, id: &str) -> Result<Agent> {
    change(ctx, id, "agent.paused", Lifecycle::Paused, |agent| match agent.lifecycle {
        Lifecycle::Paused => Err(Error::invalid("", "the agent is already paused")),
        Lifecycle::Stopped => {
            Err(Error::invalid("", "a stopped agent cannot be paused; set its status to active first"))
        }
        Lifecycle::Active | Lifecycle::Error => Ok(()),
    })
    .await
}

/// Lets a paused agent, or one in error, take turns again; what waited runs.
pub async fn resume(ctx: &Ctx, id: &str) -> Result<Agent> {
    change(ctx, id, "agent.resumed", Lifecycle::Active, |agent| match agent.lifecycle {
        Lifecycle::Paused | Lifecycle::Error => Ok(()),
        Lifecycle::Stopped => {
            Err(Error::invalid("", "the agent is not paused but stopped; set its status to active to start it"))
        }
        Lifecycle::Active => Err(Error::invalid("", "the agent is not paused")),
    })
    .await
}

/// Stops an agent: a running turn is broken off and its messages wait, the environment goes down, the workspace stays.
pub async fn stop(ctx: &Ctx, id: &str) -> Result<Agent> {
    change(ctx, id, "agent.stopped", Lifecycle::Stopped, |agent| match agent.lifecycle {
        Lifecycle::Stopped => Err(Error::invalid("", "the agent is already stopped")),
        _ => Ok(()),
    })
    .await
}

/// Sets the lifecycle from any other. Setting what is already so changes nothing and is not an error.
pub async fn set_status(ctx: &Ctx, id: &str, to: Lifecycle) -> Result<Agent> {
    let kind = match to {
        Lifecycle::Active => "agent.activated",
        Lifecycle::Paused => "agent.paused",
        Lifecycle::Stopped => "agent.stopped",
        Lifecycle::Error => return Err(Error::invalid("status", "must be active, paused or stopped")),
    };
    let agent = super::find(ctx, id).await?;
    if agent.lifecycle == to {
        return Ok(agent);
    }
    change(ctx, id, kind, to, |_| Ok(())).await
}

async fn change(
    ctx: &Ctx,
    id: &str,
    kind: &'static str,
    to: Lifecycle,
    may: impl Fn(&Agent) -> Result<()> + Send + 'static,
) -> Result<Agent> {
    let (for_tx, id) = (ctx.clone(), id.to_owned());
    ctx.write(move |tx| {
        Box::pin(async move {
            let mut agent = store::lock(tx, for_tx.org(), &id).await?.ok_or_else(|| Error::missing("agent", &id))?;
            may(&agent)?;
            let from = agent.lifecycle;
            agent.lifecycle = to;
            agent.lifecycle_reason = None;
            agent.changed_at = for_tx.now();
            store::update(tx, &agent).await?;
            let data = json!({"name": agent.name, "from": from, "to": to});
            let mut events = vec![NewEvent::new(kind, &agent.id, data)];
            events.extend(presence::lifecycle_changes(tx, &for_tx, &mut agent, from).await?);
            settle_turns(tx, &agent).await?;
            events::append(tx, &for_tx, events).await?;
            Ok(agent)
        })
    })
    .await
}

async fn settle_turns(tx: &mut Tx, agent: &Agent) -> Result<()> {
    match agent.lifecycle {
        Lifecycle::Active => turns::release(tx, &agent.id, turns::Hold::Paused).await,
        Lifecycle::Paused | Lifecycle::Error => turns::hold(tx, &agent.id).await,
        Lifecycle::Stopped => {
            turns::hold(tx, &agent.id).await?;
            turns::break_off(tx, &agent.id).await
        }
    }
}

/// Removes an agent and everything of it: messages, turns, versions, memory, files, secrets, tokens. Tasks that it has
/// not finished go back to the inbox.
///
/// Errors: `conflict` while a turn runs, unless `force`.
pub async fn delete(ctx: &Ctx, id: &str, force: bool) -> Result<Agent> {
    let (for_tx, id) = (ctx.clone(), id.to_owned());
    let deleted = ctx
        .write(move |tx| {
            Box::pin(async move {
                let agent = store::lock(tx, for_tx.org(), &id).await?.ok_or_else(|| Error::missing("agent", &id))?;
                if agent.running_turns > 0 && !force {
                    return Err(Error::conflict("a turn of this agent is running; wait for it, or delete with force"));
                }
                turns::break_off(tx, &agent.id).await?;
                let mut events = tasks::release_of_agent(tx, &for_tx, &agent.id).await?;
                store::delete(tx, for_tx.org(), &agent.id).await?;
                sealed::remove_all(tx, for_tx.org(), &agent.id).await?;
                let data = json!({"name": agent.name, "force": force});
                tx.announce("access", "");
                events.push(NewEvent::new("agent.deleted", &agent.id, data));
                events::append(tx, &for_tx, events).await?;
                Ok(agent)
            })
        })
        .await?;
    ctx.credentials.forget();
    Ok(deleted)
}

/// Adds to the balance of output tokens, or sets it; what waited for it runs. Returns the new and the previous balance.
pub async fn balance(ctx: &Ctx, id: &str, amount: i64, increment: bool) -> Result<(i64, i64)> {
    if !increment {
        check_balance("amount", amount)?;
    }
    let (for_tx, id) = (ctx.clone(), id.to_owned());
    ctx.write(move |tx| {
        Box::pin(async move {
            let mut agent = store::lock(tx, for_tx.org(), &id).await?.ok_or_else(|| Error::missing("agent", &id))?;
            let previous = agent.balance;
            agent.balance = if increment { previous.saturating_add(amount) } else { amount };
            check_balance("amount", agent.balance).map_err(|_| {
                Error::invalid(
                    "amount",
                    format!("would make the balance {}; it must stay from 0 to 1000000000000", agent.balance),
                )
            })?;
            agent.changed_at = for_tx.now();
            store::update(tx, &agent).await?;
            if agent.balance > previous {
                turns::release(tx, &agent.id, turns::Hold::Balance).await?;
            }
            let data = json!({"balance": agent.balance, "previous": previous});
            events::append(tx, &for_tx, vec![NewEvent::new("agent.balance_changed", &agent.id, data)]).await?;
            Ok((agent.balance, previous))
        })
    })
    .await
}
