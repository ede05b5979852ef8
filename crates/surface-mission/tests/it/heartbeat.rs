use crate::support::{START, TestApp};
use crate::talk::{answer_all, elsewhere, hosted, operator, tell, token};
use muster_domain::Settings;
use muster_domain::access::{Role, Scope};
use serde_json::{Value, json};
use std::time::Duration;

async fn task(app: &TestApp, key: &str, title: &str, priority: &str) -> i64 {
    let body = json!({"title": title, "priority": priority, "assigned_to": "Ann", "due_date": START + 60});
    app.send(key, "POST /api/tasks", body).await.expect(201)["task"]["id"].as_i64().unwrap()
}

async fn beat(app: &TestApp, key: &str, body: Value) -> Value {
    app.send(key, "POST /api/agents/Ann/heartbeat", body).await.expect(200)
}

#[tokio::test]
async fn an_agent_for_which_nothing_waits_is_told_so() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    let ann = elsewhere(&app, &key, "Ann").await;
    let expected = json!({"agent": "Ann", "status": "HEARTBEAT_OK", "pending_tasks": [], "messages": [], "work_items": [],
        "total_items": 0, "checked_at": START});
    for name in ["Ann", &ann.to_string()] {
        assert_eq!(app.get(&key, &format!("/agents/{name}/heartbeat")).await.expect(200), expected);
    }
    let agent = app.get(&key, "/agents/Ann").await.expect(200);
    assert_eq!((&agent["agent"]["status"], &agent["agent"]["last_seen"]), (&json!("offline"), &Value::Null));
    let mut taken = expected;
    (taken["success"], taken["token_recorded"]) = (json!(true), json!(false));
    for body in [Value::Null, json!({}), json!({"connection_id": "x", "ack": []})] {
        assert_eq!(beat(&app, &key, body).await, taken);
    }
    let agent = app.get(&key, "/agents/Ann").await.expect(200);
    assert_eq!((&agent["agent"]["status"], &agent["agent"]["last_seen"]), (&json!("online"), &json!(START)));
}

