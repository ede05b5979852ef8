//! Agents that dial in at different nodes: they reach each other, are reached, and are missed when their node dies.

use crate::nodes::{Nodes, two};
use crate::support::text;
use muster_testkit::{ScriptedModel, Server, Socket, eventually};
use serde_json::{Value, json};
use std::time::Duration;

/// How long it may take at the most until it shows that a node is dead; about half a minute on an idle machine.
const DEAD_WITHIN: Duration = Duration::from_secs(90);

/// How often an agent that waits says that it lives.
const BEAT: Duration = Duration::from_secs(20);

/// Two nodes, and a token by which machines dial in.
async fn field() -> (Nodes, String) {
    let nodes = two(&ScriptedModel::echo().await).await;
    let made = nodes.a.client().post("/v1/orgs/default/agent-tokens", json!({"name": "fleet"})).await.expect(201);
    (nodes, text(&made["secret"]))
}

async fn dial(node: &Server, token: &str, machine: &str) -> (Socket, String) {
    Socket::dial(&node.url().replacen("http", "ws", 1), token, machine).await
}

async fn status(node: &Server, agent: &str) -> Value {
    let found = node.client().get("/network/api/agents?limit=200").await.expect(200);
    let agents = found["agents"].as_array().expect("a list");
    agents.iter().find(|one| one["id"] == agent).map_or(Value::Null, |one| one["status"].clone())
}

/// Waits until an agent, which goes on living, has heard all of this, in whichever order.
async fn hears(link: &mut Socket, mut news: Vec<Value>) {
    while !news.is_empty() {
        let heard = link.hear_until(DEAD_WITHIN, |frame| news.contains(frame));
        match tokio::time::timeout(BEAT, heard).await {
            Ok(heard) => news.retain(|one| *one != heard),
            Err(_) => link.say(json!({"type": "heartbeat"})).await,
        }
    }
}

fn told(agent: &str, status: &str) -> Value {
    json!({"type": "agent_status", "agentId": agent, "status": status})
}

/// A session that one end has asked for and the other accepted.
async fn session((ann, a): (&mut Socket, &str), (bob, b): (&mut Socket, &str)) {
    ann.say(json!({"type": "connect_request", "targetAgentId": b, "sessionId": "s"})).await;
    let incoming = bob.hear_of("connect_incoming").await;
    assert_eq!((&incoming["fromAgentId"], &incoming["fromAgentName"]), (&json!(a), &json!("ann")));
    bob.say(json!({"type": "connect_accept", "sessionId": "s"})).await;
    let accepted = ann.hear_of("connect_accepted").await;
    assert_eq!((&accepted["agentId"], &accepted["publicKey"]), (&json!(b), &json!("pk-bob")));
}

/// Both sides of a relay that `by` asks for.
async fn relay(ann: &mut Socket, bob: &mut Socket, is_asked_by_bob: bool) -> (Socket, Socket) {
    let by = if is_asked_by_bob { &mut *bob } else { &mut *ann };
    by.say(json!({"type": "relay_request", "sessionId": "s"})).await;
    let mut sides = Vec::new();
    for end in [ann, bob] {
        sides.push(Socket::open(&text(&end.hear_of("relay_assigned").await["relayUrl"])).await);
    }
    let (mut two, mut one) = (sides.remove(1), sides.remove(0));
    one.say(json!("through")).await;
    assert_eq!(two.hear().await, Some(json!("through")));
    (one, two)
}

#[tokio::test]
async fn agents_at_two_nodes_see_each_other_and_talk() {
    let (nodes, token) = field().await;
    let (mut ann, a) = dial(&nodes.a, &token, "ann").await;
    let (mut bob, b) = dial(&nodes.b, &token, "bob").await;
    // At once by a letter, or when its node next looks what others have: within half a minute.
    tokio::join!(hears(&mut ann, vec![told(&b, "online")]), hears(&mut bob, vec![told(&a, "online")]));
    session((&mut ann, &a), (&mut bob, &b)).await;
    let signal = |kind: &str| json!({"type": kind, "data": {"sdp": "v=0"}});
    ann.say(json!({"type": "signal", "sessionId": "s", "targetAgentId": b, "signal": signal("offer")})).await;
    let heard = bob.hear_of("signal_forward").await;
    assert_eq!((&heard["fromAgentId"], &heard["signal"]), (&json!(a), &signal("offer")));
    bob.say(json!({"type": "signal", "sessionId": "s", "targetAgentId": a, "signal": signal("answer")})).await;
    let heard = ann.hear_of("signal_forward").await;
    assert_eq!((&heard["fromAgentId"], &heard["signal"]), (&json!(b), &signal("answer")));
    ann.say(json!({"type": "disconnect", "sessionId": "s"})).await;
    assert_eq!(bob.hear_of("connect_rejected").await["sessionId"], "s");
    drop(bob);
    hears(&mut ann, vec![told(&b, "offline")]).await;
}

