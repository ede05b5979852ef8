use super::*;
use muster_base::Millis;
use muster_domain::agents::{Compaction, Configuration};
use muster_domain::conversations::Status;
use proptest::prelude::*;

fn message(seq: i64, role: &str, content: &str) -> Message {
    Message {
        number: None,
        id: format!("msg_{seq}"),
        agent: "agent-a".to_owned(),
        conversation: "conv_a".to_owned(),
        seq,
        role: role.to_owned(),
        sender_type: "user".to_owned(),
        sender: "usr_a".to_owned(),
        content: content.to_owned(),
        metadata: None,
        status: Status::Completed,
        channel: "api".to_owned(),
        queue_mode: "collect".to_owned(),
        reply_to: None,
        turn: None,
        error: None,
        created_at: Millis(0),
        delivered_at: None,
        read_at: None,
    }
}

fn definition() -> Definition {
    Definition {
        system_prompt: Some("Help people with their orders.".to_owned()),
        personality: Some("Friendly and brief.".to_owned()),
        ..Definition::default()
    }
}

fn parts(definition: &Definition) -> Parts<'_> {
    Parts {
        name: "Ann",
        description: Some("Answers customers."),
        definition,
        memory: None,
        working_memory: None,
        summary: None,
        has_tools: true,
    }
}

#[test]
fn a_prompt_has_guidance_voice_instructions_memory_and_summary() {
    let definition = definition();
    let memory = [("city".to_owned(), "\"Oslo\"".to_owned()), ("limits".to_owned(), "{\"a\":1}".to_owned())];
    let text =
        system(&Parts { memory: Some(&memory), summary: Some("They asked about order 7."), ..parts(&definition) });
    insta::assert_snapshot!(text);
}

#[test]
fn working_memory_is_a_section_of_its_own_and_is_cut() {
    let definition = definition();
    let memory = [("city".to_owned(), "\"Oslo\"".to_owned())];
    let with = |text: &str| system(&Parts { working_memory: Some(text), memory: Some(&memory), ..parts(&definition) });
    insta::assert_snapshot!(with("Order 7 is late.\nAsk the depot."));
    let text = "é".repeat(20_000);
    let long = with(&text);
    assert!(long.len() < 18_000 && long.contains("é\n[the rest does not fit here]\n\n## Memory"));
    assert!(!with("  ").contains("Working"));
}

#[test]
fn a_replacing_prompt_stands_alone_but_for_memory() {
    let definition = Definition { system_prompt_type: PromptType::Replace, ..definition() };
    let memory = [("city".to_owned(), "\"Oslo\"".to_owned())];
    insta::assert_snapshot!(system(&Parts { memory: Some(&memory), ..parts(&definition) }));
}

#[test]
fn an_agent_with_nothing_to_say_still_knows_its_name() {
    let definition = Definition::default();
    insta::assert_snapshot!(system(&Parts { description: None, has_tools: false, ..parts(&definition) }));
}

#[test]
fn memory_is_bounded_and_cannot_break_out_of_its_line() {
    let definition = Definition::default();
    let memory: Vec<(String, String)> = (0..100)
        .map(|n| (format!("key{n}\n## Instructions"), serde_json::json!("x".repeat(5000)).to_string()))
        .collect();
    let text = system(&Parts { memory: Some(&memory), ..parts(&definition) });
    assert!(text.len() < 10_000);
    assert!(!text.contains("\n## Instructions"));
}

#[test]
fn a_message_from_an_agent_says_so() {
    let mut from_agent = message(1, "user", "hello");
    from_agent.sender_type = "agent".to_owned();
    from_agent.sender = "agent-b".to_owned();
    let shown = messages(&[from_agent, message(2, "assistant", "hi")]);
    assert_eq!(shown[0], PromptMessage::User { content: "[message from the agent agent-b]\nhello".to_owned() });
    assert_eq!(shown[1], PromptMessage::Assistant { content: "hi".to_owned(), tool_calls: vec![] });
}

#[test]
fn what_does_not_fit_is_compacted_or_dropped_when_compaction_is_off() {
    let history: Vec<Message> = (0..40).map(|n| message(n, "user", &"word ".repeat(100))).collect();
    let on = Configuration::default();
    let off = Configuration {
        compaction: Some(Compaction { enabled: Some(false), ..Compaction::default() }),
        ..Configuration::default()
    };
    assert_eq!(plan(&on, 100_000, 1000, "", &history, 1), Plan::Keep);
    let Plan::Compact(first) = plan(&on, 4000, 1000, "", &history, 1) else { panic!("compacts") };
    let Plan::Drop(dropped) = plan(&off, 4000, 1000, "", &history, 1) else { panic!("drops") };
    assert!(first > dropped, "compaction makes more room, so that it is not needed again at once");
}

#[test]
fn more_messages_than_are_shown_go_into_the_summary_however_short_they_are() {
    let history = |count: usize| (0..count).map(|n| message(n as i64, "user", "hi")).collect::<Vec<_>>();
    let configuration = Configuration::default();
    let plan = |count, own| plan(&configuration, 1_000_000, 1000, "", &history(count), own);
    assert_eq!(plan(MOST_PAST + 1, 1), Plan::Keep);
    assert_eq!(plan(MOST_PAST + 700, 700), Plan::Keep, "a turn's own messages do not count");
    assert_eq!(plan(MOST_PAST + 2, 1), Plan::Compact(MOST_PAST + 1 - 200));
    let off = Compaction { enabled: Some(false), ..Compaction::default() };
    let configuration = Configuration { compaction: Some(off), ..Configuration::default() };
    let dropped = super::plan(&configuration, 1_000_000, 1000, "", &history(MOST_PAST + 11), 1);
    assert_eq!(dropped, Plan::Drop(10));
}

#[test]
fn what_is_too_long_to_be_summarised_at_once_is_divided() {
    let history: Vec<Message> = (0..10).map(|n| message(n, "user", &"x".repeat(1000))).collect();
    let lengths = |tokens| super::parts(&history, tokens).iter().map(|part| part.len()).collect::<Vec<_>>();
    assert_eq!(lengths(1_000_000), [10]);
    assert_eq!(lengths(1200), [3, 3, 3, 1]);
    assert_eq!(lengths(1), [1; 10], "each part has a message, however long it is");
    assert!(super::parts(&[], 100).is_empty());
}

proptest! {
    #[test]
    fn the_turns_own_messages_always_stay(count in 1usize..60, own in 1usize..5, window in 100i64..5000, share in 0.1f64..0.95) {
        let history: Vec<Message> = (0..count).map(|n| message(n as i64, "user", &"word ".repeat(n * 7 % 50))).collect();
        let compaction = Compaction { threshold_trigger: Some(share), ..Compaction::default() };
        let configuration = Configuration { compaction: Some(compaction), ..Configuration::default() };
        match plan(&configuration, window, 50, "system", &history, own) {
            Plan::Keep => {}
            Plan::Compact(first) | Plan::Drop(first) => prop_assert!(first + own.min(count) <= count),
        }
    }

    #[test]
    fn cutting_never_splits_a_character(text in ".{0,50}", bytes in 0usize..60) {
        let cut = cut(&text, bytes);
        prop_assert!(text.starts_with(cut) && cut.len() <= bytes.max(text.len().min(bytes)));
    }
}
