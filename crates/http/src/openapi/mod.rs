//! The OpenAPI 3.1 document, made from the surfaces' tables.

mod schemas;

use crate::op::{Access, Spec, Verb};
use crate::surface::{Route, Surface};
use crate::table::{numbered, parameters};
use muster_domain::access::Role;
use schemars::Schema;
use schemas::Schemas;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The ways to send a credential, as security schemes.
const SCHEMES: [&str; 4] = ["bearer", "apiKey", "agentToken", "session"];

/// Describes all operations of all surfaces; the same tables give the same text.
pub fn openapi(surfaces: &[Surface], version: &str) -> Value {
    let shared = shared_paths(surfaces);
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut components = Map::new();
    let mut tags = Vec::new();
    for surface in surfaces {
        let mut schemas = Schemas::new(surface.name);
        let error = surface.error.map(|make| schemas.answer(make));
        for route in &surface.routes {
            let is_shared = shared.contains(&numbered(route.spec.path));
            let path =
                if is_shared { format!("/{}{}", surface.name, route.spec.path) } else { route.spec.path.to_owned() };
            let path = path.replace("{*", "{");
            let operation = operation(surface, route, error.as_ref(), &mut schemas);
            paths.entry(path).or_default().insert(route.spec.verb.as_str().to_ascii_lowercase(), operation);
        }
        schemas.finish(&mut paths, surface.name, &mut components);
        let title = surface.title.trim_end_matches('.');
        let also = format!("{title}. Every path is also served under `/{}`.", surface.name);
        tags.push(json!({"name": surface.name, "description": also}));
    }
    components.sort_keys();
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Muster", "version": version},
        "tags": tags,
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": security_schemes()},
    })
}

/// The paths that more than one surface has: they are described under the surfaces' prefixes.
fn shared_paths(surfaces: &[Surface]) -> BTreeSet<String> {
    let mut owners: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for surface in surfaces {
        for route in &surface.routes {
            owners.entry(numbered(route.spec.path)).or_default().insert(surface.name);
        }
    }
    owners.into_iter().filter(|(_, owners)| owners.len() > 1).map(|(path, _)| path).collect()
}

fn operation(surface: &Surface, route: &Route, error: Option<&Value>, schemas: &mut Schemas) -> Value {
    let spec = &route.spec;
    let mut operation = Map::new();
    operation.insert("operationId".to_owned(), json!(route.id));
    operation.insert("tags".to_owned(), json!([surface.name]));
    if !spec.summary.is_empty() {
        operation.insert("summary".to_owned(), json!(spec.summary));
    }
    if spec.deprecated {
        operation.insert("deprecated".to_owned(), json!(true));
    }
    let parameters = all_parameters(spec, schemas);
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), json!(parameters));
    }
    if let Some(body) = request_body(spec, schemas) {
        operation.insert("requestBody".to_owned(), body);
    }
    operation.insert("responses".to_owned(), responses(spec, error, schemas));
    match spec.access {
        Access::Public => drop(operation.insert("security".to_owned(), json!([]))),
        Access::Floor(role) => {
            let schemes: Vec<Value> = SCHEMES.iter().map(|name| json!({*name: []})).collect();
            operation.insert("security".to_owned(), json!(schemes));
            operation.insert("x-muster-role".to_owned(), json!(Role::as_str(role)));
        }
    }
    if let Some(scope) = spec.scope {
        operation.insert("x-muster-scope".to_owned(), json!(scope.as_str()));
        if spec.own_agent {
            operation.insert("x-muster-own-agent".to_owned(), json!(true));
        }
    }
    Value::Object(operation)
}

