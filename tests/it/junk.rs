//! Rubbish at every door: each operation answers it with a clear refusal in its surface's shape, and changes nothing.

use crate::document::{Operation, in_shape, operations};
use crate::support::on_both_databases;
use bytes::Bytes;
use futures::stream;
use muster_testkit::{Agent, Answer, Backend, Client, Setup};
use serde_json::{Value, json};

/// What refuses a body says so with one of these.
const REFUSALS: &[u16] = &[400, 413];
const MIB: usize = 1024 * 1024;

on_both_databases!(
    bodies_that_are_no_json_are_refused,
    fields_of_wrong_types_are_named,
    ids_that_cannot_be_are_not_found,
    words_in_queries_never_make_it_fail,
);

/// Everything that rubbish could have changed.
async fn state(client: &Client, agent: &Agent) -> Vec<Value> {
    let mut all = vec![agent.show().await, json!(agent.messages().await)];
    for path in ["/v1/orgs/default", "/v1/orgs/default/agents", "/v1/orgs/default/users", "/v1/agent/list"] {
        all.push(client.get(path).await.expect(200));
    }
    // The key that asks is marked as used while it asks.
    let mut keys = client.get("/v1/orgs/default/api-keys").await.expect(200);
    for key in keys["data"].as_array_mut().into_iter().flatten() {
        key["lastUsedAt"] = Value::Null;
    }
    all.push(keys);
    all
}

fn path_of(operation: &Operation, agent: &Agent) -> String {
    operation.path_with("default", &agent.id)
}

fn client_for(operation: &Operation, client: &Client) -> Client {
    if operation.role.is_some() { client.clone() } else { client.anonymous() }
}

/// Operations that say what they take.
async fn with_bodies(client: &Client) -> Vec<Operation> {
    let all: Vec<Operation> = operations(client).await.into_iter().filter(|one| one.body.is_some()).collect();
    assert!(all.len() > 10, "only {} operations take a body", all.len());
    all
}

#[track_caller]
fn refused(operation: &Operation, body: &str, answer: &Answer) {
    let what = format!("{} with {body:.80}", operation.name());
    // A path that names nothing may be told before the body is looked at.
    let fine = REFUSALS.contains(&answer.status) || operation.has_id() && answer.status == 404;
    assert!(fine, "{what} answers {} {}", answer.status, answer.text);
    in_shape(&operation.surface, &what, answer);
}

async fn bodies_that_are_no_json_are_refused(backend: Backend) {
    let server = Setup::new(backend).await.start().await;
    let (client, agent) = (server.client(), server.client().agent("Ann").await);
    let before = state(&client, &agent).await;
    for operation in with_bodies(&client).await {
        let caller = client_for(&operation, &client);
        for body in [&b"{"[..], b"[]", b"\"text\"", b"7", b"{\"name\": }", b"\xff\xfe", b"name=Ann", b"{\"a\":1}}"] {
            let answer = caller.raw(&operation.method, &path_of(&operation, &agent), Some(body.to_vec())).await;
            refused(&operation, &String::from_utf8_lossy(body), &answer);
        }
        let deep = "[".repeat(100_000);
        let body = format!("{{\"name\":{deep}");
        let answer = caller.raw(&operation.method, &path_of(&operation, &agent), Some(body.into_bytes())).await;
        refused(&operation, "deep nesting", &answer);
        if operation.body == Some(true) {
            let answer = caller.raw(&operation.method, &path_of(&operation, &agent), Some(Vec::new())).await;
            refused(&operation, "nothing", &answer);
        }
    }
    assert_eq!(state(&client, &agent).await, before, "rubbish changed something");
}

/// A value that no field of this type takes; `None` when the field takes any.
fn wrong_for(kind: &Value) -> Option<Value> {
    let takes = |name: &str| kind == name || kind.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == name));
    if kind.is_null() {
        return None;
    }
    let values = [("boolean", json!(true)), ("object", json!({"no": "such"})), ("array", json!([1, 2]))];
    values.into_iter().find(|(name, _)| !takes(name)).map(|(_, value)| value)
}

