//! `/api/agents/{agentId}/interrupt`

use crate::support::{Answer, TestApp};
use muster_domain::access::Role;
use muster_domain::agents::{self, Agent};
use muster_domain::conversations::{self, MessageFilter};
use muster_domain::inbox;
use serde_json::{Value, json};
use std::time::Duration;

async fn interrupt(app: &TestApp, token: &str, agent: &str, body: Value) -> Answer {
    app.send(token, &format!("POST /api/agents/{agent}/interrupt"), body).await
}

/// Waits until the agent has so many messages.
async fn has_messages(app: &TestApp, agent: &Agent, count: usize) {
    let look = async {
        loop {
            let (found, _) =
                conversations::messages(&app.ctx(), &agent.id, &MessageFilter::default(), 100).await.expect("lists");
            if found.len() >= count {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look).await.expect("the messages come");
}

#[tokio::test]
async fn a_hosted_agent_has_it_at_once_and_another_when_it_asks() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Operator, &[]).await;
    let (hosted, away) = (app.hosted("Ann").await, app.elsewhere("Bob").await);
    let sent = interrupt(&app, &key, &hosted.id, json!({"reason": "hello"})).await.expect(200);
    assert_eq!(sent, json!({"messageId": sent["messageId"], "delivered": true, "status": "delivered"}));
    let queued = interrupt(&app, &key, &away.id, json!({"reason": "hello"})).await.expect(200);
    assert_eq!(queued, json!({"messageId": queued["messageId"], "delivered": false, "status": "queued"}));
    let waiting = inbox::undelivered(&app.ctx(), &away.id, 0, 10).await.unwrap();
    assert_eq!((json!(waiting[0].id), waiting[0].content.as_str()), (queued["messageId"].clone(), "hello"));
    for name in [hosted.number.to_string(), "Ann".to_owned()] {
        interrupt(&app, &key, &name, json!({"reason": "by another name"})).await.expect(200);
    }
}

#[tokio::test]
async fn a_wait_gives_the_reply_of_whoever_runs_the_agent() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Operator, &[]).await;
    let (hosted, away) = (app.hosted("Ann").await, app.elsewhere("Bob").await);
    let body = json!({"reason": "well?", "wait": 60});
    let answer = async {
        has_messages(&app, &hosted, 1).await;
        app.answer_turns("all is well").await;
    };
    let (given, ()) = tokio::join!(interrupt(&app, &key, &hosted.id, body.clone()), answer);
    let given = given.expect(200);
    assert_eq!((&given["status"], &given["reply"]["content"]), (&json!("delivered"), &json!("all is well")));
    assert!(given["reply"]["messageId"].as_str().unwrap().starts_with("msg_"));
    let own = app.key_of(&away).await;
    let answer = async {
        has_messages(&app, &away, 1).await;
        let waiting = inbox::undelivered(&app.ctx(), &away.id, 0, 10).await.unwrap();
        let what = format!("POST /api/agents/messages/{}/reply", waiting[0].id);
        app.send(&own, &what, json!({"content": "from afar"})).await.expect(200)
    };
    let (given, replied) = tokio::join!(interrupt(&app, &key, &away.id, body), answer);
    let given = given.expect(200);
    assert_eq!(given["reply"], json!({"messageId": replied["messageId"], "content": "from afar"}));
    assert_eq!((&given["delivered"], &given["status"]), (&json!(true), &json!("delivered")));
    assert!(given.get("problem").is_none());
}

#[tokio::test]
async fn a_wait_without_a_reply_says_null_and_why_if_there_will_be_none() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Operator, &[]).await;
    let (hosted, away) = (app.hosted("Ann").await, app.elsewhere("Bob").await);
    for wait in [0, 1] {
        let given = interrupt(&app, &key, &away.id, json!({"reason": "hello", "wait": wait})).await.expect(200);
        let id = &given["messageId"];
        assert_eq!(given, json!({"messageId": id, "delivered": false, "status": "queued", "reply": null}));
    }
    let delete = async {
        has_messages(&app, &hosted, 1).await;
        agents::delete(&app.ctx(), &hosted.id, false).await.unwrap();
        // Nothing was said in the conversation: it is looked at again after some seconds.
    };
    let (given, ()) = tokio::join!(interrupt(&app, &key, &hosted.id, json!({"reason": "x", "wait": 60})), delete);
    let given = given.expect(200);
    assert_eq!((&given["reply"], &given["problem"]), (&Value::Null, &json!("the agent was deleted")));
}

#[tokio::test]
async fn a_wait_ends_when_the_server_is_about_to() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Operator, &[]).await;
    let away = app.elsewhere("Bob").await;
    let end = async {
        has_messages(&app, &away, 1).await;
        app.shutdown.cancel();
    };
    let waiting = interrupt(&app, &key, &away.id, json!({"reason": "hello", "wait": 60}));
    let both = tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(waiting, end) });
    let (given, ()) = both.await.expect("at once");
    assert_eq!(given.expect(200)["reply"], Value::Null);
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Operator, &[]).await;
    let away = app.elsewhere("Bob").await;
    let what = format!("POST /api/agents/{}/interrupt", away.id);
    let headers = [("x-agent-token", key.as_str()), ("idempotency-key", "once")];
    let first = app.call(&what, &headers, r#"{"reason": "hello"}"#).await.expect(200);
    let again = app.call(&what, &headers, r#"{"reason": "hello"}"#).await.expect(200);
    assert_eq!(first, again);
    assert_eq!(inbox::undelivered(&app.ctx(), &away.id, 0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn wrong_input_is_named_and_an_agent_that_takes_no_messages_is_said_so() {
    let app = TestApp::start().await;
    let key = app.key("acme", Role::Operator, &[]).await;
    let agent = app.hosted("Ann").await;
    for (body, error) in [
        (json!({}), "reason: is required"),
        (json!({"reason": ""}), "reason: must not be empty"),
        (json!({"reason": 1}), "reason: "),
        (json!({"reason": "x", "wait": 61}), "wait: must be from 0 to 60 seconds"),
        (json!({"reason": "x", "wait": -1}), "wait: "),
        (json!({"reason": "x", "wait": "long"}), "wait: "),
        (json!({"reason": "a\u{0}b"}), "reason: must not contain NUL characters"),
    ] {
        interrupt(&app, &key, "Ann", body).await.refused_like(400, error);
    }
    interrupt(&app, &key, "nobody", json!({"reason": "x"})).await.refused(404, "agent `nobody` does not exist");
    let large = "x".repeat(1024 * 1024 + 1);
    interrupt(&app, &key, "Ann", json!({"reason": large})).await.refused_like(400, "reason: may have at most");
    agents::stop(&app.ctx(), &agent.id).await.unwrap();
    interrupt(&app, &key, "Ann", json!({"reason": "x"})).await.refused_like(409, "the agent is stopped");
    let (found, _) = conversations::messages(&app.ctx(), &agent.id, &MessageFilter::default(), 10).await.unwrap();
    assert!(found.is_empty());
}
