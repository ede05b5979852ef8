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
