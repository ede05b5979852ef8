//! Answers as items: pairs, scores and entries as the objects that they are.

use super::command::Command;
use super::pair;
use crate::sql::rows::{bytes, float, whole};
use redis::Value as Raw;
use serde_json::{Map, Value, json};

/// The items of an answer.
pub(super) fn items(command: &Command, reply: Raw) -> Vec<Value> {
    match (command.name.as_str(), reply) {
        (_, Raw::Nil) => vec![],
        ("INFO", reply) => info(&json(reply)),
        ("HGETALL", reply) => pairs(reply).into_iter().map(|entry| pair("field", "value", entry)).collect(),
        ("ZRANGE" | "ZREVRANGE" | "ZRANGEBYSCORE" | "ZINTER" | "ZUNION" | "ZDIFF" | "ZRANDMEMBER", reply)
            if command.has("WITHSCORES") =>
        {
            pairs(reply).into_iter().map(|(member, score)| pair("member", "score", (member, number(score)))).collect()
        }
        ("XRANGE" | "XREVRANGE", Raw::Array(entries)) => entries.into_iter().map(entry).collect(),
        ("SCAN" | "SSCAN" | "HSCAN" | "ZSCAN", Raw::Array(parts)) => {
            let mut parts = parts.into_iter().map(json);
            vec![json!({ "cursor": parts.next(), "items": parts.next() })]
        }
        (_, Raw::Array(items) | Raw::Set(items)) => items.into_iter().map(json).collect(),
        (_, other) => vec![json(other)],
    }
}

fn json(value: Raw) -> Value {
    match value {
        Raw::Int(number) => whole(number),
        Raw::BulkString(raw) => match String::from_utf8(raw) {
            Ok(text) => Value::from(text),
            Err(error) => json!({ "base64": bytes(error.as_bytes()) }),
        },
        Raw::SimpleString(text) => Value::from(text),
        Raw::Okay => Value::from("OK"),
        Raw::Array(items) | Raw::Set(items) => items.into_iter().map(json).collect(),
        Raw::Map(entries) => {
            Value::Object(entries.into_iter().map(|(key, value)| (name(json(key)), json(value))).collect())
        }
        Raw::Double(number) => float(number),
        Raw::Boolean(flag) => Value::from(flag),
        Raw::VerbatimString { text, .. } => Value::from(text),
        Raw::ServerError(error) => json!({ "error": error.details().unwrap_or(error.code()) }),
        // Nothing, and what servers do not answer with to those who read.
        _ => Value::Null,
    }
}

fn name(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Two by two, or as the map that newer servers give.
fn pairs(reply: Raw) -> Vec<(Value, Value)> {
    match reply {
        Raw::Map(entries) => entries.into_iter().map(|(first, second)| (json(first), json(second))).collect(),
        Raw::Array(items) => {
            let mut items = items.into_iter().map(json);
            std::iter::from_fn(|| Some((items.next()?, items.next().unwrap_or_default()))).collect()
        }
        other => vec![(json(other), Value::Null)],
    }
}

/// A score as the number that it is.
fn number(score: Value) -> Value {
    match score.as_str().and_then(|text| text.parse::<f64>().ok()) {
        Some(number) => float(number),
        None => score,
    }
}

/// An entry of a stream.
fn entry(raw: Raw) -> Value {
    let Raw::Array(parts) = raw else { return json(raw) };
    let mut parts = parts.into_iter();
    let id = parts.next().map(json);
    let fields: Map<String, Value> =
        parts.next().map(pairs).unwrap_or_default().into_iter().map(|(key, value)| (name(key), value)).collect();
    json!({ "id": id, "fields": fields })
}

/// The lines `name:value` of INFO, with the section that each is in.
fn info(text: &Value) -> Vec<Value> {
    let mut section = String::new();
    let mut items = Vec::new();
    for line in text.as_str().unwrap_or_default().lines() {
        if let Some(name) = line.strip_prefix('#') {
            name.trim().to_lowercase().clone_into(&mut section);
        } else if let Some((name, value)) = line.split_once(':') {
            items.push(json!({ "section": section, "name": name, "value": value.trim_end() }));
        }
    }
    items
}
