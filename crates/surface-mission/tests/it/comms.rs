use crate::support::{START, TestApp};
use crate::talk::{answer_all, elsewhere, hosted, operator, tell, token};
use muster_domain::access::{Role, Scope};
use serde_json::{Value, json};
use std::time::Duration;

fn ids(comms: &Value) -> Vec<i64> {
    comms["messages"].as_array().unwrap().iter().map(|message| message["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn what_was_told_is_shown_with_every_field_under_both_names() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    elsewhere(&app, &key, "Ann").await;
    hosted(&app, &key, "Bob").await;
    let body = json!({"from": "Ann", "to": "Bob", "content": "Please review", "type": "request"});
    let asked = app.send(&key, "POST /api/agents/message", body).await.expect(200)["id"].clone();
    app.pass(Duration::from_secs(5));
    assert_eq!(answer_all(&app, "Reviewed").await, 1);
    let comms = app.get(&key, "/agents/comms").await.expect(200);
    let reply = comms["messages"][1]["id"].clone();
    let expected = json!({
        "messages": [
            {"id": asked, "from": "Ann", "to": "Bob", "from_agent": "Ann", "to_agent": "Bob", "content": "Please review",
             "message": "Please review", "type": "request", "message_type": "request", "read_at": START + 5, "created_at": START},
            {"id": reply, "from": "Bob", "to": "Ann", "from_agent": "Bob", "to_agent": "Ann", "content": "Reviewed",
             "message": "Reviewed", "type": "text", "message_type": "text", "read_at": null, "created_at": START + 5},
        ],
        "total": 2,
        "graph": {
            "edges": [
                {"from_agent": "Bob", "to_agent": "Ann", "message_count": 1, "last_message_at": START + 5},
                {"from_agent": "Ann", "to_agent": "Bob", "message_count": 1, "last_message_at": START},
            ],
            "agentStats": [{"agent": "Ann", "sent": 1, "received": 1}, {"agent": "Bob", "sent": 1, "received": 1}],
        },
    });
    assert_eq!(comms, expected);
}

#[tokio::test]
async fn comms_are_paged_and_narrowed() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    for name in ["Ann", "Bob", "Cid"] {
        elsewhere(&app, &key, name).await;
    }
    let mut sent = Vec::new();
    for n in 0..60 {
        let (from, to) = [("Ann", "Bob"), ("Bob", "Cid"), ("k", "Ann")][n % 3];
        sent.push(tell(&app, &key, from, to, "hello").await);
        app.pass(Duration::from_secs(1));
    }
    let get = async |query: &str| app.get(&key, &format!("/agents/comms{query}")).await.expect(200);
    let first = get("").await;
    assert_eq!((ids(&first), &first["total"]), (sent[..50].to_vec(), &json!(60)));
    assert_eq!(ids(&get("?offset=50").await), sent[50..]);
    assert_eq!(ids(&get("?limit=500").await), sent);
    let past = get("?offset=99").await;
    assert_eq!((ids(&past), &past["total"]), (vec![], &json!(60)));
    let cids = get("?agent=Cid").await;
    assert_eq!((ids(&cids).len(), &cids["total"]), (20, &json!(20)));
    assert_eq!(cids["graph"]["edges"].as_array().unwrap().len(), 1);
    assert_eq!(get("?agent=3").await, cids, "by number as well");
    assert_eq!(get("?agent=").await, first, "an empty filter is none");
    let late = get(&format!("?since={}", START + 55)).await;
    assert_eq!((ids(&late), &late["total"]), (sent[55..].to_vec(), &json!(5)));
    assert_eq!(ids(&get("?since=0&limit=1").await), sent[..1]);
    assert_eq!(ids(&get(&format!("?since={}", i64::MAX)).await), [0_i64; 0]);
    let wrong = [
        ("limit=0", "limit: must be from 1 to 500"),
        ("limit=501", "limit: must be from 1 to 500"),
        ("limit=-1", "limit: must be from 1 to 500"),
        ("limit=x", "limit: must be a whole number"),
        ("offset=-1", "offset: must be 0 or more"),
        ("since=-1", "since: must be 0 or more"),
        ("since=yesterday", "since: must be a whole number"),
    ];
    for (query, detail) in wrong {
        app.get(&key, &format!("/agents/comms?{query}")).await.invalid(detail);
    }
    app.get(&key, "/agents/comms?agent=Eve").await.refused(404, "Agent not found");
}

#[tokio::test]
async fn comms_are_for_those_who_may_read_messages() {
    let app = TestApp::start().await;
    let key = operator(&app).await;
    for name in ["Ann", "Bob", "Cid"] {
        elsewhere(&app, &key, name).await;
    }
    let own = tell(&app, &key, "Ann", "Bob", "for Bob").await;
    tell(&app, &key, "Ann", "Cid", "for Cid").await;
    let viewer = app.secret("acme", Role::Viewer, &[]).await;
    assert_eq!(app.get(&viewer, "/agents/comms").await.expect(200)["total"], 2);
    let narrow = app.secret("acme", Role::Admin, &[Scope::AgentsWrite]).await;
    app.get(&narrow, "/agents/comms").await.refused(403, "The credential lacks the scope messages:read");
    let bobs = token(&app, "Bob").await;
    assert_eq!(ids(&app.get(&bobs, "/agents/comms").await.expect(200)), [own]);
    assert_eq!(ids(&app.get(&bobs, "/agents/comms?agent=Bob").await.expect(200)), [own]);
    app.get(&bobs, "/agents/comms?agent=Cid").await.refused(403, "This token acts only as its own agent");
    let foreign = app.secret("other", Role::Owner, &[]).await;
    assert_eq!(app.get(&foreign, "/agents/comms").await.expect(200)["messages"], json!([]));
}