async fn fields_of_wrong_types_are_named(backend: Backend) {
    let server = Setup::new(backend).await.start().await;
    let (client, agent) = (server.client(), server.client().agent("Ann").await);
    let before = state(&client, &agent).await;
    let mut checked = 0;
    for operation in with_bodies(&client).await {
        let caller = client_for(&operation, &client);
        for (name, kind) in &operation.properties {
            let Some(wrong) = wrong_for(kind) else { continue };
            let body = json!({ name: wrong }).to_string();
            let answer = caller.raw(&operation.method, &path_of(&operation, &agent), Some(body.clone().into())).await;
            refused(&operation, &body, &answer);
            if answer.status == 400 {
                // Another field may be missing, and told of first; but some field is named.
                let names = operation.properties.iter().any(|(name, _)| answer.text.contains(name));
                assert!(names, "{} with {body} names no field: {}", operation.name(), answer.text);
                checked += 1;
            }
        }
    }
    assert!(checked > 40, "only {checked} were checked");
    assert_eq!(state(&client, &agent).await, before, "rubbish changed something");
}

async fn ids_that_cannot_be_are_not_found(backend: Backend) {
    let server = Setup::new(backend).await.start().await;
    let (client, agent) = (server.client(), server.client().agent("Ann").await);
    let before = state(&client, &agent).await;
    let long = "a".repeat(3000);
    for operation in operations(&client).await.into_iter().filter(|one| one.has_id() && !one.streams) {
        for id in [
            "nobody",
            "0",
            "-1",
            "99999999999999999999",
            "%00",
            "%ff",
            "..%2f..",
            "'%20OR%201=1--",
            "%F0%9F%A6%80",
            &long,
        ] {
            let answer = client.raw(&operation.method, &operation.path_with("default", id), None).await;
            let what = format!("{} of {id:.30}", operation.name());
            // Without its body an operation may be refused before it looks for anything.
            let fine = answer.status == 404 || answer.status == 400;
            assert!(fine, "{what} answers {} {}", answer.status, answer.text);
            in_shape(&operation.surface, &what, &answer);
        }
    }
    assert_eq!(state(&client, &agent).await, before, "rubbish changed something");
}

async fn words_in_queries_never_make_it_fail(backend: Backend) {
    let server = Setup::new(backend).await.start().await;
    let (client, agent) = (server.client(), server.client().agent("Ann").await);
    for operation in operations(&client).await.into_iter().filter(|one| one.method == "GET" && !one.streams) {
        for name in &operation.query {
            for word in ["%00", "-1", "0", "1e9", "99999999999999999999", "null", "[]", "%ff%fe", "';--"] {
                let path = format!("{}?{name}={word}", path_of(&operation, &agent));
                let answer = client.raw("GET", &path, None).await;
                assert!(answer.status < 500, "{path} answers {} {}", answer.status, answer.text);
                if answer.status >= 400 {
                    in_shape(&operation.surface, &path, &answer);
                }
            }
        }
    }
}

/// A client that is still sending must be told why it is refused; one that is cut off only sees a broken connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_answered_413_however_it_is_sent() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let (client, agent) = (server.client(), server.client().agent("Ann").await);
    let before = state(&client, &agent).await;
    for operation in with_bodies(&client).await {
        let caller = client_for(&operation, &client);
        for chunked in [false, true] {
            let path = path_of(&operation, &agent);
            let request = caller.request(&operation.method, &path).header("content-type", "application/json");
            let answer = caller.send(request.body(sized(above_limit(&operation), chunked))).await;
            let what = format!("{} (chunked: {chunked})", operation.name());
            let answer = answer.unwrap_or_else(|error| panic!("{what} broke off: {error:?}"));
            assert_eq!(answer.status, 413, "{what}: {}", answer.text);
            in_shape(&operation.surface, &what, &answer);
        }
    }
    assert_eq!(state(&client, &agent).await, before, "rubbish changed something");
}

