use crate::support::{START, TestApp};
use muster_domain::access::{Role, Scope};
use serde_json::{Value, json};

#[tokio::test]
async fn what_happens_is_followed_live_and_from_where_a_reader_was() {
    let app = TestApp::start().await;
    let key = app.secret("acme", Role::Operator, &[]).await;
    let mut live = app.follow(&key, "", &[]).await;
    app.send(&key, "POST /api/agents", json!({"name": "Ann", "role": "dev"})).await.expect(201);
    let made = live.next().await.unwrap();
    assert_eq!(made.get("event"), None, "a plain message");
    let data = &made["data"];
    assert_eq!(made["id"], data["id"].to_string());
    assert_eq!(
        (&data["type"], &data["timestamp"], &data["data"]["name"]),
        (&json!("agent.created"), &json!(START), &json!("Ann"))
    );
    assert_eq!(data["actor"]["kind"], "key");
    app.send(&key, "PUT /api/agents/Ann", json!({"status": "busy"})).await.expect(200);
    let changed = live.next().await.unwrap();
    assert_eq!(changed["data"]["type"], "agent.presence_changed");
    assert_eq!(changed["data"]["data"], json!({"name": "Ann", "from": "offline", "to": "busy"}));
    let place = made["id"].as_str().unwrap();
    let mut missed = app.follow(&key, "", &[("last-event-id", place)]).await;
    assert_eq!(missed.next().await.unwrap(), changed);
    let mut filtered = app.follow(&key, "?type=agent.created&lastEventId=0", &[]).await;
    assert_eq!(filtered.next().await.unwrap(), made);
}

#[tokio::test]
async fn a_stream_ends_with_its_credential_and_shows_no_other_org() {
    let app = TestApp::start().await;
    let (id, key) = app.key("reader", Role::Viewer).await;
    let foreign = app.secret("other", Role::Operator, &[]).await;
    let mut stream = app.follow(&key, "", &[]).await;
    app.send(&foreign, "POST /api/agents", json!({"name": "Secret", "role": "dev"})).await.expect(201);
    muster_domain::access::delete_key(&app.ctx(), &id).await.unwrap();
    assert_eq!(stream.next().await, None, "neither the other org's agent nor anything after the key");
}

#[tokio::test]
async fn wrong_requests_for_a_stream_are_refused() {
    let app = TestApp::start().await;
    let key = app.secret("acme", Role::Viewer, &[]).await;
    app.get(&key, "/events?type=NO").await.invalid("type: must be an event type");
    app.get(&key, "/events?lastEventId=x").await.invalid("Last-Event-ID: must be the id of an event");
    let narrow = app.secret("acme", Role::Viewer, &[Scope::AgentsRead]).await;
    app.get(&narrow, "/events").await.refused(403, "The credential lacks the scope audit:read");
    app.call("GET /api/events", &[], "").await.refused(401, "Authentication required");
}

#[tokio::test]
async fn the_status_counts_agents_and_turns() {
    let app = TestApp::start().await;
    let key = app.secret("acme", Role::Operator, &[]).await;
    for (name, status) in
        [("a", "online"), ("b", "busy"), ("c", "offline"), ("d", "error"), ("e", "idle"), ("f", "idle")]
    {
        app.send(&key, "POST /api/agents", json!({"name": name, "role": "dev", "status": status})).await.expect(201);
    }
    let mut status = app.get(&key, "/status").await.expect(200);
    assert!(status["version"].take().is_string());
    let expected = json!({"status": "ok", "version": Value::Null, "timestamp": START,
        "agents": {"total": 6, "online": 1, "idle": 2, "busy": 1, "offline": 1, "error": 1},
        "turns": {"running": 0, "queued": 0, "failed": 0}});
    assert_eq!(status, expected);
}
