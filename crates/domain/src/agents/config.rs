//! What mission clients call `config`: kept as they say it. What means the same as a setting of ours takes effect.
//!
//! - `model`: a name, or an object whose `primary` is one: the model.
//! - `system_prompt`: the agent's own instructions.
//! - `tools`: a list of names, or an object with `allow` and `deny`: the tools that turns are offered.
//! - `sandbox.resources` (`cpu`, `memory`) and `sandbox.pvc_size`: what the agent's environment may use.
//!
//! A setting that a config names follows it; one that it named and names no longer is cleared; others stay.

use super::configuration::{self, Resources, ToolPolicy, check_cpu, check_model, check_size};
use super::{Agent, Definition};
use muster_base::{Error, Result};
use serde_json::{Map, Value};

/// The most bytes of a config.
const LARGEST: usize = 256 * 1024;

/// The settings of ours that a config names.
#[derive(Default)]
struct Named {
    model: Option<String>,
    system_prompt: Option<String>,
    tools: Option<ToolPolicy>,
    resources: Option<Resources>,
    pvc_size: Option<String>,
}

impl Named {
    fn read(config: &Map<String, Value>) -> Result<Self> {
        let sandbox = config.get("sandbox").and_then(Value::as_object);
        let pvc_size = text(sandbox.and_then(|sandbox| sandbox.get("pvc_size")), "config.sandbox.pvc_size")?;
        if let Some(size) = &pvc_size {
            check_size("config.sandbox.pvc_size", size)?;
        }
        Ok(Self {
            model: model(config.get("model"))?,
            system_prompt: text(config.get("system_prompt"), "config.system_prompt")?,
            tools: tools(config.get("tools"))?,
            resources: resources(sandbox.and_then(|sandbox| sandbox.get("resources")))?,
            pvc_size,
        })
    }
}

fn text(value: Option<&Value>, field: &str) -> Result<Option<String>> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::invalid(field, "must be a string")),
    }
}

fn model(value: Option<&Value>) -> Result<Option<String>> {
    let (name, field) = match value {
        Some(Value::Object(model)) => (text(model.get("primary"), "config.model.primary")?, "config.model.primary"),
        Some(value @ (Value::String(_) | Value::Null)) => (text(Some(value), "config.model")?, "config.model"),
        Some(_) => return Err(Error::invalid("config.model", "must be a model's name, or an object with `primary`")),
        None => (None, "config.model"),
    };
    if let Some(name) = &name {
        check_model(field, name)?;
    }
    Ok(name)
}

fn tools(value: Option<&Value>) -> Result<Option<ToolPolicy>> {
    let policy = match value {
        Some(list @ Value::Array(_)) => ToolPolicy { allow: names(Some(list), "config.tools")?, deny: None },
        Some(Value::Object(tools)) => ToolPolicy {
            allow: names(tools.get("allow"), "config.tools.allow")?,
            deny: names(tools.get("deny"), "config.tools.deny")?,
        },
        _ => ToolPolicy::default(),
    };
    policy.check("config.tools")?;
    Ok((policy != ToolPolicy::default()).then_some(policy))
}

fn names(value: Option<&Value>, field: &str) -> Result<Option<Vec<String>>> {
    let wrong = || Error::invalid(field, "must be a list of names");
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(names)) => {
            names.iter().map(|name| name.as_str().map(str::to_owned).ok_or_else(wrong)).collect::<Result<_>>().map(Some)
        }
        Some(_) => Err(wrong()),
    }
}

fn resources(value: Option<&Value>) -> Result<Option<Resources>> {
    let Some(Value::Object(wanted)) = value else { return Ok(None) };
    let cpu = text(wanted.get("cpu"), "config.sandbox.resources.cpu")?;
    let memory = text(wanted.get("memory"), "config.sandbox.resources.memory")?;
    if let Some(cpu) = &cpu {
        check_cpu("config.sandbox.resources.cpu", cpu)?;
    }
    if let Some(memory) = &memory {
        check_size("config.sandbox.resources.memory", memory)?;
    }
    Ok((cpu.is_some() || memory.is_some()).then_some(Resources { cpu, memory }))
}

/// Merges `change` into a config: null removes, objects merge, everything else replaces (RFC 7396).
pub fn merge(config: &mut Map<String, Value>, change: Map<String, Value>) -> Result<()> {
    let mut merged = Value::Object(std::mem::take(config));
    configuration::merge(&mut merged, &Value::Object(change), "config", 0)?;
    if let Value::Object(merged) = merged {
        *config = merged;
    }
    Ok(())
}

