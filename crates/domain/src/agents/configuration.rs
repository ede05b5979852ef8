//! `configuration` of a hosted agent: how its turns run.

use super::secret_fields::holds_password;
use muster_base::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What stands in place of a secret value; sent back, it keeps what is stored.
pub(super) const REDACTED: &str = "[redacted]";
/// The most bytes of the whole configuration.
const LARGEST: usize = 256 * 1024;

/// How the turns of an agent run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Configuration {
    /// `provider/model`, or just a model's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How long a turn may take, in seconds (3600).
    #[serde(default = "default_timeout")]
    pub timeout_seconds: i64,
    /// MCP servers by name: `{"url", "headers"?, ...}`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub mcp_servers: Map<String, Value>,
    /// How much the agent may remember.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_config: Option<MemoryConfig>,
    /// When older messages are replaced by a summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compaction: Option<Compaction>,
    /// Environment variables of the agent's environment, at most 20.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom_env: BTreeMap<String, String>,
    /// How long after a failed turn its messages are put before the agent again, in milliseconds (at least 10,000).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread_reminder_interval_ms: Option<i64>,
    /// Where to call when something happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Webhooks>,
    /// What the agent's environment may use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// Limits of one turn and of one day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Which tools its turns are offered; all of them when it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolPolicy>,
}

fn default_timeout() -> i64 {
    3600
}

/// How much an agent may remember.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryConfig {
    /// `key_value` (default) or `none`: no memory tools and nothing recalled.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The most that all values may take together, 1 to 1024 MB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size_mb: Option<i64>,
    /// False forgets with the conversation: nothing can be set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistence: Option<bool>,
}

/// When older messages are replaced by a summary.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compaction {
    /// On unless it says false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The share of the model's context window that starts it, 0.1 to 0.95 (0.8); above 1 it is a number of tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold_trigger: Option<f64>,
    /// The model that writes the summary; the agent's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What the summary must keep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
}

/// Where to call when something happened.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Webhooks {
    /// After a reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_complete: Option<String>,
    /// After a failed turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_failed: Option<String>,
    /// When the agent goes into error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_error: Option<String>,
}

/// What the agent's environment may use, as Kubernetes writes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Resources {
    /// e.g. `500m` or `2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// e.g. `512Mi`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// Limits of one turn and of one day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// The most output tokens of one turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens_per_turn: Option<i64>,
    /// The most output tokens within 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens_per_day: Option<i64>,
    /// The most tool calls of one turn (50).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tool_calls_per_turn: Option<i64>,
}

/// Which tools turns are offered, by name; a final `*` stands for anything that follows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolPolicy {
    /// Only these; all when it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<String>>,
    /// Never these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny: Option<Vec<String>>,
}

impl ToolPolicy {
    pub(super) fn check(&self, field: &str) -> Result<()> {
        let names = || [&self.allow, &self.deny].into_iter().flatten().flatten();
        if names().count() > 500 || names().any(|name| name.is_empty() || name.chars().count() > 200) {
            return Err(Error::invalid(field, "must have at most 500 names of 1 to 200 characters"));
        }
        Ok(())
    }

    fn offers(&self, tool: &str) -> bool {
        let fits = |name: &String| name.strip_suffix('*').map_or(name == tool, |begin| tool.starts_with(begin));
        let lists = |names: &Option<Vec<String>>| names.as_ref().map(|names| names.iter().any(fits));
        lists(&self.allow) != Some(false) && lists(&self.deny) != Some(true)
    }
}

impl Configuration {
    /// Whether turns are offered the tool of this name, if they can have it at all.
    pub fn offers_tool(&self, name: &str) -> bool {
        self.tools.as_ref().is_none_or(|policy| policy.offers(name))
    }

    /// Merges a change into this configuration: absent keys stay, null clears, objects merge (RFC 7396).
    pub fn merged(&self, change: &Map<String, Value>) -> Result<Self> {
        let mut base = serde_json::to_value(self).map_err(Error::internal)?;
        merge(&mut base, &Value::Object(change.clone()), "configuration", 0)?;
        Self::read(base)
    }

