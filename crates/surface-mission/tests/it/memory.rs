use crate::support::{START, TestApp};
use muster_domain::access::{Role, Scope};
use muster_domain::{agents, memory};
use serde_json::{Value, json};
use std::time::Duration;

async fn with_agents(app: &TestApp) -> String {
    let key = app.secret("acme", Role::Operator, &[]).await;
    for name in ["Ann", "Bob"] {
        app.send(&key, "POST /api/agents", json!({"name": name, "role": "dev"})).await.expect(201);
    }
    key
}

#[tokio::test]
async fn a_memory_is_replaced_as_a_whole_and_is_the_one_of_its_tools() {
    let app = TestApp::start().await;
    let key = with_agents(&app).await;
    let empty = json!({"memory": {}, "working_memory": "", "updated_at": null, "size": 0});
    assert_eq!(app.get(&key, "/agents/Ann/memory").await.expect(200), empty);
    let first = json!({"city": "Oslo", "limits": {"a": [1, null]}, "n": 3});
    let written = app.send(&key, "PUT /api/agents/1/memory", json!({"memory": first})).await.expect(200);
    assert_eq!(written, json!({"success": true, "size": 32, "updated_at": START}));
    let read = app.get(&key, "/agents/Ann/memory").await.expect(200);
    assert_eq!(read, json!({"memory": first, "working_memory": "", "updated_at": START, "size": 32}));
    let ann = agents::resolve(&app.ctx(), "Ann").await.unwrap();
    let entry = memory::find(&app.ctx(), &ann.id, "city").await.unwrap().unwrap();
    assert_eq!((entry.value.as_str(), entry.revision), ("\"Oslo\"", 1));
    memory::set(&app.ctx(), &ann.id, "mood", "\"fine\"", None).await.unwrap();
    assert_eq!(app.get(&key, "/agents/Ann/memory").await.expect(200)["memory"]["mood"], "fine");
    app.pass(Duration::from_secs(3));
    let second = json!({"city": "Oslo", "n": 4});
    app.send(&key, "PUT /api/agents/Ann/memory", json!({"memory": second})).await.expect(200);
    assert_eq!(app.get(&key, "/agents/Ann/memory").await.expect(200)["memory"], second);
    assert_eq!(memory::find(&app.ctx(), &ann.id, "city").await.unwrap().unwrap().revision, 1, "it is as it was");
    assert_eq!(app.get(&key, "/agents/Bob/memory").await.expect(200), empty, "another's memory is its own");
}

#[tokio::test]
async fn the_working_memory_is_a_text_that_can_go_on() {
    let app = TestApp::start().await;
    let key = with_agents(&app).await;
    let write = async |body: Value| app.send(&key, "PUT /api/agents/Ann/memory", body).await;
    let text = async || app.get(&key, "/agents/Ann/memory").await.expect(200)["working_memory"].take();
    write(json!({"working_memory": "one", "append": true})).await.expect(200);
    write(json!({"working_memory": "two", "append": true})).await.expect(200);
    assert_eq!(text().await, "one\ntwo");
    write(json!({"memory": {"a": 1}})).await.expect(200);
    assert_eq!(text().await, "one\ntwo", "the values are another thing");
    write(json!({"working_memory": "three"})).await.expect(200);
    let both = json!({"memory": {"b": 2}, "working_memory": "four", "append": true});
    write(both).await.expect(200);
    let read = app.get(&key, "/agents/Ann/memory").await.expect(200);
    assert_eq!((&read["memory"], &read["working_memory"]), (&json!({"b": 2}), &json!("three\nfour")));
    let ann = agents::resolve(&app.ctx(), "Ann").await.unwrap();
    assert_eq!(memory::recent(&app.ctx(), &ann.id, 10).await.unwrap().len(), 1, "it is no key");
    assert_eq!(memory::search(&app.ctx(), &ann.id, "four", 10).await.unwrap().len(), 0);
    write(json!({"working_memory": ""})).await.expect(200);
    assert_eq!(text().await, "");
}

