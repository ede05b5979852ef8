use crate::support::TestApp;
use muster_domain::access::{self, Role, Scope};
use muster_domain::agents;
use serde_json::{Value, json};

fn types(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_log_is_read_in_order_and_filtered() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[Scope::AuditRead]).await;
    let ann = app.agent("acme", "Ann").await;
    agents::pause(&app.ctx("acme"), &ann.id).await.unwrap();
    let list = async |query: &str| app.get(&viewer, &format!("/events{query}")).await.expect(200);
    let all = list("").await;
    assert_eq!(types(&all), ["org.created", "key.created", "agent.created", "agent.paused"]);
    let mut made = all["data"][2].clone();
    assert_eq!(made["hash"].as_str().map(str::len), Some(64));
    assert!(made["id"].as_str().unwrap().starts_with("evt_"));
    let at = "2026-11-22T01:30:00.000Z";
    (made["id"], made["hash"]) = (Value::Null, Value::Null);
    let expected = json!({"seq": 3, "id": null, "type": "agent.created", "subject": ann.id, "at": at, "hash": null,
        "actor": {"kind": "system", "id": "muster", "name": "muster"},
        "data": {"name": "Ann", "number": 1, "model": null, "source": "hosted", "hosted": true}});
    assert_eq!(made, expected);
    assert_eq!(types(&list("?type=agent.").await), ["agent.created", "agent.paused"]);
    assert_eq!(types(&list("?type=agent.paused").await), ["agent.paused"]);
    assert_eq!(types(&list("?subject=acme").await), ["org.created"]);
    assert_eq!(types(&list("?after=1&before=4").await), ["key.created", "agent.created"]);
    assert_eq!(types(&list("?order=desc&limit=2").await), ["agent.paused", "agent.created"]);
}

#[tokio::test]
async fn a_wrong_query_is_named() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    for (query, field) in [
        ("limit=1001", "limit"),
        ("limit=0", "limit"),
        ("after=-1", "after"),
        ("after=x", "after"),
        ("before=-1", "before"),
        ("order=up", "order"),
        ("type=A%20B", "type"),
        ("flat=perhaps", "flat"),
    ] {
        let answer = app.get(&viewer, &format!("/events?{query}")).await;
        answer.refused(400, "validation.invalid", Some(field));
    }
    let stream = |query: &'static str, last: &'static str| {
        let (app, viewer) = (&app, &viewer);
        async move {
            let mut headers = vec![("accept", "text/event-stream")];
            if !last.is_empty() {
                headers.push(("last-event-id", last));
            }
            app.call_with(viewer, &format!("GET /v1/orgs/acme/events?{query}"), &headers, "").await
        }
    };
    stream("before=3", "").await.refused(400, "validation.invalid", Some("before"));
    stream("order=desc", "").await.refused(400, "validation.invalid", Some("order"));
    stream("", "x").await.refused(400, "validation.invalid", Some("Last-Event-ID"));
}

#[tokio::test]
async fn only_admins_see_who_signed_in() {
    let app = TestApp::start().await;
    app.user("root", Role::Owner).await;
    app.session("root").await;
    let (viewer, admin) = (app.key(Role::Viewer, &[]).await, app.key(Role::Admin, &[]).await);
    let seen = app.get(&viewer, "/events").await.expect(200);
    assert!(types(&seen).iter().all(|kind| !kind.starts_with("access.")));
    assert_eq!(app.get(&viewer, "/events?type=access.").await.expect(200), json!({"data": []}));
    assert_eq!(types(&app.get(&admin, "/events?type=access.").await.expect(200)), ["access.login"]);
    let mut stream = app.follow(&viewer, "?after=0", &[]).await;
    app.session("root").await;
    app.agent("acme", "Ann").await;
    let expected = ["org.created", "user.created", "key.created", "key.created", "agent.created"];
    assert_eq!(stream.types(5).await, expected, "nor in a stream");
}

