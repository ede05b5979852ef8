//! `muster orgs`

use super::open;
use crate::cli::say;
use crate::settings::StorageArgs;
use clap::{Args, Subcommand};
use muster_base::{Error, Result, Secret};
use muster_domain::Ctx;
use muster_domain::access::{self, NewUser, Role};
use serde_json::json;

/// Make and list orgs
#[derive(Subcommand)]
pub(crate) enum Orgs {
    /// Make an org, and its first user when asked to
    Create(Create),
    /// List the orgs
    Ls(Ls),
}

/// What is asked of a new org.
#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    storage: StorageArgs,
    /// Its slug, e.g. acme
    id: String,
    /// Its name [default: the slug]
    #[arg(long)]
    name: Option<String>,
    /// Also make a user who owns it; the password is read from MUSTER_ADMIN_PASSWORD, else generated and printed
    #[arg(long, value_name = "USERNAME")]
    owner: Option<String>,
    /// The owner's password
    #[arg(long, env = "MUSTER_ADMIN_PASSWORD", hide_env_values = true, requires = "owner")]
    password: Option<String>,
}

/// How orgs are listed.
#[derive(Args)]
pub(crate) struct Ls {
    #[command(flatten)]
    storage: StorageArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Orgs {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::Create(create) => create.run().await,
            Self::Ls(ls) => {
                let (app, _) = open(&ls.storage).await?;
                for org in access::list_orgs(&app).await? {
                    if ls.json {
                        say(
                            json!({"id": org.id, "name": org.name, "features": org.features, "createdAt": org.created_at}),
                        );
                    } else {
                        say(format!("{:<24} {}", org.id, org.name));
                    }
                }
                app.db.close().await;
                Ok(())
            }
        }
    }
}

impl Create {
    async fn run(self) -> Result<()> {
        let (app, _) = open(&self.storage).await?;
        let org = access::create_org(&app, &self.id, self.name.as_deref().unwrap_or(&self.id)).await?;
        say(format!("made the org {}", org.id));
        if let Some(username) = self.owner {
            let given = self.password.map(Secret::new);
            let password = given
                .clone()
                .unwrap_or_else(|| Secret::new(muster_base::new_secret("").chars().take(20).collect::<String>()));
            let user = NewUser { username, password: password.clone(), role: Role::Owner, display_name: None };
            let user = access::create_user(&Ctx::system(app.clone(), &org.id), user)
                .await
                .map_err(|error| Error::conflict(format!("the org is made, its owner is not: {}", error.message())))?;
            say(format!("made the user {}", user.username));
            if given.is_none() {
                say(format!("password: {}", password.expose()));
            }
        }
        app.db.close().await;
        Ok(())
    }
}
