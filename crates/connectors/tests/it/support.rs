//! Opening sources and asking them.

use muster_base::{Error, Result};
use muster_domain::connectors::{Answer, Limits, Query, Source};
use muster_outbound::{Guard, Outbound, Policy};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const LIMITS: Limits = Limits { rows: 1000, bytes: 4 << 20, time: Duration::from_secs(20) };

/// A client that reaches what the policy permits.
pub(crate) fn outbound(policy: Policy) -> Outbound {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Outbound::new(Guard::new(policy)).expect("a client")
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

pub(crate) async fn open_with(policy: Policy, kind: &str, settings: Value) -> Result<Arc<dyn Source>> {
    let types = muster_connectors::types(&outbound(policy));
    let found = types.iter().find(|one| one.about().kind == kind).unwrap_or_else(|| panic!("there is no type {kind}"));
    found.open(object(settings)).await
}

/// A source of this type that may reach this machine.
pub(crate) async fn open(kind: &str, settings: Value) -> Arc<dyn Source> {
    open_with(Policy::All, kind, settings).await.unwrap_or_else(|error| panic!("{kind}: {error}"))
}

pub(crate) fn query(resource: &str, query: &str, params: Value) -> Query {
    Query { resource: resource.to_owned(), query: query.to_owned(), params: object(params), limits: LIMITS }
}

/// The items of an answer, and whether there was more.
pub(crate) async fn ask(source: &Arc<dyn Source>, resource: &str, words: &str, params: Value) -> (Vec<Value>, bool) {
    match source.query(query(resource, words, params)).await {
        Ok(Answer::Items { items, truncated }) => (items, truncated),
        Ok(other) => panic!("{resource}: {other:?}"),
        Err(error) => panic!("{resource}: {error:?}"),
    }
}

/// The items, of which there are no more.
pub(crate) async fn all(source: &Arc<dyn Source>, resource: &str, words: &str, params: Value) -> Vec<Value> {
    let (items, truncated) = ask(source, resource, words, params).await;
    assert!(!truncated, "{resource} has more");
    items
}

pub(crate) async fn refused(source: &Arc<dyn Source>, resource: &str, words: &str, params: Value) -> Error {
    source.query(query(resource, words, params)).await.expect_err("it is refused")
}

/// Asserts that a question is refused at this field.
pub(crate) async fn refused_at(source: &Arc<dyn Source>, field: &str, resource: &str, words: &str, params: Value) {
    let error = refused(source, resource, words, params.clone()).await;
    assert_eq!(error.field(), Some(field), "{resource} {params}: {error}");
}

/// The values of one field.
pub(crate) fn each<'a>(items: &'a [Value], pointer: &str) -> Vec<&'a Value> {
    items.iter().map(|item| item.pointer(pointer).unwrap_or_else(|| panic!("{item} has no {pointer}"))).collect()
}
