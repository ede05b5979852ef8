//! Slack, against `emulate`; what it does not have, against a fake.

use crate::fake::{Fake, ok};
use crate::peers::emulate;
use crate::support::{all, ask, each, open, refused, refused_at};
use muster_base::Kind;
use muster_domain::connectors::FAILED;
use serde_json::json;
use wiremock::ResponseTemplate;

const TOKEN: &str = "xoxb-test-token";

#[tokio::test]
async fn channels_messages_and_people_are_read() {
    let peer = emulate().await;
    let slack = open("slack", json!({"token": peer.text("token"), "baseUrl": peer.text("slack")})).await;
    let greeting = slack.test().await.expect("it answers");
    assert_eq!(greeting, "Slack workspace Example as user builder");
    let channels = all(&slack, "channels/list", "", json!({})).await;
    assert!(each(&channels, "/name").contains(&&json!("general")), "{channels:?}");

    // As the seed has it: a channel by its name.
    let messages = all(&slack, "messages/list", "", json!({"channel": "#general"})).await;
    assert_eq!(messages.len(), 7, "{messages:?}");
    assert_eq!(messages[0]["text"], "message 7");
    for channel in ["general".to_owned(), peer.text("general")] {
        assert_eq!(all(&slack, "messages/list", "", json!({"channel": channel})).await, messages);
    }
    let (some, more) = ask(&slack, "messages/list", "", json!({"channel": "#general", "limit": 3})).await;
    assert_eq!((some.len(), more), (3, true));
    let thread = json!({"channel": "#general", "ts": peer.text("thread")});
    let replies = all(&slack, "messages/replies", "", thread).await;
    assert_eq!(each(&replies, "/text"), [&json!("message 1"), &json!("a reply")]);

    let people = all(&slack, "users/list", "", json!({})).await;
    assert!(each(&people, "/name").contains(&&json!("builder")), "{people:?}");
    assert_eq!(all(&slack, "channels/info", "", json!({"channel": "#ops"})).await[0]["name"], "ops");
}

#[tokio::test]
async fn what_is_not_there_is_refused_by_its_field() {
    let peer = emulate().await;
    let slack = open("slack", json!({"token": peer.text("token"), "baseUrl": peer.text("slack")})).await;
    refused_at(&slack, "params.channel", "messages/list", "", json!({"channel": "#nowhere"})).await;
    refused_at(&slack, "params.channel", "messages/list", "", json!({"channel": "C999999999"})).await;
    refused_at(&slack, "params.channel", "messages/list", "", json!({})).await;
    refused_at(&slack, "params.ts", "messages/replies", "", json!({"channel": "#general"})).await;
    refused_at(&slack, "params.user", "users/info", "", json!({"user": "U999999999"})).await;
    refused_at(&slack, "params.text", "messages/list", "", json!({"channel": "#general", "text": "x"})).await;
    refused_at(&slack, "query", "messages/list", "words", json!({"channel": "#general"})).await;
    refused_at(&slack, "query", "messages/search", "", json!({})).await;
    // Nothing that writes is among the resources.
    for resource in ["chat.postMessage", "messages/post", "conversations.history", ""] {
        refused_at(&slack, "resource", resource, "", json!({})).await;
    }
}

#[tokio::test]
async fn pages_are_put_together_by_their_cursors() {
    let server = Fake::start(|asked| {
        assert_eq!((asked.method.as_str(), asked.header("authorization")), ("POST", Some("Bearer xoxb-test-token")));
        assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
        let from: usize = match asked.body.split('&').find_map(|pair| pair.strip_prefix("cursor=")) {
            Some("cGFnZTI%3D") => 200,
            None => 0,
            Some(other) => panic!("no cursor of ours: {other}"),
        };
        let members: Vec<_> = (from..from + 200).map(|n| json!({"id": format!("U{n}"), "image_24": "x"})).collect();
        let next = if from == 0 { "cGFnZTI=" } else { "" };
        ok(json!({"ok": true, "members": members, "response_metadata": {"next_cursor": next}}))
    })
    .await;
    let slack = open("slack", json!({"token": TOKEN, "baseUrl": server.url()})).await;
    let people = all(&slack, "users/list", "", json!({})).await;
    assert_eq!(people.len(), 400);
    assert_eq!(people[399], json!({"id": "U399"}));
    let (some, more) = ask(&slack, "users/list", "", json!({"limit": 250})).await;
    assert_eq!((some.len(), more), (250, true));
    server.never_saw_in_urls(TOKEN).await;
}

#[tokio::test]
async fn a_token_without_rights_for_private_channels_still_finds_public_ones() {
    let server = Fake::start(|asked| match asked.path.as_str() {
        "/conversations.list" if asked.body.contains("private_channel") => {
            ok(json!({"ok": false, "error": "missing_scope", "needed": "groups:read", "provided": "channels:read"}))
        }
        "/conversations.list" => ok(json!({"ok": true, "channels": [{"id": "C012AB3CD4", "name": "general"}]})),
        "/conversations.history" if asked.body.contains("channel=C012AB3CD4") => {
            ok(json!({"ok": true, "messages": []}))
        }
        _ => ok(json!({"ok": false, "error": "unknown_method"})),
    })
    .await;
    let slack = open("slack", json!({"token": TOKEN, "baseUrl": server.url()})).await;
    for _ in 0..3 {
        assert!(all(&slack, "messages/list", "", json!({"channel": "#general"})).await.is_empty());
    }
    let lists = server.asked().await.iter().filter(|asked| asked.path == "/conversations.list").count();
    assert_eq!(lists, 2, "the name is remembered");
}

#[tokio::test]
async fn errors_say_what_to_do() {
    for (body, said) in [
        (json!({"ok": false, "error": "invalid_auth"}), "check the token"),
        (json!({"ok": false, "error": "not_in_channel"}), "invite the bot"),
        (json!({"ok": false, "error": "missing_scope", "needed": "users:read"}), "needs the scope users:read"),
        (json!({"ok": false, "error": "not_allowed_token_type"}), "another kind of token"),
        (json!({"ok": false, "error": format!("odd {TOKEN}")}), "odd [redacted]"),
    ] {
        let server = Fake::start(move |_| ok(body.clone())).await;
        let slack = open("slack", json!({"token": TOKEN, "baseUrl": server.url()})).await;
        let error = refused(&slack, "users/list", "", json!({})).await;
        assert_eq!((error.kind(), error.code()), (Kind::Upstream, FAILED));
        assert!(error.message().contains(said) && !error.message().contains(TOKEN), "{error}");
        assert!(slack.test().await.expect_err("it fails").message().contains(said));
    }
    let busy = || ResponseTemplate::new(429).insert_header("retry-after", "30").set_body_json(json!({"ok": false}));
    let server = Fake::start(move |_| busy()).await;
    let slack = open("slack", json!({"token": TOKEN, "baseUrl": server.url()})).await;
    let error = refused(&slack, "users/list", "", json!({})).await;
    assert_eq!((error.code(), error.retry_after()), (FAILED, Some(30)), "{error}");
    assert_eq!(server.asked().await.len(), 1);
}
