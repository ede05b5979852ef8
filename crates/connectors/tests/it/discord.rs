//! Discord, against a fake: <https://discord.com/developers/docs/reference>.

use crate::fake::{Asked, Fake, ok, status};
use crate::support::{all, ask, each, open, refused, refused_at};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use wiremock::ResponseTemplate;

const TOKEN: &str = "discord-test-token";
const GUILD: &str = "41771983423143937";
const CHANNEL: &str = "399942396007890945";
const FIRST_MESSAGE: u64 = 900_000_000_000_000_000;

fn discord(asked: &Asked) -> ResponseTemplate {
    let error = |code: u16, inner: u64, message: &str| status(code, json!({"message": message, "code": inner}));
    if asked.header("authorization") != Some("Bot discord-test-token") {
        return error(401, 0, "401: Unauthorized");
    }
    assert!(
        asked.header("user-agent").is_some_and(|agent| agent.starts_with("DiscordBot (")),
        "it is blocked otherwise"
    );
    match asked.path.as_str() {
        "/users/@me" => ok(json!({"id": "1", "username": "reader", "avatar": "x"})),
        "/users/@me/guilds" => ok(json!([{"id": GUILD, "name": "Example", "icon": "x"}])),
        "/guilds/41771983423143937/channels" => {
            ok(json!([{"id": CHANNEL, "name": "general", "permission_overwrites": []}]))
        }
        "/guilds/41771983423143937/members" => {
            let size = asked.number("limit").expect("a size");
            if size > 1000 {
                return error(400, 50035, "Invalid Form Body");
            }
            let after: u64 = asked.param("after").map_or(0, |text| text.parse().expect("an id"));
            let members: Vec<Value> = (after + 1..=1500)
                .take(size)
                .map(|id| json!({"user": {"id": id.to_string(), "avatar": "x"}}))
                .collect();
            ok(json!(members))
        }
        "/channels/399942396007890945" => ok(json!({"id": CHANNEL, "name": "general"})),
        "/channels/399942396007890945/messages" => {
            let size = asked.number("limit").expect("a size");
            if !(1..=100).contains(&size) {
                return error(400, 50035, "Invalid Form Body");
            }
            let before = asked.param("before").map_or(FIRST_MESSAGE + 250, |text| text.parse().expect("an id"));
            let messages: Vec<Value> = (FIRST_MESSAGE..before)
                .rev()
                .take(size)
                .map(|id| json!({"id": id.to_string(), "content": "x", "author": {"username": "a", "avatar": "x"}}))
                .collect();
            ok(json!(messages))
        }
        "/channels/399942396007890945/messages/pins" => {
            ok(json!({"items": [{"message": {"id": "1"}}], "has_more": false}))
        }
        "/channels/500000000000000000/messages" => error(403, 50001, "Missing Access"),
        _ => error(404, 10003, "Unknown Channel"),
    }
}

#[tokio::test]
async fn servers_channels_messages_and_members_are_read() {
    let fake = Fake::start(discord).await;
    let source = open("discord", json!({"baseUrl": fake.url(), "token": TOKEN})).await;
    assert_eq!(source.test().await.expect("it answers"), "Discord as reader on 1 server");
    assert_eq!(all(&source, "guilds/list", "", json!({})).await, [json!({"id": GUILD, "name": "Example"})]);
    // By name, by id, and the only one there is.
    for params in [json!({}), json!({"guild": "Example"}), json!({"guild": GUILD})] {
        assert_eq!(all(&source, "channels/list", "", params).await, [json!({"id": CHANNEL, "name": "general"})]);
    }
    for params in
        [json!({"channel": "#general"}), json!({"channel": CHANNEL}), json!({"channel": "general", "guild": "example"})]
    {
        assert_eq!(all(&source, "messages/list", "", params).await.len(), 250);
    }
    let (some, more) = ask(&source, "messages/list", "", json!({"channel": "#general", "limit": 150})).await;
    assert_eq!((some.len(), more), (150, true));
    assert_eq!(some[0], json!({"id": "900000000000000249", "content": "x", "author": {"username": "a"}}));
    let (members, more) = ask(&source, "members/list", "", json!({})).await;
    assert_eq!((members.len(), more), (1000, true));
    assert_eq!(each(&members, "/user/id")[999], "1000");
    assert_eq!(all(&source, "messages/pins", "", json!({"channel": "#general"})).await.len(), 1);
    fake.never_saw_in_urls(TOKEN).await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_its_field() {
    let fake = Fake::start(discord).await;
    let source = open("discord", json!({"baseUrl": fake.url(), "token": TOKEN})).await;
    refused_at(&source, "params.channel", "messages/list", "", json!({"channel": "#nowhere"})).await;
    refused_at(&source, "params.channel", "messages/list", "", json!({})).await;
    refused_at(&source, "params.guild", "channels/list", "", json!({"guild": "Elsewhere"})).await;
    refused_at(&source, "params.message", "messages/get", "", json!({"channel": "#general"})).await;
    refused_at(&source, "query", "members/search", "", json!({})).await;
    refused_at(&source, "resource", "messages/send", "", json!({})).await;
    let error = refused(&source, "messages/list", "", json!({"channel": "500000000000000000"})).await;
    assert!(error.message().contains("Missing Access"), "{error}");
    let stranger = open("discord", json!({"baseUrl": fake.url(), "token": "other-token"})).await;
    assert!(stranger.test().await.expect_err("refused").message().contains("check the token"));
}

#[tokio::test]
async fn a_short_wait_is_waited_and_a_long_one_told() {
    let calls = AtomicUsize::new(0);
    let fake = Fake::start(move |asked| match calls.fetch_add(1, Ordering::Relaxed) {
        0 => status(429, json!({"message": "You are being rate limited.", "retry_after": 0.2, "global": false}))
            .insert_header("retry-after", "1"),
        _ => discord(asked),
    })
    .await;
    let source = open("discord", json!({"baseUrl": fake.url(), "token": TOKEN})).await;
    assert_eq!(all(&source, "guilds/list", "", json!({})).await.len(), 1);
    let fake = Fake::start(|_| {
        status(429, json!({"message": "You are being rate limited.", "retry_after": 64.57, "global": true}))
            .insert_header("retry-after", "65")
    })
    .await;
    let source = open("discord", json!({"baseUrl": fake.url(), "token": TOKEN})).await;
    assert_eq!(refused(&source, "guilds/list", "", json!({})).await.retry_after(), Some(65));
}
