//! What `spec/endpoints.tsv` promises of each surface that is built so far, and who may do what.

use crate::document::{Operation, in_shape, operations, shape};
use muster_testkit::{Agent, Backend, Client, Server, Setup};
use serde_json::{Value, json};
use std::fmt::Write;

/// What is built so far: a surface, and the paths of it, where a final `*` stands for anything that follows.
const BUILT: &[(&str, &str)] = &[
    ("hosting", "POST /v1/agent/create"),
    ("hosting", "GET /v1/agent/list"),
    ("hosting", "GET /v1/agent/{}"),
    ("hosting", "GET /v1/agent/{}/summary"),
    ("hosting", "GET /v1/agent/{}/ready"),
    ("hosting", "POST /v1/agent/update/{}"),
    ("hosting", "POST /v1/agent/delete/{}"),
    ("hosting", "POST /v1/agent/{}/pause"),
    ("hosting", "POST /v1/agent/{}/resume"),
    ("hosting", "POST /v1/agent/{}/stop"),
    ("hosting", "POST /v1/agent/{}/status"),
    ("hosting", "POST /v1/agent/{}/balance"),
    ("hosting", "POST /v1/agent/{}/messages"),
    ("hosting", "GET /v1/agent/{}/messages"),
    ("hosting", "GET /v1/agent/{}/conversations"),
    ("orgs", "GET /v1/orgs/{}"),
    ("orgs", "PATCH /v1/orgs/{}"),
    ("orgs", "GET /v1/orgs/{}/agents"),
    ("orgs", "GET /v1/orgs/{}/agents/{}"),
    ("orgs", "GET /v1/orgs/{}/api-keys*"),
    ("orgs", "POST /v1/orgs/{}/api-keys*"),
    ("orgs", "PATCH /v1/orgs/{}/api-keys*"),
    ("orgs", "DELETE /v1/orgs/{}/api-keys*"),
    ("mission", "*"),
    ("network", "*"),
];

const ENDPOINTS: &str = include_str!("../spec/endpoints.tsv");

struct Row {
    surface: String,
    name: String,
    /// `None` is whoever comes.
    role: Option<String>,
    scope: Option<String>,
    success: u16,
}

fn is_built(surface: &str, name: &str) -> bool {
    BUILT.iter().any(|(of, pattern)| {
        *of == surface && pattern.strip_suffix('*').map_or(name == *pattern, |begin| name.starts_with(begin))
    })
}

/// The rows of what is built.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for line in ENDPOINTS.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        // A WebSocket begins as a GET.
        let method = columns[1].replace("WS", "GET");
        let name = format!("{method} {}", shape(columns[2]));
        if is_built(columns[0], &name) {
            let role = match columns[3] {
                "editor" => Some("operator"),
                // It is shown in the first frame, so that the request itself needs none.
                "agent token" => None,
                role => Some(role),
            };
            let scope = Some(columns[4]).filter(|scope| *scope != "-").map(str::to_owned);
            let success = columns[5].parse().expect("a status");
            rows.push(Row { surface: columns[0].to_owned(), name, role: role.map(str::to_owned), scope, success });
        }
    }
    rows
}

fn described<'a>(operations: &'a [Operation], row: &Row) -> &'a Operation {
    let is_it = |operation: &&Operation| {
        operation.surface == row.surface
            && format!("{} {}", operation.method, shape(operation.plain_path())) == row.name
    };
    let found = operations.iter().find(is_it);
    found.unwrap_or_else(|| panic!("{} is not in /openapi.json", row.name))
}

/// A body that the operation would take, so that nothing but the credential stands in the way.
fn good_body(operation: &Operation) -> Value {
    match operation.plain_path() {
        "/v1/agent/create" => json!({"name": "From the contract"}),
        "/v1/agent/{id}/status" => json!({"status": "active"}),
        "/v1/agent/{id}/balance" => json!({"amount": 1, "type": "increment"}),
        "/v1/agent/{id}/messages" => json!({"content": "hello"}),
        "/api/auth/login" | "/api/login" => json!({"username": "admin", "password": "x"}),
        "/v1/orgs/{org}/users/{user}" => json!({"displayName": "Changed"}),
        "/api/agents" | "/api/agents/register" => json!({"name": "From the contract", "role": "tester"}),
        "/api/agents/{id}/soul" => json!({"soul_content": "Changed."}),
        "/api/agents/{id}/memory" => json!({"memory": {"changed": true}}),
        "/api/agents/{id}/keys" => json!({"name": "Its own", "key_id": "tok_none"}),
        "/api/agents/message" => json!({"from": "Ann", "to": "Ann", "content": "hello"}),
        "/api/agents/{agentId}/interrupt" => json!({"reason": "hello"}),
        "/api/agents/messages/{messageId}/reply" => json!({"content": "hello"}),
        "/api/agents/memory" => json!({"operation": "get", "key": "none"}),
        "/api/tasks" | "/api/tasks/{task}" => json!({"title": "Changed"}),
        "/api/auth/users" => json!({"id": "usr_none", "username": "changed", "password": "correct horse"}),
        "/v1/orgs/{org}/connectors/{connector}/grants" => json!({"agents": []}),
        _ => json!({"name": "Changed"}),
    }
}

