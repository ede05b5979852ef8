use crate::gateway::Gatewayed;
use crate::support::TestApp;
use muster_domain::access::Role;
use muster_domain::agents::{self, NewAgent};
use serde_json::{Value, json};
use std::sync::Arc;

const LISTED: &str =
    "// ours\n{\n  agents: {\n    list: [\n      { id: 'main', name: 'Boss' }, // first\n    ],\n  },\n}\n";

fn entry(gateway: &Gatewayed, id: &str) -> Value {
    let read: Value = json5(&gateway.text());
    let list = read["agents"]["list"].as_array().unwrap().clone();
    list.into_iter().find(|entry| entry["id"] == id).unwrap_or(Value::Null)
}

fn json5(text: &str) -> Value {
    ::json5::from_str(text).unwrap()
}

#[tokio::test]
async fn a_new_agent_is_entered_and_written() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    let body = json!({"name": "Code Reviewer", "role": "qa", "config": {"model": "a/b", "tools": ["read"]},
        "gateway_config": {"workspace": "~/review", "sandbox": {"mode": "all"}}, "write_to_gateway": true});
    let made = gateway.send("POST /api/agents", &body).await.expect(201);
    assert!(made.get("warning").is_none(), "{made}");
    let agent = &made["agent"];
    let picked = json!([agent["source"], agent["hosted"], agent["session_key"], agent["config"]["openclawId"]]);
    assert_eq!(picked, json!(["gateway", false, "agent:code-reviewer:main", "code-reviewer"]));
    let expected = json!({"id": "code-reviewer", "name": "Code Reviewer", "identity": {"name": "Code Reviewer", "theme": "qa"},
        "model": "a/b", "workspace": "~/review", "tools": {"allow": ["read"]}, "sandbox": {"mode": "all"}});
    assert_eq!(entry(&gateway, "code-reviewer"), expected);
    assert!(gateway.text().starts_with(&LISTED[..LISTED.find("    ],").unwrap()]), "{}", gateway.text());
    let synced = gateway.sync().await.expect(200);
    let actions: Vec<&Value> = synced["agents"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["created", "unchanged"], "what was written is what is read");
}

#[tokio::test]
async fn every_template_can_be_written_and_is_read_back_unchanged() {
    let gateway = Gatewayed::start(None).await;
    for template in muster_domain::templates::ids() {
        let body = json!({"name": template, "template": template, "write_to_gateway": true});
        let made = gateway.send("POST /api/agents", &body).await.expect(201);
        assert!(made.get("warning").is_none(), "{made}");
        let written = entry(&gateway, template);
        assert!(written["model"]["primary"].is_string() && written["tools"]["allow"].is_array(), "{written}");
        assert_eq!(written.get("sandbox"), None, "what a gateway does not know is not written");
    }
    let synced = gateway.sync().await.expect(200);
    assert_eq!(json!([synced["created"], synced["updated"], synced["synced"]]), json!([0, 0, 7]), "{synced}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_requests_at_once_leave_twenty_entries() {
    let gateway = Arc::new(Gatewayed::start(Some("{agents: {list: []}} // kept")).await);
    let requests: Vec<_> = (0..20)
        .map(|number| {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move {
                let body = json!({"name": format!("Agent {number}"), "role": "qa", "write_to_gateway": true});
                gateway.send("POST /api/agents", &body).await.expect(201)
            })
        })
        .collect();
    for request in requests {
        assert!(request.await.unwrap().get("warning").is_none());
    }
    assert_eq!(json5(&gateway.text())["agents"]["list"].as_array().unwrap().len(), 20);
    assert!(gateway.text().ends_with("// kept"));
    assert_eq!(gateway.preview().await.expect(200)["synced"], 20);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_a_warning_and_can_be_tried_again() {
    let broken = "{agents: {list: [}}";
    let gateway = Gatewayed::start(Some(broken)).await;
    let body = json!({"name": "Ann", "role": "qa", "write_to_gateway": true});
    let made = gateway.send("POST /api/agents", &body).await.expect(201);
    let warning = "The gateway's file was not written: the gateway file openclaw.json, line 1, column 18: expected a value, found `}`";
    assert_eq!(made["warning"], warning);
    assert_eq!(gateway.text(), broken);
    let again = gateway.send("PUT /api/agents/Ann", &json!({"write_to_gateway": true})).await.expect(200);
    assert_eq!((&again["success"], &again["warning"]), (&json!(true), &json!(warning)));
    gateway.write(LISTED);
    let again = gateway.send("PUT /api/agents/Ann", &json!({"write_to_gateway": true})).await.expect(200);
    assert!(again.get("warning").is_none(), "{again}");
    assert_eq!(entry(&gateway, "ann")["name"], "Ann");
    let none = gateway.send("PUT /api/agents/Ann", &json!({"write_to_gateway": false})).await;
    none.refused(400, "No fields to update");
}

#[tokio::test]
async fn an_update_is_written_when_it_says_so() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    gateway.sync().await.expect(200);
    let body = json!({"role": "poet", "config": {"model": "x/y", "memorySearch": {"remote": {"apiKey": "sk-secret"}}}});
    gateway.send("PUT /api/agents/Boss", &body).await.expect(200);
    assert_eq!(gateway.text(), LISTED, "it did not say so");
    let body = json!({"name": "Chief", "config": body["config"], "write_to_gateway": true});
    let updated = gateway.send("PUT /api/agents/Boss", &body).await.expect(200);
    assert!(updated.get("warning").is_none(), "{updated}");
    let expected = json!({"id": "main", "name": "Chief", "identity": {"name": "Chief", "theme": "poet"}, "model": "x/y",
        "memorySearch": {"remote": {"apiKey": "sk-secret"}}});
    assert_eq!(entry(&gateway, "main"), expected);
    assert!(gateway.text().contains("// first"));
    assert!(!updated.to_string().contains("sk-secret"), "{updated}");
    assert_eq!(gateway.sync().await.expect(200)["agents"][0]["action"], "unchanged");
}

