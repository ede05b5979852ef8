//! Versions of what an agent is told to be.

use crate::support::{World, on_both, page, refused, seconds};
use muster_base::{Kind, PageRequest, Patch};
use muster_domain::access::Role;
use muster_domain::agents::{self, Agent, AgentChange, Lifecycle, NewAgent, versions};
use muster_domain::events::{self, EventFilter};
use muster_store::args;
use serde_json::{Value, json};

fn configuration(change: Value) -> AgentChange {
    AgentChange {
        configuration: Patch::Value(change.as_object().expect("an object").clone()),
        ..AgentChange::default()
    }
}

fn soul(text: &str) -> AgentChange {
    AgentChange { personality: Patch::Value(text.to_owned()), ..AgentChange::default() }
}

async fn change(world: &World, agent: &Agent, change: AgentChange) -> Agent {
    agents::update(&world.ctx(), &agent.id, change).await.expect("updates")
}

async fn fields(world: &World, agent: &Agent, version: i64) -> Vec<String> {
    versions::find(&world.ctx(), &agent.id, version).await.expect("finds").0.fields.expect("known")
}

#[tokio::test]
async fn every_change_of_what_an_agent_is_told_is_a_version_with_its_maker() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let editor = world.ctx_as("usr_ed", Role::Operator);
        world.advance(seconds(60));
        agents::update(&editor, &agent.id, soul("Calm.")).await.expect("updates");
        let role = AgentChange { role: Patch::Value("qa".to_owned()), ..AgentChange::default() };
        change(&world, &agent, role).await;
        change(&world, &agent, soul("Calm.")).await;
        change(&world, &agent, configuration(json!({"model": "openai/gpt-5"}))).await;
        let all = versions::list(&world.ctx(), &agent.id, &page(10)).await.expect("lists").items;
        let told: Vec<(i64, &str, &str)> =
            all.iter().map(|v| (v.version, v.actor.kind.as_str(), v.actor.id.as_str())).collect();
        assert_eq!(told, [(3, "system", "muster"), (2, "user", "usr_ed"), (1, "system", "muster")], "a role is none");
        assert_eq!((all[0].created_at, all[2].created_at), (world.now(), agent.created_at));
        assert_eq!(fields(&world, &agent, 2).await, ["personality"]);
        assert_eq!(fields(&world, &agent, 3).await, ["configuration"]);
        let first = versions::list(&world.ctx(), &agent.id, &page(2)).await.expect("lists");
        change(&world, &agent, soul("Brisk.")).await;
        let rest = versions::list(&world.ctx(), &agent.id, &PageRequest { limit: 2, after: first.next }).await;
        let rest: Vec<i64> = rest.expect("lists").items.iter().map(|version| version.version).collect();
        assert_eq!(rest, [1], "a page stays right while versions are added");
    })
    .await;
}

#[tokio::test]
async fn a_version_of_an_older_muster_still_names_its_maker() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        for (id, kind) in [("usr_1", "user"), ("key_1", "key"), ("muster", "system"), ("agent-x-1", "agent")] {
            world.tamper(format!("UPDATE definitions SET about = NULL, actor = '{id}'")).await;
            let (version, _) = versions::find(&world.ctx(), &agent.id, 1).await.expect("finds");
            assert_eq!((version.actor.kind.as_str(), version.actor.id.as_str()), (kind, id));
            assert_eq!((version.fields, version.restored), (None, None));
        }
    })
    .await;
}

