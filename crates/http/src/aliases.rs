//! Which agent a path means, remembered so that its heartbeats are counted together without asking the database each time.

use muster_domain::access::Principal;
use muster_domain::{App, Ctx, Request, agents};
use std::sync::Arc;
use std::time::Duration;

/// How many names are remembered.
const MOST: u64 = 50_000;
/// How long: an agent that takes over another's name is counted with that one until then.
const FOR: Duration = Duration::from_secs(600);
/// The most bytes that a name may have to be looked for.
const LONGEST: usize = 500;

/// Ids of agents by org and by the number, id or name that stood in a path.
pub(crate) struct Aliases {
    known: moka::sync::Cache<String, Arc<str>>,
}

impl Default for Aliases {
    fn default() -> Self {
        Self { known: moka::sync::Cache::builder().max_capacity(MOST).time_to_live(FOR).build() }
    }
}

impl Aliases {
    /// The id of the agent; the text itself when there is none, or when it cannot be told.
    pub(crate) async fn agent(&self, app: &Arc<App>, principal: &Arc<Principal>, text: &str) -> Arc<str> {
        let key = format!("{}\0{text}", principal.org);
        if let Some(id) = self.known.get(&key) {
            return id;
        }
        if text.len() > LONGEST {
            return Arc::from(text);
        }
        let ctx = Ctx::new(Arc::clone(app), Arc::clone(principal), Request::default());
        match agents::resolve(&ctx, text).await {
            Ok(agent) => {
                let id: Arc<str> = Arc::from(agent.id);
                self.known.insert(key, Arc::clone(&id));
                id
            }
            Err(_) => Arc::from(text),
        }
    }
}