#[tokio::test]
async fn what_has_no_place_in_the_file_is_refused_before_anything_is_changed() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    let body = json!({"name": "Ann", "role": "qa", "config": {"sandbox": "all"}, "write_to_gateway": true});
    let detail = "config.sandbox: must be an object to be written into the gateway file";
    gateway.send("POST /api/agents", &body).await.invalid(detail);
    assert_eq!(gateway.agents().await, 0);
    gateway.send("POST /api/agents", &json!({"name": "Ann", "role": "qa"})).await.expect(201);
    let body = json!({"role": "poet", "config": {"sandbox": "all"}, "write_to_gateway": true});
    gateway.send("PUT /api/agents/Ann", &body).await.invalid(detail);
    assert_eq!(agents::resolve(&gateway.app.ctx(), "Ann").await.unwrap().role.as_deref(), Some("qa"));
    assert_eq!(gateway.text(), LISTED);
}

#[tokio::test]
async fn an_entry_that_is_another_agents_is_a_conflict() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    gateway.sync().await.expect(200);
    let body = json!({"name": "Ann", "role": "qa", "config": {"openclawId": "main"}, "write_to_gateway": true});
    let error = "The gateway's entry `main` is another agent's; name another openclawId in the config";
    gateway.send("POST /api/agents", &body).await.refused(409, error);
    assert_eq!((gateway.agents().await, gateway.text()), (1, LISTED.to_owned()));
}

#[tokio::test]
async fn an_agent_that_runs_here_is_told_not_to_be_the_gateways() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    let hosted = NewAgent { name: "Ann".to_owned(), ..NewAgent::default() };
    agents::create(&gateway.app.ctx(), hosted).await.unwrap();
    let updated =
        gateway.send("PUT /api/agents/Ann", &json!({"role": "qa", "write_to_gateway": true})).await.expect(200);
    let warning = "The gateway's file was not written: the agent `Ann` runs here and cannot be the gateway's as well";
    assert_eq!((&updated["warning"], &updated["agent"]["role"]), (&json!(warning), &json!("qa")));
    assert_eq!(gateway.text(), LISTED);
}

#[tokio::test]
async fn another_org_does_not_write_the_file() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    let theirs = gateway.app.secret("other", Role::Admin, &[]).await;
    let send = async |what: &str, body: Value| gateway.app.send(&theirs, what, body).await;
    let error = "The gateway's file belongs to another org of this deployment; agents of this org are not in it";
    let body = json!({"name": "Ann", "role": "qa", "write_to_gateway": true});
    send("POST /api/agents", body).await.refused(403, error);
    send("POST /api/agents", json!({"name": "Ann", "role": "qa"})).await.expect(201);
    send("PUT /api/agents/Ann", json!({"role": "poet", "write_to_gateway": true})).await.refused(403, error);
    let ann = gateway.app.get(&theirs, "/agents/Ann").await.expect(200)["agent"].take();
    assert_eq!((&ann["role"], gateway.text()), (&json!("qa"), LISTED.to_owned()));
}

#[tokio::test]
async fn a_repeated_request_writes_one_entry() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    let body = json!({"name": "Ann", "role": "qa", "write_to_gateway": true}).to_string();
    let headers = [("x-api-key", gateway.operator.as_str()), ("idempotency-key", "once")];
    let first = gateway.app.call("POST /api/agents", &headers, &body).await.expect(201);
    let text = gateway.text();
    assert_eq!(gateway.app.call("POST /api/agents", &headers, &body).await.expect(201), first);
    assert_eq!((gateway.text(), gateway.agents().await), (text, 1));
}

#[tokio::test]
async fn without_a_setting_the_update_is_made_and_the_warning_says_what_to_set() {
    let app = TestApp::start().await;
    let (_, key) = app.key("operator", Role::Operator).await;
    let send = async |what: &str, body: Value| app.send(&key, what, body).await;
    send("POST /api/agents", json!({"name": "Ann", "role": "qa"})).await.expect(201);
    let updated = send("PUT /api/agents/Ann", json!({"role": "poet", "write_to_gateway": true})).await.expect(200);
    let warning = "The gateway's file was not written: no gateway file is set; set MUSTER_GATEWAY_CONFIG to the gateway's openclaw.json and restart";
    assert_eq!((&updated["warning"], &updated["agent"]["role"]), (&json!(warning), &json!("poet")));
}
