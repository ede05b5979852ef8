use crate::support::{START, TestApp};
use crate::talk::{elsewhere, operator, token};
use muster_domain::access::{Role, Scope};
use serde_json::{Value, json};
use std::time::Duration;

async fn make(app: &TestApp, key: &str, body: Value) -> Value {
    app.send(key, "POST /api/tasks", body).await.expect(201)["task"].take()
}

async fn change(app: &TestApp, key: &str, id: &Value, body: Value) -> Value {
    let answer = app.send(key, &format!("PUT /api/tasks/{id}"), body).await.expect(200);
    assert_eq!(answer["success"], true);
    answer["task"].clone()
}

#[tokio::test]
async fn a_task_is_shown_with_every_field() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    elsewhere(&app, &key, "Ann").await;
    let body = json!({"title": "Review auth", "description": "all of it", "priority": "high", "assigned_to": "1",
        "due_date": START + 3600, "metadata": {"z": 1, "a": [null]}, "unknown": true});
    let made = make(&app, &key, body).await;
    let expected = json!({"id": 1, "title": "Review auth", "description": "all of it", "status": "assigned", "priority": "high",
        "assigned_to": "Ann", "due_date": START + 3600, "metadata": {"z": 1, "a": [null]}, "created_by": "k",
        "created_at": START, "updated_at": START, "finished_at": null});
    assert_eq!(made, expected);
    assert_eq!(app.get(&key, "/tasks/1").await.expect(200), json!({"task": expected}));
    let plain = make(&app, &key, json!({"title": "plain"})).await;
    let expected = json!({"id": 2, "title": "plain", "description": null, "status": "inbox", "priority": "medium",
        "assigned_to": null, "due_date": null, "metadata": {}, "created_by": "k",
        "created_at": START, "updated_at": START, "finished_at": null});
    assert_eq!(plain, expected);
    let card = app.get(&key, "/agents/Ann").await.expect(200);
    assert_eq!((&card["agent"]["taskStats"]["total"], &card["agent"]["taskStats"]["assigned"]), (&json!(1), &json!(1)));
    let deleted = app.send(&key, "DELETE /api/tasks/1", Value::Null).await.expect(200);
    assert_eq!(deleted, json!({"success": true, "deleted": 1}));
    for id in ["1", "99", "x", "1.5", "99999999999999999999"] {
        for method in ["GET", "PUT", "DELETE"] {
            let body = if method == "PUT" { json!({"title": "x"}) } else { Value::Null };
            app.send(&key, &format!("{method} /api/tasks/{id}"), body).await.refused(404, "Task not found");
        }
    }
}

