//! Changes one entry of `agents.list` in a text; every other byte stays: comments, quotes, indentation, line ends.

mod change;
mod style;

use crate::json5::{Fault, Kind, Node, parse};
use change::Change;
use serde_json::{Value, json};
use style::Style;

/// The text with the entry added or changed.
///
/// `fields` are merged into the entry: objects member by member, everything else is replaced; nothing is removed.
pub(crate) fn put_entry(text: &str, root: &Node, id: &str, fields: &[(&str, Value)]) -> Result<String, Fault> {
    let mut change = Change::new(text, Style::of(text, root));
    match find(root, id)? {
        Target::Entry(entry) => change.merge(entry, fields),
        Target::List(list) => change.append_entry(list, &with_id(id, fields)),
        Target::Agents(agents) => return in_steps(change, agents, ("list", json!([])), id, fields),
        Target::Root => return in_steps(change, root, ("agents", json!({"list": []})), id, fields),
    }
    let edited = change.finish();
    check(root, &edited, id, fields)?;
    Ok(edited)
}

/// First makes the list, then puts the entry into it.
fn in_steps(
    mut change: Change<'_>,
    parent: &Node,
    list: (&str, Value),
    id: &str,
    fields: &[(&str, Value)],
) -> Result<String, Fault> {
    change.insert(parent, &[list]);
    let text = change.finish();
    put_entry(&text, &parse(&text)?, id, fields)
}

/// The text of a new file with one entry.
pub(crate) fn new_file(id: &str, fields: &[(&str, Value)]) -> Result<String, Fault> {
    let text = "{\n  \"agents\": {\n    \"list\": []\n  }\n}\n";
    put_entry(text, &parse(text)?, id, fields)
}

/// Where a change begins.
enum Target<'n> {
    /// The entry is there.
    Entry(&'n Node),
    /// The list lacks it.
    List(&'n Node),
    /// `agents` has no list.
    Agents(&'n Node),
    /// There is no `agents`.
    Root,
}

fn find<'n>(root: &'n Node, id: &str) -> Result<Target<'n>, Fault> {
    if !matches!(root.kind, Kind::Object(_)) {
        return Err(Fault::new(root.span.start, format!("must be an object, not {}", root.what())));
    }
    let Some(agents) = root.member("agents").map(|member| &member.value) else { return Ok(Target::Root) };
    if !matches!(agents.kind, Kind::Object(_)) {
        return Err(Fault::new(agents.span.start, format!("agents must be an object, not {}", agents.what())));
    }
    let Some(list) = agents.member("list").map(|member| &member.value) else { return Ok(Target::Agents(agents)) };
    if !matches!(list.kind, Kind::Array(_)) {
        return Err(Fault::new(list.span.start, format!("agents.list must be a list, not {}", list.what())));
    }
    Ok(entry_in(list, id).map_or(Target::List(list), Target::Entry))
}

/// The entry with this id.
pub(crate) fn entry<'n>(root: &'n Node, id: &str) -> Option<&'n Node> {
    entry_in(&root.member("agents")?.value.member("list")?.value, id)
}

fn entry_in<'n>(list: &'n Node, id: &str) -> Option<&'n Node> {
    let Kind::Array(entries) = &list.kind else { return None };
    entries.iter().find(|entry| entry.member("id").and_then(|member| member.value.text()).map(str::trim) == Some(id))
}

/// The members of a new entry, its id first.
fn with_id<'f>(id: &str, fields: &[(&'f str, Value)]) -> Vec<(&'f str, Value)> {
    std::iter::once(("id", Value::from(id))).chain(fields.iter().filter(|(key, _)| *key != "id").cloned()).collect()
}

/// Reads what was written: it must say what was wanted and nothing else.
fn check(root: &Node, edited: &str, id: &str, fields: &[(&str, Value)]) -> Result<(), Fault> {
    let mut expected = root.value();
    if let Some(entries) = entries_of(&mut expected) {
        let at =
            entries.iter().position(|entry| entry["id"].as_str().map(str::trim) == Some(id)).unwrap_or_else(|| {
                entries.push(json!({"id": id}));
                entries.len() - 1
            });
        for (key, value) in fields {
            merge(&mut entries[at][*key], value);
        }
    }
    if parse(edited).is_ok_and(|node| same(&node.value(), &expected)) {
        return Ok(());
    }
    Err(Fault::new(0, "cannot be edited without changing something else; edit it by hand"))
}

fn entries_of(root: &mut Value) -> Option<&mut Vec<Value>> {
    root.get_mut("agents")?.get_mut("list")?.as_array_mut()
}

/// Objects merge, everything else is replaced.
fn merge(target: &mut Value, change: &Value) {
    match (target, change) {
        (Value::Object(target), Value::Object(change)) => {
            change.iter().for_each(|(key, value)| merge(target.entry(key.clone()).or_insert(Value::Null), value));
        }
        (target, change) => *target = change.clone(),
    }
}

/// Whether two values are equal; whole numbers are numbers.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
