//! Commands that work on the data directory: what an operator types, and what must not come of it.

use muster_testkit::{Agent, Backend, ScriptedModel, Server, Setup, eventually};
use serde_json::{Value, json};
use std::os::unix::fs::MetadataExt;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

const SOON: Duration = Duration::from_secs(60);

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("JSON: {text}"))
}

#[tokio::test]
async fn every_local_command_answers_in_json_when_asked_to() {
    // With the first start's password in the environment, as an operator may have it.
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let setup = server.setup();
    let org = json_of(&setup.cli(&["orgs", "create", "acme", "--json"]).await);
    assert_eq!((&org["id"], &org["owner"]), (&json!("acme"), &Value::Null));
    let org = json_of(&setup.cli(&["orgs", "create", "beta", "--owner", "ben", "--json"]).await);
    assert_eq!(org["owner"]["username"], "ben");
    let token = json_of(&setup.cli(&["keys", "agent-token", "--name", "fleet", "--json"]).await);
    let id = token["id"].as_str().expect("an id");
    assert!(token["token"].as_str().is_some_and(|token| token.len() > 20));
    let gone = json_of(&setup.cli(&["keys", "revoke-agent-token", id, "--json"]).await);
    assert_eq!((&gone["id"], &gone["revoked"]), (&json!(id), &json!(true)));
    let rotated = json_of(&setup.cli(&["secrets", "rotate", "--json"]).await);
    assert!(rotated["secrets"].is_u64() && rotated["keyId"].is_string(), "{rotated}");
    let file = server.home().join("b.gz");
    let path = file.to_str().expect("a path");
    let backup = json_of(&setup.cli(&["backup", path, "--include-key", "--json"]).await);
    assert_eq!(backup["file"], path);
    let other = Setup::new(Backend::Sqlite).await;
    let restored = json_of(&other.cli(&["restore", path, "--json"]).await);
    assert_eq!((&restored["rows"], &restored["hasKey"]), (&backup["rows"], &json!(true)));
}

#[tokio::test]
async fn a_look_at_an_empty_directory_does_not_spoil_a_restore() {
    let model = ScriptedModel::echo().await;
    let server = Server::start(Backend::Sqlite, &model).await;
    let ann = server.client().make_agent(json!({"name": "Ann", "openai_api_key": "sk-anns-own"})).await;
    let folder = tempfile::tempdir().expect("a temporary directory");
    let file = folder.path().join("b.gz");
    let path = file.to_str().expect("a path");
    server.setup().cli(&["backup", path, "--include-key"]).await;
    drop(server);
    let setup = Setup::new(Backend::Sqlite).await.model(&model).without("MUSTER_API_KEY");
    assert_eq!(setup.cli(&["orgs", "ls"]).await, "");
    setup.cli(&["restore", path]).await;
    let server = setup.start().await;
    let ann = Agent { id: ann.id.clone(), client: server.client() };
    assert_eq!(ann.talk("hello").await, "echo: hello");
    assert_eq!(model.asked().last().expect("it was called").key, "sk-anns-own", "its secret opens");
}

#[tokio::test]
async fn no_key_is_made_up_for_a_database_that_has_one() {
    let key = "11".repeat(32);
    let server = Setup::new(Backend::Sqlite).await.env("MUSTER_SECRET_KEY", &key).start().await;
    let without = server.setup().clone().without("MUSTER_SECRET_KEY");
    let file = server.home().join("b.gz");
    let path = file.to_str().expect("a path");
    for command in [vec!["orgs", "ls"], vec!["backup", path, "--include-key"]] {
        let output = without.run(&command).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("MUSTER_SECRET_KEY"), "{command:?}: {said}");
    }
    assert!(!server.data().join("secret.key").exists() && !file.exists());
    let set = server.setup().run(&["backup", path, "--include-key"]).await;
    assert!(!set.status.success() && !file.exists(), "the key that is set is not written down");
    server.setup().cli(&["backup", path]).await;
}

#[tokio::test]
async fn a_rotation_by_root_leaves_the_key_to_the_user_of_the_server() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let key = server.data().join("secret.key");
    // Only root can give a file away; others cannot be in this situation.
    if std::os::unix::fs::chown(&key, Some(65534), Some(65534)).is_err() {
        return;
    }
    server.setup().cli(&["secrets", "rotate"]).await;
    let meta = std::fs::metadata(&key).expect("a key");
    assert_eq!((meta.uid(), meta.gid(), meta.mode() & 0o777), (65534, 65534, 0o600));
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused_whatever_its_data_directory_is() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let url = format!("sqlite://{}", server.data().join("muster.db").display());
    let other = Setup::new(Backend::Sqlite).await.env("MUSTER_DATABASE_URL", &url);
    let refused = other.try_start().await.expect_err("it is refused");
    assert!(refused.contains("another muster serves"), "{refused}");
}

#[tokio::test]
async fn an_operator_switches_hosting_off_and_on() {
    let server = Setup::new(Backend::Sqlite).await.start().await;
    let client = server.client();
    for (state, status) in [("hosting=off", 403), ("hosting=on", 200)] {
        server.setup().cli(&["orgs", "set", "default", "--feature", state]).await;
        eventually("the server knows", SOON, async || {
            (client.get("/v1/agent/list").await.status == status).then_some(())
        })
        .await;
    }
    let wrong = server.setup().run(&["orgs", "set", "default", "--feature", "hosting"]).await;
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("hosting=off"));
}

/// Takes connections and reads what comes, without an answer.
async fn silent_collector() -> (String, tokio::sync::mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (send, heard) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let send = send.clone();
            tokio::spawn(async move {
                let mut bytes = vec![0; 64 * 1024];
                while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                    let _ = send.send(bytes[..count].to_vec());
                }
            });
        }
    });
    (url, heard)
}

#[tokio::test]
async fn traces_are_sent_whatever_is_logged_and_hold_up_no_end() {
    let (collector, mut heard) = silent_collector().await;
    let model = ScriptedModel::echo().await;
    let setup = Setup::new(Backend::Sqlite).await.model(&model);
    let setup = setup.env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector).env("MUSTER_LOG", "error");
    let mut server = setup.start().await;
    server.client().agent("Ann").await.talk("hello").await;
    let mut seen = Vec::new();
    let both = async {
        let all = ["POST /v1/traces", "request", "turn", "model_call"];
        while !all.iter().all(|part| text(&seen).contains(part)) {
            seen.extend(heard.recv().await.expect("more"));
        }
    };
    tokio::time::timeout(SOON, both).await.expect("spans are sent");
    // It must be within the ten seconds of the contract, though nobody answers the collector's clients.
    server.terminate().await;
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