#[tokio::test]
async fn a_task_is_changed_field_by_field() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    for name in ["Ann", "Bob"] {
        elsewhere(&app, &key, name).await;
    }
    let task =
        make(&app, &key, json!({"title": "a task", "description": "d", "due_date": START, "metadata": {"a": 1}})).await;
    let id = task["id"].clone();
    app.pass(Duration::from_secs(1));
    let task = change(&app, &key, &id, json!({"assigned_to": "Ann"})).await;
    assert_eq!(
        (&task["status"], &task["assigned_to"], &task["updated_at"]),
        (&json!("assigned"), &json!("Ann"), &json!(START + 1))
    );
    let cleared = json!({"description": null, "due_date": null, "metadata": null, "title": "b", "priority": "low"});
    let task = change(&app, &key, &id, cleared).await;
    let shown = (&task["description"], &task["due_date"], &task["metadata"], &task["title"], &task["priority"]);
    assert_eq!(shown, (&Value::Null, &Value::Null, &json!({}), &json!("b"), &json!("low")));
    let task = change(&app, &key, &id, json!({"status": "done"})).await;
    assert_eq!(task["finished_at"], START + 1);
    let task = change(&app, &key, &id, json!({"status": "in_progress", "assigned_to": "Bob"})).await;
    assert_eq!((&task["finished_at"], &task["assigned_to"]), (&Value::Null, &json!("Bob")));
    let task = change(&app, &key, &id, json!({"assigned_to": null})).await;
    assert_eq!((&task["status"], &task["assigned_to"]), (&json!("inbox"), &Value::Null));
    app.send(&key, &format!("PUT /api/tasks/{id}"), json!({})).await.refused(400, "No fields to update");
    let cases = [
        (json!({"title": ""}), "title: must have 1 to 500 characters"),
        (json!({"title": 1}), "title: must be a string"),
        (
            json!({"status": "open"}),
            "status: must be one of inbox, assigned, in_progress, review, quality_review, done, failed",
        ),
        (json!({"status": "assigned"}), "status: assigned needs assigned_to"),
        (json!({"status": "inbox", "assigned_to": "Ann"}), "status: inbox means"),
        (json!({"priority": "urgent"}), "priority: must be one of critical, high, medium, low"),
        (json!({"assigned_to": "Eve"}), "assigned_to: there is no agent `Eve`"),
        (json!({"due_date": "tomorrow"}), "due_date: must be a whole number"),
        (json!({"due_date": -1}), "due_date: must be a time in seconds"),
        (json!({"due_date": i64::MAX}), "due_date: must be a time in seconds"),
        (json!({"metadata": []}), "metadata: must be an object"),
        (json!({"metadata": {"x": "x".repeat(64 * 1024)}}), "metadata: must have at most 65536 bytes"),
        (json!({"description": "x".repeat(50_001)}), "description: must have at most 50000 characters"),
    ];
    for (body, detail) in cases {
        app.send(&key, &format!("PUT /api/tasks/{id}"), body.clone()).await.invalid(detail);
        let mut new = json!({"title": "new"});
        new.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        if !detail.starts_with("status: inbox") {
            app.send(&key, "POST /api/tasks", new).await.invalid(detail);
        }
    }
    app.send(&key, "POST /api/tasks", json!({})).await.invalid("title: is required");
    assert_eq!(app.get(&key, &format!("/tasks/{id}")).await.expect(200)["task"], task);
    assert_eq!(app.get(&key, "/tasks").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn tasks_are_listed_in_pages_and_by_what_they_are() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    elsewhere(&app, &key, "Ann").await;
    for n in 0..5 {
        let assigned = if n < 2 { json!("Ann") } else { Value::Null };
        let priority = if n % 2 == 0 { "high" } else { "low" };
        make(&app, &key, json!({"title": format!("t{n}"), "priority": priority, "assigned_to": assigned})).await;
    }
    let get = async |query: &str| {
        let list = app.get(&key, &format!("/tasks{query}")).await.expect(200);
        let titles: Vec<String> =
            list["tasks"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect();
        (
            titles.join(" "),
            list["total"].as_i64().unwrap(),
            list["page"].as_i64().unwrap(),
            list["limit"].as_i64().unwrap(),
        )
    };
    assert_eq!(get("").await, ("t4 t3 t2 t1 t0".to_owned(), 5, 1, 50));
    assert_eq!(get("?limit=2&offset=2").await, ("t2 t1".to_owned(), 5, 2, 2));
    assert_eq!(get("?assigned_to=Ann").await, ("t1 t0".to_owned(), 2, 1, 50));
    assert_eq!(get("?status=inbox&priority=high").await, ("t4 t2".to_owned(), 2, 1, 50));
    assert_eq!(get("?status=&priority=&assigned_to=").await, get("").await, "an empty filter is none");
    for (query, detail) in [
        ("limit=201", "limit: must be from 1 to 200"),
        ("offset=-1", "offset: must be 0 or more"),
        ("status=open", "status: must be one of"),
        ("priority=0", "priority: must be one of"),
        ("assigned_to=Eve", "assigned_to: there is no agent `Eve`"),
    ] {
        app.get(&key, &format!("/tasks?{query}")).await.invalid(detail);
    }
}

#[tokio::test]
async fn the_queue_gives_each_task_to_one_agent() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    for name in ["Ann", "Bob"] {
        elsewhere(&app, &key, name).await;
    }
    let none = app.get(&key, "/tasks/queue?agent=Ann").await.expect(200);
    assert_eq!(none, json!({"task": null, "reason": "no_tasks_available", "agent": "Ann", "timestamp": START}));
    for priority in ["low", "high"] {
        make(&app, &key, json!({"title": priority, "priority": priority})).await;
    }
    let mut claimed = app.get(&key, "/tasks/queue?agent=1").await.expect(200);
    let task = claimed["task"].take();
    assert_eq!(
        (&task["title"], &task["status"], &task["assigned_to"]),
        (&json!("high"), &json!("in_progress"), &json!("Ann"))
    );
    assert_eq!(claimed["reason"], "assigned");
    let again = app.get(&key, "/tasks/queue?agent=Ann").await.expect(200);
    assert_eq!((&again["task"], &again["reason"]), (&task, &json!("continue_current")));
    assert_eq!(app.get(&key, "/tasks/queue?agent=Bob").await.expect(200)["task"]["title"], "low");
    make(&app, &key, json!({"title": "more"})).await;
    let more = app.get(&key, "/tasks/queue?agent=Ann&max_capacity=2").await.expect(200);
    assert_eq!((&more["task"]["title"], &more["reason"]), (&json!("more"), &json!("assigned")));
    app.get(&key, "/tasks/queue").await.invalid("agent: is required");
    app.get(&key, "/tasks/queue?agent=Ann&max_capacity=21").await.invalid("max_capacity: must be from 1 to 20");
    app.get(&key, "/tasks/queue?agent=Ann&max_capacity=x").await.invalid("max_capacity: must be a whole number");
    app.get(&key, "/tasks/queue?agent=Eve").await.refused(404, "Agent not found");
    let foreign = app.secret("other", Role::Owner, &[]).await;
    app.get(&foreign, "/tasks/queue?agent=1").await.refused(404, "Agent not found");
    assert_eq!(app.get(&foreign, "/tasks").await.expect(200)["total"], 0);
    app.get(&foreign, &format!("/tasks/{}", task["id"])).await.refused(404, "Task not found");
}

