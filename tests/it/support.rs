//! What several modules need.

use muster_testkit::{Agent, Client, eventually};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Makes a test on each database of every function that takes a `Backend`.
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* $name:ident),* $(,)?) => {
        mod on_sqlite {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(muster_testkit::Backend::Sqlite).await; })*
        }
        mod on_postgres {
            $($(#[$attribute])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(muster_testkit::Backend::Postgres).await; })*
        }
    };
}
pub(crate) use on_both_databases;

/// A JSON text.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// Waits until every message of the agent is settled, then checks that each turn gave exactly one reply, to its last
/// message, in the order of the turns. Gives all messages, oldest first.
pub(crate) async fn all_answered_once(agent: &Agent, within: Duration) -> Vec<Value> {
    let messages = eventually("every message is settled", within, async || {
        let messages = agent.messages().await;
        let open = |message: &Value| message["status"] == "pending" || message["status"] == "processing";
        (!messages.iter().any(open)).then_some(messages)
    })
    .await;
    check_replies(&messages);
    messages
}

fn check_replies(messages: &[Value]) {
    let mut turns: BTreeMap<&str, (Vec<&Value>, Vec<&Value>)> = BTreeMap::new();
    for message in messages {
        assert_eq!(message["status"], "completed", "{message}");
        let turn = turns.entry(message["turn_id"].as_str().expect("a turn")).or_default();
        if message["role"] == "user" { turn.0.push(message) } else { turn.1.push(message) }
    }
    for (turn, (asked, replies)) in &turns {
        assert_eq!(replies.len(), 1, "turn {turn} of {} messages gave {replies:?}", asked.len());
        let last = asked.last().expect("a turn has messages");
        assert_eq!(replies[0]["reply_to_id"], last["id"], "turn {turn} answers its last message");
        for message in asked {
            assert_eq!(message["conversation_id"], replies[0]["conversation_id"], "turn {turn} is of one conversation");
        }
    }
    // Within a conversation the replies follow each other as the messages do that they answer.
    let mut answered: BTreeMap<&str, usize> = BTreeMap::new();
    for reply in messages.iter().filter(|message| message["role"] == "assistant") {
        let at =
            messages.iter().position(|message| message["id"] == reply["reply_to_id"]).expect("it answers something");
        let conversation = reply["conversation_id"].as_str().expect("a conversation");
        let before = answered.insert(conversation, at);
        assert!(before.is_none_or(|before| before < at), "the replies of {conversation} are out of order");
    }
}

/// How many events of this type are in the log.
pub(crate) async fn count_events(client: &Client, kind: &str, subject: &str) -> usize {
    let path = format!("/v1/orgs/default/events?type={kind}&subject={subject}&limit=1000");
    client.get(&path).await.expect(200)["data"].as_array().expect("a list").len()
}
