//! `/api/agents`

use crate::support::TestApp;
use muster_domain::access::Role;
use muster_domain::agents::Presence;
use muster_domain::enrolments::{self, Machine};
use muster_domain::{Ctx, Request, access, events, interrupts, presence};
use serde_json::{Value, json};
use std::time::Duration;

async fn list(app: &TestApp, token: &str, query: &str) -> Value {
    app.send(token, &format!("GET /api/agents{query}"), Value::Null).await.expect(200)
}

#[tokio::test]
async fn agents_are_listed_with_what_is_known_of_them() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let principal = access::identify(&app.app, &token).await.unwrap();
    let ctx = Ctx::new(app.app.clone(), principal, Request::default());
    let machine = Machine { id: "m-1".to_owned(), version: Some("0.1.2".to_owned()), ..Machine::default() };
    let dialed = enrolments::enrol(&ctx, machine).await.unwrap().agent;
    let hosted = app.hosted("Ann").await;
    app.pass(Duration::from_secs(60));
    let away = app.elsewhere("Bob").await;
    presence::set(&app.ctx(), &away.id, Presence::Idle, None).await.unwrap();
    let listed = list(&app, &token, "").await;
    assert_eq!(
        listed,
        json!({"agents": [
            {"id": away.id, "name": "Bob", "status": "IDLE", "lastSeenAt": "2026-11-22T01:31:00.000Z", "source": "sdk", "version": null},
            {"id": hosted.id, "name": "Ann", "status": "ONLINE", "lastSeenAt": "2026-11-22T01:30:00.000Z", "source": "hosted", "version": "1"},
            {"id": dialed.id, "name": "m-1", "status": "OFFLINE", "lastSeenAt": null, "source": "sdk", "version": "0.1.2"},
        ], "total": 3})
    );
    for (status, name) in [("ONLINE", "Ann"), ("IDLE", "Bob"), ("offline", "m-1")] {
        let found = list(&app, &token, &format!("?status={status}")).await;
        assert_eq!((&found["total"], &found["agents"][0]["name"]), (&json!(1), &json!(name)));
        assert_eq!(found["agents"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_long_list_is_read_in_pages() {
    let app = TestApp::start().await;
    let viewer = app.key("acme", Role::Viewer, &[]).await;
    for at in 0..5 {
        app.elsewhere(&format!("a{at}")).await;
    }
    let all = list(&app, &viewer, "").await;
    assert!(all.get("nextCursor").is_none(), "{all}");
    let (mut query, mut paged) = ("?limit=2".to_owned(), Vec::new());
    loop {
        let page = list(&app, &viewer, &query).await;
        assert_eq!(page["total"], 5);
        paged.extend(page["agents"].as_array().unwrap().clone());
        match page["nextCursor"].as_str() {
            Some(cursor) => query = format!("?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(json!(paged), all["agents"]);
    for (query, error) in [
        ("?limit=0", "limit: must be from 1 to 200"),
        ("?limit=201", "limit: must be from 1 to 200"),
        ("?limit=x", "limit: "),
        ("?status=AWAY", "status: must be ONLINE, IDLE or OFFLINE"),
        ("?cursor=x", "cursor: is not a page token"),
    ] {
        app.send(&viewer, &format!("GET /api/agents{query}"), Value::Null).await.refused_like(400, error);
    }
}

#[tokio::test]
async fn every_way_to_send_a_credential_works_under_the_own_prefix() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Viewer, &[]).await;
    let bearer = format!("Bearer {key}");
    for header in [("x-agent-token", key.as_str()), ("x-api-key", &key), ("authorization", &bearer)] {
        app.call("GET /network/api/agents", &[header], "").await.expect(200);
    }
}

#[tokio::test]
async fn an_agent_that_calls_by_its_own_token_is_there_and_was_seen() {
    let app = TestApp::start().await;
    let ann = app.elsewhere("Ann").await;
    let (own, key) = (app.key_of(&ann).await, app.key("acme", Role::Viewer, &[]).await);
    let shown = async || app.send(&key, "GET /api/agents", Value::Null).await.expect(200)["agents"][0].clone();
    assert_eq!((&shown().await["status"], &shown().await["lastSeenAt"]), (&json!("OFFLINE"), &Value::Null));
    app.send(&own, "GET /api/agents/stats", Value::Null).await.expect(200);
    let seen = shown().await;
    assert_eq!((&seen["status"], &seen["lastSeenAt"]), (&json!("ONLINE"), &json!("2026-11-22T01:30:00.000Z")));
    let begun = events::follow_from(&app.ctx()).await.unwrap();
    let asked = interrupts::interrupt(&app.ctx(), "Ann", "well?").await.unwrap().message;
    let answer = format!("POST /api/agents/messages/{}/reply", asked.id);
    app.pass(Duration::from_secs(60));
    app.send(&own, &answer, json!({"content": "well"})).await.expect(200);
    assert_eq!(shown().await["lastSeenAt"], "2026-11-22T01:31:00.000Z");
    let before = events::follow_from(&app.ctx()).await.unwrap();
    assert!(before > begun);
    for second in 0..5 {
        app.pass(Duration::from_secs(second));
        app.send(&own, "GET /api/agents", Value::Null).await.expect(200);
    }
    assert_eq!(shown().await["lastSeenAt"], "2026-11-22T01:31:10.000Z");
    assert_eq!(events::follow_from(&app.ctx()).await.unwrap(), before, "calling writes nothing");
    // What people do in its name is no sign of its life, nor what they do by the token that it dials in with.
    app.pass(Duration::from_secs(60));
    let program = app.key("acme", Role::Operator, &[]).await;
    app.send(&program, &answer, json!({"content": "well"})).await.expect(200);
    assert_eq!(shown().await["lastSeenAt"], "2026-11-22T01:31:10.000Z");
    let token = app.token().await;
    let principal = access::identify(&app.app, &token).await.unwrap();
    let ctx = Ctx::new(app.app.clone(), principal, Request::default());
    let machine = Machine { id: "m-1".to_owned(), ..Machine::default() };
    let dialed = enrolments::enrol(&ctx, machine).await.unwrap().agent;
    app.send(&token, "GET /api/agents", Value::Null).await.expect(200);
    assert_eq!(list(&app, &key, "?status=OFFLINE").await["agents"][0]["id"], dialed.id.as_str());
    let asked = interrupts::interrupt(&app.ctx(), "m-1", "well?").await.unwrap().message;
    let answer = format!("POST /api/agents/messages/{}/reply", asked.id);
    app.send(&token, &answer, json!({"content": "well"})).await.expect(200);
    assert_eq!(list(&app, &key, "?status=OFFLINE").await["total"], 0, "only it replies as itself");
}