#[tokio::test]
async fn tasks_are_read_and_changed_as_agents_are() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    for name in ["Ann", "Bob"] {
        elsewhere(&app, &key, name).await;
    }
    let own = make(&app, &key, json!({"title": "own", "assigned_to": "Ann"})).await["id"].clone();
    let others = make(&app, &key, json!({"title": "theirs", "assigned_to": "Bob"})).await["id"].clone();
    let reader = app.secret("acme", Role::Operator, &[Scope::AgentsRead]).await;
    app.get(&reader, "/tasks").await.expect(200);
    app.get(&reader, &format!("/tasks/{own}")).await.expect(200);
    let lacks = "The credential lacks the scope agents:write";
    app.get(&reader, "/tasks/queue?agent=Ann").await.refused(403, lacks);
    for what in [format!("PUT /api/tasks/{own}"), format!("DELETE /api/tasks/{own}"), "POST /api/tasks".to_owned()] {
        app.send(&reader, &what, json!({"title": "x"})).await.refused(403, lacks);
    }
    let messenger = app.secret("acme", Role::Operator, &[Scope::MessagesWrite]).await;
    app.get(&messenger, "/tasks").await.refused(403, "The credential lacks the scope agents:read");

    let anns = token(&app, "Ann").await;
    assert_eq!(app.get(&anns, "/tasks/queue?agent=Ann").await.expect(200)["task"]["id"], own);
    app.get(&anns, "/tasks/queue?agent=Bob").await.refused(403, "This token acts only as its own agent");
    assert_eq!(
        change(&app, &anns, &own, json!({"status": "review", "metadata": {"pages": 3}})).await["status"],
        "review"
    );
    let refusal = "An agent's token may change only the status, description and metadata of the agent's own tasks";
    app.send(&anns, &format!("PUT /api/tasks/{others}"), json!({"status": "done"})).await.refused(403, refusal);
    app.send(&anns, &format!("PUT /api/tasks/{own}"), json!({"assigned_to": "Bob"})).await.refused(403, refusal);
    app.send(&anns, "POST /api/tasks", json!({"title": "x"})).await.refused(403, lacks);
    app.send(&anns, &format!("DELETE /api/tasks/{own}"), Value::Null).await.refused(403, lacks);
}

#[tokio::test]
async fn another_site_cannot_make_a_signed_in_browser_take_a_task() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    elsewhere(&app, &key, "Ann").await;
    make(&app, &key, json!({"title": "a task"})).await;
    app.user("olga", Role::Operator).await;
    let cookie = app.cookie("olga").await;
    let evil = [("cookie", cookie.as_str()), ("origin", "https://evil.test")];
    app.call("GET /api/tasks/queue?agent=Ann", &evil, "").await.refused(403, "CSRF origin mismatch");
    app.call("GET /api/tasks", &evil, "").await.expect(200);
    let own = [("cookie", cookie.as_str()), ("origin", "http://muster.test")];
    assert_eq!(app.call("GET /api/tasks/queue?agent=Ann", &own, "").await.expect(200)["reason"], "assigned");
}
