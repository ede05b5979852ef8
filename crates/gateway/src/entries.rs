//! What the list says of its agents.

use crate::json5::{Fault, Kind, Node, object};
use crate::secrets;
use muster_domain::gateway::session_key;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How many agents a file may list.
const MOST_ENTRIES: usize = 1000;
/// The most characters of a name and of a role.
const LONGEST: usize = 100;
/// The role of an agent whose entry says none.
const USUAL_ROLE: &str = "agent";

/// What configs call the id.
const ID: &str = "openclawId";
/// Keys of an entry whose form is known here.
const KEYS: &[&str] =
    &[ID, "default", "identity", "memorySearch", "model", "sandbox", "subagents", "tools", "workspace"];
/// Further keys that gateways know, taken from a config as they are.
#[rustfmt::skip]
pub(crate) const PLAIN_KEYS: &[&str] = &[
    "agentDir", "fastModeDefault", "groupChat", "heartbeat", "humanDelay", "params", "reasoningDefault", "runtime", "skills",
    "thinkingDefault", "verboseDefault",
];
/// Parts of a sandbox that are for agents which run here: gateways do not know them, and refuse what they do not know.
pub(crate) const OF_SANDBOX: [&str; 2] = ["pvc_size", "resources"];

/// An agent as an entry describes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) workspace: Option<String>,
    pub(crate) config: Map<String, Value>,
}

/// Whether a part of a config is an entry's to say.
pub(crate) fn owns(path: &str) -> bool {
    match path.split_once('.') {
        Some(("sandbox", part)) => !OF_SANDBOX.contains(&part),
        Some((key, _)) => owns(key),
        None => KEYS.contains(&path) || PLAIN_KEYS.contains(&path),
    }
}

/// The agents that a text lists.
pub(crate) fn list(root: &Node) -> Result<Vec<Listed>, Fault> {
    let Some(list) = list_in(root)? else { return Ok(Vec::new()) };
    let Kind::Array(entries) = &list.kind else { return Err(wrong(list, "agents.list", "a list")) };
    if entries.len() > MOST_ENTRIES {
        return Err(Fault::new(list.span.start, format!("agents.list has more than {MOST_ENTRIES} entries")));
    }
    let mut seen = HashMap::new();
    let mut listed = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let one = read(entry, &format!("agents.list[{at}]"))?;
        if let Some(first) = seen.insert(session_key(&one.id), at) {
            let problem = format!(
                "agents.list[{at}].id: a gateway takes `{}` and the id of agents.list[{first}] for one",
                one.id
            );
            return Err(Fault::new(entry.span.start, problem));
        }
        listed.push(one);
    }
    Ok(listed)
}

fn list_in(root: &Node) -> Result<Option<&Node>, Fault> {
    if !matches!(root.kind, Kind::Object(_)) {
        return Err(Fault::new(root.span.start, format!("must be an object, not {}", root.what())));
    }
    let agents = present(root, "agents");
    let Some(agents) = agents else { return included(root, "agents") };
    if !matches!(agents.kind, Kind::Object(_)) {
        return Err(wrong(agents, "agents", "an object"));
    }
    match present(agents, "list") {
        Some(list) if list.member("$include").is_some() => included(list, "agents.list"),
        Some(list) => Ok(Some(list)),
        None => included(agents, "agents.list"),
    }
}

/// A part that is missing may be in another file, which is not followed: better said than taken for an empty list.
fn included<'n>(node: &Node, what: &str) -> Result<Option<&'n Node>, Fault> {
    match node.member("$include") {
        None => Ok(None),
        Some(include) => {
            let problem =
                format!("{what} is not in this file, and files that it includes are not read; move the list here");
            Err(Fault::new(include.key_span.start, problem))
        }
    }
}

fn read(entry: &Node, field: &str) -> Result<Listed, Fault> {
    let Kind::Object(members) = &entry.kind else { return Err(wrong(entry, field, "an object")) };
    let Some(id) = text(entry, "id", field)?.map(str::trim).filter(|id| !id.is_empty()) else {
        return Err(Fault::new(entry.span.start, format!("{field}.id: is required")));
    };
    if id.chars().count() > LONGEST || id.chars().any(char::is_control) {
        return Err(Fault::new(entry.span.start, format!("{field}.id: must have 1 to {LONGEST} characters")));
    }
    let identity = present(entry, "identity");
    let inner = format!("{field}.identity");
    let of_identity = |key| match identity {
        Some(node) if matches!(node.kind, Kind::Object(_)) => text(node, key, &inner),
        Some(node) => Err(wrong(node, &inner, "an object")),
        None => Ok(None),
    };
    let name = [of_identity("name")?, text(entry, "name", field)?]
        .into_iter()
        .flatten()
        .map(fitted)
        .find(|name| !name.is_empty());
    let role = of_identity("theme")?.map(fitted).filter(|role| !role.is_empty());
    check_model(entry, field)?;
    let mut config = object(members);
    config.retain(|key, value| key != "id" && key != "name" && !value.is_null());
    secrets::redact(&mut config);
    config.insert(ID.to_owned(), Value::from(id));
    Ok(Listed {
        id: id.to_owned(),
        name: name.unwrap_or_else(|| fitted(id)),
        role: role.unwrap_or_else(|| USUAL_ROLE.to_owned()),
        workspace: text(entry, "workspace", field)?.filter(|path| !path.trim().is_empty()).map(str::to_owned),
        config,
    })
}

/// A member that is there and not null.
fn present<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.member(key).map(|member| &member.value).filter(|value| !value.is_null())
}

fn text<'n>(node: &'n Node, key: &str, field: &str) -> Result<Option<&'n str>, Fault> {
    match present(node, key) {
        None => Ok(None),
        Some(value) => value.text().map(Some).ok_or_else(|| wrong(value, &format!("{field}.{key}"), "a text")),
    }
}

fn wrong(node: &Node, field: &str, what: &str) -> Fault {
    Fault::new(node.span.start, format!("{field}: must be {what}, not {}", node.what()))
}

/// A model is a name, or an object with a name as `primary`.
fn check_model(entry: &Node, field: &str) -> Result<(), Fault> {
    match present(entry, "model") {
        Some(model) if matches!(model.kind, Kind::Object(_)) => {
            text(model, "primary", &format!("{field}.model")).map(drop)
        }
        Some(model) if model.text().is_none() => Err(wrong(model, &format!("{field}.model"), "a text or an object")),
        _ => Ok(()),
    }
}

/// As names and roles are kept: on one line, and not too long.
pub(crate) fn fitted(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let cut: String = plain.trim().chars().take(LONGEST).collect();
    cut.trim_end().to_owned()
}
