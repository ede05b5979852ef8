//! Relays, over real sockets.

use crate::client::{SOON, dial, two};
use crate::support::TestApp;
use futures::{SinkExt, StreamExt};
use muster_domain::access::{self, Role, Scope};
use muster_domain::links::{LinkSettings, tidy};
use muster_testkit::Socket;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// Two agents with a session that has begun.
async fn session(app: &TestApp) -> (SocketAddr, Socket, Socket) {
    let (at, (mut ann, _), (mut bob, b)) = two(app).await;
    ann.say(json!({"type": "connect_request", "targetAgentId": b, "sessionId": "s"})).await;
    bob.hear_of("connect_incoming").await;
    bob.say(json!({"type": "connect_accept", "sessionId": "s"})).await;
    ann.hear_of("connect_accepted").await;
    (at, ann, bob)
}

/// The addresses of both sides of a relay for two agents.
async fn relay(app: &TestApp) -> (SocketAddr, [Socket; 2], [String; 2]) {
    let (at, mut ann, mut bob) = session(app).await;
    bob.say(json!({"type": "relay_request", "sessionId": "s"})).await;
    let url = |frame: &Value| format!("ws://{at}/relay?token={}", frame["relayToken"].as_str().expect("a token"));
    let urls = [url(&ann.hear_of("relay_assigned").await), url(&bob.hear_of("relay_assigned").await)];
    (at, [ann, bob], urls)
}

