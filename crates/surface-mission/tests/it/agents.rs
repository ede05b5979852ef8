use crate::support::{START, TestApp};
use muster_domain::access::{Role, Scope};
use muster_domain::agents::{self, NewAgent};
use serde_json::{Value, json};
use std::time::Duration;

async fn operator(app: &TestApp) -> String {
    app.secret("acme", Role::Operator, &[]).await
}

async fn make(app: &TestApp, key: &str, body: Value) -> Value {
    app.send(key, "POST /api/agents", body).await.expect(201)["agent"].take()
}

fn names(list: &Value) -> Vec<&str> {
    list["agents"].as_array().unwrap().iter().map(|agent| agent["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_agent_is_shown_with_every_field_as_it_was_entered() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    let config =
        json!({"model": {"primary": "openai/gpt-5", "fallbacks": ["x/y"]}, "tools": ["memory_get"], "z": {"a": null}});
    let body = json!({"name": "code-reviewer", "role": "qa", "session_key": "session-abc123", "status": "idle",
        "soul_content": "You are meticulous.", "config": config, "unknown": 1});
    let answer = app.send(&key, "POST /api/agents", body).await;
    let made = answer.expect(201);
    let slug = made["agent"]["slug"].as_str().unwrap().to_owned();
    assert!(slug.starts_with("agent-code-reviewer-"), "{slug}");
    let expected = json!({"id": 1, "slug": slug, "name": "code-reviewer", "role": "qa", "status": "idle",
        "session_key": "session-abc123", "soul_content": "You are meticulous.", "config": config, "last_seen": START,
        "last_activity": null, "created_at": START, "updated_at": START, "source": "api", "hosted": true,
        "taskStats": {"total": 0, "assigned": 0, "in_progress": 0, "quality_review": 0, "done": 0, "completed": 0}});
    assert_eq!(made, json!({"agent": expected}));
    for path in ["/agents/1", "/agents/code-reviewer", &format!("/agents/{slug}"), "/agents/code%2Dreviewer"] {
        assert_eq!(app.get(&key, path).await.expect(200), json!({"agent": expected}), "{path}");
    }
    let list = app.get(&key, "/agents").await.expect(200);
    assert_eq!(list, json!({"agents": [expected], "total": 1, "page": 1, "limit": 50}));
    let prefixed = app.send(&key, "GET /mission/api/agents", Value::Null).await.expect(200);
    assert_eq!(prefixed, list, "under its own prefix as well");
}

#[tokio::test]
async fn an_agent_without_more_than_a_name_and_a_role_is_offline_and_runs_elsewhere() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    let agent = make(&app, &key, json!({"name": "Ann", "role": "dev"})).await;
    let expected = json!({"id": 1, "slug": agent["slug"], "name": "Ann", "role": "dev", "status": "offline", "session_key": null,
        "soul_content": null, "config": {}, "last_seen": null, "last_activity": null, "created_at": START,
        "updated_at": START, "source": "api", "hosted": false,
        "taskStats": {"total": 0, "assigned": 0, "in_progress": 0, "quality_review": 0, "done": 0, "completed": 0}});
    assert_eq!(agent, expected);
}

#[tokio::test]
async fn wrong_input_is_refused_by_field_and_enters_nothing() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    let with = |field: &str, value: Value| {
        let mut body = json!({"name": "Ann", "role": "dev"});
        body[field] = value;
        body
    };
    let long = |count: usize| Value::from("ä".repeat(count));
    let cases = [
        (json!({"role": "dev"}), "name: is required"),
        (json!({"name": "Ann"}), "role: is required"),
        (with("name", json!("")), "name: must have 1 to 100 characters"),
        (with("name", json!("  ")), "name: must have 1 to 100 characters"),
        (with("name", long(101)), "name: must have 1 to 100 characters"),
        (with("name", json!(1)), "name: must be a string"),
        (with("role", json!("")), "role: must have 1 to 100 characters"),
        (with("role", long(101)), "role: must have 1 to 100 characters"),
        (with("session_key", long(201)), "session_key: must have 1 to 200 characters"),
        (with("session_key", json!("")), "session_key: must have 1 to 200 characters"),
        (with("session_key", json!(7)), "session_key: must be a string"),
        (with("soul_content", long(50_001)), "soul_content: must have at most 50000 characters"),
        (with("status", json!("asleep")), "status: must be one of online, idle, busy, offline, error"),
        (with("config", json!([1])), "config: must be an object"),
        (with("config", json!({"x": "y".repeat(300_000)})), "config: must have at most 262144 bytes"),
        (with("config", json!({"model": 5})), "config.model: must be"),
        (with("config", json!({"model": {"primary": "a b"}})), "config.model.primary: must be"),
        (with("gateway_config", json!("x")), "gateway_config: must be an object"),
        (
            with("template", json!("wizard")),
            "template: must be one of orchestrator, developer, specialist-dev, reviewer, researcher, content-creator, security-auditor",
        ),
        (with("write_to_gateway", json!("yes")), "write_to_gateway: must be true or false"),
    ];
    for (body, detail) in cases {
        app.send(&key, "POST /api/agents", body).await.invalid(detail);
    }
    assert_eq!(app.get(&key, "/agents").await.expect(200)["total"], 0);
    let most = json!({"name": long(100), "role": long(100), "session_key": long(200), "soul_content": long(50_000)});
    make(&app, &key, most).await;
}