#[tokio::test]
async fn a_stream_begins_at_what_is_new_and_goes_on_live() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let mut stream = app.follow(&viewer, "", &[]).await;
    let ann = app.agent("acme", "Ann").await;
    app.agent("other", "Eve").await;
    let first = stream.next().await.unwrap();
    assert_eq!((&first["id"], &first["event"]), (&json!("3"), &json!("agent.created")));
    let read = app.get(&viewer, "/events?after=2").await.expect(200);
    assert_eq!(first["data"], read["data"][0], "the same event as in the list");
    agents::pause(&app.ctx("acme"), &ann.id).await.unwrap();
    assert_eq!(stream.types(1).await, ["agent.paused"], "and nothing of the other org");
}

#[tokio::test]
async fn a_stream_replays_what_its_reader_missed() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    for n in 0..450 {
        let event = muster_domain::events::NewEvent::new("agent.updated", "x", json!({"n": n}));
        let ctx = app.ctx("acme");
        let append = ctx.clone();
        let work = async move |tx: &mut muster_store::Tx| muster_domain::events::append(tx, &append, vec![event]).await;
        ctx.db.write(move |tx| Box::pin(async move { work(tx).await })).await.unwrap();
    }
    let mut replayed = app.follow(&viewer, "?after=2", &[]).await;
    for n in 0..450 {
        let event = replayed.next().await.unwrap();
        assert_eq!((&event["data"]["data"]["n"], &event["data"]["seq"]), (&json!(n), &json!(n + 3)));
    }
    let mut resumed = app.follow(&viewer, "?after=2", &[("last-event-id", "451")]).await;
    assert_eq!(resumed.next().await.unwrap()["id"], "452", "the header wins: a browser repeats the first URL");
    app.agent("acme", "Ann").await;
    assert_eq!(resumed.types(1).await, ["agent.created"]);
    assert_eq!(replayed.types(1).await, ["agent.created"]);
}

#[tokio::test]
async fn a_stream_can_be_filtered_and_flat() {
    let app = TestApp::start().await;
    let viewer = app.key(Role::Viewer, &[]).await;
    let mut stream = app.follow(&viewer, "?type=agent.&flat=true&after=0", &[]).await;
    app.key(Role::Viewer, &[]).await;
    app.agent("acme", "Ann").await;
    let event = stream.next().await.unwrap();
    assert_eq!((event.get("event"), &event["data"]["type"]), (None, &json!("agent.created")));
    app.key(Role::Viewer, &[]).await;
    app.agent("acme", "Bob").await;
    assert_eq!(stream.next().await.unwrap()["data"]["data"]["name"], "Bob");
}

#[tokio::test]
async fn a_stream_takes_its_token_in_the_query_and_ends_with_it() {
    let app = TestApp::start().await;
    let ctx = app.ctx("acme");
    let viewer = app.key(Role::Viewer, &[]).await;
    let mut stream = app.follow("", &format!("?token={viewer}"), &[]).await;
    app.agent("acme", "Ann").await;
    assert_eq!(stream.types(1).await, ["agent.created"]);
    let key =
        access::list_keys(&ctx, &muster_base::PageRequest { limit: 1, after: None }).await.unwrap().items.remove(0);
    access::delete_key(&ctx, &key.id).await.unwrap();
    app.agent("acme", "Bob").await;
    while let Some(event) = stream.next().await {
        assert_ne!(event["data"]["data"]["name"], "Bob", "a revoked key sees nothing more");
    }
}

#[tokio::test]
async fn admins_check_the_chain() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    app.agent("acme", "Ann").await;
    let head = app.get(&admin, "/events?order=desc&limit=1").await.expect(200)["data"][0]["hash"].clone();
    let verified = app.get(&admin, "/events/_verify").await.expect(200);
    assert_eq!(verified, json!({"intact": true, "checked": 3, "head": head}));
    let forge = "UPDATE events SET data = '{}' WHERE seq = 2 AND org_id = 'acme'";
    let args = muster_store::Args::default();
    app.app.db.write(move |tx| Box::pin(async move { tx.execute(forge, args).await })).await.unwrap();
    let verified = app.get(&admin, "/events/_verify").await.expect(200);
    assert_eq!((&verified["intact"], &verified["brokenAt"]), (&json!(false), &json!(2)));
}
