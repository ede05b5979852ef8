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

/// Takes the secrets out of a configuration: headers of MCP servers, and whatever is named or looks like a secret there and
/// among the variables.
///
/// What remains shows `[redacted]` in their place. A `[redacted]` that comes in keeps what is stored; it is refused where
/// nothing is. Secrets of what was in `before` and is gone are removed.
pub(super) fn split(configuration: &mut Configuration, before: &Configuration) -> Result<Vec<Change>> {
    let stored = redacted_places(before);
    let mut out = Vec::new();
    let mut lost = None;
    for (name, value) in &mut configuration.custom_env {
        let place = format!("env.{name}");
        if value == REDACTED {
            if !stored.contains(&place) {
                lost = Some(format!("configuration.custom_env.{name}"));
            }
        } else if sounds_secret(name) || holds_password(value) {
            out.push((place, Some(Secret::new(std::mem::replace(value, REDACTED.to_owned())))));
        }
    }
    for (server, settings) in &mut configuration.mcp_servers {
        each_leaf(&format!("mcp.{server}"), false, settings, &mut |place, is_secret, value| {
            if value == REDACTED {
                if !stored.contains(&place) {
                    lost = Some(format!("configuration.mcp_servers.{server}"));
                }
            } else if is_secret || value.as_str().is_some_and(holds_password) {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                out.push((place, Some(Secret::new(text))));
                *value = Value::from(REDACTED);
            }
        });
    }
    if let Some(field) = lost {
        return Err(Error::invalid(field, "is [redacted], and no secret is stored there; give its value"));
    }
    let kept = redacted_places(configuration);
    out.extend(stored.into_iter().filter(|place| !kept.contains(place)).map(|place| (place, None)));
    Ok(out)
}

/// Takes out of a configuration what shows `[redacted]` and of which no secret is kept any more.
pub(super) fn leave_out_lost(configuration: &mut Configuration, kept: &[String]) {
    configuration.custom_env.retain(|name, value| value != REDACTED || kept.contains(&format!("env.{name}")));
    for (server, settings) in &mut configuration.mcp_servers {
        each_leaf(&format!("mcp.{server}"), false, settings, &mut |place, _, value| {
            if value == REDACTED && !kept.contains(&place) {
                *value = Value::Null;
            }
        });
        leave_out_nulls(settings);
    }
}

fn leave_out_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, value| !value.is_null());
        fields.values_mut().for_each(leave_out_nulls);
    }
}

/// The places of which a secret is stored: they show `[redacted]`.
fn redacted_places(configuration: &Configuration) -> Vec<String> {
    let env = configuration.custom_env.iter().filter(|(_, value)| *value == REDACTED);
    let mut places: Vec<String> = env.map(|(name, _)| format!("env.{name}")).collect();
    for (server, settings) in &configuration.mcp_servers {
        each_leaf(&format!("mcp.{server}"), false, &mut settings.clone(), &mut |place, _, value| {
            if value == REDACTED {
                places.push(place);
            }
        });
    }
    places
}

/// Every text, number and switch below `value`, with its place and whether it is a secret by where it stands: a header, or
/// below a name that sounds like one. The kind of an `auth` (`type`) is none.
fn each_leaf(place: &str, is_secret: bool, value: &mut Value, visit: &mut dyn FnMut(String, bool, &mut Value)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let below = if name == "headers" { place.to_owned() } else { format!("{place}.{name}") };
                let is_secret = name == "headers" || sounds_secret(name) || (is_secret && name != "type");
                each_leaf(&below, is_secret, value, visit);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter_mut().enumerate() {
                each_leaf(&format!("{place}.{at}"), is_secret, value, visit);
            }
        }
        Value::Null => {}
        leaf => visit(place.to_owned(), is_secret, leaf),
    }
}

fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["KEY", "TOKEN", "SECRET", "PASS", "PWD", "CREDENTIAL", "PRIVATE", "AUTH", "COOKIE"]
        .iter()
        .any(|word| name.contains(word))
}

/// Whether a text is a URL with a user's password in it, as addresses of databases have.
pub(super) fn holds_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').is_some_and(|(user, _)| user.split_once(':').is_some_and(|(_, word)| !word.is_empty()))
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
        let changes = split(&mut fresh, &Configuration::default()).expect("complete");
        let fields: Vec<&str> = changes.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["env.API_TOKEN", "mcp.x.X-Key"]);
        assert_eq!(fresh.custom_env["LEVEL"], "3");
        assert!(!serde_json::to_string(&fresh).expect("serialises").contains("\"k\""));

        let mut again = fresh.clone();
        assert!(split(&mut again, &fresh).expect("complete").is_empty());

        let mut without = read(json!({"custom_env": {"LEVEL": "3"}}));
        let removed = split(&mut without, &fresh).expect("complete");
        assert_eq!(removed, [("env.API_TOKEN".to_owned(), None), ("mcp.x.X-Key".to_owned(), None)]);
    }

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        let mut fresh = read(json!({
            "custom_env": {"DATABASE_URL": "postgres://shop:hush@db.example.com/shop", "HOME_PAGE": "https://example.com/a:b@c"},
            "mcp_servers": {"x": {
                "url": "https://example.com", "timeout": 5, "args": ["--level", "3"],
                "auth": {"type": "bearer", "token": "hush-1"}, "env": {"API_KEY": "hush-2", "LEVEL": "3"},
                "proxy": "http://user:hush-3@proxy.example.com",
            }},
        }));
        let changes = split(&mut fresh, &Configuration::default()).expect("complete");
        let mut places: Vec<&str> = changes.iter().map(|(place, _)| place.as_str()).collect();
        places.sort_unstable();
        assert_eq!(places, ["env.DATABASE_URL", "mcp.x.auth.token", "mcp.x.env.API_KEY", "mcp.x.proxy"]);
        let shown = serde_json::to_value(&fresh).expect("JSON");
        assert!(!shown.to_string().contains("hush"), "{shown}");
        assert_eq!(shown["mcp_servers"]["x"]["auth"], json!({"type": "bearer", "token": REDACTED}));
        assert_eq!(shown["custom_env"]["HOME_PAGE"], "https://example.com/a:b@c");

        let mut again = fresh.clone();
        assert!(split(&mut again, &fresh).expect("complete").is_empty());
        leave_out_lost(&mut again, &["mcp.x.proxy".to_owned()]);
        let left = serde_json::to_value(&again).expect("JSON");
        assert_eq!(left["mcp_servers"]["x"]["auth"], json!({"type": "bearer"}));
        assert_eq!(left["mcp_servers"]["x"]["proxy"], REDACTED);
        assert_eq!(left["custom_env"].as_object().expect("an object").len(), 1);
    }

    #[test]
    fn redacted_where_no_secret_is_stored_is_refused() {
        for (body, field) in [
            (json!({"custom_env": {"API_TOKEN": REDACTED}}), "configuration.custom_env.API_TOKEN"),
            (
                json!({"mcp_servers": {"x": {"url": "https://example.com", "headers": {"A": REDACTED}}}}),
                "configuration.mcp_servers.x",
            ),
        ] {
            let error = split(&mut read(body), &Configuration::default()).expect_err("refused");
            assert_eq!(error.field(), Some(field));
        }
    }
}
