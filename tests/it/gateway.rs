//! The gateway's file: one file, several servers and the command line.

use muster_testkit::{Backend, Client, Server, Setup};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const LISTED: &str = "// Ours.\n{\n  agents: {\n    list: [\n      { id: 'main', identity: { name: 'Ann', theme: 'writer' } }, // first\n    ],\n  },\n}\n";

async fn start(backend: Backend, file: &Path) -> Server {
    Setup::new(backend).await.env("MUSTER_GATEWAY_CONFIG", &file.display().to_string()).start().await
}

fn file(folder: &Path) -> PathBuf {
    folder.join("openclaw.json")
}

#[tokio::test]
async fn the_command_line_previews_and_syncs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path());
    std::fs::write(&path, LISTED).expect("written");
    let server = start(Backend::Sqlite, &path).await;
    let url = server.url();
    let setup = server.setup().clone().env("MUSTER_URL", &url);
    let preview = setup.cli(&["gateway", "sync", "--preview"]).await;
    assert!(preview.ends_with("1 would be in step: 1 created, 0 updated"), "{preview}");
    assert_eq!(server.client().get("/v1/agent/list").await.expect(200)["pagination"]["total"], 0);
    let synced: Value = serde_json::from_str(&setup.cli(&["gateway", "sync", "--json"]).await).expect("JSON");
    assert_eq!((&synced["synced"], &synced["created"]), (&json!(1), &json!(1)));
    assert!(setup.cli(&["gateway", "sync"]).await.contains("unchanged"));
    std::fs::write(&path, LISTED.replace("agents:", "agents")).expect("written");
    let refused = setup.run(&["gateway", "sync"]).await;
    assert!(!refused.status.success());
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("The gateway file openclaw.json, line 3, column 10: expected `:`, found `{`"), "{told}");
    assert_eq!(server.client().get("/v1/agent/list").await.expect(200)["pagination"]["total"], 1);
}

/// Enters an agent that shall be in the file as well; `None` when the server is gone.
async fn enter(client: &Client, name: String) -> Option<Value> {
    let body = json!({"name": name, "role": "tester", "write_to_gateway": true});
    let request = client.request("POST", "/mission/api/agents").json(&body);
    Some(client.send(request).await.ok()?.expect(201))
}

fn ids(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("it is there");
    let read: Value = serde_json::from_str(&text).expect("strict JSON stays strict JSON");
    let entries = read["agents"]["list"].as_array().expect("a list");
    let mut ids: Vec<String> = entries.iter().map(|entry| entry["id"].as_str().expect("an id").to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn servers_that_share_a_file_leave_every_entry() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path());
    let servers = [start(Backend::Sqlite, &path).await, start(Backend::Postgres, &path).await];
    let requests: Vec<_> = (0..20)
        .map(|number| {
            let client = servers[number % 2].client();
            tokio::spawn(async move { enter(&client, format!("Agent {number}")).await })
        })
        .collect();
    for request in requests {
        let entered = request.await.expect("ends").expect("an answer");
        assert!(entered.get("warning").is_none(), "{entered}");
    }
    let mut expected: Vec<String> = (0..20).map(|number| format!("agent-{number}")).collect();
    expected.sort();
    assert_eq!(ids(&path), expected);
    for server in &servers {
        let preview = server.client().get("/mission/api/agents/sync").await.expect(200);
        assert_eq!(json!([preview["created"], preview["updated"], preview["synced"]]), json!([10, 0, 20]), "{preview}");
    }
}

#[tokio::test]
async fn what_a_killed_server_has_answered_is_in_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(folder.path());
    let mut server = start(Backend::Sqlite, &path).await;
    let mut answered = Vec::new();
    for round in 0..3 {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (client, tell) = (server.client(), tell.clone());
                tokio::spawn(async move {
                    for number in 0.. {
                        let name = format!("r{round} w{writer} n{number}");
                        let Some(entered) = enter(&client, name.clone()).await else { return };
                        assert!(entered.get("warning").is_none(), "{entered}");
                        let _ = tell.send(name.replace(' ', "-"));
                    }
                })
            })
            .collect();
        drop(tell);
        for _ in 0..10 {
            answered.push(told.recv().await.expect("they write"));
        }
        server.kill9();
        for writer in writers {
            writer.await.expect("ends");
        }
        while let Some(id) = told.recv().await {
            answered.push(id);
        }
        let listed = ids(&path);
        assert!(answered.iter().all(|id| listed.contains(id)), "{answered:?} {listed:?}");
        server.restart().await;
    }
    let synced = server.client().post("/mission/api/agents/sync", json!({})).await.expect(200);
    assert_eq!(synced["conflicts"], 0, "{synced}");
    assert_eq!(synced["created"], 0, "an entry comes after its agent: {synced}");
}