    /// Reads and checks a configuration; errors name the field from `configuration.` on.
    pub fn read(value: Value) -> Result<Self> {
        if value.to_string().len() > LARGEST {
            return Err(Error::invalid("configuration", format!("must have at most {LARGEST} bytes")));
        }
        check_shapes(&value)?;
        let read: Self = serde_json::from_value(value).map_err(|error| Error::invalid("configuration", error))?;
        read.check()?;
        Ok(read)
    }

    /// The turn's time limit.
    pub fn timeout(&self) -> std::time::Duration {
        std::time::Duration::from_secs(self.timeout_seconds.clamp(1, 86_400).unsigned_abs())
    }

    /// The most bytes that the agent may remember, and whether it may remember at all.
    pub fn memory_limit(&self) -> (bool, i64) {
        let config = self.memory_config.clone().unwrap_or_default();
        let on = config.kind.as_deref() != Some("none") && config.persistence != Some(false);
        (on, config.max_size_mb.unwrap_or(64) * 1024 * 1024)
    }

    fn check(&self) -> Result<()> {
        if let Some(model) = &self.model {
            check_model("configuration.model", model)?;
        }
        range("configuration.timeout_seconds", Some(self.timeout_seconds), 1, 86_400)?;
        range("configuration.unread_reminder_interval_ms", self.unread_reminder_interval_ms, 10_000, 7 * 86_400_000)?;
        self.check_env()?;
        self.check_memory()?;
        self.check_compaction()?;
        self.check_webhooks()?;
        self.check_resources()?;
        if let Some(tools) = &self.tools {
            tools.check("configuration.tools")?;
        }
        let budget = self.budget.clone().unwrap_or_default();
        range("configuration.budget.max_output_tokens_per_turn", budget.max_output_tokens_per_turn, 1, 1_000_000_000)?;
        range(
            "configuration.budget.max_output_tokens_per_day",
            budget.max_output_tokens_per_day,
            1,
            1_000_000_000_000,
        )?;
        range("configuration.budget.max_tool_calls_per_turn", budget.max_tool_calls_per_turn, 0, 1000)?;
        for (name, server) in &self.mcp_servers {
            let field = format!("configuration.mcp_servers.{name}");
            if name.is_empty() || name.chars().count() > 100 {
                return Err(Error::invalid("configuration.mcp_servers", "names must have 1 to 100 characters"));
            }
            if !server.get("url").is_some_and(|url| url.as_str().is_some_and(is_http_url)) {
                return Err(Error::invalid(format!("{field}.url"), "must be an http or https URL"));
            }
            if server.get("url").and_then(Value::as_str).is_some_and(holds_password) {
                let problem = "must not hold a password; put what lets in into headers, which are sealed";
                return Err(Error::invalid(format!("{field}.url"), problem));
            }
        }
        Ok(())
    }

    fn check_env(&self) -> Result<()> {
        let field = "configuration.custom_env";
        if self.custom_env.len() > 20 {
            return Err(Error::invalid(field, "must have at most 20 variables"));
        }
        for (name, value) in &self.custom_env {
            let sane = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && !name.as_bytes().first().is_none_or(u8::is_ascii_digit);
            if !sane || name.len() > 128 {
                return Err(Error::invalid(
                    format!("{field}.{name}"),
                    "is no name of an environment variable: letters, digits and _",
                ));
            }
            if value.len() > 8192 {
                return Err(Error::invalid(format!("{field}.{name}"), "must have at most 8192 characters"));
            }
        }
        Ok(())
    }

    fn check_memory(&self) -> Result<()> {
        let Some(memory) = &self.memory_config else { return Ok(()) };
        if memory.kind.as_deref().is_some_and(|kind| !matches!(kind, "key_value" | "none")) {
            return Err(Error::invalid("configuration.memory_config.type", "must be key_value or none"));
        }
        range("configuration.memory_config.max_size_mb", memory.max_size_mb, 1, 1024)
    }

    fn check_compaction(&self) -> Result<()> {
        let Some(compaction) = &self.compaction else { return Ok(()) };
        if let Some(model) = &compaction.model {
            check_model("configuration.compaction.model", model)?;
        }
        let field = "configuration.compaction.threshold_trigger";
        if compaction
            .threshold_trigger
            .is_some_and(|at| !((0.1..=0.95).contains(&at) || (1000.0..=10_000_000.0).contains(&at)))
        {
            return Err(Error::invalid(field, "must be a share from 0.1 to 0.95, or a number of tokens from 1000"));
        }
        if compaction.instructions.as_ref().is_some_and(|text| text.chars().count() > 10_000) {
            return Err(Error::invalid("configuration.compaction.instructions", "must have at most 10000 characters"));
        }
        Ok(())
    }

