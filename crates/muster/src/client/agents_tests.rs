use super::*;
use crate::client::find::tests::agent;
use clap::Parser;

#[derive(Parser)]
struct Command {
    #[command(subcommand)]
    agents: Agents,
}

fn create(args: &[&str]) -> Create {
    let args = ["muster", "create"].iter().chain(args);
    match Command::try_parse_from(args).unwrap().agents {
        Agents::Create(create) => create,
        _ => panic!("another command"),
    }
}

#[test]
fn a_row_tells_an_agent_in_one_line() {
    let now = Millis::parse("2026-11-22T04:00:00Z").unwrap();
    let mut ann = agent("agent-ann-2k4n8p3x", "Ann\n\x1b[31m");
    ann.model = Some("openai/gpt-4.1-mini".to_owned());
    let texts = row(&ann, now).map(|field| field.text);
    assert_eq!(
        texts,
        ["Ann [31m", "agent-ann-2k4n8p3x", "active", "idle", "openai/gpt-4.1-mini", "12", "1,000,000", "3 min ago"]
    );
    ann.model = None;
    ann.last_seen_at = None;
    let texts = row(&ann, now).map(|field| field.text);
    assert_eq!((texts[4].as_str(), texts[7].as_str()), ("-", "-"));
}

#[test]
fn what_was_not_said_of_an_agent_is_left_to_the_server() {
    assert_eq!(create(&["--name", "Ann"]).body(None), json!({"name": "Ann"}));
    let all = [
        "--name",
        "Ann",
        "--description",
        "d",
        "--model",
        "m",
        "--balance",
        "5",
        "--timeout",
        "60",
        "--ephemeral",
        "--replace-prompt",
    ];
    let expected = json!({
        "name": "Ann", "description": "d", "system_prompt": "p", "system_prompt_type": "replace",
        "output_token_balance": 5, "session_mode": "ephemeral",
        "configuration": {"model": "m", "timeout_seconds": 60},
    });
    assert_eq!(create(&all).body(Some("p".to_owned())), expected);
}

#[test]
fn an_agent_is_shown_with_what_is_known_of_it() {
    let now = Millis::parse("2026-11-22T04:00:00Z").unwrap();
    let whole = json!({
        "configuration": {"timeout_seconds": 3600}, "system_prompt": "You are Ann.\nBe brief.",
        "system_prompt_type": "replace", "session_mode": "persistent", "status_reason": null,
        "filesystem_summary": {"total_files": 2, "total_size_mb": 0.5},
    });
    let facts = facts(&agent("agent-1", "Ann"), &whole, now);
    let fact = |wanted: &str| facts.iter().find(|(title, _)| *title == wanted).map(|(_, value)| value.as_str());
    assert_eq!(fact("model"), Some("the server's default"));
    assert_eq!(fact("files"), Some("2 (0.5 MB)"));
    assert_eq!(fact("description"), None);
    assert_eq!(fact("instructions"), Some("(in place of Muster's guidance)\nYou are Ann.\nBe brief."));
    assert!(fact("changed").unwrap().ends_with("version 1"));
}