/// Whoever may not is told so too, while their body is on its way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_body_without_a_credential_is_answered_401() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let client = server.client();
    for operation in with_bodies(&client).await.into_iter().filter(|one| one.role.is_some()) {
        for chunked in [false, true] {
            let caller = client.anonymous();
            let request = caller.request(&operation.method, &operation.path_with("default", "x"));
            let answer = caller.send(request.body(sized(3 * MIB, chunked))).await;
            let answer = answer.unwrap_or_else(|error| panic!("{} broke off: {error:?}", operation.name()));
            assert_eq!(answer.status, 401, "{}: {}", operation.name(), answer.text);
        }
    }
}

/// Requests with files may be larger than others.
fn above_limit(operation: &Operation) -> usize {
    match operation.path.as_str() {
        "/v1/agent/create" | "/v1/agent/update/{id}" | "/api/agents/{id}/memory" => 20 * MIB,
        _ => 3 * MIB,
    }
}

/// A JSON text of this size, with or without saying how long it is.
fn sized(size: usize, chunked: bool) -> reqwest::Body {
    const PIECE: usize = MIB / 16;
    if !chunked {
        return format!("{{\"name\":\"{}\"}}", "x".repeat(size)).into();
    }
    let pieces = std::iter::once(Bytes::from_static(b"{\"name\":\""))
        .chain(std::iter::repeat_n(Bytes::from(vec![b'x'; PIECE]), size / PIECE))
        .chain(std::iter::once(Bytes::from_static(b"\"}")));
    reqwest::Body::wrap_stream(stream::iter(pieces.map(Ok::<_, std::io::Error>)))
}

/// A body whose field is nested so deep.
fn nested(field: &str, rest: &str, levels: usize) -> Vec<u8> {
    format!(r#"{{{rest}"{field}": {}1{}}}"#, r#"{"a":"#.repeat(levels), "}".repeat(levels)).into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_as_it_came_may_not_be_nested_without_end() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let (client, agent) = (server.client(), server.client().agent("Ann").await);
    let post = async |levels| {
        client.raw("POST", &agent.at("messages"), Some(nested("metadata", r#""content": "hi", "#, levels))).await
    };
    post(60).await.expect(201);
    for levels in [64, 5_000, 10_000] {
        let refused = post(levels).await.expect(400);
        assert_eq!(refused["error"]["details"]["field"], "metadata", "{refused}");
    }
    let value = nested("value", r#""operation": "set", "key": "k", "#, 5_000);
    let refused = client.raw("POST", "/network/api/agents/memory", Some(value)).await;
    assert!(refused.status == 400 && refused.text.contains("value: is nested too deeply"), "{}", refused.text);
    let listed = client.get(&agent.at("messages")).await.expect(200);
    let sent = listed["messages"].as_array().expect("a list").iter().filter(|message| message["role"] == "user");
    assert_eq!(sent.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_is_too_long_is_400_with_its_name_while_the_body_is_not() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let (client, agent) = (server.client(), server.client().agent("Ann").await);
    let long = "x".repeat(1024 * 1024 + 1);
    let refused = client.post(&agent.at("messages"), json!({"content": long})).await.expect(400);
    assert_eq!(refused["error"]["details"]["field"], "content");
    let files = json!([{"path": "a", "content": "x", "encoding": "utf-8"}, {"path": "b", "content": long, "encoding": "utf-8"}]);
    let refused = client.post("/v1/agent/create", json!({"name": "Bob", "initial_files": files})).await.expect(400);
    assert_eq!(refused["error"]["details"]["field"], "initial_files[1].content");
    let wrong = json!([{"path": 7, "content": "x", "encoding": "utf-8"}]);
    let refused = client.post("/v1/agent/create", json!({"name": "Bob", "initial_files": wrong})).await.expect(400);
    assert_eq!(
        refused["error"]["details"]["field"], "initial_files[0].path",
        "as fields of lists are named everywhere"
    );
}