#[tokio::test]
async fn going_back_brings_everything_back_but_secrets_that_are_gone() {
    on_both(async |world| {
        let new = NewAgent {
            name: "Ann".to_owned(),
            configuration: Some(
                json!({"model": "openai/gpt-5", "custom_env": {"A_TOKEN": "a", "B_TOKEN": "b", "LEVEL": "1"}}),
            ),
            ..NewAgent::default()
        };
        let agent = agents::create(&world.ctx(), new).await.expect("makes it");
        change(
            &world,
            &agent,
            configuration(json!({"model": "openai/gpt-5-mini", "custom_env": {"A_TOKEN": null, "LEVEL": "2"}})),
        )
        .await;
        change(&world, &agent, configuration(json!({"custom_env": {"C_TOKEN": "c"}}))).await;
        world.advance(seconds(1));
        let back = versions::restore(&world.ctx(), &agent.id, 1).await.expect("goes back");
        assert_eq!((back.version, back.model.as_deref(), back.changed_at), (4, Some("openai/gpt-5"), world.now()));
        let (version, definition) = versions::find(&world.ctx(), &agent.id, 4).await.expect("finds");
        assert_eq!((version.restored, version.fields), (Some(1), Some(vec!["configuration".to_owned()])));
        let env: Vec<(&str, &str)> =
            definition.configuration.custom_env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(env, [("B_TOKEN", "[redacted]"), ("LEVEL", "1")], "what was removed is gone, what came since too");
        assert_eq!(agents::secrets_set(&world.ctx(), &agent.id).await.expect("lists"), ["env.B_TOKEN"]);
        let kinds = world.event_kinds().await.len();
        let same = versions::restore(&world.ctx(), &agent.id, 4).await.expect("is so already");
        assert_eq!((same.version, world.event_kinds().await.len()), (4, kinds));
        let mut filter = EventFilter::default();
        filter.kind = Some("agent.updated".to_owned());
        let told = events::list(&world.ctx(), &filter, 100).await.expect("lists");
        let last: Value = serde_json::from_str(told.last().expect("some").data.get()).expect("JSON");
        assert_eq!(last, json!({"fields": ["configuration"], "version": 4, "restored": 1}));
    })
    .await;
}

#[tokio::test]
async fn going_back_moves_an_agent_between_here_and_elsewhere() {
    on_both(async |world| {
        let new = NewAgent { name: "Ann".to_owned(), source: agents::Source::Api, ..NewAgent::default() };
        let agent = agents::create(&world.ctx(), new).await.expect("makes it");
        let config = json!({"model": "openai/gpt-5"});
        let config = Patch::Value(config.as_object().expect("an object").clone());
        assert!(change(&world, &agent, AgentChange { config, ..AgentChange::default() }).await.hosted);
        assert!(!versions::restore(&world.ctx(), &agent.id, 1).await.expect("goes back").hosted);
        assert!(versions::restore(&world.ctx(), &agent.id, 2).await.expect("goes back").hosted);
        let found = world.find(&agent).await;
        assert_eq!((found.hosted, found.version, found.lifecycle), (true, 4, Lifecycle::Active));
    })
    .await;
}

#[tokio::test]
async fn what_is_missing_is_the_version_or_the_agent() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let other = world.ctx_in("other").await;
        let missing = |error: muster_base::Error, what: &str| {
            assert_eq!(error.kind(), Kind::NotFound);
            assert!(error.message().starts_with(what), "{}", error.message());
        };
        missing(refused(versions::find(&world.ctx(), &agent.id, 2).await), "version");
        missing(refused(versions::restore(&world.ctx(), &agent.id, 2).await), "version");
        missing(refused(versions::find(&other, &agent.id, 1).await), "agent");
        missing(refused(versions::list(&other, &agent.id, &page(1)).await), "agent");
        missing(refused(versions::restore(&other, &agent.id, 1).await), "agent");
        assert_eq!(world.count("SELECT count(*) FROM definitions WHERE agent_id = $1", args![&agent.id]).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_made_at_once_are_all_kept() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let tasks: Vec<_> = (0..10)
            .map(|n| {
                let (ctx, id) = (world.ctx(), agent.id.clone());
                tokio::spawn(async move {
                    if n % 2 == 0 {
                        agents::update(&ctx, &id, soul(&format!("{n}"))).await
                    } else {
                        versions::restore(&ctx, &id, 1).await
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic").expect("changes");
        }
        let found = world.find(&agent).await;
        let sql = "SELECT count(*) FROM definitions WHERE agent_id = $1";
        assert_eq!(world.count(sql, args![&agent.id]).await, found.version);
    })
    .await;
}