#[tokio::test]
async fn a_relay_carries_what_both_ends_send_once_for_each_token() {
    let app = TestApp::start().await;
    let (_, _links, [to_ann, to_bob]) = relay(&app).await;
    let (mut one, mut two) = (Socket::open(&to_ann).await, Socket::open(&to_bob).await);
    assert!(connect_async(&to_ann).await.is_err(), "a token opens its side once");
    for number in 0..50 {
        one.say(json!(number)).await;
    }
    for number in 0..50 {
        assert_eq!(two.hear().await, Some(json!(number)), "in order, and none lost");
    }
    two.0.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    let back = tokio::time::timeout(SOON, one.0.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(back, Message::binary(vec![1, 2, 3]));
    drop(one);
    assert!(two.hear().await.is_none(), "one end is over with the other");
}

/// By which code a WebSocket is closed.
async fn closed_by(client: &mut Socket) -> u16 {
    client.closed().await.0
}

#[tokio::test]
async fn a_relay_ends_when_it_has_carried_as_much_as_one_may() {
    let app = TestApp::with_links(LinkSettings { relay_bytes: 1000, ..LinkSettings::default() }).await;
    let (_, _links, [to_ann, to_bob]) = relay(&app).await;
    let (mut one, mut two) = (Socket::open(&to_ann).await, Socket::open(&to_bob).await);
    one.0.send(Message::binary(vec![7; 600])).await.unwrap();
    let first = tokio::time::timeout(SOON, two.0.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(first, Message::binary(vec![7; 600]));
    one.0.send(Message::binary(vec![7; 600])).await.unwrap();
    assert_eq!(closed_by(&mut two).await, 1008);
    assert_eq!(closed_by(&mut one).await, 1000, "the other side has gone");
}

#[tokio::test]
async fn a_relay_is_as_slow_as_it_may_be_fast() {
    let app = TestApp::with_links(LinkSettings { relay_rate: 10_000, ..LinkSettings::default() }).await;
    let (_, _links, [to_ann, to_bob]) = relay(&app).await;
    let (mut one, mut two) = (Socket::open(&to_ann).await, Socket::open(&to_bob).await);
    let begun = std::time::Instant::now();
    for _ in 0..5 {
        one.0.send(Message::binary(vec![7; 2000])).await.unwrap();
    }
    for _ in 0..5 {
        assert_eq!(tokio::time::timeout(SOON, two.0.next()).await.unwrap().unwrap().unwrap().len(), 2000);
    }
    // 10,000 bytes at 10,000 a second, of which a quarter of a second may go at once.
    assert!(begun.elapsed() >= Duration::from_millis(700), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_token_of_a_relay_is_worth_nothing_after_a_minute_or_when_it_is_wrong() {
    let app = TestApp::start().await;
    let (at, _links, [to_ann, _]) = relay(&app).await;
    app.pass(Duration::from_secs(61));
    for url in [to_ann, format!("ws://{at}/relay?token=rly_none"), format!("ws://{at}/relay?token=")] {
        let refused = connect_async(&url).await.expect_err("it is refused");
        assert!(refused.to_string().contains("401"), "{refused}");
    }
}

#[tokio::test]
async fn either_end_is_told_when_there_is_no_relay_to_be_had() {
    let app = TestApp::with_links(LinkSettings { relays: 0, ..LinkSettings::default() }).await;
    let (_, mut ann, mut bob) = session(&app).await;
    for end in [&mut ann, &mut bob] {
        end.say(json!({"type": "relay_request", "sessionId": "s"})).await;
        let error = end.hear_of("error").await;
        assert_eq!((&error["code"], &error["fatal"]), (&json!("UNAVAILABLE"), &json!(false)));
        assert_eq!(error["sessionId"], "s");
    }
}

#[tokio::test]
async fn a_relay_that_ends_makes_room_for_another() {
    let app = TestApp::with_links(LinkSettings { relays: 1, ..LinkSettings::default() }).await;
    let (_, [mut ann, _bob], [to_ann, to_bob]) = relay(&app).await;
    let (one, mut two) = (Socket::open(&to_ann).await, Socket::open(&to_bob).await);
    app.pass(Duration::from_secs(6));
    ann.say(json!({"type": "relay_request", "sessionId": "s"})).await;
    assert_eq!(ann.hear_of("error").await["code"], "UNAVAILABLE", "the only one is in use");
    drop(one);
    assert!(two.hear().await.is_none());
    // The server lets go of it a moment after both sides have seen its end.
    let again = async {
        loop {
            ann.say(json!({"type": "relay_request", "sessionId": "s"})).await;
            let answer = ann.hear().await.expect("an answer");
            if answer["type"] == "relay_assigned" {
                return;
            }
            assert_eq!(answer["code"], "UNAVAILABLE");
        }
    };
    tokio::time::timeout(SOON, again).await.expect("there is room");
}

#[tokio::test]
async fn a_relay_that_nothing_goes_through_ends() {
    let app =
        TestApp::with_links(LinkSettings { relay_idle: Duration::from_millis(300), ..LinkSettings::default() }).await;
    let (_, _links, [to_ann, to_bob]) = relay(&app).await;
    let (mut one, mut two) = (Socket::open(&to_ann).await, Socket::open(&to_bob).await);
    one.say(json!("busy")).await;
    assert_eq!(two.hear().await, Some(json!("busy")));
    app.pass(Duration::from_millis(301));
    assert_eq!(closed_by(&mut one).await, 1001);
    assert!(two.hear().await.is_none());
}

/// Both sides of a relay that carries.
async fn carrying(urls: &[String; 2]) -> [Socket; 2] {
    let (mut one, mut two) = (Socket::open(&urls[0]).await, Socket::open(&urls[1]).await);
    one.say(json!("hello")).await;
    assert_eq!(two.hear().await, Some(json!("hello")));
    [one, two]
}

/// Asserts that both sides are closed because their session is over.
async fn are_over([mut one, mut two]: [Socket; 2], why: &str) {
    let over = (1000, "the session is over".to_owned());
    assert_eq!((one.closed().await, two.closed().await), (over.clone(), over), "{why}");
}

#[tokio::test]
async fn a_relay_ends_when_either_end_leaves_the_session() {
    for who in [0, 1] {
        let app = TestApp::start().await;
        let (_, mut links, urls) = relay(&app).await;
        let sides = carrying(&urls).await;
        links[who].say(json!({"type": "disconnect", "sessionId": "s"})).await;
        are_over(sides, &format!("end {who} has left")).await;
    }
}

#[tokio::test]
async fn a_relay_ends_when_either_link_closes() {
    for who in [0, 1] {
        let app = TestApp::start().await;
        let (_, links, urls) = relay(&app).await;
        let sides = carrying(&urls).await;
        let mut links = links.into_iter();
        let _other = if who == 0 { links.next_back() } else { links.next() };
        drop(links);
        are_over(sides, &format!("the link of end {who} has closed")).await;
    }
}

#[tokio::test]
async fn a_relay_ends_when_the_token_of_an_end_is_revoked() {
    let app = TestApp::start().await;
    let (_, mut links, urls) = relay(&app).await;
    let sides = carrying(&urls).await;
    let fleet = access::list_agent_tokens(&app.ctx()).await.unwrap().remove(0);
    access::delete_agent_token(&app.ctx(), &fleet.id).await.unwrap();
    are_over(sides, "the token is revoked").await;
    assert_eq!(links[0].hear_of("error").await["code"], "AUTH_FAILED");
}

#[tokio::test]
async fn a_relay_ends_while_a_side_does_not_read() {
    let app = TestApp::start().await;
    let (_, mut links, urls) = relay(&app).await;
    let [mut one, _two] = carrying(&urls).await;
    // As much as the system takes, and more than the relay holds: what gives it on waits for the other side.
    let full = async {
        loop {
            one.0.send(Message::binary(vec![7; 200_000])).await.unwrap();
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(3), full).await.is_err(), "it is stopped");
    links[1].say(json!({"type": "disconnect", "sessionId": "s"})).await;
    assert_eq!(closed_by(&mut one).await, 1000);
}

#[tokio::test]
async fn the_tokens_of_a_session_that_is_over_open_nothing() {
    let app = TestApp::start().await;
    let (_, [mut ann, mut bob], [to_ann, to_bob]) = relay(&app).await;
    let mut one = Socket::open(&to_ann).await;
    bob.say(json!({"type": "disconnect", "sessionId": "s"})).await;
    ann.hear_of("connect_rejected").await;
    assert_eq!(one.closed().await, (1000, "the session is over".to_owned()));
    let refused = connect_async(&to_bob).await.expect_err("it is refused");
    assert!(refused.to_string().contains("401"), "{refused}");
}

/// Asks for a relay of a session; what the server answers.
async fn ask(link: &mut Socket, session: &str) -> Value {
    link.say(json!({"type": "relay_request", "sessionId": session})).await;
    loop {
        let answer = link.hear().await.expect("an answer");
        if answer["type"] == "relay_assigned" || answer["type"] == "error" {
            return answer;
        }
    }
}

#[tokio::test]
async fn a_session_that_asks_again_has_one_relay_and_not_two() {
    let app = TestApp::with_links(LinkSettings { relays: 1, ..LinkSettings::default() }).await;
    let (at, [mut ann, mut bob], [to_ann, to_bob]) = relay(&app).await;
    let mut half = Socket::open(&to_ann).await;
    app.pass(Duration::from_secs(6));
    assert_eq!(ask(&mut ann, "s").await["type"], "relay_assigned", "nobody has taken the other up");
    assert_eq!(half.closed().await, (1000, "the session was given another relay".to_owned()));
    assert!(connect_async(&to_bob).await.is_err(), "its token is taken back");
    bob.hear_of("relay_assigned").await;
    app.pass(Duration::from_secs(6));
    let answer = ask(&mut ann, "s").await;
    let url = |frame: &Value| format!("ws://{at}/relay?token={}", frame["relayToken"].as_str().expect("a token"));
    let urls = [url(&answer), url(&bob.hear_of("relay_assigned").await)];
    let _sides = carrying(&urls).await;
    app.pass(Duration::from_secs(6));
    assert_eq!(ask(&mut ann, "s").await["code"], "UNAVAILABLE", "the only one is in use");
}

/// A session between two agents of a token that has begun.
async fn session_of(at: SocketAddr, token: &str, session: &str) -> (Socket, Socket) {
    let (mut ann, _) = dial(at, token, &format!("{session}-ann")).await;
    let (mut bob, b) = dial(at, token, &format!("{session}-bob")).await;
    ann.say(json!({"type": "connect_request", "targetAgentId": b, "sessionId": session})).await;
    bob.hear_of("connect_incoming").await;
    bob.say(json!({"type": "connect_accept", "sessionId": session})).await;
    ann.hear_of("connect_accepted").await;
    (ann, bob)
}

#[tokio::test]
async fn one_org_has_half_of_the_relays_at_the_most() {
    let app = TestApp::with_links(LinkSettings { relays: 4, ..LinkSettings::default() }).await;
    let (at, token) = (app.listen().await, app.token().await);
    let mut links = Vec::new();
    for (session, expected) in [("a", "relay_assigned"), ("b", "relay_assigned"), ("c", "error")] {
        let (mut ann, bob) = session_of(at, &token, session).await;
        assert_eq!(ask(&mut ann, session).await["type"], expected, "{session}");
        links.push((ann, bob));
    }
    let other = app.key("other", Role::Operator, &[Scope::AgentsWrite]).await;
    let (mut eve, _eves) = session_of(at, &other, "d").await;
    assert_eq!(ask(&mut eve, "d").await["type"], "relay_assigned", "another org has its own");
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_both_sides_and_says_so() {
    let app = TestApp::start().await;
    let (_, _links, urls) = relay(&app).await;
    let [mut one, mut two] = carrying(&urls).await;
    let largest = Message::binary(vec![7; 256 * 1024]);
    one.0.send(largest.clone()).await.unwrap();
    assert_eq!(tokio::time::timeout(SOON, two.0.next()).await.unwrap().unwrap().unwrap(), largest);
    let _ = one.0.send(Message::binary(vec![7; 256 * 1024 + 1])).await;
    let too_large = (1009, "a message may have at most 262144 bytes".to_owned());
    assert_eq!((one.closed().await, two.closed().await), (too_large.clone(), too_large));
}

#[tokio::test]
async fn a_session_is_not_stale_while_its_relay_is_used() {
    let settings = LinkSettings { relay_idle: Duration::from_secs(7200), ..LinkSettings::default() };
    let app = TestApp::with_links(settings).await;
    let (_, mut links, urls) = relay(&app).await;
    let [mut one, mut two] = carrying(&urls).await;
    for minute in 1..=100 {
        app.pass(Duration::from_secs(60));
        for link in &mut links {
            link.say(json!({"type": "heartbeat"})).await;
            link.hear_of("heartbeat_ack").await;
        }
        if minute % 50 == 0 {
            one.say(json!(minute)).await;
            assert_eq!(two.hear().await, Some(json!(minute)));
        }
        tidy(&app.app).await.unwrap();
    }
    links[0].say(json!({"type": "disconnect", "sessionId": "s"})).await;
    let rejected = links[1].hear_of("connect_rejected").await;
    assert_eq!(rejected["reason"], "the other agent has left the session", "it was there until now");
    are_over([one, two], "an end has left").await;
}
