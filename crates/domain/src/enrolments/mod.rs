//! Agents that dial in: which agent a machine is that shows a token or an API key.
//!
//! The same machine with the same credential is always the same agent. A key that was made for one agent is that agent
//! on every machine. A token that enrols acts as its first machine's agent in requests too; once a further machine has
//! used it, it stands for several agents and acts as none of them.

mod store;
mod verbs;

pub use verbs::{enrol, public_key, still_holds};

use crate::access::Principal;
use crate::agents::{Agent, check_label};
use muster_base::{Error, Result};
use std::sync::Arc;

/// The most characters of a machine's id.
const LONGEST_MACHINE: usize = 200;
/// The most characters of a client's version.
const LONGEST_VERSION: usize = 100;
/// The most bytes of a public key.
const LONGEST_KEY: usize = 8 * 1024;

/// What a machine says of itself when it dials in.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// Its id, 1 to 200 characters: stable over restarts.
    pub id: String,
    /// The name that its agent should have, 1 to 100 characters; the machine's id when it says none.
    pub name: Option<String>,
    /// The version of its client, 1 to 100 characters.
    pub version: Option<String>,
    /// The key that its agent shows to peers, up to 8 KiB.
    pub public_key: Option<String>,
}

impl Machine {
    fn check(&self) -> Result<()> {
        check_label("machineId", Some(&self.id), LONGEST_MACHINE)?;
        check_label("name", self.name.as_ref(), 100)?;
        check_label("version", self.version.as_ref(), LONGEST_VERSION)?;
        if self.public_key.as_ref().is_some_and(|key| key.len() > LONGEST_KEY || key.contains('\0')) {
            return Err(Error::invalid("publicKey", format!("must have at most {LONGEST_KEY} bytes")));
        }
        Ok(())
    }
}

/// A machine that was let in.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// The agent that it is.
    pub agent: Agent,
    /// Whether the agent was made just now.
    pub is_new: bool,
    /// Who it is from now on: the agent, with what the credential lets it do.
    pub principal: Arc<Principal>,
    /// The machine.
    pub machine: String,
}
