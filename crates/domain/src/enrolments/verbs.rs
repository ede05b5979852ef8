//! Letting machines in.

use super::store::{self, Client, Known};
use super::{Enrolled, Machine};
use crate::access::{self, Principal, PrincipalKind, Role, Scope, Scopes};
use crate::agents::{self, Agent, NewAgent, Source};
use crate::context::{App, Ctx};
use crate::events::{self, NewEvent};
use muster_base::{Error, Kind, Result};
use muster_store::{Tx, is_unique_violation};
use serde_json::json;
use std::sync::Arc;

/// How often it is tried again when another machine took the name, or the same machine came twice at once.
const TRIES: usize = 8;

/// The agent that a machine is, made when it is new; the machine shows the caller's token or API key.
///
/// Two connections of one machine at once get one agent. What the client says of its version and its key replaces what
/// it said before. Errors: `unauthorized` for a token that was revoked meanwhile; `forbidden` for a credential that may
/// not enrol, and for a machine whose agent was deleted; `invalid` with the field that is wrong.
pub async fn enrol(ctx: &Ctx, machine: Machine) -> Result<Enrolled> {
    machine.check()?;
    may_enrol(ctx.principal())?;
    for _ in 0..TRIES {
        match enrol_once(ctx, &machine).await {
            Err(error) if is_unique_violation(&error) => {}
            other => return other,
        }
    }
    let message = "others enrol under the same name at the same time; try again";
    Err(Error::new(Kind::Unavailable, "enrolment.contended", message).with_retry_after(1))
}

/// Agent tokens may enrol, and API keys that may make agents.
fn may_enrol(principal: &Principal) -> Result<()> {
    let why = match principal.kind {
        PrincipalKind::Agent if principal.id.starts_with("tok_") => return Ok(()),
        PrincipalKind::Key if principal.role < Role::Operator => "an API key needs the operator role to enrol an agent",
        PrincipalKind::Key if !principal.scopes.contains(Scope::AgentsWrite) => {
            "an API key needs the scope agents:write to enrol an agent"
        }
        PrincipalKind::Key => return Ok(()),
        _ => "agents dial in with an agent token or an API key",
    };
    Err(Error::forbidden("enrolment.refused", why))
}

async fn enrol_once(ctx: &Ctx, machine: &Machine) -> Result<Enrolled> {
    let (agent, is_new) = match known_agent(ctx, ctx.principal(), &machine.id).await? {
        Some(id) => (renew(ctx, &id, machine).await?, false),
        None => (make(ctx, machine).await?, true),
    };
    let principal = Arc::new(acting_as(ctx.principal(), &agent));
    Ok(Enrolled { agent, is_new, principal, machine: machine.id.clone() })
}

/// The agent that a machine is by now; `None` when it is to be made.
async fn known_agent(app: &App, principal: &Principal, machine: &str) -> Result<Option<String>> {
    let (org, credential) = (&principal.org, &principal.id);
    if principal.kind == PrincipalKind::Key {
        return Ok(store::known(&app.db, org, credential, machine).await?.and_then(|Known(agent)| agent));
    }
    let token = store::shown(&app.db, org, credential, machine).await?.ok_or_else(access::invalid)?;
    match token.known {
        _ if !token.enrols => Ok(token.agent),
        None => Ok(None),
        Some(Known(Some(agent))) => Ok(Some(agent)),
        Some(Known(None)) => {
            let message = "the agent of this machine was deleted; enrol the machine with another token";
            Err(Error::forbidden("enrolment.ended", message))
        }
    }
}

async fn renew(ctx: &Ctx, id: &str, machine: &Machine) -> Result<Agent> {
    let before = store::client(&ctx.db, ctx.org(), id).await?.ok_or_else(|| Error::missing("agent", id))?;
    let says = Client {
        version: machine.version.clone().or_else(|| before.version.clone()),
        public_key: machine.public_key.clone().or_else(|| before.public_key.clone()),
    };
    let mut fields = Vec::new();
    if says.version != before.version {
        fields.push("agent_version");
    }
    if says.public_key != before.public_key {
        fields.push("public_key");
    }
    if !fields.is_empty() {
        let (for_tx, id) = (ctx.clone(), id.to_owned());
        ctx.write(move |tx| {
            Box::pin(async move {
                store::set_client(tx, for_tx.org(), &id, &says).await?;
                let data = json!({"fields": fields, "agentVersion": says.version});
                events::append(tx, &for_tx, vec![NewEvent::new("agent.updated", &id, data)]).await
            })
        })
        .await?;
    }
    agents::find(ctx, id).await
}