async fn call(client: &Client, operation: &Operation, path: &str) -> muster_testkit::Answer {
    let body = operation.body.map(|_| good_body(operation).to_string().into_bytes());
    client.raw(&operation.method, path, body).await
}

/// An admin's key of another org.
async fn foreign_key(server: &Server) -> String {
    let setup = server.setup();
    setup.cli(&["orgs", "create", "other"]).await;
    setup.cli(&["keys", "create", "--name", "foreign", "--role", "admin", "--org", "other"]).await
}

async fn ids(client: &Client) -> (Agent, Vec<(String, String)>) {
    let agent = client.agent("Ann").await;
    let message = agent.post("hello").await;
    agent.reply(&message).await;
    let turn = agent.message(&message).await["turn_id"].as_str().expect("a turn").to_owned();
    let (key, _) = client.make_key("viewer", &[]).await;
    let list = |path: &'static str| async move { client.get(path).await.expect(200)["data"][0]["id"].clone() };
    let user = list("/v1/orgs/default/users").await;
    let conversation = list("/v1/orgs/default/conversations").await;
    let task = client.post("/mission/api/tasks", json!({"title": "A task"})).await.expect(201)["task"]["id"].clone();
    let made = json!({"name": "cache", "type": "redis", "settings": {"host": "redis.example.com"}});
    let connector =
        client.post("/v1/orgs/default/connectors", made).await.expect(201)["id"].as_str().expect("an id").to_owned();
    let word = |value: &Value| value.as_str().expect("an id").to_owned();
    let known = vec![
        ("{id}".to_owned(), agent.id.clone()),
        ("{agent}".to_owned(), agent.id.clone()),
        ("{agentId}".to_owned(), agent.id.clone()),
        ("{messageId}".to_owned(), message),
        ("{token}".to_owned(), "tok_none".to_owned()),
        ("{connectorId}".to_owned(), connector.clone()),
        ("{connector}".to_owned(), connector),
        ("{turn}".to_owned(), turn),
        ("{version}".to_owned(), "1".to_owned()),
        ("{template}".to_owned(), "developer".to_owned()),
        ("{task}".to_owned(), task.to_string()),
        ("{key}".to_owned(), key),
        ("{user}".to_owned(), word(&user)),
        ("{conversation}".to_owned(), word(&conversation)),
    ];
    (agent, known)
}

fn fill(operation: &Operation, org: &str, known: &[(String, String)]) -> String {
    let path = operation.path.replace("{org}", org);
    let filled = known.iter().fold(path, |path, (name, id)| path.replace(name, id));
    assert!(!filled.contains('{'), "give `ids` an id for {filled}");
    filled
}

#[tokio::test]
async fn every_row_of_what_is_built_is_described_with_its_role_scope_and_status() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let operations = operations(&server.client()).await;
    let rows = rows();
    assert!(rows.len() >= BUILT.len(), "BUILT names something that is not in endpoints.tsv");
    for row in &rows {
        let operation = described(&operations, row);
        assert_eq!(operation.role, row.role, "{}", row.name);
        assert_eq!(operation.success, row.success, "{}", row.name);
        if row.scope.is_some() {
            assert_eq!(operation.scope, row.scope, "{}", row.name);
        }
    }
}

#[tokio::test]
async fn without_a_credential_or_with_one_that_is_unknown_everything_but_public_operations_is_401() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let client = server.client();
    let (_, known) = ids(&client).await;
    let (revoked_id, revoked) = client.make_key("admin", &[]).await;
    client.delete(&format!("/v1/orgs/default/api-keys/{revoked_id}")).await.expect(204);
    let visitors = [client.anonymous(), client.with_key("sk-any-api01-nobody-has-this"), client.with_key(&revoked)];
    let mut public = Vec::new();
    for operation in operations(&client).await {
        if operation.role.is_none() {
            public.push(operation.name());
            continue;
        }
        for visitor in &visitors {
            let answer = call(visitor, &operation, &fill(&operation, "default", &known)).await;
            assert_eq!(answer.status, 401, "{} answers {}", operation.name(), answer.text);
            in_shape(&operation.surface, &operation.name(), &answer);
        }
    }
    // WebSockets of agents show what they have in the first frame, or a ticket for one relay in the URL.
    assert_eq!(public, ["POST /api/auth/login", "POST /api/login", "GET /relay", "GET /rendezvous"]);
}

#[tokio::test]
async fn a_role_below_the_floor_is_403() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let client = server.client();
    let (_, known) = ids(&client).await;
    let (viewer, operator) = (client.make_key("viewer", &[]).await.1, client.make_key("operator", &[]).await.1);
    let operations = operations(&client).await;
    let mut checked = 0;
    for operation in &operations {
        let keys: &[&String] = match operation.role.as_deref() {
            Some("operator") => &[&viewer],
            Some("admin") => &[&viewer, &operator],
            _ => &[],
        };
        for key in keys {
            let path = fill(operation, "default", &known);
            let answer = call(&client.with_key(key), operation, &path).await;
            assert_eq!(answer.status, 403, "{} answers {}", operation.name(), answer.text);
            in_shape(&operation.surface, &operation.name(), &answer);
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} were checked");
}

