//! What an entry shall say of an agent.

use crate::entries::{Listed, OF_SANDBOX, PLAIN_KEYS};
use crate::json5::{Kind, Node};
use crate::secrets::without_redacted;
use muster_base::{Error, Result};
use muster_domain::gateway::EntryChange;
use serde_json::{Map, Value, json};

/// The members that an entry shall have, in the order of a new one; those that say already what they shall may be among
/// them.
pub(crate) fn fields(change: &EntryChange, current: Option<(&Listed, &Node)>) -> Result<Vec<(&'static str, Value)>> {
    let config = &change.config;
    let is_renamed = current.is_none_or(|(listed, _)| listed.name != change.name);
    let mut fields = Vec::new();
    if is_renamed {
        fields.push(("name", Value::from(change.name.as_str())));
    }
    let mut identity = object(config, "identity")?.unwrap_or_default();
    identity.retain(|key, _| key != "name" && key != "theme");
    if is_renamed {
        identity.insert("name".to_owned(), Value::from(change.name.as_str()));
    }
    // A theme may say more than a role has room for; it stays as long as it gives the same role.
    let role = change.role.as_ref().filter(|role| current.is_none_or(|(listed, _)| listed.role != **role));
    if let Some(role) = role {
        identity.insert("theme".to_owned(), Value::from(role.as_str()));
    }
    if !identity.is_empty() {
        fields.push(("identity", Value::Object(identity)));
    }
    fields.extend(model(config, current.map(|(_, entry)| entry))?.map(|model| ("model", model)));
    fields.extend(workspace(config)?.map(|workspace| ("workspace", workspace)));
    fields.extend(tools(config)?.map(|tools| ("tools", tools)));
    fields.extend(sandbox(config)?.map(|sandbox| ("sandbox", sandbox)));
    for key in ["subagents", "memorySearch"] {
        fields.extend(object(config, key)?.map(|value| (key, Value::Object(value))));
    }
    fields.extend(PLAIN_KEYS.iter().filter_map(|key| Some((*key, said(config, key)?))));
    Ok(fields)
}

fn wrong(key: &str, what: &str) -> Error {
    Error::invalid(format!("config.{key}"), format!("must be {what} to be written into the gateway file"))
}

/// What a config says under a key, without what stands for secrets.
fn said(config: &Map<String, Value>, key: &str) -> Option<Value> {
    config.get(key).filter(|value| !value.is_null()).and_then(without_redacted)
}

fn object(config: &Map<String, Value>, key: &str) -> Result<Option<Map<String, Value>>> {
    match said(config, key) {
        None => Ok(None),
        Some(Value::Object(value)) => Ok(Some(value)),
        Some(_) => Err(wrong(key, "an object")),
    }
}

fn sandbox(config: &Map<String, Value>) -> Result<Option<Value>> {
    let mut sandbox = object(config, "sandbox")?.unwrap_or_default();
    sandbox.retain(|key, _| !OF_SANDBOX.contains(&key.as_str()));
    Ok((!sandbox.is_empty()).then_some(Value::Object(sandbox)))
}

/// A name in place of an object with fallbacks changes the first choice only.
fn model(config: &Map<String, Value>, entry: Option<&Node>) -> Result<Option<Value>> {
    let has_fallbacks = entry
        .and_then(|entry| entry.member("model"))
        .is_some_and(|member| matches!(member.value.kind, Kind::Object(_)));
    match said(config, "model") {
        None => Ok(None),
        Some(Value::String(name)) if has_fallbacks => Ok(Some(json!({"primary": name}))),
        Some(model @ (Value::String(_) | Value::Object(_))) => Ok(Some(model)),
        Some(_) => Err(wrong("model", "a text or an object")),
    }
}

fn workspace(config: &Map<String, Value>) -> Result<Option<Value>> {
    match said(config, "workspace") {
        None => Ok(None),
        Some(Value::String(path)) if path.trim().is_empty() || path.contains(['\0', '\n', '\r']) => {
            Err(wrong("workspace", "a path"))
        }
        Some(path @ Value::String(_)) => Ok(Some(path)),
        Some(_) => Err(wrong("workspace", "a text")),
    }
}

/// A list of names is what gateways call `allow`.
fn tools(config: &Map<String, Value>) -> Result<Option<Value>> {
    match said(config, "tools") {
        None => Ok(None),
        Some(names @ Value::Array(_)) => Ok(Some(json!({"allow": names}))),
        Some(tools @ Value::Object(_)) => Ok(Some(tools)),
        Some(_) => Err(wrong("tools", "a list of names or an object")),
    }
}
