use crate::support::Place;
use serde_json::json;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};

const SIGKILL: i32 = 9;
const SIGXFSZ: i32 = 25;

/// Looks until `done` says so.
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < until, "waited too long: {what}");
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn a_writer_that_is_killed_leaves_a_whole_file_and_no_lock() {
    let place = Place::with("{agents: {list: []}}");
    let mut next = 0;
    for _ in 0..10 {
        let before = place.text();
        let mut process = place.process(next, None).spawn().unwrap();
        wait_until("the process writes", || place.text() != before);
        process.kill().unwrap();
        assert_eq!(process.wait().unwrap().signal(), Some(SIGKILL));
        // Each entry that was written is whole, and none between the first and the last is missing.
        let entries = place.entries().await;
        assert!(entries.len() > next);
        next = entries.len();
        let mut numbers: Vec<usize> = entries.iter().map(|entry| entry.id["agent-".len()..].parse().unwrap()).collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..next));
        assert!(entries.iter().all(|entry| entry.role == "tester" && entry.name.starts_with("AGENT-")));
    }
    place.put("ann", json!({})).await.unwrap();
    assert_eq!(place.entries().await.len(), next + 1);
    assert!(place.left_over().is_empty(), "what a killed writer left is gone");
}

#[tokio::test]
async fn a_writer_that_dies_in_the_middle_of_writing_changes_nothing() {
    let padding = "x".repeat(8192);
    let text = format!("{{padding: '{padding}', agents: {{list: []}}}}");
    let place = Place::with(&text);
    let writer = place.process(0, Some(1));
    // The system ends a process that writes more than it may: after some of the file, not all of it.
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -c 0; ulimit -f 4; exec \"$@\"", "sh"])
        .arg(writer.get_program())
        .args(writer.get_args());
    limited.envs(writer.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ended = limited.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status().unwrap();
    assert_eq!(ended.signal(), Some(SIGXFSZ));
    assert_eq!(place.text(), text);
    assert_eq!(place.left_over(), [".openclaw.json.muster-new"]);
    place.put("ann", json!({})).await.unwrap();
    assert_eq!(place.ids().await, ["ann"]);
    assert!(place.left_over().is_empty());
}