#[tokio::test]
async fn what_belongs_to_another_org_is_404() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let server = Setup::new(backend).await.start().await;
        let client = server.client();
        let (agent, known) = ids(&client).await;
        let before = (agent.show().await, agent.messages().await);
        let foreign = client.with_key(&foreign_key(&server).await);
        for operation in operations(&client).await {
            if operation.role.is_none() {
                continue;
            }
            let in_org = operation.path.contains("{org}");
            if in_org {
                let answer = call(&foreign, &operation, &fill(&operation, "default", &known)).await;
                assert_eq!(answer.status, 404, "{} answers {}", operation.name(), answer.text);
                in_shape(&operation.surface, &operation.name(), &answer);
            }
            // Templates belong to nobody.
            if operation.has_id() && !operation.path.contains("{template}") {
                let answer = call(&foreign, &operation, &fill(&operation, "other", &known)).await;
                assert_eq!(answer.status, 404, "{} answers {}", operation.name(), answer.text);
                in_shape(&operation.surface, &operation.name(), &answer);
            }
        }
        let named = format!("/v1/orgs/other/turns?agent={}", agent.id);
        assert_eq!(foreign.get(&named).await.expect(200)["data"], json!([]));
        let named = format!("/v1/orgs/other/events?subject={}", agent.id);
        assert_eq!(foreign.get(&named).await.expect(200)["data"], json!([]));
        assert_eq!(foreign.get("/v1/agent/list").await.expect(200)["pagination"]["total"], 0);
        assert_eq!((agent.show().await, agent.messages().await), before);
        foreign.agent("Ann").await;
    }
}

/// Which keys with a single scope get past the door of each operation: reviewed as a snapshot.
#[tokio::test]
async fn roles_and_scopes_open_what_they_should_and_nothing_else() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let client = server.client();
    let words = scopes(&client).await;
    let mut keys = Vec::new();
    for scope in &words {
        keys.push((scope.clone(), client.with_key(&client.make_key("admin", &[scope]).await.1)));
    }
    let mut table = String::new();
    for operation in operations(&client).await {
        let role = operation.role.as_deref().unwrap_or("public");
        let scope = operation.scope.as_deref().unwrap_or("-");
        let _ = write!(table, "{:<55} {role:<9} {scope:<15}", operation.name());
        if operation.scope.is_some() {
            let path = operation.path_with("default", "nobody");
            let mut open = Vec::new();
            for (scope, holder) in &keys {
                // Without a body nothing is changed, but the door is passed.
                if operation.streams {
                    if holder.status(&operation.method, &path).await != 403 {
                        open.push(scope.as_str());
                    }
                    continue;
                }
                let answer = holder.raw(&operation.method, &path, None).await;
                if answer.status == 403 {
                    in_shape(&operation.surface, &operation.name(), &answer);
                } else {
                    open.push(scope.as_str());
                }
            }
            let _ = write!(table, " opened by {}", open.join(" "));
        }
        table = table.trim_end().to_owned();
        table.push('\n');
    }
    insta::assert_snapshot!("roles_and_scopes", table);
}

/// All scopes, as the error about an unknown one lists them.
async fn scopes(client: &Client) -> Vec<String> {
    let body = json!({"name": "x", "scopes": ["no:such"]});
    let refused = client.post("/v1/orgs/default/api-keys", body).await.expect(400);
    let message = refused["message"].as_str().expect("a message").to_owned();
    let listed = message.split_once("the scopes are ").expect("it lists them").1;
    let scopes: Vec<String> = listed.split(", ").map(str::to_owned).collect();
    assert!(scopes.len() > 20, "{scopes:?}");
    scopes
}

#[tokio::test]
async fn a_cookie_may_write_only_from_the_servers_own_pages() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let visitor = server.client().anonymous();
    let login = json!({"username": "admin", "password": muster_testkit::ADMIN_PASSWORD});
    let answer = visitor.post("/api/auth/login", login).await;
    answer.expect(200);
    let cookie = answer.header("set-cookie").to_owned();
    for word in ["mc-session=", "HttpOnly", "SameSite"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let pair = cookie.split(';').next().expect("a cookie").to_owned();
    let write = |name: &str, value: &str| {
        let request = visitor.request("POST", "/v1/agent/create").header("cookie", &pair).header(name, value);
        visitor.send(request.json(&json!({"name": "Ann"})))
    };
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("referer", "https://evil.example/page"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let refused = write(name, value).await.expect("an answer");
        assert_eq!(refused.status, 403, "with {name}: {value}: {}", refused.text);
    }
    write("origin", &server.url()).await.expect("an answer").expect(201);
    let me = visitor.request("GET", "/api/auth/me").header("cookie", &pair);
    assert_eq!(visitor.send(me).await.expect("an answer").expect(200)["user"]["username"], "admin");
}