#[tokio::test]
async fn clearing_forgets_both() {
    let app = TestApp::start().await;
    let key = with_agents(&app).await;
    let body = json!({"memory": {"a": 1}, "working_memory": "x"});
    app.send(&key, "PUT /api/agents/Ann/memory", body.clone()).await.expect(200);
    app.send(&key, "PUT /api/agents/Bob/memory", body).await.expect(200);
    for _ in 0..2 {
        let cleared = app.send(&key, "DELETE /api/agents/Ann/memory", Value::Null).await.expect(200);
        assert_eq!(cleared, json!({"success": true}));
        let read = app.get(&key, "/agents/Ann/memory").await.expect(200);
        assert_eq!(read, json!({"memory": {}, "working_memory": "", "updated_at": null, "size": 0}));
    }
    assert_eq!(app.get(&key, "/agents/Bob/memory").await.expect(200)["memory"], json!({"a": 1}));
}

#[tokio::test]
async fn a_memory_takes_512_kib_and_wrong_input_changes_nothing() {
    let app = TestApp::start().await;
    let key = with_agents(&app).await;
    let write = async |body: Value| app.send(&key, "PUT /api/agents/Ann/memory", body).await;
    let most = 512 * 1024;
    let full = json!({"memory": {"k": "x".repeat(most - 3)}});
    assert_eq!(write(full).await.expect(200)["size"], most);
    let read = app.get(&key, "/agents/Ann/memory").await.expect(200);
    assert_eq!((&read["size"], read.get("truncated")), (&json!(most), None));
    for body in [json!({"memory": {"k": "x".repeat(most - 2)}}), json!({"working_memory": "y", "append": true})] {
        let refused = write(body).await.expect(413);
        assert!(refused["error"].as_str().unwrap().contains("it may take 524288"), "{refused}");
    }
    assert_eq!(app.get(&key, "/agents/Ann/memory").await.expect(200), read);
    let lines = json!({"memory": {}, "working_memory": "\n".repeat(most)});
    assert_eq!(write(lines.clone()).await.expect(200)["size"], most, "letters count as they are read");
    app.send(&key, "PUT /api/agents/Bob/memory", json!({"working_memory": "x".repeat(most + 1)})).await.expect(413);
    let huge = json!({"working_memory": "x".repeat(5 * 1024 * 1024)});
    app.send(&key, "PUT /api/agents/Bob/memory", huge).await.expect(413);
    write(json!({"memory": {"k": "x".repeat(most - 3)}, "working_memory": ""})).await.expect(200);
    write(json!({})).await.refused(400, "No fields to update");
    write(json!({"memory": "text"})).await.invalid("memory: must be an object");
    write(json!({"memory": {"": 1}})).await.invalid("memory: keys must have 1 to 256 characters");
    write(json!({"memory": {"k".repeat(257): 1}})).await.invalid("memory: keys must have 1 to 256 characters");
    write(json!({"working_memory": {"a": 1}})).await.invalid("working_memory: must be a string");
    write(json!({"append": true})).await.invalid("working_memory: is required with append");
    assert_eq!(app.get(&key, "/agents/Ann/memory").await.expect(200), read);
    app.get(&key, "/agents/Cid/memory").await.refused(404, "Agent not found");
}

#[tokio::test]
async fn an_agents_own_key_opens_its_memory_and_no_others() {
    let app = TestApp::start().await;
    let key = with_agents(&app).await;
    let admin = app.secret("acme", Role::Admin, &[]).await;
    let made = app.send(&admin, "POST /api/agents/Ann/keys", json!({"name": "its own"})).await.expect(201);
    let own = made["api_key"].as_str().unwrap();
    app.send(own, "PUT /api/agents/Ann/memory", json!({"memory": {"a": 1}})).await.expect(200);
    assert_eq!(app.get(own, "/agents/Ann/memory").await.expect(200)["memory"], json!({"a": 1}));
    let refused = "This token acts only as its own agent";
    app.get(own, "/agents/Bob/memory").await.refused(403, refused);
    app.send(own, "PUT /api/agents/Bob/memory", json!({"memory": {"a": 1}})).await.refused(403, refused);
    app.send(own, "DELETE /api/agents/Bob/memory", Value::Null).await.refused(403, refused);
    app.send(own, "PUT /api/agents/Ann/soul", json!({"soul_content": "x"}))
        .await
        .refused(403, "The credential lacks the scope agents:write");
    assert_eq!(app.get(&key, "/agents/Bob/memory").await.expect(200)["memory"], json!({}));
    let reader = app.secret("acme", Role::Operator, &[Scope::MemoryRead]).await;
    app.get(&reader, "/agents/Ann/memory").await.expect(200);
    app.send(&reader, "DELETE /api/agents/Ann/memory", Value::Null)
        .await
        .refused(403, "The credential lacks the scope memory:write");
}