    fn check_webhooks(&self) -> Result<()> {
        let hooks = self.webhooks.clone().unwrap_or_default();
        let urls = [
            ("message_complete", hooks.message_complete),
            ("message_failed", hooks.message_failed),
            ("agent_error", hooks.agent_error),
        ];
        for (name, url) in urls {
            if url.is_some_and(|url| !is_http_url(&url)) {
                return Err(Error::invalid(format!("configuration.webhooks.{name}"), "must be an http or https URL"));
            }
        }
        Ok(())
    }

    fn check_resources(&self) -> Result<()> {
        let resources = self.resources.clone().unwrap_or_default();
        if let Some(cpu) = &resources.cpu {
            check_cpu("configuration.resources.cpu", cpu)?;
        }
        if let Some(memory) = &resources.memory {
            check_size("configuration.resources.memory", memory)?;
        }
        Ok(())
    }
}

pub(super) fn check_cpu(field: &str, cpu: &str) -> Result<()> {
    if is_cpu(cpu) {
        return Ok(());
    }
    Err(Error::invalid(field, "must be cores such as 2 or 0.5, or thousandths such as 500m"))
}

pub(super) fn check_size(field: &str, size: &str) -> Result<()> {
    if quantity(size).is_some() {
        return Ok(());
    }
    Err(Error::invalid(field, "must be a size such as 512Mi or 2Gi"))
}

pub(super) fn check_model(field: &str, model: &str) -> Result<()> {
    let sane = |c: char| c.is_ascii_graphic();
    if model.is_empty() || model.len() > 200 || !model.chars().all(sane) {
        return Err(Error::invalid(
            field,
            "must be provider/model or a model's name, 1 to 200 characters without white space",
        ));
    }
    Ok(())
}

fn range(field: &str, value: Option<i64>, least: i64, most: i64) -> Result<()> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(Error::invalid(field, format!("must be from {least} to {most}")))
        }
        _ => Ok(()),
    }
}

fn is_http_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text.len() <= 2048
        && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}

fn is_cpu(text: &str) -> bool {
    let number = text.strip_suffix('m').unwrap_or(text);
    number.parse::<f64>().is_ok_and(|n| n > 0.0 && n <= 100_000.0)
        && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// Bytes of a size such as `512Mi`, `1Gi`, `2G` or `1048576`.
pub(super) fn quantity(text: &str) -> Option<i64> {
    const UNITS: &[(&str, i64)] = &[
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
    ];
    let (digits, unit) = UNITS
        .iter()
        .find_map(|(unit, size)| text.strip_suffix(unit).map(|digits| (digits, *size)))
        .unwrap_or((text, 1));
    if digits.is_empty() || digits.len() > 12 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse::<i64>().ok()?.checked_mul(unit).filter(|bytes| *bytes > 0)
}

/// RFC 7396, with a limit to the depth.
pub(super) fn merge(target: &mut Value, change: &Value, field: &str, depth: usize) -> Result<()> {
    if depth > 16 {
        return Err(Error::invalid(field, "is nested too deeply"));
    }
    let Value::Object(change) = change else {
        *target = change.clone();
        return Ok(());
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return Ok(()) };
    for (key, value) in change {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value, field, depth + 1)?;
        }
    }
    Ok(())
}

