//! The secrets of an agent: taken out of what is written, sealed, and never given back.

use super::configuration::{Configuration, REDACTED};
use crate::context::Ctx;
use crate::sealed;
use muster_base::{Error, Patch, Result, Secret};
use muster_store::Tx;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// Slack's three secrets of a bot.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct SlackTokens {
    /// `xoxb-...`
    pub bot_token: Secret<String>,
    /// Signs what Slack sends.
    pub signing_secret: Option<Secret<String>>,
    /// `xapp-...`, for socket mode.
    pub app_token: Option<Secret<String>>,
}

/// What a caller sets or clears of an agent's secrets.
#[derive(Debug, Clone, Default)]
pub struct AgentSecrets {
    /// Overrides the operator's key of this provider.
    pub anthropic_api_key: Patch<Secret<String>>,
    /// Overrides the operator's key of this provider.
    pub openai_api_key: Patch<Secret<String>>,
    /// The Discord bot.
    pub discord_bot_token: Patch<Secret<String>>,
    /// The Slack app.
    pub slack_bot_token: Patch<SlackTokens>,
    /// The Telegram bot.
    pub telegram_bot_token: Patch<Secret<String>>,
}

/// A secret to store (`Some`) or to remove (`None`) under a field's name.
pub(super) type Change = (String, Option<Secret<String>>);

impl AgentSecrets {
    /// Whether nothing is set or cleared.
    pub(super) fn is_empty(&self) -> bool {
        let simple = [&self.anthropic_api_key, &self.openai_api_key, &self.discord_bot_token, &self.telegram_bot_token];
        simple.into_iter().all(Patch::is_absent) && self.slack_bot_token.is_absent()
    }

    /// The single changes, checked.
    pub(super) fn changes(&self) -> Result<Vec<Change>> {
        let mut out = Vec::new();
        let simple = [
            ("anthropic_api_key", &self.anthropic_api_key),
            ("openai_api_key", &self.openai_api_key),
            ("discord_bot_token", &self.discord_bot_token),
            ("telegram_bot_token", &self.telegram_bot_token),
        ];
        for (field, patch) in simple {
            match patch {
                Patch::Absent => {}
                Patch::Null => out.push((field.to_owned(), None)),
                Patch::Value(secret) => out.push((field.to_owned(), Some(checked(field, secret)?))),
            }
        }
        let slack = ["bot_token", "signing_secret", "app_token"];
        match &self.slack_bot_token {
            Patch::Absent => {}
            Patch::Null => out.extend(slack.map(|part| (format!("slack_bot_token.{part}"), None))),
            Patch::Value(tokens) => {
                let parts = [Some(&tokens.bot_token), tokens.signing_secret.as_ref(), tokens.app_token.as_ref()];
                for (name, part) in slack.iter().zip(parts) {
                    let field = format!("slack_bot_token.{name}");
                    let secret = part.map(|secret| checked(&field, secret)).transpose()?;
                    out.push((field, secret));
                }
            }
        }
        Ok(out)
    }
}

fn checked(field: &str, secret: &Secret<String>) -> Result<Secret<String>> {
    let text = secret.expose();
    if text.is_empty() || text.len() > 4096 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::invalid(field, "must have 1 to 4096 characters and no white space"));
    }
    Ok(secret.clone())
}

/// Takes the secrets out of a configuration: headers of MCP servers, and variables whose name says that they are secret.
///
/// What remains shows `[redacted]` in their place. A `[redacted]` that comes in keeps what is stored. Secrets of what
/// was in `before` and is gone are removed.
pub(super) fn split(configuration: &mut Configuration, before: &Configuration) -> Vec<Change> {
    let mut out = Vec::new();
    for (name, value) in &mut configuration.custom_env {
        if sounds_secret(name) && value != REDACTED {
            out.push((format!("env.{name}"), Some(Secret::new(std::mem::replace(value, REDACTED.to_owned())))));
        }
    }
    for (server, settings) in &mut configuration.mcp_servers {
        let Some(headers) = settings.get_mut("headers").and_then(Value::as_object_mut) else { continue };
        for (name, value) in headers {
            if value != REDACTED {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                out.push((format!("mcp.{server}.{name}"), Some(Secret::new(text))));
                *value = Value::from(REDACTED);
            }
        }
    }
    let kept = secret_places(configuration);
    out.extend(secret_places(before).into_iter().filter(|place| !kept.contains(place)).map(|place| (place, None)));
    out
}

/// Takes out of a configuration what shows `[redacted]` and of which no secret is kept any more.
pub(super) fn leave_out_lost(configuration: &mut Configuration, kept: &[String]) {
    let is_kept = |place: String| kept.contains(&place);
    configuration
        .custom_env
        .retain(|name, value| !sounds_secret(name) || value != REDACTED || is_kept(format!("env.{name}")));
    for (server, settings) in &mut configuration.mcp_servers {
        if let Some(headers) = settings.get_mut("headers").and_then(Value::as_object_mut) {
            headers.retain(|name, value| value != REDACTED || is_kept(format!("mcp.{server}.{name}")));
        }
    }
}

fn secret_places(configuration: &Configuration) -> Vec<String> {
    let env = configuration.custom_env.keys().filter(|name| sounds_secret(name)).map(|name| format!("env.{name}"));
    let mcp = configuration.mcp_servers.iter().flat_map(|(server, settings)| {
        let headers = settings.get("headers").and_then(Value::as_object).into_iter().flat_map(|headers| headers.keys());
        headers.map(move |name| format!("mcp.{server}.{name}"))
    });
    env.chain(mcp).collect()
}

fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "PRIVATE", "AUTH"]
        .iter()
        .any(|word| name.contains(word))
}

/// Stores the changes.
pub(super) async fn store(tx: &mut Tx, ctx: &Ctx, agent: &str, changes: &[Change]) -> Result<()> {
    for (field, secret) in changes {
        sealed::put(tx, ctx, agent, field, secret.as_ref().map(|secret| secret.expose().as_str())).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Configuration {
        Configuration::read(value).expect("valid")
    }

    #[test]
    fn secrets_leave_the_configuration_and_redacted_keeps_them() {
        let mut fresh = read(
            json!({"custom_env": {"API_TOKEN": "t", "LEVEL": "3"}, "mcp_servers": {"x": {"url": "https://example.com", "headers": {"X-Key": "k"}}}}),
        );
        let changes = split(&mut fresh, &Configuration::default());
        let fields: Vec<&str> = changes.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["env.API_TOKEN", "mcp.x.X-Key"]);
        assert_eq!(fresh.custom_env["LEVEL"], "3");
        assert!(!serde_json::to_string(&fresh).expect("serialises").contains("\"k\""));

        let mut again = fresh.clone();
        assert!(split(&mut again, &fresh).is_empty());

        let mut without = read(json!({"custom_env": {"LEVEL": "3"}}));
        let removed = split(&mut without, &fresh);
        assert_eq!(removed, [("env.API_TOKEN".to_owned(), None), ("mcp.x.X-Key".to_owned(), None)]);
    }
}