/// Lets a definition follow its config, which was `before` until now.
pub(super) fn follow(definition: &mut Definition, before: &Map<String, Value>) -> Result<()> {
    let size = serde_json::to_string(&definition.config).map_or(0, |text| text.len());
    if size > LARGEST {
        return Err(Error::invalid("config", format!("must have at most {LARGEST} bytes")));
    }
    let (was, is) = (Named::read(before).unwrap_or_default(), Named::read(&definition.config)?);
    let configuration = &mut definition.configuration;
    set(&mut configuration.model, was.model.is_some(), is.model);
    set(&mut definition.system_prompt, was.system_prompt.is_some(), is.system_prompt);
    set(&mut configuration.tools, was.tools.is_some(), is.tools);
    set(&mut configuration.resources, was.resources.is_some(), is.resources);
    set(&mut definition.pvc_size, was.pvc_size.is_some(), is.pvc_size);
    Ok(())
}

fn set<T>(target: &mut Option<T>, was_named: bool, named: Option<T>) {
    if named.is_some() || was_named {
        *target = named;
    }
}

/// A config as it is shown: it names the model that the agent has, whichever dialect named it last.
pub(super) fn shown(mut config: Map<String, Value>, agent: &Agent) -> Map<String, Value> {
    match (config.get_mut("model"), &agent.model) {
        (Some(Value::Object(model)), Some(name)) => drop(model.insert("primary".to_owned(), name.as_str().into())),
        (Some(Value::Object(model)), None) => drop(model.remove("primary")),
        (_, Some(name)) => drop(config.insert("model".to_owned(), name.as_str().into())),
        (_, None) => drop(config.remove("model")),
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    fn followed(before: Value, after: Value) -> Result<Definition> {
        let mut definition = Definition { config: map(before), ..Definition::default() };
        follow(&mut definition, &Map::new())?;
        let before = std::mem::replace(&mut definition.config, map(after));
        follow(&mut definition, &before)?;
        Ok(definition)
    }

    #[test]
    fn what_means_the_same_takes_effect_and_ends_with_its_key() {
        let full = json!({"model": {"primary": "openai/gpt-5", "fallbacks": ["x"]}, "system_prompt": "Be brief.",
            "tools": {"allow": ["memory_*"], "deny": ["memory_set"], "profile": "coding"}, "other": [1],
            "sandbox": {"mode": "all", "pvc_size": "1Gi", "resources": {"cpu": "500m", "memory": "256Mi"}}});
        let set = followed(json!({}), full.clone()).expect("valid");
        assert_eq!(Value::Object(set.config.clone()), full, "kept as it was said");
        assert_eq!(set.configuration.model.as_deref(), Some("openai/gpt-5"));
        assert_eq!((set.system_prompt.as_deref(), set.pvc_size.as_deref()), (Some("Be brief."), Some("1Gi")));
        assert_eq!(set.configuration.resources.as_ref().and_then(|r| r.cpu.as_deref()), Some("500m"));
        assert!(set.configuration.offers_tool("memory_get") && !set.configuration.offers_tool("memory_set"));
        let cleared = followed(full, json!({"other": 2})).expect("valid");
        assert_eq!((cleared.configuration.model, cleared.system_prompt, cleared.pvc_size), (None, None, None));
        assert_eq!((cleared.configuration.tools, cleared.configuration.resources), (None, None));
    }

    #[test]
    fn a_setting_that_no_config_named_stays() {
        let mut definition = Definition { system_prompt: Some("Ours.".to_owned()), ..Definition::default() };
        definition.configuration.model = Some("openai/gpt-5".to_owned());
        definition.config = map(json!({"colour": "red"}));
        follow(&mut definition, &Map::new()).expect("valid");
        assert_eq!(definition.configuration.model.as_deref(), Some("openai/gpt-5"));
        assert_eq!(definition.system_prompt.as_deref(), Some("Ours."));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (config, field) in [
            (json!({"model": 7}), "config.model"),
            (json!({"model": ["a"]}), "config.model"),
            (json!({"model": ""}), "config.model"),
            (json!({"model": {"primary": "a b"}}), "config.model.primary"),
            (json!({"model": {"primary": 1}}), "config.model.primary"),
            (json!({"system_prompt": 1}), "config.system_prompt"),
            (json!({"tools": [1]}), "config.tools"),
            (json!({"tools": {"allow": "x"}}), "config.tools.allow"),
            (json!({"tools": {"deny": [""]}}), "config.tools"),
            (json!({"sandbox": {"pvc_size": "big"}}), "config.sandbox.pvc_size"),
            (json!({"sandbox": {"resources": {"cpu": "x"}}}), "config.sandbox.resources.cpu"),
            (json!({"sandbox": {"resources": {"memory": 1}}}), "config.sandbox.resources.memory"),
            (json!({"notes": "x".repeat(LARGEST)}), "config"),
        ] {
            let error = followed(json!({}), config.clone()).expect_err("wrong");
            assert_eq!(error.field(), Some(field), "{config}");
        }
        for fine in [json!({"model": null}), json!({"tools": "all"}), json!({"sandbox": "off"}), json!({"model": {}})] {
            followed(json!({}), fine).expect("kept without an effect");
        }
    }
}
