//! `configuration`: any JSON is taken or refused, and a change merges as RFC 7396 says.

use muster_domain::agents::Configuration;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any JSON, not too deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key(), inner, 0..4)
                .prop_map(|map| Value::from(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A key that means something, or any other.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "model",
            "timeout_seconds",
            "mcp_servers",
            "memory_config",
            "compaction",
            "custom_env",
            "webhooks",
            "resources",
            "budget",
            "type",
            "url",
            "headers",
            "max_size_mb",
            "enabled",
            "threshold_trigger",
            "unread_reminder_interval_ms",
            "cpu",
            "memory",
        ])
        .prop_map(str::to_owned),
        ".{0,8}",
    ]
}

fn any_object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(key(), any_json(), 0..6).prop_map(|map| map.into_iter().collect())
}

/// A configuration that is taken, as JSON.
fn good() -> impl Strategy<Value = Value> {
    let part = |value: Value| prop::option::of(Just(value));
    (
        prop::option::of("[a-z]{1,8}/[a-z0-9.-]{1,12}"),
        prop::option::of(1..=86_400i64),
        prop::option::of(prop::collection::btree_map("[A-Z_]{1,8}", "[ -~]{0,10}", 0..5)),
        part(json!({"enabled": true, "threshold_trigger": 0.5})),
        part(json!({"x": {"url": "https://example.com", "headers": {"A": "b"}}})),
        part(json!({"type": "key_value", "max_size_mb": 5})),
    )
        .prop_map(|(model, timeout, env, compaction, servers, memory)| {
            let fields = [
                ("model", json!(model)),
                ("timeout_seconds", json!(timeout)),
                ("custom_env", json!(env)),
                ("compaction", json!(compaction)),
                ("mcp_servers", json!(servers)),
                ("memory_config", json!(memory)),
            ];
            Value::from(
                fields.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>(),
            )
        })
}

/// RFC 7396, word by word.
fn merge_patch(target: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut target = target.as_object().cloned().unwrap_or_default();
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            let merged = merge_patch(target.get(name).unwrap_or(&Value::Null), value);
            target.insert(name.clone(), merged);
        }
    }
    Value::Object(target)
}

fn written(configuration: &Configuration) -> Value {
    serde_json::to_value(configuration).expect("JSON")
}

proptest! {
    #[test]
    fn reading_any_json_never_panics_and_names_a_field_of_the_configuration(value in any_json()) {
        if let Err(error) = Configuration::read(value) {
            prop_assert!(error.field().is_some_and(|field| field.starts_with("configuration")), "{error:?}");
        }
    }

    #[test]
    fn merging_anything_never_panics_and_is_rfc_7396(base in good(), change in any_object()) {
        let base = Configuration::read(base).expect("a good one");
        let wanted = merge_patch(&written(&base), &Value::Object(change.clone()));
        match (base.merged(&change), Configuration::read(wanted)) {
            (Ok(merged), Ok(wanted)) => prop_assert_eq!(written(&merged), written(&wanted)),
            (Err(merged), Err(wanted)) => prop_assert_eq!(merged.message(), wanted.message()),
            (merged, wanted) => prop_assert!(false, "merged: {merged:?}, as the RFC says: {wanted:?}"),
        }
    }

    #[test]
    fn merging_a_good_change_is_rfc_7396(base in good(), change in good()) {
        let base = Configuration::read(base).expect("a good one");
        let merged = base.merged(change.as_object().expect("an object")).expect("good and good is good");
        let wanted = Configuration::read(merge_patch(&written(&base), &change)).expect("good");
        prop_assert_eq!(&merged, &wanted);
        prop_assert_eq!(written(&merged.merged(change.as_object().expect("an object")).expect("good")), written(&merged), "twice is once");
        prop_assert_eq!(merged.merged(&Map::new()).expect("good"), merged, "nothing changes nothing");
    }

    #[test]
    fn what_was_written_is_read_again(base in good()) {
        let read = Configuration::read(base).expect("a good one");
        prop_assert_eq!(&Configuration::read(written(&read)).expect("good"), &read);
    }
}

#[test]
fn a_change_that_is_nested_very_deeply_is_refused() {
    // No deeper than the JSON that a request may hold.
    let deep = (0..100).fold(json!(1), |inner, _| json!({"x": inner}));
    let change = Map::from_iter([("mcp_servers".to_owned(), deep)]);
    let error = Configuration::default().merged(&change).expect_err("refused");
    assert_eq!(error.field(), Some("configuration"));
}
