use crate::gateway::Gatewayed;
use crate::support::TestApp;
use muster_domain::access::{Role, Scope};
use muster_domain::agents;
use serde_json::json;

const LISTED: &str = "{
  agents: {
    list: [
      { id: 'main', default: true, model: 'a/b', workspace: 'work', identity: { name: 'Ann', theme: 'writer', emoji: '!' } },
      { id: 'ben', name: 'Ben', workspace: '../work' },
    ],
  },
}
";

#[tokio::test]
async fn a_sync_tells_what_became_of_each_entry() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    std::fs::create_dir(gateway.folder.path().join("work")).unwrap();
    std::fs::write(gateway.folder.path().join("work/soul.md"), "Be kind.").unwrap();
    let warning = "soul.md is not read: the workspace must not contain `..`";
    let entries = |action: &str, ann: Option<i64>, ben: Option<i64>| {
        json!([{"id": "main", "name": "Ann", "action": action, "agent": ann},
            {"id": "ben", "name": "Ben", "action": action, "agent": ben, "warning": warning}])
    };
    let told = |preview: bool, created: i64, agents: serde_json::Value| json!({"preview": preview, "synced": 2, "created": created, "updated": 0, "conflicts": 0, "agents": agents, "missing": []});
    assert_eq!(gateway.preview().await.expect(200), told(true, 2, entries("created", None, None)));
    assert_eq!(gateway.agents().await, 0);
    assert_eq!(gateway.sync().await.expect(200), told(false, 2, entries("created", Some(1), Some(2))));
    assert_eq!(gateway.agents().await, 2);
    assert_eq!(gateway.sync().await.expect(200), told(false, 0, entries("unchanged", Some(1), Some(2))));
    assert_eq!(gateway.preview().await.expect(200), told(true, 0, entries("unchanged", Some(1), Some(2))));
    let ann = agents::resolve(&gateway.app.ctx(), "Ann").await.unwrap();
    let definition = agents::load_definition(&gateway.app.ctx(), &ann).await.unwrap();
    assert_eq!(definition.personality.as_deref(), Some("Be kind."));
    assert_eq!(definition.config["identity"]["emoji"], "!");
}

#[tokio::test]
async fn changes_renames_conflicts_and_missing_entries_are_told_apart() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    gateway.sync().await.expect(200);
    gateway.write("{agents: {list: [{id: 'main', name: 'Anna', model: 'a/b'}, {id: 'new', name: 'Ben'}]}}");
    let expected = json!({"preview": false, "synced": 1, "created": 0, "updated": 1, "conflicts": 1,
        "agents": [{"id": "main", "name": "Anna", "action": "updated", "agent": 1},
            {"id": "new", "name": "Ben", "action": "conflict", "agent": null,
                "reason": "the name `Ben` is taken by another agent; give one of them another name"}],
        "missing": [{"id": "ben", "name": "Ben", "agent": 2}]});
    assert_eq!(gateway.sync().await.expect(200), expected);
    assert_eq!(gateway.agents().await, 2);
}

#[tokio::test]
async fn a_file_that_does_not_parse_is_unprocessable_with_its_place() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    gateway.sync().await.expect(200);
    gateway.write(&LISTED.replace("{ id: 'ben'", "{ id 'ben'"));
    let error = "The gateway file openclaw.json, line 5, column 12: expected `:`, found `'`";
    gateway.sync().await.refused(422, error);
    gateway.preview().await.refused(422, error);
    gateway.write("{agents: {list: [{name: 'no id'}]}}");
    gateway
        .sync()
        .await
        .refused(422, "The gateway file openclaw.json, line 1, column 18: agents.list[0].id: is required");
    assert_eq!(gateway.agents().await, 2);
}

#[tokio::test]
async fn a_missing_file_and_a_missing_setting_say_what_to_set() {
    let gateway = Gatewayed::start(None).await;
    let missing = "The gateway file openclaw.json is not there; set MUSTER_GATEWAY_CONFIG to the gateway's file";
    gateway.sync().await.refused(409, missing);
    gateway.preview().await.refused(409, missing);
    let app = TestApp::start().await;
    let (_, key) = app.key("operator", Role::Operator).await;
    let unset = "No gateway file is set; set MUSTER_GATEWAY_CONFIG to the gateway's openclaw.json and restart";
    for what in ["POST /api/agents/sync", "GET /api/agents/sync"] {
        app.call(what, &[("x-api-key", &key)], "").await.refused(409, unset);
    }
}

#[tokio::test]
async fn role_scope_and_org_are_asked() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    gateway.call("POST /api/agents/sync", &gateway.viewer).await.refused(403, "Requires operator role or higher");
    gateway.app.call("POST /api/agents/sync", &[], "").await.refused(401, "Authentication required");
    let narrow = gateway.app.secret("acme", Role::Admin, &[Scope::MessagesRead]).await;
    for (what, scope) in [("POST", "agents:write"), ("GET", "agents:read")] {
        let answer = gateway.call(&format!("{what} /api/agents/sync"), &narrow).await;
        answer.refused(403, &format!("The credential lacks the scope {scope}"));
    }
    let theirs = gateway.app.secret("other", Role::Admin, &[]).await;
    for what in ["POST /api/agents/sync", "GET /api/agents/sync"] {
        let error = "The gateway's file belongs to another org of this deployment; agents of this org are not in it";
        gateway.call(what, &theirs).await.refused(403, error);
    }
    assert_eq!(gateway.agents().await, 0);
}

#[tokio::test]
async fn it_is_under_the_surfaces_own_prefix_as_well() {
    let gateway = Gatewayed::start(Some(LISTED)).await;
    let bearer = format!("Bearer {}", gateway.operator);
    let answer = gateway.app.call("POST /mission/api/agents/sync", &[("authorization", &bearer)], "").await;
    assert_eq!(answer.expect(200)["created"], 2);
}
