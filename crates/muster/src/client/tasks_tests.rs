use super::*;
use clap::Parser;

#[derive(Parser)]
struct Command {
    #[command(subcommand)]
    tasks: Tasks,
}

fn set(args: &[&str]) -> Set {
    let args = ["muster", "set", "12"].iter().chain(args);
    match Command::try_parse_from(args).unwrap().tasks {
        Tasks::Set(set) => set,
        _ => panic!("another command"),
    }
}

fn task() -> Task {
    let shown = json!({
        "id": 12, "title": "Review\nthe door\u{1b}[31m", "description": "all of it", "status": "in_progress", "priority": "high",
        "assigned_to": "Ann", "due_date": 1_795_323_600, "metadata": {"pages": 3}, "created_by": "olga",
        "created_at": 1_795_316_400, "updated_at": 1_795_319_820, "finished_at": null,
    });
    serde_json::from_value(shown).unwrap()
}

#[test]
fn a_row_tells_a_task_in_one_line() {
    let now = Millis(1_795_320_000_000);
    let texts = row(&task(), now).map(|field| field.text);
    assert_eq!(texts, ["12", "Review the door[31m", "in_progress", "high", "Ann", "in 1 h", "3 min ago"]);
    let plain = Task { assigned_to: None, due_date: None, ..task() };
    let texts = row(&plain, now).map(|field| field.text);
    assert_eq!((texts[4].as_str(), texts[5].as_str()), ("-", "-"));
}

#[test]
fn what_was_not_said_of_a_task_stays_as_it_is() {
    assert_eq!(set(&["--status", "done"]).body().unwrap(), *json!({"status": "done"}).as_object().unwrap());
    let cleared = set(&["--no-agent", "--no-due"]).body().unwrap();
    assert_eq!(cleared, *json!({"assigned_to": null, "due_date": null}).as_object().unwrap());
    let all = [
        "--title",
        "t",
        "--description",
        "d",
        "--priority",
        "low",
        "--agent",
        "Ann",
        "--due",
        "2027-01-01T00:00:00Z",
        "--metadata",
        "{\"a\": 1}",
    ];
    let expected = json!({"title": "t", "description": "d", "priority": "low", "assigned_to": "Ann",
        "due_date": 1_798_761_600, "metadata": {"a": 1}});
    assert_eq!(set(&all).body().unwrap(), *expected.as_object().unwrap());
    assert!(set(&[]).body().unwrap_err().message().contains("says nothing to change"));
    assert_eq!(set(&["--due", "soon"]).body().unwrap_err().field(), Some("--due"));
    assert_eq!(set(&["--metadata", "[1]"]).body().unwrap_err().field(), Some("--metadata"));
    assert_eq!(set(&["--due", "5"]).body().unwrap()["due_date"], 5);
}

#[test]
fn contradictions_are_refused_before_anything_is_sent() {
    for args in [vec!["--agent", "Ann", "--no-agent"], vec!["--due", "5", "--no-due"], vec!["--status", "open"]] {
        let all = ["muster", "set", "12"].iter().chain(&args);
        assert!(Command::try_parse_from(all).is_err(), "{args:?}");
    }
}

#[test]
fn a_task_is_shown_with_what_is_known_of_it() {
    let facts = facts(&task(), Millis(1_795_320_000_000));
    let fact = |wanted: &str| facts.iter().find(|(title, _)| *title == wanted).map(|(_, value)| value.as_str());
    assert_eq!(fact("agent"), Some("Ann"));
    assert_eq!(fact("finished"), None);
    assert_eq!(fact("metadata"), Some("{\n  \"pages\": 3\n}"));
    assert!(fact("created").unwrap().ends_with("by olga"));
}
