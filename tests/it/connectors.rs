//! Hosted agents that use the connectors they were granted.

use crate::support::{on_both_databases, text};
use muster_testkit::{Agent, Backend, Client, Gate, Redis, Script, ScriptedModel, Server, Setup, soon};
use serde_json::{Value, json};

on_both_databases!(
    a_hosted_agent_asks_a_connector_while_it_is_granted,
    a_grant_that_is_taken_away_in_the_middle_of_a_turn_counts_at_once,
);

const CALL: &str = r#"{"query": "GET :key", "params": {"key": "greeting"}}"#;

/// A server that may reach this machine.
async fn server(backend: Backend, model: &ScriptedModel) -> Server {
    Setup::new(backend).await.model(model).env("MUSTER_ALLOW_PRIVATE_URLS", "127.0.0.1").start().await
}

async fn redis() -> Redis {
    let redis = Redis::start().await;
    redis.run("SET greeting hello-from-the-cache").await;
    redis
}

/// A connector to this server, by the name `The Cache`; its id.
async fn connector(client: &Client, redis: &Redis) -> String {
    let settings = json!({"host": "127.0.0.1", "port": redis.port()});
    let body = json!({"name": "The Cache", "type": "redis", "description": "greetings by name", "settings": settings});
    text(&client.post("/v1/orgs/default/connectors", body).await.expect(201)["id"])
}

/// Grants it to these agents and to no others.
async fn grant(client: &Client, connector: &str, agents: &[&Agent]) {
    let ids: Vec<&str> = agents.iter().map(|agent| agent.id.as_str()).collect();
    let path = format!("/v1/orgs/default/connectors/{connector}/grants");
    let set = client.send(client.request("PUT", &path).json(&json!({"agents": ids}))).await.expect("an answer");
    assert_eq!(set.expect(200)["data"].as_array().expect("a list").len(), agents.len());
}

async fn a_hosted_agent_asks_a_connector_while_it_is_granted(backend: Backend) {
    let (model, redis) = (ScriptedModel::echo().await, redis().await);
    let server = server(backend, &model).await;
    let client = server.client();
    let cache = connector(&client, &redis).await;
    let agent = client.make_agent(json!({"name": "Ann", "configuration": {"model": "offline/echo"}})).await;
    let other = client.make_agent(json!({"name": "Ben", "configuration": {"model": "offline/echo"}})).await;
    let call = format!("/call query_the_cache {CALL}");
    let refuses = async |agent: &Agent, why: &str| {
        let said = agent.talk(&call).await;
        assert!(said.contains("The tool `query_the_cache` is not offered to me."), "{why}: {said}");
    };
    refuses(&agent, "nothing is granted yet").await;

    grant(&client, &cache, &[&agent]).await;
    let offered = agent.talk("/tools").await;
    for part in ["query_the_cache", "greetings by name", "HGETALL", "keys"] {
        assert!(offered.contains(part), "{part}: {offered}");
    }
    let message = agent.post(&call).await;
    let reply = agent.reply(&message).await;
    assert!(text(&reply["content"]).contains("hello-from-the-cache"), "{reply}");
    let turn = agent.turn_of(&message).await;
    let step = turn["steps"].as_array().expect("steps").iter().find(|step| step["kind"] == "tool").expect("a call");
    assert_eq!((&step["name"], &step["state"]), (&json!("query_the_cache"), &json!("done")));
    let refused = agent.talk(r#"/call query_the_cache {"query": "SET greeting x"}"#).await;
    assert!(refused.contains("only reads") || refused.contains("must"), "{refused}");
    refuses(&other, "it was granted to another").await;

    let event = soon("the queries are in the log", async || {
        let found = client.get("/v1/orgs/default/events?type=connector.queried&limit=100").await.expect(200);
        found["data"].as_array().and_then(|events| events.first().cloned())
    })
    .await;
    assert_eq!((&event["subject"], &event["actor"]["id"]), (&json!(cache), &json!(agent.id)), "{event}");

    let disabled = client.patch(&format!("/v1/orgs/default/connectors/{cache}"), json!({"enabled": false})).await;
    disabled.expect(200);
    refuses(&agent, "a disabled connector is no tool").await;
    client.patch(&format!("/v1/orgs/default/connectors/{cache}"), json!({"enabled": true})).await.expect(200);
    assert!(agent.talk(&call).await.contains("hello-from-the-cache"));
    grant(&client, &cache, &[]).await;
    refuses(&agent, "it was taken away").await;
    client.verify_events().await;
}

async fn a_grant_that_is_taken_away_in_the_middle_of_a_turn_counts_at_once(backend: Backend) {
    let (gate, redis) = (Gate::default(), redis().await);
    let asks = || Script::call("query_the_cache", CALL);
    let model = ScriptedModel::in_order(vec![asks(), asks().gate(&gate)], Script::say("as far as I got")).await;
    let server = server(backend, &model).await;
    let client = server.client();
    let cache = connector(&client, &redis).await;
    let agent = client.agent("Ann").await;
    grant(&client, &cache, &[&agent]).await;
    let message = agent.post("what do the greetings say, twice?").await;
    gate.reached(1).await;
    grant(&client, &cache, &[]).await;
    gate.open();
    assert_eq!(agent.reply(&message).await["content"], "as far as I got");
    let asked = model.asked();
    assert!(asked[1].last_text().contains("hello-from-the-cache"), "{}", asked[1].everything());
    let last: &Value = asked[2].messages().last().expect("a message");
    assert_eq!(last["role"], "tool");
    let answer = last["content"].as_str().unwrap_or_default();
    assert!(answer.contains("does not exist") && !answer.contains("hello-from-the-cache"), "{last}");
}
