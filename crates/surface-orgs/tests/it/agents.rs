use crate::support::TestApp;
use muster_domain::access::Role;
use muster_domain::agents::{self, Definition, NewAgent};
use serde_json::{Value, json};
use std::time::Duration;

fn names(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|agent| agent["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_agent_is_shown_with_the_identity_of_its_definition() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let identity = json!({"brandColor": "#1a73e8", "contactEmail": "ann@acme.example"});
    let definition = Definition { identity: identity.as_object().unwrap().clone(), ..Definition::default() };
    let new = NewAgent {
        name: "Ann".to_owned(),
        description: Some("sells anvils".to_owned()),
        definition,
        configuration: Some(json!({"model": "openai/gpt-5"})),
        ..NewAgent::default()
    };
    let agent = agents::create(&app.ctx("acme"), new).await.unwrap();
    let at = "2026-11-22T01:30:00.000Z";
    let expected = json!({
        "id": agent.id, "number": 1, "orgId": "acme", "name": "Ann", "description": "sells anvils",
        "identity": identity, "lifecycle": "active", "presence": "online", "source": "hosted", "model": "openai/gpt-5",
        "messageCount": 0, "outputTokenBalance": 1_000_000, "lastSeenAt": at, "version": 1, "createdAt": at,
        "updatedAt": at,
    });
    assert_eq!(app.get(&viewer, &format!("/agents/{}", agent.id)).await.expect(200), expected);
    assert_eq!(app.get(&viewer, "/agents").await.expect(200), json!({"data": [expected]}));
    app.get(&viewer, "/agents/agent-none").await.refused(404, "not_found", None);
}

#[tokio::test]
async fn the_list_is_searched_filtered_sorted_and_paged() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let mut made = Vec::new();
    for name in ["Cid", "Ann", "Bob"] {
        made.push(app.agent("acme", name).await);
        app.pass(Duration::from_secs(1));
    }
    agents::pause(&app.ctx("acme"), &made[0].id).await.unwrap();
    let list = async |query: &str| app.get(&viewer, &format!("/agents{query}")).await.expect(200);
    assert_eq!(names(&list("").await), ["Bob", "Ann", "Cid"], "newest first");
    assert_eq!(names(&list("?sort=name").await), ["Ann", "Bob", "Cid"]);
    assert_eq!(names(&list("?sort=updated").await), ["Cid", "Bob", "Ann"]);
    assert_eq!(names(&list("?q=bO").await), ["Bob"]);
    assert_eq!(names(&list("?q=%25").await), [""; 0], "a percent sign is only itself");
    assert_eq!(names(&list("?lifecycle=paused").await), ["Cid"]);
    assert_eq!(names(&list("?lifecycle=active&presence=online&sort=name").await), ["Ann", "Bob"]);
    let first = list("?sort=name&limit=2").await;
    assert_eq!(names(&first), ["Ann", "Bob"]);
    app.agent("acme", "Abe").await;
    let token = first["nextPageToken"].as_str().unwrap();
    let rest = list(&format!("?sort=name&limit=2&pageToken={token}")).await;
    assert_eq!(names(&rest), ["Cid"], "a token stays right while agents are added");
    assert!(rest.get("nextPageToken").is_none());
}

#[tokio::test]
async fn a_wrong_query_is_named() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let cases = [
        ("limit=0", "limit", "limit: must be from 1 to 200"),
        ("limit=201", "limit", "limit: must be from 1 to 200"),
        ("limit=x", "limit", "limit: must be a whole number"),
        ("lifecycle=asleep", "lifecycle", "lifecycle: must be one of active, paused, stopped, error"),
        ("presence=x", "presence", "presence: must be one of online, idle, busy, offline, error"),
        ("sort=age", "sort", "sort: must be one of name, created, updated"),
        ("pageToken=x!", "pageToken", "pageToken: is not a page token that this server gave out"),
    ];
    for (query, field, expected) in cases {
        let answer = app.get(&viewer, &format!("/agents?{query}")).await;
        assert_eq!(answer.refused(400, "validation.invalid", Some(field)), expected);
    }
}
