//! Agents that dial in, over real sockets.

use crate::client::{SOON, dial, two};
use crate::support::TestApp;
use muster_domain::access::{self, Role, Scope};
use muster_domain::links::LinkSettings;
use muster_domain::{inbox, links};
use muster_testkit::Socket;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite};

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
        let mut client = Socket::open(&format!("ws://{at}/rendezvous")).await;
        client.say(frame).await;
        let error = client.hear().await.expect("an answer");
        assert_eq!((&error["type"], &error["code"], &error["fatal"]), (&json!("error"), &json!(code), &json!(true)));
        assert!(client.hear().await.is_none());
    }
}

#[tokio::test]
async fn who_is_let_in_is_told_who_it_is_and_how_often_to_give_a_sign_of_life() {
    let app = TestApp::start().await;
    let (at, token) = (app.listen().await, app.token().await);
    let mut client = Socket::open(&format!("ws://{at}/rendezvous")).await;
    client.say(json!({"type": "register", "token": token, "machineId": "m-1", "name": "Ann"})).await;
    let mut registered = client.hear().await.expect("an answer");
    assert!(registered["heartbeatIntervalMs"].take().as_u64().is_some_and(|ms| (27_000..=33_000).contains(&ms)));
    assert!(registered["agentId"].take().as_str().is_some_and(|id| id.starts_with("agent-ann-")));
    let expected = json!({"type": "registered", "agentId": null, "tenantId": registered["tenantId"], "name": "Ann",
        "heartbeatIntervalMs": null});
    assert_eq!(registered, expected);
}

#[tokio::test]
async fn who_says_nothing_is_let_go_and_may_try_again() {
    let settings = LinkSettings { register_within: Duration::from_secs(1), ..LinkSettings::default() };
    let app = TestApp::with_links(settings).await;
    let at = app.listen().await;
    let mut client = Socket::open(&format!("ws://{at}/rendezvous")).await;
    let error = client.hear().await.expect("an answer");
    assert_eq!((&error["code"], &error["fatal"]), (&json!("REGISTER_TIMEOUT"), &json!(false)));
    assert!(client.hear().await.is_none());
    dial(at, &app.token().await, "ann").await;
}

/// Dials in from an address of this machine, and says nothing.
async fn silent(at: SocketAddr, from: &str) -> Result<Silent, tungstenite::Error> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    let stream = socket.connect(at).await.unwrap();
    client_async(format!("ws://{at}/rendezvous"), stream).await.map(|(socket, _)| socket)
}

type Silent = WebSocketStream<TcpStream>;

#[tokio::test]
async fn one_address_does_not_take_up_all_places_of_those_who_have_yet_to_say_who_they_are() {
    let app = TestApp::with_links(LinkSettings { registering: 4, ..LinkSettings::default() }).await;
    let (at, token) = (app.listen().await, app.token().await);
    let mut silent_ones = vec![silent(at, "127.0.0.9").await.unwrap(), silent(at, "127.0.0.9").await.unwrap()];
    let refused = silent(at, "127.0.0.9").await.expect_err("it has half of the places");
    assert!(refused.to_string().contains("503"), "{refused}");
    dial(at, &token, "ann").await;
    silent_ones.extend([silent(at, "127.0.0.8").await.unwrap(), silent(at, "127.0.0.7").await.unwrap()]);
    assert!(silent(at, "127.0.0.6").await.is_err(), "four are all");
    silent_ones.clear();
    let again = async {
        while silent(at, "127.0.0.9").await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, again).await.expect("who has gone makes room");
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
async fn a_message_that_is_too_long_for_a_frame_is_cut_and_read_whole_over_http() {
    let app = TestApp::start().await;
    let (at, token) = (app.listen().await, app.token().await);
    let (mut ann, id) = dial(at, &token, "ann").await;
    let key = app.key("acme", Role::Operator, &[Scope::MessagesWrite]).await;
    let reason = "\"\u{1}ä".repeat(200_000);
    app.send(&key, &format!("POST /api/agents/{id}/interrupt"), json!({"reason": reason})).await.expect(200);
    let frame = ann.hear_of("interrupt").await;
    assert!(frame.to_string().len() <= 1_000_000 && frame["truncated"] == true);
    assert!(reason.starts_with(frame["reason"].as_str().unwrap()));
    let path = format!("GET /api/agents/messages/{}", frame["messageId"].as_str().unwrap());
    let mut whole = app.send(&token, &path, Value::Null).await.expect(200);
    assert_eq!(whole["reason"].take(), json!(reason));
    for field in ["messageId", "from", "fromId", "channel", "sentAt"] {
        assert_eq!(whole[field], frame[field], "{field}");
    }
    // Once it has let in another machine the token acts as no agent, and still reads what is to its machines.
    let (_bob, _) = dial(at, &token, "bob").await;
    assert_eq!(app.send(&token, &path, Value::Null).await.expect(200)["reason"], json!(reason));
    app.send(&app.token().await, &path, Value::Null).await.refused_like(404, "message `");
    ann.say(json!({"type": "reply", "messageId": frame["messageId"], "content": "long"})).await;
    app.send(&key, &format!("POST /api/agents/{id}/interrupt"), json!({"reason": "short"})).await.expect(200);
    let short = ann.hear_of("interrupt").await;
    assert_eq!((&short["reason"], short.get("truncated")), (&json!("short"), None));
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