/// Wrong types get an error that names the field; serde alone would only name what it wanted.
fn check_shapes(value: &Value) -> Result<()> {
    const NUMBERS: &[&str] = &[
        "/timeout_seconds",
        "/unread_reminder_interval_ms",
        "/memory_config/max_size_mb",
        "/budget/max_output_tokens_per_turn",
        "/budget/max_output_tokens_per_day",
        "/budget/max_tool_calls_per_turn",
    ];
    const TEXTS: &[&str] = &[
        "/model",
        "/memory_config/type",
        "/compaction/model",
        "/compaction/instructions",
        "/webhooks/message_complete",
        "/webhooks/message_failed",
        "/webhooks/agent_error",
        "/resources/cpu",
        "/resources/memory",
    ];
    const OBJECTS: &[&str] = &[
        "",
        "/mcp_servers",
        "/memory_config",
        "/compaction",
        "/custom_env",
        "/webhooks",
        "/resources",
        "/budget",
        "/tools",
    ];
    const LISTS: &[&str] = &["/tools/allow", "/tools/deny"];
    const FLAGS: &[&str] = &["/memory_config/persistence", "/compaction/enabled"];
    let wrong = |paths: &[&str], fits: fn(&Value) -> bool, what: &str| {
        let path =
            paths.iter().find(|path| value.pointer(path).is_some_and(|value| !value.is_null() && !fits(value)))?;
        Some(Error::invalid(format!("configuration{}", path.replace('/', ".")), format!("must be {what}")))
    };
    let error = wrong(OBJECTS, Value::is_object, "an object")
        .or_else(|| wrong(NUMBERS, Value::is_i64, "a whole number"))
        .or_else(|| wrong(TEXTS, Value::is_string, "a text"))
        .or_else(|| wrong(FLAGS, Value::is_boolean, "true or false"))
        .or_else(|| wrong(LISTS, is_names, "a list of texts"))
        .or_else(|| wrong(&["/compaction/threshold_trigger"], Value::is_number, "a number"));
    if let Some(error) = error {
        return Err(error);
    }
    let env = value.pointer("/custom_env").and_then(Value::as_object).into_iter().flatten();
    match env.into_iter().find(|(_, value)| !value.is_string()) {
        Some((name, _)) => Err(Error::invalid(format!("configuration.custom_env.{name}"), "must be a text")),
        None => Ok(()),
    }
}

fn is_names(value: &Value) -> bool {
    value.as_array().is_some_and(|names| names.iter().all(Value::is_string))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(base: Value, change: Value) -> Result<Configuration> {
        Configuration::read(base)?.merged(change.as_object().expect("an object"))
    }

    #[test]
    fn a_change_merges_and_null_clears() {
        let base = json!({"model": "openai/gpt-4.1", "compaction": {"enabled": true, "instructions": "keep names"}});
        let after = merged(base, json!({"model": null, "compaction": {"instructions": null}, "timeout_seconds": 60}))
            .expect("valid");
        assert_eq!(after.model, None);
        assert_eq!(after.timeout_seconds, 60);
        assert_eq!(after.compaction, Some(Compaction { enabled: Some(true), ..Compaction::default() }));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (body, field) in [
            (json!({"timeout_seconds": "1"}), "configuration.timeout_seconds"),
            (json!({"timeout_seconds": 0}), "configuration.timeout_seconds"),
            (json!({"model": 7}), "configuration.model"),
            (json!({"custom_env": {"A": 1}}), "configuration.custom_env.A"),
            (json!({"custom_env": {"1A": "x"}}), "configuration.custom_env.1A"),
            (json!({"webhooks": {"message_failed": "ftp://example.com"}}), "configuration.webhooks.message_failed"),
            (json!({"resources": {"memory": "lots"}}), "configuration.resources.memory"),
            (json!({"memory_config": []}), "configuration.memory_config"),
            (json!({"tools": ["x"]}), "configuration.tools"),
            (json!({"tools": {"allow": [1]}}), "configuration.tools.allow"),
            (json!({"tools": {"deny": [""]}}), "configuration.tools"),
            (json!({"compaction": {"threshold_trigger": 0.99}}), "configuration.compaction.threshold_trigger"),
            (json!({"mcp_servers": {"x": {}}}), "configuration.mcp_servers.x.url"),
        ] {
            assert_eq!(Configuration::read(body.clone()).expect_err("wrong").field(), Some(field), "{body}");
        }
    }

    #[test]
    fn sizes_are_read_as_kubernetes_writes_them() {
        assert_eq!(quantity("1Gi"), Some(1 << 30));
        assert_eq!(quantity("2G"), Some(2_000_000_000));
        assert_eq!(quantity("512"), Some(512));
        for wrong in ["", "Gi", "1.5Gi", "-1Gi", "0", "99999999999Ti", "1 Gi"] {
            assert_eq!(quantity(wrong), None, "{wrong}");
        }
    }
}