fn all_parameters(spec: &Spec, schemas: &mut Schemas) -> Vec<Value> {
    let in_path = parameters(spec.path).into_iter();
    let mut all: Vec<Value> = in_path
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    if let Some(make) = spec.query {
        all.extend(query_parameters(&schemas.body(make)));
    }
    if spec.verb != Verb::Get && spec.access != Access::Public {
        let schema = json!({"type": "string", "minLength": 1, "maxLength": 255});
        all.push(json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": schema}));
    }
    if spec.streams && spec.verb == Verb::Get {
        all.push(json!({"name": "Last-Event-ID", "in": "header", "required": false, "schema": {"type": "string"},
            "description": "The `id` of the last event that was seen: the stream goes on after it. Also as `last_event_id` in the query."}));
    }
    all
}

/// Each property of the query's struct as a parameter of its own.
fn query_parameters(schema: &Value) -> Vec<Value> {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
    let mut all = Vec::new();
    for (name, property) in properties {
        let mut schema = property.clone();
        let description = schema.as_object_mut().and_then(|fields| fields.remove("description"));
        without_null(&mut schema);
        let is_required = required.contains(&name.as_str());
        let mut parameter = json!({"name": name, "in": "query", "required": is_required, "schema": schema});
        if let Some(description) = description {
            parameter["description"] = description;
        }
        all.push(parameter);
    }
    all
}

/// A query parameter is there or not; it is never null.
fn without_null(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else { return };
    if fields.get("default").is_some_and(Value::is_null) {
        fields.remove("default");
    }
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            fields.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = fields.get_mut("enum") {
        choices.retain(|choice| !choice.is_null());
    }
    let is_bare = fields.len() == 1;
    if let Some(Value::Array(choices)) = fields.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [only] = choices.as_slice()
            && is_bare
        {
            *schema = only.clone();
        }
    }
}

fn request_body(spec: &Spec, schemas: &mut Schemas) -> Option<Value> {
    let mut content = Map::new();
    if let Some(make) = spec.takes {
        content.insert("application/json".to_owned(), json!({"schema": schemas.body(make)}));
    }
    if let Some(media) = spec.takes_media {
        content.insert(media.to_owned(), json!({}));
    }
    (!content.is_empty()).then(|| json!({"required": !spec.body_optional, "content": content}))
}

fn responses(spec: &Spec, error: Option<&Value>, schemas: &mut Schemas) -> Value {
    let mut all = BTreeMap::new();
    all.insert(spec.status.to_string(), success(spec, schemas));
    if spec.streams {
        let stream = json!({"schema": {"type": "string"}});
        let answer = all.entry("200".to_owned()).or_insert_with(|| json!({"description": "a stream of events"}));
        answer["content"]["text/event-stream"] = stream;
    }
    for (status, description) in failures(spec) {
        let mut response = json!({"description": description});
        if let Some(error) = error {
            response["content"] = json!({"application/json": {"schema": error}});
        }
        all.insert(status.to_string(), response);
    }
    json!(all)
}

fn success(spec: &Spec, schemas: &mut Schemas) -> Value {
    let mut content = Map::new();
    if let Some(make) = spec.gives {
        content.insert("application/json".to_owned(), json!({"schema": schemas.answer(make)}));
    }
    if let Some(media) = spec.gives_media {
        content.insert(media.to_owned(), json!({}));
    }
    let mut response = json!({"description": if spec.upgrades { "switches to a WebSocket" } else { "success" }});
    if !content.is_empty() {
        response["content"] = Value::Object(content);
    }
    response
}

/// The failures that an operation can have, by what it declares.
fn failures(spec: &Spec) -> Vec<(u16, &'static str)> {
    let has_body = spec.takes.is_some() || spec.takes_media.is_some();
    let is_private = spec.access != Access::Public;
    let candidates = [
        (400, "the input is wrong; the message names the field", has_body || spec.query.is_some()),
        (401, "no credential, or one that is not valid", is_private),
        (403, "the role is too low or the scope is missing", is_private),
        (404, "there is no such thing in the caller's org", spec.path.contains('{')),
        (409, "the state does not allow this, or a name is taken", spec.verb != Verb::Get),
        (413, "the body is too large", has_body),
        (429, "too many requests; `Retry-After` says when to go on", spec.rate != crate::op::Rate::None),
        (500, "our own fault; the log has it under the request id", true),
        (503, "the server is busy, or its database cannot be reached; `Retry-After` says when to try again", true),
    ];
    let usual = candidates.into_iter().filter(|(.., applies)| *applies).map(|(status, text, _)| (status, text));
    // What an operation says itself comes last and so in place of the usual.
    usual.chain(spec.fails.iter().copied()).collect()
}

fn security_schemes() -> Value {
    json!({
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key or a session token."},
        "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "agentToken": {"type": "apiKey", "in": "header", "name": "x-agent-token"},
        "session": {"type": "apiKey", "in": "cookie", "name": crate::credential::SESSION_COOKIE},
    })
}

fn plain(schema: Schema) -> Value {
    schema.to_value()
}
