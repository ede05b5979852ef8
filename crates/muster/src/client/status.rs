//! `muster status`

use super::Connection;
use super::api::{Api, Org};
use super::failure::is_passing;
use super::table::grouped;
use super::terminal::{Ink, harmless, paint, say};
use clap::Args;
use muster_base::{Error, Kind, Result};
use serde_json::{Value, json};

/// What the person reads below the options.
const HELP: &str = "\
Ends with exit code 0 when the server is ready to serve, else with 1. With a key it also tells the
figures of the key's org.";

/// Say whether the server is up, and how its agents are
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Status {
    #[command(flatten)]
    connection: Connection,
}

/// What a server tells anybody.
struct Health {
    /// Why it is not ready; `None` when it is.
    problem: Option<String>,
    version: Option<String>,
}

/// What it tells the holder of a key.
struct Glance {
    org: Org,
    /// Why there are no figures, or the figures.
    overview: Result<Value>,
}

impl Status {
    pub(crate) async fn run(self) -> Result<()> {
        let api = self.connection.open()?;
        let health = match health(&api).await {
            Ok(health) => health,
            Err(error) => {
                if self.connection.json {
                    say(format!("{:#}", json!({"url": api.server(), "reachable": false, "ready": false})))?;
                }
                return Err(error);
            }
        };
        let is_ready = health.problem.is_none();
        let glance = if is_ready && api.has_key() { Some(glance(&api).await) } else { None };
        let (glance, failed) = match glance {
            Some(Ok(glance)) => (Some(glance), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        if self.connection.json {
            say(format!("{:#}", shown(&api, &health, glance.as_ref())))?;
        } else {
            tell(&api, &health, glance.as_ref())?;
        }
        match (failed, health.problem) {
            (Some(error), _) => Err(error),
            (None, Some(problem)) => Err(Error::new(
                Kind::Unavailable,
                "client.not_ready",
                format!("{} is not ready: {problem}; its log says more", api.server()),
            )),
            (None, None) => Ok(()),
        }
    }
}

async fn health(api: &Api) -> Result<Health> {
    let (status, _) = api.text(&api.at(&["healthz"], &[])).await?;
    if status != 200 {
        let message = format!("{} answered {status} to /healthz; is it a Muster server? (--url)", api.server());
        return Err(Error::new(Kind::Upstream, "client.answer", message));
    }
    let (status, text) = api.text(&api.at(&["readyz"], &[])).await?;
    let text = harmless(text.trim()).into_owned();
    let problem = (status != 200).then(|| if text.is_empty() { format!("/readyz answered {status}") } else { text });
    Ok(Health { problem, version: version(api).await })
}

/// The API's description tells the version to anybody. That it cannot be read is no reason to fail.
async fn version(api: &Api) -> Option<String> {
    let description = api.get(&api.at(&["openapi.json"], &[])).await.ok()?;
    description["info"]["version"].as_str().map(|version| harmless(version).into_owned())
}

async fn glance(api: &Api) -> Result<Glance> {
    let org = api.org().await?.clone();
    let overview = api.get(&api.in_org(&["overview"], &[]).await?).await;
    match overview {
        // A key that may not see the figures is still a key, and the server still answers it.
        Err(error) if error.kind() != Kind::Forbidden && !is_passing(&error) => Err(error),
        overview => Ok(Glance { org, overview }),
    }
}

fn shown(api: &Api, health: &Health, glance: Option<&Glance>) -> Value {
    let mut shown = json!({
        "url": api.server(), "reachable": true, "ready": health.problem.is_none(), "version": health.version,
    });
    if let Some(problem) = &health.problem {
        shown["problem"] = json!(problem);
    }
    if let Some(glance) = glance {
        shown["org"] = json!({"id": glance.org.id, "name": glance.org.name});
        shown["user"] = json!({"name": glance.org.who, "role": glance.org.role});
        if let Ok(overview) = &glance.overview {
            shown["overview"] = overview.clone();
        }
    }
    shown
}

fn tell(api: &Api, health: &Health, glance: Option<&Glance>) -> Result<()> {
    let version = health.version.as_deref().map(|version| format!(" (Muster {version})")).unwrap_or_default();
    let word =
        if health.problem.is_none() { paint(Ink::Green, "ready") } else { paint(Ink::Red, "reachable, not ready") };
    say(format!("{} is {word}{version}", api.server()))?;
    let Some(glance) = glance else { return Ok(()) };
    let org = &glance.org;
    fact("org", &format!("{} ({})", harmless(&org.name), harmless(&org.id)))?;
    fact("you", &format!("{}, {}", harmless(&org.who), harmless(&org.role)))?;
    match &glance.overview {
        Ok(overview) => figures(overview).iter().try_for_each(|(title, value)| fact(title, value)),
        Err(error) => fact("figures", &format!("none: {error}")),
    }
}

fn fact(title: &str, value: &str) -> Result<()> {
    let title = format!("{title:<9}");
    say(format!("{} {value}", paint(Ink::Dim, &title)))
}

/// The figures that are not zero, and those that matter when they are.
fn figures(overview: &Value) -> Vec<(&'static str, String)> {
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let counted = |of: &Value, words: &[&str]| -> Vec<String> {
        let all = words.iter().map(|word| (number(&of[*word]), word));
        all.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{} {word}", grouped(count))).collect()
    };
    let agents = &overview["agents"];
    let mut parts = counted(&agents["lifecycle"], &["active", "paused", "stopped", "error"]);
    parts.extend(counted(&agents["presence"], &["busy"]));
    let total = grouped(number(&agents["total"]));
    let turns = &overview["turns"];
    let hours = overview["messagesPerHour"].as_array();
    let day = |field: &str| grouped(hours.into_iter().flatten().map(|hour| number(&hour[field])).sum());
    let mut all = vec![
        ("agents", if parts.is_empty() { total } else { format!("{total}: {}", parts.join(", ")) }),
        (
            "turns",
            format!(
                "{} running, {} queued, {} failed in 24 h",
                grouped(number(&turns["running"])),
                grouped(number(&turns["queued"])),
                grouped(number(&turns["failed24h"]))
            ),
        ),
        ("messages", format!("{} received, {} sent in 24 h", day("received"), day("sent"))),
        ("tokens", format!("{} output tokens in 24 h", grouped(number(&overview["outputTokens24h"])))),
    ];
    let name = |model: &Value| model.as_str().map(|name| harmless(name).into_owned());
    let models: Vec<String> = overview["models"].as_array().into_iter().flatten().filter_map(name).collect();
    if !models.is_empty() {
        all.push(("models", models.join(", ")));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_say_what_there_is() {
        let overview = json!({
            "agents": {"total": 1203, "lifecycle": {"active": 1200, "paused": 0, "stopped": 2, "error": 1},
                       "presence": {"busy": 3}},
            "turns": {"running": 3, "queued": 0, "failed24h": 1},
            "messagesPerHour": [{"received": 1, "sent": 2}, {"received": 3, "sent": 4}],
            "outputTokens24h": 12345, "models": ["openai", "local"],
        });
        let expected = [
            ("agents", "1,203: 1,200 active, 2 stopped, 1 error, 3 busy"),
            ("turns", "3 running, 0 queued, 1 failed in 24 h"),
            ("messages", "4 received, 6 sent in 24 h"),
            ("tokens", "12,345 output tokens in 24 h"),
            ("models", "openai, local"),
        ];
        let figures = figures(&overview);
        let figures: Vec<(&str, &str)> = figures.iter().map(|(title, value)| (*title, value.as_str())).collect();
        assert_eq!(figures, expected);
    }
}
