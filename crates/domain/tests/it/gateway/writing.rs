use super::fake::{GatewayWorld, entry, map, with_file};
use crate::support::{on_both, refused};
use muster_base::Kind;
use muster_domain::agents::{self, Agent, NewAgent, Source};
use muster_domain::gateway::{self, EntryChange, REDACTED};
use muster_domain::{Ctx, agents::Definition};
use serde_json::{Map, Value, json};

fn new(name: &str, config: Value) -> NewAgent {
    NewAgent {
        name: name.to_owned(),
        role: Some("writer".to_owned()),
        source: Source::Api,
        definition: Definition { config: map(config), ..Definition::default() },
        ..NewAgent::default()
    }
}

/// As a client makes an agent that shall be written to the gateway.
async fn make(ctx: &Ctx, mut new: NewAgent) -> Agent {
    let said = gateway::prepare(ctx, &mut new).await.expect("prepares");
    let agent = agents::create(ctx, new).await.expect("makes an agent");
    gateway::write_entry(ctx, &agent.id, &said).await.expect("writes");
    agents::find(ctx, &agent.id).await.expect("is there")
}

impl GatewayWorld {
    fn wrote(&self) -> EntryChange {
        let written = self.file.written();
        assert_eq!(written.len(), 1, "{written:?}");
        written.into_iter().next().expect("one")
    }

    async fn write(&self, agent: &Agent) -> EntryChange {
        gateway::write_entry(&self.ctx(), &agent.id, &Map::new()).await.expect("writes");
        self.wrote()
    }
}

#[tokio::test]
async fn a_new_agent_is_the_gateways_from_the_start() {
    with_file(async |world| {
        let ann = make(&world.ctx(), new("Ann B.", json!({"model": "x/y", "tools": ["a"], "colour": "red"}))).await;
        let config = json!({"model": "x/y", "tools": ["a"], "colour": "red", "openclawId": "ann-b", "identity": {"name": "Ann B.", "theme": "writer"}});
        let expected = EntryChange { id: "ann-b".to_owned(), name: "Ann B.".to_owned(), role: Some("writer".to_owned()), config: map(config.clone()) };
        assert_eq!(world.wrote(), expected);
        assert_eq!((ann.source.as_str(), ann.hosted, ann.version), ("gateway", false, 1));
        assert_eq!(ann.session_key.as_deref(), Some("agent:ann-b:main"));
        assert_eq!(world.definition(&ann).await.config, map(config));
        assert_eq!(world.event_kinds().await, ["org.created", "agent.created"]);
    })
    .await;
}

#[tokio::test]
async fn secrets_go_into_the_file_and_nowhere_else() {
    with_file(async |world| {
        let ann = make(&world.ctx(), new("Ann", json!({"apiKey": "sk-secret"}))).await;
        assert_eq!(world.wrote().config["apiKey"], "sk-secret");
        assert_eq!(world.definition(&ann).await.config["apiKey"], REDACTED);
        assert_eq!(world.write(&ann).await.config["apiKey"], REDACTED, "which leaves what the file has");
    })
    .await;
}

