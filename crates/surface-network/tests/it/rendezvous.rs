//! Agents that dial in, over real sockets.

use crate::support::TestApp;
use futures::{SinkExt, StreamExt};
use muster_domain::access::{self, Role, Scope};
use muster_domain::links::LinkSettings;
use muster_domain::{inbox, links};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long anything may take.
const SOON: Duration = Duration::from_secs(20);

/// A client's end of a WebSocket.
struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn open(url: &str) -> Self {
        Self(connect_async(url).await.expect("switches to a WebSocket").0)
    }

    async fn say(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("the link is up");
    }

    /// The next frame; `None` when the link is over.
    async fn hear(&mut self) -> Option<Value> {
        loop {
            match tokio::time::timeout(SOON, self.0.next()).await.expect("something comes soon") {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next frame of this sort; what comes before is passed over.
    async fn hear_of(&mut self, sort: &str) -> Value {
        loop {
            let frame = self.hear().await.unwrap_or_else(|| panic!("the link ended before {sort}"));
            if frame["type"] == sort {
                return frame;
            }
        }
    }
}

async fn dial(at: SocketAddr, token: &str, machine: &str) -> (Client, String) {
    let mut client = Client::open(&format!("ws://{at}/rendezvous")).await;
    let key = format!("pk-{machine}");
    client.say(json!({"type": "register", "token": token, "machineId": machine, "publicKey": key})).await;
    let registered = client.hear().await.expect("an answer");
    assert_eq!(registered["type"], "registered", "{registered}");
    assert_eq!(registered["name"], machine);
    assert!(registered["heartbeatIntervalMs"].as_u64().is_some_and(|ms| (27_000..=33_000).contains(&ms)));
    let id = registered["agentId"].as_str().expect("an id").to_owned();
    (client, id)
}

/// Two agents of one org that know of each other.
async fn two(app: &TestApp) -> (SocketAddr, (Client, String), (Client, String)) {
    let (at, token) = (app.listen().await, app.token().await);
    let mut ann = dial(at, &token, "ann").await;
    let mut bob = dial(at, &token, "bob").await;
    assert_eq!(ann.0.hear_of("agent_status").await["agentId"], bob.1.as_str());
    assert_eq!(bob.0.hear_of("agent_status").await["agentId"], ann.1.as_str());
    (at, ann, bob)
}

async fn waiting(app: &TestApp, agent: &str) -> usize {
    inbox::undelivered(&app.ctx(), agent, 0, 100).await.expect("reads").len()
}

#[tokio::test]
async fn who_cannot_be_let_in_is_told_why_and_closed() {
    let app = TestApp::start().await;
    let at = app.listen().await;
    let cases = [
        (json!({"type": "register", "token": "agt_made-up", "machineId": "m"}), "AUTH_FAILED"),
        (json!({"type": "register", "token": app.token().await, "machineId": ""}), "INVALID_MESSAGE"),
        (json!({"type": "heartbeat"}), "INVALID_MESSAGE"),
    ];
    for (frame, code) in cases {
        let mut client = Client::open(&format!("ws://{at}/rendezvous")).await;
        client.say(frame).await;
        let error = client.hear().await.expect("an answer");
        assert_eq!((&error["type"], &error["code"], &error["fatal"]), (&json!("error"), &json!(code), &json!(true)));
        assert!(client.hear().await.is_none());
    }
}

#[tokio::test]
async fn the_same_machine_again_takes_the_place_of_its_older_link() {
    let app = TestApp::start().await;
    let (at, token) = (app.listen().await, app.token().await);
    let (mut older, id) = dial(at, &token, "ann").await;
    let (mut newer, again) = dial(at, &token, "ann").await;
    assert_eq!(id, again);
    let error = older.hear_of("error").await;
    assert_eq!((&error["code"], &error["fatal"]), (&json!("REPLACED"), &json!(true)));
    assert!(older.hear().await.is_none());
    newer.say(json!({"type": "heartbeat"})).await;
    assert_eq!(newer.hear_of("heartbeat_ack").await["timestamp"], app.ctx().now().0);
}

#[tokio::test]
async fn a_link_makes_its_agent_online_and_shows_in_the_numbers() {
    let app = TestApp::start().await;
    let (at, token) = (app.listen().await, app.token().await);
    let key = app.key("acme", Role::Viewer, &[Scope::AgentsRead]).await;
    let (ann, id) = dial(at, &token, "ann").await;
    let agents = app.send(&key, "GET /api/agents", Value::Null).await.expect(200);
    assert_eq!((&agents["agents"][0]["id"], &agents["agents"][0]["status"]), (&json!(id), &json!("ONLINE")));
    let stats = app.send(&key, "GET /api/agents/stats", Value::Null).await.expect(200);
    assert_eq!((&stats["totalAgents"], &stats["onlineAgents"]), (&json!(1), &json!(1)), "{stats}");
    let other = app.key("other", Role::Viewer, &[Scope::AgentsRead]).await;
    let none = app.send(&other, "GET /api/agents/stats", Value::Null).await.expect(200);
    let zero = json!({"totalAgents": 0, "onlineAgents": 0, "totalConnections": 0, "bytesTransferred": 0});
    assert_eq!(none, zero, "another org's are not counted");
    drop(ann);
    let offline = async {
        while app.send(&key, "GET /api/agents", Value::Null).await.expect(200)["agents"][0]["status"] != "OFFLINE" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, offline).await.expect("offline when the link is over");
}

#[tokio::test]
async fn an_interrupt_is_pushed_and_its_reply_comes_back_to_who_waits() {
    let app = TestApp::start().await;
    let (at, token) = (app.listen().await, app.token().await);
    let (mut ann, id) = dial(at, &token, "ann").await;
    let key = app.key("acme", Role::Operator, &[Scope::MessagesWrite]).await;
    let call = format!("POST /api/agents/{id}/interrupt");
    let asking = app.send(&key, &call, json!({"reason": "are you there?", "wait": 20}));
    let answering = async {
        let interrupt = ann.hear_of("interrupt").await;
        assert_eq!(interrupt["reason"], "are you there?");
        let reply = json!({"type": "reply", "messageId": interrupt["messageId"], "content": "yes"});
        ann.say(reply.clone()).await;
        ann.say(reply).await;
    };
    let (asked, ()) = tokio::join!(asking, answering);
    let asked = asked.expect(200);
    assert_eq!((&asked["delivered"], &asked["reply"]["content"]), (&json!(true), &json!("yes")), "{asked}");
    ann.say(json!({"type": "reply", "messageId": asked["messageId"], "content": "no"})).await;
    let error = ann.hear_of("error").await;
    assert_eq!((&error["code"], &error["messageId"]), (&json!("CONFLICT"), &asked["messageId"]));
    assert_eq!(waiting(&app, &id).await, 0);
}

#[tokio::test]
async fn what_was_not_acknowledged_comes_again_over_the_next_link_oldest_first() {
    let app = TestApp::start().await;
    let (at, token) = (app.listen().await, app.token().await);
    let (ann, id) = dial(at, &token, "ann").await;
    drop(ann);
    let key = app.key("acme", Role::Operator, &[Scope::MessagesWrite]).await;
    for reason in ["first", "second"] {
        app.send(&key, &format!("POST /api/agents/{id}/interrupt"), json!({"reason": reason})).await.expect(200);
    }
    for _ in 0..2 {
        let (mut ann, _) = dial(at, &token, "ann").await;
        assert_eq!(ann.hear_of("interrupt").await["reason"], "first");
        assert_eq!(ann.hear_of("interrupt").await["reason"], "second");
    }
    let (mut ann, _) = dial(at, &token, "ann").await;
    let first = ann.hear_of("interrupt").await;
    ann.say(json!({"type": "ack", "messageId": first["messageId"]})).await;
    ann.say(json!({"type": "ack", "messageId": "msg_made-up"})).await;
    assert_eq!(ann.hear_of("error").await["messageId"], "msg_made-up");
    drop(ann);
    let (mut ann, _) = dial(at, &token, "ann").await;
    assert_eq!(ann.hear_of("interrupt").await["reason"], "second");
}

#[tokio::test]
async fn two_agents_find_each_other_and_say_what_they_need_to() {
    let app = TestApp::start().await;
    let (_, (mut ann, a), (mut bob, b)) = two(&app).await;
    ann.say(json!({"type": "connect_request", "targetAgentId": b, "sessionId": "s-1"})).await;
    let incoming = bob.hear_of("connect_incoming").await;
    assert_eq!(
        incoming,
        json!({"type": "connect_incoming", "sessionId": "s-1", "fromAgentId": a, "fromAgentName": "ann"})
    );
    bob.say(json!({"type": "connect_accept", "sessionId": "s-1"})).await;
    let accepted = ann.hear_of("connect_accepted").await;
    assert_eq!((&accepted["agentId"], &accepted["publicKey"]), (&json!(b), &json!("pk-bob")));
    let signal = json!({"type": "offer", "data": {"sdp": "v=0"}});
    ann.say(json!({"type": "signal", "sessionId": "s-1", "targetAgentId": b, "signal": signal})).await;
    let forwarded = bob.hear_of("signal_forward").await;
    assert_eq!((&forwarded["fromAgentId"], &forwarded["signal"]), (&json!(a), &signal));
    ann.say(json!({"type": "disconnect", "sessionId": "s-1"})).await;
    assert_eq!(bob.hear_of("connect_rejected").await["sessionId"], "s-1");
    bob.say(json!({"type": "signal", "sessionId": "s-1", "targetAgentId": a, "signal": signal})).await;
    assert_eq!(bob.hear_of("error").await["code"], "NOT_FOUND");
    ann.say(json!({"type": "connect_request", "targetAgentId": b, "sessionId": "s-2"})).await;
    bob.hear_of("connect_incoming").await;
    bob.say(json!({"type": "connect_reject", "sessionId": "s-2", "reason": "busy"})).await;
    assert_eq!(ann.hear_of("connect_rejected").await["reason"], "busy");
}

#[tokio::test]
async fn who_says_nothing_to_a_request_has_accepted_it_after_five_seconds() {
    let app = TestApp::start().await;
    let (_, (mut ann, _), (mut bob, b)) = two(&app).await;
    ann.say(json!({"type": "connect_request", "targetAgentId": b, "sessionId": "s"})).await;
    bob.hear_of("connect_incoming").await;
    app.pass(Duration::from_secs(5));
    links::tick(&app.app);
    assert_eq!(ann.hear_of("connect_accepted").await["agentName"], "bob");
}

#[tokio::test]
async fn agents_of_two_orgs_neither_see_nor_reach_each_other() {
    let app = TestApp::start().await;
    let at = app.listen().await;
    let token = app.token().await;
    let (mut ann, _) = dial(at, &token, "ann").await;
    let other = app.key("other", Role::Operator, &[Scope::AgentsWrite]).await;
    let (mut eve, eve_id) = dial(at, &other, "eve").await;
    ann.say(json!({"type": "connect_request", "targetAgentId": eve_id, "sessionId": "s"})).await;
    let rejected = ann.hear().await.expect("an answer");
    assert_eq!(
        (&rejected["type"], &rejected["reason"]),
        (&json!("connect_rejected"), &json!("the agent is not connected"))
    );
    eve.say(json!({"type": "heartbeat"})).await;
    assert_eq!(eve.hear().await.expect("an answer")["type"], "heartbeat_ack", "and nothing of ann before it");
}

#[tokio::test]
async fn a_message_to_another_agent_is_pushed_to_it() {
    let app = TestApp::start().await;
    let (_, (mut ann, _), (mut bob, _)) = two(&app).await;
    ann.say(json!({"type": "message", "to": "bob", "content": "hello"})).await;
    let got = bob.hear_of("interrupt").await;
    assert_eq!((&got["from"], &got["reason"]), (&json!("ann"), &json!("hello")));
    bob.say(json!({"type": "reply", "messageId": got["messageId"], "content": "hi"})).await;
    let back = ann.hear_of("interrupt").await;
    assert_eq!(back["reason"], "hi");
    assert!(back["replyTo"].is_string(), "{back}");
}

#[tokio::test]
async fn a_revoked_token_ends_its_links() {
    let app = TestApp::start().await;
    let at = app.listen().await;
    let (token, secret) = access::create_agent_token(&app.ctx(), "fleet", None).await.unwrap();
    let (mut ann, _) = dial(at, secret.expose(), "ann").await;
    access::delete_agent_token(&app.ctx(), &token.id).await.unwrap();
    let error = ann.hear_of("error").await;
    assert_eq!((&error["code"], &error["fatal"]), (&json!("AUTH_FAILED"), &json!(true)));
    assert!(ann.hear().await.is_none());
}

#[tokio::test]
async fn missed_heartbeats_end_the_link() {
    let app = TestApp::start().await;
    let (at, token) = (app.listen().await, app.token().await);
    let (mut ann, _) = dial(at, &token, "ann").await;
    app.pass(Duration::from_secs(83));
    assert_eq!(ann.hear_of("error").await["code"], "HEARTBEAT_MISSED");
    assert!(ann.hear().await.is_none());
}

#[tokio::test]
async fn frames_that_make_no_sense_are_refused_and_the_link_goes_on() {
    let app = TestApp::start().await;
    let (at, token) = (app.listen().await, app.token().await);
    let (mut ann, _) = dial(at, &token, "ann").await;
    for frame in [json!({"type": "dance"}), json!([1]), json!({"type": "ack"})] {
        ann.say(frame).await;
        let error = ann.hear_of("error").await;
        assert_eq!((&error["code"], &error["fatal"]), (&json!("INVALID_MESSAGE"), &json!(false)));
    }
    ann.say(json!({"type": "heartbeat"})).await;
    ann.hear_of("heartbeat_ack").await;
    ann.say(json!({"type": "message", "to": "x", "content": "y".repeat(256 * 1024)})).await;
    assert_eq!(ann.hear_of("error").await["code"], "TOO_LARGE");
    assert!(ann.hear().await.is_none());
}

/// Two agents with a session that has begun.
async fn session(app: &TestApp) -> (SocketAddr, Client, Client) {
    let (at, (mut ann, _), (mut bob, b)) = two(app).await;
    ann.say(json!({"type": "connect_request", "targetAgentId": b, "sessionId": "s"})).await;
    bob.hear_of("connect_incoming").await;
    bob.say(json!({"type": "connect_accept", "sessionId": "s"})).await;
    ann.hear_of("connect_accepted").await;
    (at, ann, bob)
}

/// The addresses of both sides of a relay for two agents.
async fn relay(app: &TestApp) -> (SocketAddr, [Client; 2], [String; 2]) {
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
    let (mut one, mut two) = (Client::open(&to_ann).await, Client::open(&to_bob).await);
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
async fn closed_by(client: &mut Client) -> u16 {
    loop {
        match tokio::time::timeout(SOON, client.0.next()).await.expect("it is closed soon") {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("closed without a code: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_relay_ends_when_it_has_carried_as_much_as_one_may() {
    let app = TestApp::with_links(LinkSettings { relay_bytes: 1000, ..LinkSettings::default() }).await;
    let (_, _links, [to_ann, to_bob]) = relay(&app).await;
    let (mut one, mut two) = (Client::open(&to_ann).await, Client::open(&to_bob).await);
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
    let (mut one, mut two) = (Client::open(&to_ann).await, Client::open(&to_bob).await);
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
    let (_, ann, bob) = session(&app).await;
    for mut end in [ann, bob] {
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
    let (one, mut two) = (Client::open(&to_ann).await, Client::open(&to_bob).await);
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
    let (mut one, mut two) = (Client::open(&to_ann).await, Client::open(&to_bob).await);
    one.say(json!("busy")).await;
    assert_eq!(two.hear().await, Some(json!("busy")));
    app.pass(Duration::from_millis(301));
    assert_eq!(closed_by(&mut one).await, 1001);
    assert!(two.hear().await.is_none());
}
