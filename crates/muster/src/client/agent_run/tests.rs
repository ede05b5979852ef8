use super::*;

fn asked(id: &str, reason: &str) -> Asked {
    Asked { id: id.to_owned(), from: "Ann".to_owned(), reason: reason.to_owned(), is_cut: false }
}

fn program(command: &str, seconds: u64) -> Program {
    Program { command: command.to_owned(), time: Duration::from_secs(seconds) }
}

#[tokio::test]
async fn a_command_answers_by_what_it_prints_or_says_why_not() {
    let said = program("echo \"$MUSTER_FROM $MUSTER_MESSAGE_ID $(cat)\"", 10).answer(&asked("m1", "hello")).await;
    assert_eq!(said, "Ann m1 hello\n");
    let failed = program("echo broken >&2; exit 3", 10).answer(&asked("m1", "")).await;
    assert!(failed.contains("exit status: 3") && failed.ends_with("broken"), "{failed}");
    let long = program("head -c 200000 /dev/zero | tr '\\0' x", 10).answer(&asked("m1", "")).await;
    assert!(long.len() < program::LARGEST_REPLY + 100 && long.ends_with("more bytes were cut off]"));
}

#[tokio::test]
async fn when_time_is_up_all_that_a_command_started_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let pid = dir.path().join("pid");
    let command = format!("sh -c 'echo $$ > {}; exec sleep 600'; true", pid.display());
    let late = program(&command, 1).answer(&asked("m1", "")).await;
    assert!(late.contains("within 1 s"), "{late}");
    let pid = std::fs::read_to_string(pid).unwrap();
    let stat = format!("/proc/{}/stat", pid.trim());
    let is_alive = || std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
    tokio::time::timeout(Duration::from_secs(10), async {
        while is_alive() {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("the process group was killed");
}

#[test]
fn replies_and_the_machine_id_survive_the_program_and_a_line_cut_short() {
    let dir = tempfile::tempdir().unwrap();
    let state = State::open(dir.path().to_owned()).unwrap();
    let machine = state.machine_id().unwrap();
    state.keep("m1", "one".to_owned()).unwrap();
    assert_eq!(state.keep("m1", "two".to_owned()).unwrap(), "one");
    assert!(State::open(dir.path().to_owned()).is_err(), "two programs share one state");
    drop(state);
    let path = dir.path().join("replies.jsonl");
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str("{\"id\": \"m2\", \"cont");
    std::fs::write(&path, text).unwrap();
    let state = State::open(dir.path().to_owned()).unwrap();
    assert_eq!(state.machine_id().unwrap(), machine);
    assert_eq!(state.reply("m1").as_deref(), Some("one"));
    assert_eq!(state.reply("m2"), None);
}

#[test]
fn the_address_of_the_link_follows_from_the_servers() {
    let of = |url: &str| rendezvous(url).map(|url| url.to_string());
    assert_eq!(of("http://127.0.0.1:7717").unwrap(), "ws://127.0.0.1:7717/rendezvous");
    assert_eq!(of("https://muster.example.com/base/").unwrap(), "wss://muster.example.com/base/rendezvous");
    assert!(of("ftp://example.com").is_err());
}

#[test]
fn waits_grow_and_stay_bounded() {
    assert!(backoff(0) <= FIRST_WAIT && backoff(0) >= FIRST_WAIT / 2);
    assert!(backoff(30) <= LONGEST_WAIT && backoff(30) >= LONGEST_WAIT / 2);
}