#[tokio::test]
async fn the_id_of_an_entry_is_said_or_like_the_name_and_free() {
    with_file(async |world| {
        let mut other = entry("cem", "Somebody else");
        other.id = "Cem".to_owned();
        world.file.lists(&[other, entry("dan", "Dan")]);
        let mut ids = Vec::new();
        for (name, key, config) in [
            ("Ann", None, json!({"openclawId": "boss"})),
            ("Ben", Some("agent:my-ben:main"), json!({})),
            ("Cem", None, json!({})),
            ("Dan", None, json!({})),
            ("dan", None, json!({})),
            ("Eve", Some("session-1"), json!({})),
        ] {
            let new = NewAgent { session_key: key.map(str::to_owned), ..new(name, config) };
            let agent = make(&world.ctx(), new).await;
            ids.push((world.wrote().id, agent.session_key.expect("has one")));
        }
        let expected = [
            ("boss", "agent:boss:main"),
            ("my-ben", "agent:my-ben:main"),
            ("cem-2", "agent:cem-2:main"),
            ("dan", "agent:dan:main"),
            ("dan-2", "agent:dan-2:main"),
            ("eve", "session-1"),
        ];
        assert_eq!(ids, expected.map(|(id, key)| (id.to_owned(), key.to_owned())));
        let japanese = make(&world.ctx(), new("\u{65e5}\u{672c}", json!({}))).await;
        assert!(world.wrote().id.starts_with("agent-unnamed-"), "{japanese:?}");
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_is_another_agents_is_refused() {
    with_file(async |world| {
        make(&world.ctx(), new("Ann", json!({}))).await;
        let error = refused(gateway::prepare(&world.ctx(), &mut new("Ben", json!({"openclawId": "Ann"}))).await);
        assert_eq!(error.kind(), Kind::Conflict);
        for (config, field) in [
            (json!({"openclawId": 1}), "config.openclawId"),
            (json!({"openclawId": "x".repeat(65)}), "config.openclawId"),
            (json!({"openclawId": " "}), "config.openclawId"),
            (json!({"tools": "all"}), "config.tools"),
        ] {
            let error = refused(gateway::prepare(&world.ctx(), &mut new("Ben", config)).await);
            assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some(field)));
        }
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_was_entered_before_becomes_the_gateways() {
    with_file(async |world| {
        let ann = world.entered("Ann", None, json!({"model": "x/y"})).await;
        assert!(ann.hosted);
        assert_eq!(world.write(&ann).await.id, "ann");
        let after = world.find(&ann).await;
        assert_eq!((after.source.as_str(), after.hosted), ("gateway", false));
        assert_eq!(after.session_key.as_deref(), Some("agent:ann:main"));
        assert_eq!(world.definition(&ann).await.config["openclawId"], "ann");
        let version = after.version;
        world.write(&ann).await;
        assert_eq!(world.find(&ann).await.version, version, "once is enough");
    })
    .await;
}

#[tokio::test]
async fn a_renamed_agent_keeps_its_entry() {
    with_file(async |world| {
        let ann = make(&world.ctx(), new("Ann", json!({}))).await;
        world.wrote();
        let change =
            agents::AgentChange { name: muster_base::Patch::Value("Zoe".to_owned()), ..agents::AgentChange::default() };
        agents::update(&world.ctx(), &ann.id, change).await.expect("renames");
        let written = world.write(&ann).await;
        assert_eq!((written.id.as_str(), written.name.as_str()), ("ann", "Zoe"));
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_runs_here_is_not_written() {
    with_file(async |world| {
        let ann = world.agent("Ann").await;
        let error = refused(gateway::write_entry(&world.ctx(), &ann.id, &Map::new()).await);
        assert_eq!(error.kind(), Kind::Conflict);
        assert!(world.file.written().is_empty());
    })
    .await;
}

#[tokio::test]
async fn other_orgs_and_agents_cannot_write() {
    with_file(async |world| {
        let other = world.ctx_in("other").await;
        for ctx in [other, world.ctx_of_agent()] {
            assert_eq!(refused(gateway::check(&ctx, &Map::new())).kind(), Kind::Forbidden);
            assert_eq!(refused(gateway::prepare(&ctx, &mut new("Ann", json!({}))).await).kind(), Kind::Forbidden);
            assert_eq!(refused(gateway::write_entry(&ctx, "agent-1", &Map::new()).await).kind(), Kind::Forbidden);
        }
        assert!(world.file.written().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_written_leaves_an_agent_that_can_be_written_later() {
    with_file(async |world| {
        world.file.is_broken();
        let mut ann = new("Ann", json!({}));
        let said = gateway::prepare(&world.ctx(), &mut ann).await.expect("prepares");
        let ann = agents::create(&world.ctx(), ann).await.expect("makes an agent");
        refused(gateway::write_entry(&world.ctx(), &ann.id, &said).await);
        world.file.lists(&[]);
        assert_eq!(world.write(&ann).await.id, "ann");
    })
    .await;
}

#[tokio::test]
async fn without_a_file_the_agent_is_made_and_the_writing_says_what_to_set() {
    on_both(async |world| {
        let mut ann = new("Ann", json!({"model": "x/y"}));
        gateway::prepare(&world.ctx(), &mut ann).await.expect("nothing to do");
        let ann = agents::create(&world.ctx(), ann).await.expect("makes an agent");
        assert_eq!((ann.source.as_str(), ann.hosted), ("api", true));
        let error = refused(gateway::write_entry(&world.ctx(), &ann.id, &Map::new()).await);
        assert!(error.message().contains("set MUSTER_GATEWAY_CONFIG"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn the_file_says_last_what_the_agent_is_last() {
    with_file(async |world| {
        let ann = make(&world.ctx(), new("Ann", json!({}))).await;
        world.wrote();
        world.file.role_changes_meanwhile(world.ctx(), &ann);
        gateway::write_entry(&world.ctx(), &ann.id, &Map::new()).await.expect("writes");
        let roles: Vec<Option<String>> = world.file.written().into_iter().map(|change| change.role).collect();
        assert_eq!(roles, [Some("writer".to_owned()), Some("changed meanwhile".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn what_the_file_has_no_place_for_stays_with_the_agent() {
    with_file(async |world| {
        let listed = entry("a", "Ann");
        let config = map(json!({"openclawId": "a", "model": "x/y", "unknown": [1], "sandbox": {"mode": "all"}}));
        world.file.lists(&[gateway::Entry { config, ..listed }]);
        gateway::sync(&world.ctx()).await.expect("syncs");
        let ann = world.named("Ann").await;
        let before = world.definition(&ann).await.config;
        world.write(&ann).await;
        let mut expected = before;
        expected.insert("identity".to_owned(), json!({"name": "Ann", "theme": "agent"}));
        assert_eq!(world.definition(&ann).await.config, expected);
    })
    .await;
}
