//! `muster soul` at a terminal: an editor, and somebody else who edits at the same time.

use muster_testkit::{Backend, Setup};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_soul_is_edited_listed_and_brought_back() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let (client, setup) = (server.client(), server.setup().clone().env("MUSTER_URL", &server.url()));
    let body = json!({"name": "Ann", "role": "reviewer", "soul_content": "You are kind."});
    client.post("/mission/api/agents", body).await.expect(201);

    let editor = setup.clone().env("EDITOR", "sed -i s/kind/strict/");
    assert!(editor.cli(&["soul", "edit", "Ann"]).await.contains("is written"));
    assert_eq!(setup.cli(&["soul", "show", "Ann"]).await, "You are strict.");
    let history = setup.cli(&["soul", "history", "Ann"]).await;
    assert!(history.lines().count() >= 3, "{history}");

    let idle = setup.clone().env("EDITOR", "true").run(&["soul", "edit", "Ann"]).await;
    assert!(idle.status.success() && String::from_utf8_lossy(&idle.stderr).contains("nothing was written"));
    let unchanged = setup.clone().env("EDITOR", "true").cli(&["soul", "edit", "1", "--json"]).await;
    let unchanged: Value = serde_json::from_str(&unchanged).expect("JSON");
    assert_eq!((&unchanged["changed"], &unchanged["soul_content"]), (&json!(false), &json!("You are strict.")));
    assert_eq!(setup.cli(&["soul", "show", "1"]).await, "You are strict.", "by its number");
    let refused = setup.run(&["soul", "show", "Nobody", "--json"]).await;
    let error: Value = serde_json::from_slice(&refused.stderr).expect("JSON on standard error");
    assert!(!refused.status.success() && refused.stdout.is_empty());
    assert_eq!(error["error"]["code"], "client.not_found");
    assert!(error["error"]["message"].as_str().expect("a text").contains("Nobody"), "{error}");
    client.post("/mission/api/agents", json!({"name": "Ben Two", "role": "reviewer"})).await.expect(201);
    let none = setup.run(&["soul", "show", "Ben Two"]).await;
    let hint = String::from_utf8_lossy(&none.stderr);
    assert!(hint.contains("`muster soul edit \"Ben Two\"`"), "{hint}");
    assert!(setup.cli(&["soul", "restore", "Ann", "1"]).await.contains("back to version 1, as version 3"));
    assert_eq!(setup.cli(&["soul", "show", "Ann"]).await, "You are kind.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_is_kept_but_not_written_over_somebody_elses() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let (client, setup) = (server.client(), server.setup().clone().env("MUSTER_URL", &server.url()));
    let body = json!({"name": "Ann", "role": "reviewer", "soul_content": "first"});
    client.post("/mission/api/agents", body).await.expect(201);
    // The editor itself is where somebody else is faster.
    let theirs = setup.data().join("theirs.md");
    std::fs::write(&theirs, "theirs").expect("writes");
    let command = setup.command(&[]);
    let program = command.get_program().display();
    let faster = format!("{program} soul edit Ann --file {} && sed -i s/first/mine/", theirs.display());
    let refused = setup.clone().env("EDITOR", &faster).run(&["soul", "edit", "Ann"]).await;
    let errors = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && errors.contains("somebody else"), "{errors}");
    assert_eq!(setup.cli(&["soul", "show", "Ann"]).await, "theirs");
    let kept = errors.rsplit_once("your text is in ").expect("it says where the text is").1.trim();
    assert_eq!(std::fs::read_to_string(kept).expect("it is there"), "mine");
    std::fs::remove_file(kept).expect("removes");
}