#[tokio::test]
async fn what_waits_is_told_and_what_is_acknowledged_is_not_told_again() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    elsewhere(&app, &key, "Ann").await;
    hosted(&app, &key, "Bob").await;
    let low = task(&app, &key, "later", "low").await;
    let urgent = task(&app, &key, "at once", "critical").await;
    let body = json!({"from": "Bob", "to": "Ann", "content": "hello", "type": "notification"});
    let told = app.send(&key, "POST /api/agents/message", body).await.expect(200)["id"].as_i64().unwrap();
    tell(&app, &key, "Ann", "Bob", "how are you?").await;
    app.pass(Duration::from_secs(1));
    answer_all(&app, "fine").await;
    let found = app.get(&key, "/agents/Ann/heartbeat").await.expect(200);
    let reply = found["messages"][1]["id"].as_i64().unwrap();
    let tasks = json!([
        {"id": urgent, "title": "at once", "status": "assigned", "priority": "critical", "due_date": START + 60},
        {"id": low, "title": "later", "status": "assigned", "priority": "low", "due_date": START + 60},
    ]);
    let expected = json!({
        "agent": "Ann", "status": "WORK_ITEMS_FOUND", "pending_tasks": tasks,
        "messages": [
            {"id": told, "from": "Bob", "content": "hello", "message": "hello", "type": "notification", "created_at": START},
            {"id": reply, "from": "Bob", "content": "fine", "message": "fine", "type": "text", "created_at": START + 1},
        ],
        "work_items": [
            {"type": "assigned_tasks", "count": 2, "items": tasks},
            {"type": "messages", "count": 2, "items": [
                {"id": told, "from": "Bob", "type": "notification", "created_at": START},
                {"id": reply, "from": "Bob", "type": "text", "created_at": START + 1},
            ]},
        ],
        "total_items": 4, "checked_at": START + 1,
    });
    assert_eq!(found, expected);
    assert_eq!(app.get(&key, "/agents/Ann/heartbeat").await.expect(200), expected, "looking changes nothing");
    let unknown = app.send(&key, "POST /api/agents/Ann/heartbeat", json!({"ack": [told, 999]})).await;
    unknown.invalid("ack: has ids of no message to Ann: 999");
    let after = beat(&app, &key, json!({"ack": [told, reply]})).await;
    assert_eq!((&after["messages"], &after["total_items"]), (&json!([]), &json!(2)));
    assert_eq!(beat(&app, &key, json!({"ack": [told]})).await["messages"], json!([]), "the answer was lost");
    let comms = app.get(&key, "/agents/comms").await.expect(200);
    assert_eq!(comms["messages"][0]["read_at"], START + 1);
    app.send(&key, &format!("PUT /api/tasks/{urgent}"), json!({"status": "done"})).await.expect(200);
    let after = beat(&app, &key, json!({})).await;
    assert_eq!(after["pending_tasks"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_heartbeat_takes_status_activity_and_usage() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    elsewhere(&app, &key, "Ann").await;
    let number = task(&app, &key, "a task", "medium").await;
    let usage = json!({"model": "gpt-5", "inputTokens": 10, "outputTokens": 5, "taskId": number});
    let said = json!({"status": "busy", "last_activity": "reading", "token_usage": usage});
    assert_eq!(beat(&app, &key, said).await["token_recorded"], true);
    let agent = app.get(&key, "/agents/Ann").await.expect(200)["agent"].take();
    assert_eq!((&agent["status"], &agent["last_activity"]), (&json!("busy"), &json!("reading")));
    assert_eq!(muster_domain::usage::overview(&app.ctx()).await.unwrap().output_tokens, 5);
    let cases = [
        (json!({"status": "asleep"}), "status: must be one of online, idle, busy, offline, error"),
        (json!({"last_activity": "x".repeat(1001)}), "last_activity: must have at most 1000 characters"),
        (json!({"ack": "all"}), "ack: must be a list"),
        (json!({"ack": [1.5]}), "ack[0]: must be a whole number"),
        (json!({"ack": (1..=201).collect::<Vec<i64>>()}), "ack: must have at most 200 ids"),
        (json!({"token_usage": {"model": "x", "inputTokens": 1}}), "token_usage.outputTokens: is required"),
        (
            json!({"token_usage": {"model": "x", "inputTokens": -1, "outputTokens": 1}}),
            "token_usage.inputTokens: must be from 0",
        ),
        (
            json!({"token_usage": {"model": "x", "inputTokens": 1, "outputTokens": 1, "taskId": 99}}),
            "token_usage.taskId: there is no task 99",
        ),
        (json!([]), "the body must be an object"),
    ];
    for (body, detail) in cases {
        app.send(&key, "POST /api/agents/Ann/heartbeat", body).await.invalid(detail);
    }
    let after = app.get(&key, "/agents/Ann").await.expect(200)["agent"].take();
    assert_eq!(after, agent);
    for what in ["GET /api/agents/Eve/heartbeat", "POST /api/agents/Eve/heartbeat"] {
        app.send(&key, what, Value::Null).await.refused(404, "Agent not found");
    }
}

#[tokio::test]
async fn a_heartbeat_is_for_the_agent_itself_and_for_who_may_see_and_change_agents_and_messages() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    for name in ["Ann", "Bob"] {
        elsewhere(&app, &key, name).await;
    }
    let hello = tell(&app, &key, "Bob", "Ann", "hello").await;
    let (own, others) = (token(&app, "Ann").await, token(&app, "Bob").await);
    assert_eq!(app.get(&own, "/agents/Ann/heartbeat").await.expect(200)["total_items"], 1);
    assert_eq!(beat(&app, &own, json!({"status": "idle", "ack": [hello]})).await["total_items"], 0);
    for what in ["GET /api/agents/Ann/heartbeat", "POST /api/agents/Ann/heartbeat"] {
        app.send(&others, what, Value::Null).await.refused(403, "This token acts only as its own agent");
    }
    let key_of = async |scopes: &[Scope]| app.secret("acme", Role::Operator, scopes).await;
    let cases = [
        (key_of(&[Scope::AgentsRead]).await, "GET", json!(null), Some("messages:read")),
        (key_of(&[Scope::MessagesRead]).await, "GET", json!(null), Some("agents:read")),
        (key_of(&[Scope::MessagesRead, Scope::AgentsRead]).await, "GET", json!(null), None),
        (key_of(&[Scope::MessagesWrite, Scope::AgentsRead]).await, "POST", json!({}), Some("agents:write")),
        (key_of(&[Scope::AgentsWrite]).await, "POST", json!({}), Some("messages:read")),
        (key_of(&[Scope::AgentsWrite, Scope::MessagesRead]).await, "POST", json!({}), None),
        (key_of(&[Scope::AgentsWrite, Scope::MessagesRead]).await, "POST", json!({"ack": [1]}), Some("messages:write")),
    ];
    for (key, method, body, missing) in cases {
        let answer = app.send(&key, &format!("{method} /api/agents/Ann/heartbeat"), body).await;
        match missing {
            Some(scope) => answer.refused(403, &format!("The credential lacks the scope {scope}")),
            None => drop(answer.expect(200)),
        }
    }
}

#[tokio::test]
async fn thirty_heartbeats_a_minute_are_taken_of_each_agent() {
    let app = TestApp::start_with(Settings::default(), true).await;
    let key = operator(&app).await;
    for name in ["Ann", "Bob"] {
        elsewhere(&app, &key, name).await;
    }
    let ann = muster_domain::agents::resolve(&app.ctx(), "Ann").await.unwrap();
    let names = ["Ann".to_owned(), ann.number.to_string(), ann.id];
    for name in names.iter().cycle().take(30) {
        app.send(&key, &format!("POST /api/agents/{name}/heartbeat"), json!({})).await.expect(200);
    }
    for name in &names {
        let refused = app.send(&key, &format!("POST /api/agents/{name}/heartbeat"), json!({})).await;
        refused.refused(429, "Too many requests. Please try again later.");
        assert_eq!(refused.headers["ratelimit-policy"], "\"heartbeat\";q=30;w=60");
    }
    app.send(&key, "POST /api/agents/Bob/heartbeat", json!({})).await.expect(200);
    app.get(&key, "/agents/Ann/heartbeat").await.expect(200);
}