async fn make(ctx: &Ctx, machine: &Machine) -> Result<Agent> {
    let (for_tx, machine) = (ctx.clone(), machine.clone());
    let (agent, is_bound_anew) =
        ctx.write(move |tx| Box::pin(async move { make_in(tx, &for_tx, &machine).await })).await?;
    if is_bound_anew {
        ctx.credentials.forget();
    }
    Ok(agent)
}

/// Makes the agent, and says whether the token acts as another agent than before.
async fn make_in(tx: &mut Tx, ctx: &Ctx, machine: &Machine) -> Result<(Agent, bool)> {
    let (org, credential) = (ctx.org(), &ctx.principal().id);
    let is_token = ctx.principal().kind == PrincipalKind::Agent;
    let mut bound = None;
    if is_token {
        Known(bound) = store::lock_token(tx, org, credential).await?.ok_or_else(access::invalid)?;
    } else {
        store::forget(tx, org, credential, &machine.id).await?;
    }
    let is_first = store::count(tx, org, credential).await? == 0;
    let wanted = machine.name.as_deref().unwrap_or(&machine.id);
    let name = agents::free_name(tx, org, wanted).await?;
    let new = NewAgent { name, source: Source::Sdk, ..NewAgent::default() };
    let (mut agent, event) = agents::create_within(tx, ctx, new).await?;
    let says = Client { version: machine.version.clone(), public_key: machine.public_key.clone() };
    store::set_client(tx, org, &agent.id, &says).await?;
    agent.client_version = says.version;
    store::insert(tx, org, (credential, &machine.id), &agent.id, ctx.now()).await?;
    let acts_as = Some(&agent.id).filter(|_| is_first);
    let is_bound_anew = is_token && bound.as_ref() != acts_as;
    if is_bound_anew {
        store::bind_token(tx, org, credential, acts_as.map(String::as_str)).await?;
        tx.announce("access", "");
    }
    let data = json!({"name": agent.name, "machineId": machine.id, "credential": credential});
    events::append(tx, ctx, vec![event, NewEvent::new("agent.enrolled", &agent.id, data)]).await?;
    Ok((agent, is_bound_anew))
}

/// The agent, with what the credential lets it do at the most.
fn acting_as(principal: &Principal, agent: &Agent) -> Principal {
    let scopes = principal.scopes.and(Scopes::of_agent_token());
    Principal {
        kind: PrincipalKind::Agent,
        name: agent.name.clone(),
        role: Role::Operator,
        scopes,
        agent: Some(agent.id.clone()),
        ..principal.clone()
    }
}

/// Whether what a machine was let in with still makes it its agent: for links, which last longer than a request.
///
/// When the database cannot be asked it counts as holding; the next look decides.
pub async fn still_holds(app: &App, enrolled: &Enrolled) -> bool {
    match holds(app, enrolled).await {
        Ok(holds) => holds,
        Err(error) => !matches!(error.kind(), Kind::Unauthorized | Kind::Forbidden),
    }
}

async fn holds(app: &App, enrolled: &Enrolled) -> Result<bool> {
    let Some(now) = access::current(app, &enrolled.principal).await? else { return Ok(false) };
    may_enrol(&now)?;
    let agent = known_agent(app, &now, &enrolled.machine).await?;
    Ok(agent.is_some_and(|agent| agent == enrolled.agent.id))
}

/// The key that an agent shows to peers, if it said one.
pub async fn public_key(ctx: &Ctx, agent: &str) -> Result<Option<String>> {
    let client = store::client(&ctx.db, ctx.org(), agent).await?.ok_or_else(|| Error::missing("agent", agent))?;
    Ok(client.public_key)
}
