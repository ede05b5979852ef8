//! An agent that enters itself, as often as it starts.

use super::{Agent, AgentChange, Definition, NewAgent, Presence, Source, create, find, store, update};
use crate::context::Ctx;
use crate::presence;
use muster_base::{Error, Kind, Patch, Result};
use serde_json::{Map, Value};

/// How many capabilities an agent may name.
const MOST_CAPABILITIES: usize = 100;

/// What an agent says of itself.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    /// Its name.
    pub name: String,
    /// What it does; kept unless it has a role already.
    pub role: Option<String>,
    /// What it can do.
    pub capabilities: Option<Vec<String>>,
    /// What it is built with.
    pub framework: Option<String>,
}

impl Registration {
    fn check(&self) -> Result<()> {
        let fits = |text: &String| (1..=100).contains(&text.chars().count());
        let capabilities = self.capabilities.as_deref().unwrap_or_default();
        if capabilities.len() > MOST_CAPABILITIES || !capabilities.iter().all(fits) {
            let problem = format!("must have at most {MOST_CAPABILITIES} items of 1 to 100 characters");
            return Err(Error::invalid("capabilities", problem));
        }
        if self.framework.as_ref().is_some_and(|text| !fits(text)) {
            return Err(Error::invalid("framework", "must have 1 to 100 characters"));
        }
        super::create::check_name(&self.name)?;
        super::create::check_role(self.role.as_ref())
    }

    /// What its config says of it.
    fn config(&self) -> Map<String, Value> {
        let mut config = Map::new();
        if let Some(capabilities) = &self.capabilities {
            config.insert("capabilities".to_owned(), capabilities.clone().into());
        }
        if let Some(framework) = &self.framework {
            config.insert("framework".to_owned(), framework.as_str().into());
        }
        config
    }
}

/// Enters an agent that runs elsewhere, or finds the one of this name; says whether it is new.
///
/// Either way it is a sign of life. What it says of itself now replaces what it said before; saying the same again
/// changes nothing.
pub async fn register(ctx: &Ctx, new: Registration) -> Result<(Agent, bool)> {
    new.check()?;
    if let Some(agent) = store::find_by_name(&ctx.db, ctx.org(), &new.name).await? {
        return Ok((renew(ctx, agent, &new).await?, false));
    }
    let made = NewAgent {
        name: new.name.clone(),
        role: new.role.clone(),
        source: Source::Sdk,
        presence: Some(Presence::Online),
        definition: Definition { config: new.config(), ..Definition::default() },
        ..NewAgent::default()
    };
    match create(ctx, made).await {
        // It registered twice at once, and the other was first.
        Err(error) if error.kind() == Kind::Conflict && error.field() == Some("name") => {
            let found = store::find_by_name(&ctx.db, ctx.org(), &new.name).await?;
            Ok((renew(ctx, found.ok_or(error)?, &new).await?, false))
        }
        made => Ok((made?, true)),
    }
}

async fn renew(ctx: &Ctx, agent: Agent, new: &Registration) -> Result<Agent> {
    presence::seen(ctx, &agent).await?;
    let said = super::load_definition(ctx, &agent).await?.config;
    let says = new.config();
    let says_else = says.iter().any(|(key, value)| said.get(key) != Some(value));
    let role = new.role.clone().filter(|_| agent.role.is_none());
    if says_else || role.is_some() {
        let change = AgentChange { config_merge: says, role: Patch::from(role), ..AgentChange::default() };
        update(ctx, &agent.id, change).await?;
    }
    find(ctx, &agent.id).await
}