#[tokio::test]
async fn names_and_session_keys_are_unique_in_an_org() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    make(&app, &key, json!({"name": "Ann", "role": "dev", "session_key": "s1"})).await;
    make(&app, &key, json!({"name": "Bob", "role": "dev", "session_key": "s2"})).await;
    let again = json!({"name": "Ann", "role": "dev", "session_key": "s1"});
    app.send(&key, "POST /api/agents", again.clone()).await.refused(409, "Agent name already exists");
    let same_key = json!({"name": "Cid", "role": "dev", "session_key": "s1"});
    app.send(&key, "POST /api/agents", same_key).await.refused(409, "Session key already exists");
    app.send(&key, "PUT /api/agents/Bob", json!({"name": "Ann"})).await.refused(409, "Agent name already exists");
    app.send(&key, "PUT /api/agents/Bob", json!({"session_key": "s1"}))
        .await
        .refused(409, "Session key already exists");
    let both = json!({"name": "Bob", "session_key": "s1"});
    app.send(&key, "PUT /api/agents/Bob", both).await.refused(409, "Session key already exists");
    app.send(&key, "PUT /api/agents/Bob", json!({"name": "Bob", "session_key": "s2"})).await.expect(200);
    let foreign = app.secret("other", Role::Operator, &[]).await;
    make(&app, &foreign, again).await;
}

#[tokio::test]
async fn the_list_is_filtered_searched_and_paged() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    for (name, role, status) in
        [("a", "dev", "online"), ("bobby", "qa", "busy"), ("c", "dev", "offline"), ("d", "dev", "online")]
    {
        make(&app, &key, json!({"name": name, "role": role, "status": status})).await;
    }
    let list = async |query: &str| app.get(&key, &format!("/agents{query}")).await.expect(200);
    assert_eq!(names(&list("").await), ["d", "c", "bobby", "a"], "newest first, also within a moment");
    assert_eq!(names(&list("?status=busy").await), ["bobby"]);
    assert_eq!(names(&list("?role=dev").await), ["d", "c", "a"]);
    assert_eq!(names(&list("?role=dev&status=online").await), ["d", "a"]);
    assert_eq!(names(&list("?role=De").await), [""; 0], "a role is meant to the letter");
    assert_eq!(names(&list("?q=OBB").await), ["bobby"]);
    assert_eq!(names(&list("?role=&status=&q=").await), ["d", "c", "bobby", "a"], "an empty filter is none");
    assert_eq!(names(&list("?role=&status=busy").await), ["bobby"]);
    let second = list("?limit=2&offset=2").await;
    assert_eq!(
        (names(&second), &second["total"], &second["page"], &second["limit"]),
        (vec!["bobby", "a"], &json!(4), &json!(2), &json!(2))
    );
    let beyond = list("?role=dev&limit=3&offset=9").await;
    assert_eq!((names(&beyond), &beyond["total"], &beyond["page"]), (vec![], &json!(3), &json!(4)));
    for (query, detail) in [
        ("limit=0", "limit: must be from 1 to 200"),
        ("limit=-1", "limit: must be from 1 to 200"),
        ("limit=201", "limit: must be from 1 to 200"),
        ("limit=x", "limit: must be a whole number"),
        ("limit=1.5", "limit: must be a whole number"),
        ("offset=-1", "offset: must be 0 or more"),
        ("offset=99999999999999999999", "offset: must be a whole number"),
        ("status=here", "status: must be one of"),
        ("limit=", "limit: must be a whole number"),
    ] {
        app.get(&key, &format!("/agents?{query}")).await.invalid(detail);
    }
}