#[tokio::test]
async fn a_relay_between_agents_at_two_nodes_ends_with_their_session_whoever_leaves_it() {
    let (nodes, token) = field().await;
    let (mut ann, a) = dial(&nodes.a, &token, "ann").await;
    let (mut bob, b) = dial(&nodes.b, &token, "bob").await;
    let over = (1000, "the session is over".to_owned());
    for is_left_by_bob in [true, false] {
        session((&mut ann, &a), (&mut bob, &b)).await;
        let (mut one, mut two) = relay(&mut ann, &mut bob, is_left_by_bob).await;
        let (leaver, other) = if is_left_by_bob { (&mut bob, &mut ann) } else { (&mut ann, &mut bob) };
        leaver.say(json!({"type": "disconnect", "sessionId": "s"})).await;
        assert_eq!((one.closed().await, two.closed().await), (over.clone(), over.clone()));
        other.hear_of("connect_rejected").await;
    }
    session((&mut ann, &a), (&mut bob, &b)).await;
    let (mut one, mut two) = relay(&mut ann, &mut bob, true).await;
    drop(bob);
    assert_eq!((one.closed().await, two.closed().await), (over.clone(), over), "the link has closed");
}

#[tokio::test]
async fn an_interrupt_posted_at_one_node_reaches_an_agent_linked_at_the_other() {
    let (nodes, token) = field().await;
    let (mut bob, b) = dial(&nodes.b, &token, "bob").await;
    let client = nodes.a.client();
    let path = format!("/network/api/agents/{b}/interrupt");
    let asking = tokio::spawn(async move { client.post(&path, json!({"reason": "well?", "wait": 60})).await });
    let interrupt = bob.hear_of("interrupt").await;
    assert_eq!(interrupt["reason"], "well?");
    bob.say(json!({"type": "reply", "messageId": interrupt["messageId"], "content": "well"})).await;
    let answer = asking.await.expect("no panic").expect(200);
    assert_eq!((&answer["status"], &answer["reply"]["content"]), (&json!("delivered"), &json!("well")), "{answer}");
}

#[tokio::test]
async fn the_agents_of_a_node_that_was_killed_are_missed_unless_they_dial_in_again() {
    let (mut nodes, token) = field().await;
    let (mut ann, a) = dial(&nodes.a, &token, "ann").await;
    let (mut bob, b) = dial(&nodes.b, &token, "bob").await;
    let (_carl, c) = dial(&nodes.b, &token, "carl").await;
    hears(&mut ann, vec![told(&b, "online"), told(&c, "online")]).await;
    session((&mut ann, &a), (&mut bob, &b)).await;
    let (mut one, mut two) = relay(&mut ann, &mut bob, false).await;
    nodes.b.kill9();
    let (_carl, again) = dial(&nodes.a, &token, "carl").await;
    assert_eq!(c, again, "the same machine is the same agent");
    let rejected = json!({"type": "connect_rejected", "sessionId": "s", "reason": "the agent is not connected"});
    hears(&mut ann, vec![told(&b, "offline"), rejected]).await;
    assert_eq!(one.closed().await.0, 1000, "their session is over");
    assert_eq!(two.closed().await.0, 1000);
    eventually("bob is offline", DEAD_WITHIN, async || (status(&nodes.a, &b).await == "OFFLINE").then_some(())).await;
    assert_eq!(status(&nodes.a, &c).await, "ONLINE");
    let links = nodes.a.client().get("/v1/orgs/default/links").await.expect(200);
    let there: Vec<&str> =
        links["data"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(there, ["ann", "carl"]);
    nodes.a.client().verify_events().await;
}
