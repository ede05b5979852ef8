//! What holds for every type.

use muster_outbound::{Guard, Outbound, Policy};
use std::collections::BTreeSet;

/// A client that may reach this machine.
pub(crate) fn outbound() -> Outbound {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Outbound::new(Guard::new(Policy::All)).expect("a client")
}

#[test]
fn every_type_says_all_that_forms_and_agents_need() {
    let mut kinds = BTreeSet::new();
    for kind in super::types(&outbound()) {
        let about = kind.about();
        let name = about.kind;
        assert!(kinds.insert(name), "{name} is there twice");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase()), "{name} is a word");
        assert!(!about.title.is_empty() && about.summary.ends_with('.'), "{name}: a title, and a sentence");
        assert!(about.query_form.contains('`'), "{name}: the query form has an example");
        jsonschema::validator_for(&about.settings).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(about.settings["additionalProperties"], false, "{name}: unknown settings are refused");
        let properties = about.settings["properties"].as_object().expect("properties");
        let order: Vec<&str> =
            about.settings["x-order"].as_array().expect("x-order").iter().filter_map(|name| name.as_str()).collect();
        assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), properties.keys().map(String::as_str).collect());
        let marked = |keyword: &str| properties.values().any(|schema| schema[keyword] == true);
        assert!(!marked("writeOnly") || marked("x-place"), "{name}: which settings say where the secrets go");
        for (field, schema) in properties {
            let guards = ["tls", "caCertificate", "auth", "headerName"].contains(&field.as_str());
            assert!(!guards || schema["x-place"] == true, "{name}.{field} says how secrets are sent");
            assert!(schema["title"].is_string() && schema["description"].is_string(), "{name}.{field}");
            if schema["writeOnly"] == true {
                assert_eq!(schema["type"], "string", "{name}.{field}: secrets are text");
            }
            let secret = ["password", "token", "secret", "key"].iter().any(|word| field.to_lowercase().ends_with(word));
            assert!(!secret || schema["writeOnly"] == true, "{name}.{field} looks like a secret");
        }
    }
}
