use crate::support::TestApp;
use muster_domain::access::{self, Role};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn conversations_are_listed_the_latest_first() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let (ann, bob) = (app.agent("acme", "Ann").await, app.agent("acme", "Bob").await);
    app.message(&ann, Some("support-1"), "first").await;
    app.pass(Duration::from_secs(1));
    app.message(&bob, None, "second").await;
    let list = app.get(&viewer, "/conversations").await.expect(200);
    let (newest, oldest) = (&list["data"][0], &list["data"][1]);
    assert_eq!((&newest["agentId"], &oldest["agentId"]), (&json!(bob.id), &json!(ann.id)));
    assert!(oldest["id"].as_str().unwrap().starts_with("conv_"));
    assert_eq!(oldest["name"], "support-1");
    assert_eq!(newest["name"], newest["id"]);
    let at = "2026-11-22T01:30:00.000Z";
    let mut rest = oldest.as_object().unwrap().clone();
    rest.retain(|name, _| name != "id" && name != "name" && name != "agentId");
    let expected = json!({"channel": "api", "counterparty": {"id": "usr_1", "type": "user", "name": "Ann"},
        "messageCount": 1, "unreadCount": 0, "lastMessageAt": at, "lastMessagePreview": "first", "createdAt": at});
    assert_eq!(Value::Object(rest), expected);

    let of_ann = app.get(&viewer, &format!("/conversations?agent={}", ann.id)).await.expect(200);
    assert_eq!(of_ann["data"], json!([oldest]));
    let first = app.get(&viewer, "/conversations?limit=1").await.expect(200);
    let token = first["nextPageToken"].as_str().unwrap();
    let second = app.get(&viewer, &format!("/conversations?limit=1&pageToken={token}")).await.expect(200);
    assert_eq!(second, json!({"data": [oldest]}));
    app.get(&viewer, "/conversations?limit=201").await.refused(400, "validation.invalid", Some("limit"));
}

#[tokio::test]
async fn reading_a_conversation_leaves_nothing_unread() {
    let app = TestApp::start().await;
    let operator = app.key(Role::Operator, &[]).await;
    let agent = app.agent("acme", "Ann").await;
    app.message(&agent, None, "hello").await;
    crate::turns::answer(&app).await;
    let list = app.get(&operator, "/conversations").await.expect(200);
    assert_eq!(list["data"][0]["unreadCount"], 1);
    let id = list["data"][0]["id"].as_str().unwrap();
    let read = app.write(&operator, "POST", &format!("/conversations/{id}/_read"), Value::Null).await.expect(200);
    assert_eq!((&read["unreadCount"], &read["messageCount"]), (&json!(0), &json!(2)));
    let again = app.write(&operator, "POST", &format!("/conversations/{id}/_read"), Value::Null).await.expect(200);
    assert_eq!(again, read);
    let viewer = app.key(Role::Viewer, &[]).await;
    let refused = app.write(&viewer, "POST", &format!("/conversations/{id}/_read"), Value::Null).await;
    refused.refused(403, "auth.role_too_low", None);
    let unknown = app.write(&operator, "POST", "/conversations/conv_0/_read", Value::Null).await;
    unknown.refused(404, "not_found", None);
}

#[tokio::test]
async fn an_agents_own_token_sees_only_its_own_conversations_and_turns() {
    let app = TestApp::start().await;
    let agent = app.agent("acme", "Ann").await;
    let posted = app.message(&agent, None, "private").await;
    let token = access::create_agent_token(&app.ctx("acme"), "newcomer", None).await.unwrap().1.expose().clone();
    for list in ["/conversations", "/turns"] {
        assert_eq!(app.get(&token, list).await.expect(200)["data"], json!([]));
        let asked = app.get(&token, &format!("{list}?agent={}", agent.id)).await;
        asked.refused(403, "auth.other_agent", None);
    }
    app.get(&token, &format!("/turns/{}", posted.turn)).await.refused(403, "auth.other_agent", None);
    let writes =
        [format!("/turns/{}/_cancel", posted.turn), format!("/conversations/{}/_read", posted.message.conversation)];
    for path in writes {
        app.write(&token, "POST", &path, Value::Null).await.refused(403, "auth.other_agent", None);
    }
}
