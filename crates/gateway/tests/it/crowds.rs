use crate::support::{Place, change, write_as_told};
use muster_domain::gateway::Gateway;
use muster_gateway::GatewayFile;
use serde_json::json;

const TEXT: &str = "{\n  // kept\n  \"agents\": {\n    \"list\": []\n  }\n}\n";

fn expected(count: usize) -> Vec<String> {
    let mut ids: Vec<String> = (0..count).map(|number| format!("agent-{number}")).collect();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_tasks_leave_twenty_entries() {
    let place = Place::with(TEXT);
    // Half of them know the file by a value of their own: only the lock beside the file stands between these.
    let writers = (0..20).map(|number| {
        let file = if number % 2 == 0 { place.file.clone() } else { GatewayFile::new(place.config(), None) };
        tokio::spawn(async move { file.write(change(&format!("agent-{number}"), json!({"model": "a/b"}))).await })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
    assert_eq!(place.ids().await, expected(20));
    assert!(place.text().starts_with("{\n  // kept\n") && place.left_over().is_empty());
}

#[tokio::test]
async fn processes_and_tasks_together_lose_no_entry() {
    let place = Place::with(TEXT);
    let processes: Vec<_> = (0..5).map(|number| place.process(number * 4, Some(4)).spawn().unwrap()).collect();
    let tasks = (20..30).map(|number| {
        let file = place.file.clone();
        tokio::spawn(async move { file.write(change(&format!("agent-{number}"), json!({}))).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    for mut process in processes {
        let ended = tokio::task::spawn_blocking(move || process.wait()).await.unwrap().unwrap();
        assert!(ended.success());
    }
    assert_eq!(place.ids().await, expected(30));
    assert!(place.left_over().is_empty());
}

#[tokio::test]
async fn changes_of_one_entry_add_up() {
    let place = Place::with("{agents: {list: [{id: 'ann'}]}}");
    let keys = ["model", "workspace", "tools", "sandbox", "subagents", "memorySearch"];
    let writers = keys.map(|key| {
        let (file, value) =
            (place.file.clone(), if key == "model" || key == "workspace" { json!("x") } else { json!({"allow": []}) });
        tokio::spawn(async move { file.write(change("ann", json!({key: value}))).await })
    });
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    let config = place.entries().await.remove(0).config;
    assert!(keys.iter().all(|key| config.contains_key(*key)), "{config:?}");
}

/// Not a test: what the processes of tests do.
#[tokio::test]
#[ignore = "runs as a process of other tests"]
async fn a_process_of_its_own() {
    write_as_told().await;
}