#[tokio::test]
async fn a_number_wins_over_a_name_that_looks_like_it() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    make(&app, &key, json!({"name": "2", "role": "dev"})).await;
    make(&app, &key, json!({"name": "Bob", "role": "dev"})).await;
    let shown = async |id: &str| app.get(&key, &format!("/agents/{id}")).await.expect(200)["agent"]["name"].clone();
    assert_eq!(shown("2").await, "Bob");
    assert_eq!(shown("1").await, "2");
    for missing in ["0", "3", "-1", "+1", "99999999999999999999", "bob", "agent-nobody-00000000", "%00"] {
        let answer = app.get(&key, &format!("/agents/{missing}")).await;
        assert_eq!(answer.status, 404, "{missing} {}", answer.text);
    }
    app.get(&key, "/agents/nobody").await.refused(404, "Agent not found");
}

#[tokio::test]
async fn every_field_can_be_updated_by_id() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    make(
        &app,
        &key,
        json!({"name": "Ann", "role": "dev", "session_key": "s1", "soul_content": "a", "config": {"x": 1}}),
    )
    .await;
    app.pass(Duration::from_secs(5));
    let change = json!({"name": "Anna", "role": "qa", "status": "busy", "last_activity": "reviewing #123",
        "config": {"model": "openai/gpt-5"}, "session_key": "s2", "soul_content": "b"});
    let updated = app.send(&key, "PUT /api/agents/1", change).await.expect(200);
    assert_eq!(updated["success"], true);
    let agent = &updated["agent"];
    let shown = json!([
        agent["name"],
        agent["role"],
        agent["status"],
        agent["last_activity"],
        agent["config"],
        agent["session_key"],
        agent["soul_content"],
        agent["updated_at"],
        agent["last_seen"],
        agent["hosted"]
    ]);
    let expected = json!(["Anna", "qa", "busy", "reviewing #123", {"model": "openai/gpt-5"}, "s2", "b", START + 5, START + 5, true]);
    assert_eq!(shown, expected);
    assert_eq!(app.get(&key, "/agents/Anna").await.expect(200)["agent"], *agent);
    let cleared =
        json!({"role": null, "last_activity": null, "config": null, "session_key": null, "soul_content": null});
    let agent = app.send(&key, "PUT /api/agents/1", cleared).await.expect(200)["agent"].take();
    let shown = json!([
        agent["role"],
        agent["last_activity"],
        agent["config"],
        agent["session_key"],
        agent["soul_content"],
        agent["hosted"]
    ]);
    assert_eq!(shown, json!([null, null, {}, null, null, false]));
}

#[tokio::test]
async fn an_agent_is_updated_by_its_name() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    make(&app, &key, json!({"name": "Ann", "role": "dev"})).await;
    let body = json!({"name": "Ann", "status": "busy", "last_activity": "thinking"});
    assert_eq!(app.send(&key, "PUT /api/agents", body).await.expect(200), json!({"success": true}));
    let agent = app.get(&key, "/agents/1").await.expect(200)["agent"].take();
    assert_eq!(json!([agent["status"], agent["last_activity"], agent["name"]]), json!(["busy", "thinking", "Ann"]));
    let wrong = async |body: Value| app.send(&key, "PUT /api/agents", body).await;
    wrong(json!({"name": "Ann"})).await.refused(400, "No fields to update");
    wrong(json!({"status": "busy"})).await.invalid("name: is required");
    wrong(json!({"name": "Bob", "status": "busy"})).await.refused(404, "Agent not found");
    wrong(json!({"name": "1", "status": "busy"})).await.refused(404, "Agent not found");
    wrong(json!({"name": "Ann", "status": "gone"})).await.invalid("status: must be one of");
    wrong(json!({"name": "Ann", "last_activity": "x".repeat(1001)})).await.invalid("last_activity: must have at most");
    wrong(json!({"name": "Ann", "config": 3})).await.invalid("config: must be an object");
}

