//! `muster orgs`

use super::open;
use crate::cli::say;
use crate::settings::StorageArgs;
use clap::{Args, Subcommand};
use muster_base::{Error, Result, Secret};
use muster_domain::Ctx;
use muster_domain::access::{self, NewUser, OrgChange, Role};
use serde_json::json;

/// What an org may have or not.
const FEATURES: [&str; 1] = ["hosting"];

/// Make, change and list orgs
#[derive(Subcommand)]
pub(crate) enum Orgs {
    /// Make an org, and its first user when asked to
    Create(Create),
    /// List the orgs
    Ls(Ls),
    /// Change an org: its name, and which features it has
    ///
    /// Example: muster orgs set acme --feature hosting=off
    Set(Set),
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
    #[arg(long, env = "MUSTER_ADMIN_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// Print what was made as JSON
    #[arg(long)]
    json: bool,
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

/// What is changed of an org.
#[derive(Args)]
pub(crate) struct Set {
    #[command(flatten)]
    storage: StorageArgs,
    /// Its slug
    id: String,
    /// A new name
    #[arg(long)]
    name: Option<String>,
    /// A feature to switch: hosting=on or hosting=off; may be repeated
    #[arg(long = "feature", value_name = "NAME=on|off", value_parser = feature)]
    features: Vec<(String, bool)>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn feature(text: &str) -> std::result::Result<(String, bool), String> {
    let wrong = || format!("must be one of {} with =on or =off, such as hosting=off", FEATURES.join(", "));
    let (name, state) = text.split_once('=').filter(|(name, _)| FEATURES.contains(name)).ok_or_else(wrong)?;
    match state {
        "on" => Ok((name.to_owned(), true)),
        "off" => Ok((name.to_owned(), false)),
        _ => Err(wrong()),
    }
}

impl Orgs {
    pub(crate) async fn run(self) -> Result<()> {
        match self {
            Self::Create(create) => create.run().await,
            Self::Set(set) => set.run().await,
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

impl Set {
    async fn run(self) -> Result<()> {
        let (app, _) = open(&self.storage).await?;
        let ctx = Ctx::system(app.clone(), &self.id);
        let mut features = access::find_org(&ctx).await?.features;
        for (name, is_on) in self.features {
            features.retain(|known| *known != name);
            features.extend(is_on.then_some(name));
        }
        let change = OrgChange { name: self.name, features: Some(features), ..OrgChange::default() };
        let org = access::update_org(&ctx, change).await?;
        if self.json {
            say(json!({"id": org.id, "name": org.name, "features": org.features}));
        } else {
            let features = if org.features.is_empty() { "none".to_owned() } else { org.features.join(", ") };
            say(format!("{} ({}) has the features: {features}", org.id, org.name));
            say("a running server knows within five seconds");
        }
        app.db.close().await;
        Ok(())
    }
}

impl Create {
    async fn run(self) -> Result<()> {
        let (app, _) = open(&self.storage).await?;
        let org = access::create_org(&app, &self.id, self.name.as_deref().unwrap_or(&self.id)).await?;
        if !self.json {
            say(format!("made the org {}", org.id));
        }
        let mut made = json!({"id": org.id, "name": org.name});
        if let Some(username) = self.owner {
            let given = self.password.filter(|password| !password.is_empty()).map(Secret::new);
            let password = given
                .clone()
                .unwrap_or_else(|| Secret::new(muster_base::new_secret("").chars().take(20).collect::<String>()));
            let user = NewUser { username, password: password.clone(), role: Role::Owner, display_name: None };
            let user = access::create_user(&Ctx::system(app.clone(), &org.id), user)
                .await
                .map_err(|error| Error::conflict(format!("the org is made, its owner is not: {}", error.message())))?;
            made["owner"] = json!({"id": user.id, "username": user.username});
            if given.is_none() {
                made["owner"]["password"] = json!(password.expose());
            }
            if !self.json {
                say(format!("made the user {}", user.username));
                if given.is_none() {
                    say(format!("password: {}", password.expose()));
                }
            }
        }
        if self.json {
            say(made);
        }
        app.db.close().await;
        Ok(())
    }
}