#[tokio::test]
async fn an_update_that_is_wrong_changes_nothing() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    let before = make(&app, &key, json!({"name": "Ann", "role": "dev"})).await;
    let update = async |body: Value| app.send(&key, "PUT /api/agents/Ann", body).await;
    update(json!({})).await.refused(400, "No fields to update");
    update(json!({"unknown": 1})).await.refused(400, "No fields to update");
    update(json!({"role": "qa", "name": null})).await.invalid("name: must have 1 to 100 characters");
    update(json!({"role": "qa", "status": "x"})).await.invalid("status: must be one of");
    update(json!({"role": "qa", "soul_content": "x".repeat(50_001)})).await.invalid("soul_content: must have at most");
    update(json!({"role": "qa", "config": {"model": []}})).await.invalid("config.model: must be");
    update(json!({"role": 1})).await.invalid("role: must be a string");
    assert_eq!(app.send(&key, "PUT /api/agents/Bob", json!({"role": "qa"})).await.status, 404);
    assert_eq!(app.get(&key, "/agents/Ann").await.expect(200)["agent"], before);
}

#[tokio::test]
async fn a_deleted_agent_is_named_and_gone() {
    let app = TestApp::start().await;
    let (key, admin) = (operator(&app).await, app.secret("acme", Role::Admin, &[]).await);
    make(&app, &key, json!({"name": "Ann", "role": "dev"})).await;
    app.send(&key, "DELETE /api/agents/Ann", Value::Null).await.refused(403, "Requires admin role or higher");
    let deleted = app.send(&admin, "DELETE /api/agents/1", Value::Null).await.expect(200);
    assert_eq!(deleted, json!({"success": true, "deleted": "Ann"}));
    app.send(&admin, "DELETE /api/agents/1", Value::Null).await.refused(404, "Agent not found");
    assert_eq!(app.get(&key, "/agents").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_hosted_agent_shows_here_and_its_model_is_its_configs() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    let new = NewAgent {
        name: "Ann".to_owned(),
        configuration: Some(json!({"model": "openai/gpt-5"})),
        ..NewAgent::default()
    };
    let agent = agents::create(&app.ctx(), new).await.unwrap();
    let shown = app.get(&key, &format!("/agents/{}", agent.id)).await.expect(200)["agent"].take();
    let picked = json!([shown["config"], shown["status"], shown["source"], shown["hosted"], shown["role"]]);
    assert_eq!(picked, json!([{"model": "openai/gpt-5"}, "online", "hosted", true, null]));
    app.send(&key, "PUT /api/agents/Ann", json!({"config": {}})).await.expect(200);
    let shown = app.get(&key, "/agents/Ann").await.expect(200)["agent"].take();
    assert_eq!(shown["hosted"], true, "made to be hosted, it stays so");
}

#[tokio::test]
async fn a_gateway_that_is_not_set_is_a_warning() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    let body = json!({"name": "Ann", "role": "dev", "write_to_gateway": true, "gateway_config": {"workspace": "/w"}, "config": {"a": 1}});
    let made = app.send(&key, "POST /api/agents", body).await.expect(201);
    assert_eq!(made["agent"]["config"], json!({"a": 1, "workspace": "/w"}));
    assert!(made["warning"].as_str().unwrap().contains("set MUSTER_GATEWAY_CONFIG"), "{made}");
    let body = json!({"name": "Bob", "role": "dev", "write_to_gateway": false});
    assert!(app.send(&key, "POST /api/agents", body).await.expect(201).get("warning").is_none());
}

#[tokio::test]
async fn a_template_gives_what_is_not_said() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    let made = make(&app, &key, json!({"name": "Ann", "template": "reviewer"})).await;
    let list = app.get(&key, "/agent-templates").await.expect(200)["templates"].take();
    let template = list.as_array().unwrap().iter().find(|template| template["id"] == "reviewer").unwrap();
    assert_eq!(
        json!([made["role"], made["soul_content"], made["config"], made["hosted"]]),
        json!(["reviewer", template["soul_content"], template["config"], true])
    );
    let own = json!({"name": "Bob", "template": "reviewer", "role": "qa", "soul_content": "Mine.",
        "config": {"model": {"primary": "openai/gpt-5"}}, "gateway_config": {"sandbox": {"resources": {"cpu": "2"}}}});
    let made = make(&app, &key, own).await;
    assert_eq!(
        json!([made["role"], made["soul_content"], made["config"]["model"]["primary"], made["config"]["tools"]]),
        json!(["qa", "Mine.", "openai/gpt-5", template["config"]["tools"]])
    );
    assert_eq!(made["config"]["sandbox"]["resources"], json!({"cpu": "2", "memory": "1Gi"}));
    assert_eq!(list.as_array().unwrap().len(), 7);
    assert_eq!(app.get(&key, "/agent-templates/reviewer").await.expect(200)["template"], *template);
    app.get(&key, "/agent-templates/wizard").await.refused(404, "Template not found");
}

#[tokio::test]
async fn a_repeated_request_enters_one_agent() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    let body = json!({"name": "Ann", "role": "dev"}).to_string();
    let headers = [("x-api-key", key.as_str()), ("idempotency-key", "once")];
    let first = app.call("POST /api/agents", &headers, &body).await;
    let again = app.call("POST /api/agents", &headers, &body).await;
    assert_eq!(first.expect(201), again.expect(201));
    assert_eq!(app.get(&key, "/agents").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn a_status_shows_at_once_though_answers_are_kept() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    make(&app, &key, json!({"name": "Ann", "role": "dev"})).await;
    let status = async || app.get(&key, "/agents/Ann").await.expect(200)["agent"].take();
    assert_eq!(status().await["status"], "offline");
    let agent = agents::resolve(&app.ctx(), "Ann").await.unwrap();
    muster_domain::presence::seen(&app.ctx(), &agent).await.unwrap();
    assert_eq!(status().await["status"], "online");
    app.pass(Duration::from_secs(7));
    let agent = agents::resolve(&app.ctx(), "Ann").await.unwrap();
    muster_domain::presence::seen(&app.ctx(), &agent).await.unwrap();
    assert_eq!(status().await["last_seen"], START + 7, "also what is not written yet");
    app.pass(Duration::from_secs(601));
    muster_domain::presence::sweep(&app.app).await.unwrap();
    assert_eq!(status().await["status"], "offline");
}

#[tokio::test]
async fn a_stopped_agent_cannot_be_said_to_be_there() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    make(&app, &key, json!({"name": "Ann", "role": "dev"})).await;
    let agent = agents::resolve(&app.ctx(), "Ann").await.unwrap();
    agents::stop(&app.ctx(), &agent.id).await.unwrap();
    let way =
        format!("start it in the console, or by POST /v1/agent/{}/status with {{\"status\": \"active\"}}", agent.id);
    let refused = format!("A stopped agent cannot be online; {way}");
    app.send(&key, "PUT /api/agents/Ann", json!({"status": "online"})).await.refused(409, &refused);
    app.send(&key, "PUT /api/agents/Ann", json!({"status": "online", "role": "qa"})).await.refused(409, &refused);
    let refused = format!("A stopped agent cannot be there; {way}");
    app.send(&key, "POST /api/agents/Ann/heartbeat", json!({"status": "idle"})).await.refused(409, &refused);
    let refused = format!("A stopped agent takes no tasks; {way}");
    app.get(&key, "/tasks/queue?agent=Ann").await.refused(409, &refused);
    let letter = json!({"from": "k", "to": "Ann", "content": "hello"});
    let answer = app.send(&key, "POST /api/agents/message", letter).await;
    answer.refused(503, &format!("The agent is stopped and takes no messages; {way}"));
    assert_eq!(answer.headers["retry-after"], "60");
    assert_eq!(app.get(&key, "/agents/Ann").await.expect(200)["agent"]["role"], "dev");
}

#[tokio::test]
async fn a_narrow_key_does_no_more_than_its_scopes() {
    let app = TestApp::start().await;
    let reader = app.secret("acme", Role::Admin, &[Scope::AgentsRead]).await;
    app.get(&reader, "/agents").await.expect(200);
    let refused = app.send(&reader, "POST /api/agents", json!({"name": "Ann", "role": "dev"})).await;
    refused.refused(403, "The credential lacks the scope agents:write");
}
