//! Agents that clients enter: who runs them, what they are called, and their cards.

use crate::support::{World, on_both, page, refused, seconds};
use muster_base::{Kind, Patch};
use muster_domain::agents::{
    self, Agent, AgentChange, AgentFilter, Definition, NewAgent, Presence, Registration, Source, TaskCounts,
};
use muster_store::args;
use serde_json::{Map, Value, json};

fn map(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

fn entered(name: &str, source: Source, config: Value) -> NewAgent {
    let definition = Definition { config: map(config), ..Definition::default() };
    NewAgent { name: name.to_owned(), source, definition, ..NewAgent::default() }
}

async fn enter(world: &World, name: &str, source: Source, config: Value) -> Agent {
    agents::create(&world.ctx(), entered(name, source, config)).await.expect("makes it")
}

async fn configure(world: &World, agent: &Agent, config: Value) -> Agent {
    let change = AgentChange { config: Patch::Value(map(config)), ..AgentChange::default() };
    agents::update(&world.ctx(), &agent.id, change).await.expect("updates")
}

#[tokio::test]
async fn who_runs_an_agent_follows_from_how_it_joined_and_whether_it_has_a_model() {
    on_both(async |world| {
        let model = json!({"model": "openai/gpt-5"});
        for (source, without, with) in [
            (Source::Hosted, true, true),
            (Source::Api, false, true),
            (Source::Sdk, false, false),
            (Source::Host, false, false),
            (Source::Gateway, false, false),
        ] {
            let plain = enter(&world, &format!("{source:?} plain"), source, json!({})).await;
            let named = enter(&world, &format!("{source:?} named"), source, model.clone()).await;
            assert_eq!((plain.hosted, named.hosted), (without, with), "{source:?}");
            assert_eq!(named.model.as_deref(), Some("openai/gpt-5"));
            assert_eq!(named.source, source.as_str());
            let usual = if source == Source::Hosted { Presence::Online } else { Presence::Offline };
            assert_eq!(plain.presence, usual, "{source:?}");
            let moved = configure(&world, &plain, model.clone()).await;
            assert_eq!((moved.hosted, moved.model.as_deref()), (with, Some("openai/gpt-5")));
            let back = configure(&world, &moved, json!({"other": 1})).await;
            assert_eq!((back.hosted, back.model), (without, None));
            assert_eq!(world.find(&plain).await.hosted, without, "as it is stored");
        }
    })
    .await;
}

#[tokio::test]
async fn a_model_that_another_dialect_names_counts_too_and_shows_in_the_config() {
    on_both(async |world| {
        let agent = enter(&world, "Ann", Source::Api, json!({"model": {"primary": "openai/gpt-5", "x": 1}})).await;
        let shown = async || agents::card(&world.ctx(), &agent.id).await.expect("a card").config;
        let hosting = async |model: Value| {
            let change =
                AgentChange { configuration: Patch::Value(map(json!({"model": model}))), ..AgentChange::default() };
            agents::update(&world.ctx(), &agent.id, change).await.expect("updates").hosted
        };
        assert!(hosting(json!("anthropic/claude-sonnet-5")).await);
        assert_eq!(shown().await, map(json!({"model": {"primary": "anthropic/claude-sonnet-5", "x": 1}})));
        assert!(!hosting(Value::Null).await);
        assert_eq!(shown().await, map(json!({"model": {"x": 1}})));
        configure(&world, &agent, json!({"y": 1})).await;
        assert!(hosting(json!("openai/gpt-5-mini")).await);
        assert_eq!(shown().await, map(json!({"y": 1, "model": "openai/gpt-5-mini"})));
    })
    .await;
}

#[tokio::test]
async fn a_turn_that_waits_runs_though_its_agent_left() {
    on_both(async |world| {
        let agent = enter(&world, "Ann", Source::Api, json!({"model": "openai/gpt-5"})).await;
        world.post(&agent, "chat", "hello").await;
        configure(&world, &agent, json!({})).await;
        let claim = world.claim_one().await;
        world.answer(&claim, "hi", 5).await.expect("answers");
        assert!(!world.find(&agent).await.hosted);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_key_belongs_to_one_agent_of_an_org() {
    on_both(async |world| {
        let with_key = |name: &str, key: &str| NewAgent {
            session_key: Some(key.to_owned()),
            ..entered(name, Source::Api, json!({}))
        };
        let ann = agents::create(&world.ctx(), with_key("Ann", "s1")).await.expect("makes it");
        let taken = refused(agents::create(&world.ctx(), with_key("Bob", "s1")).await);
        assert_eq!((taken.kind(), taken.field()), (Kind::Conflict, Some("session_key")));
        let taken = refused(agents::create(&world.ctx(), with_key("Ann", "s1")).await);
        assert_eq!((taken.kind(), taken.field()), (Kind::Conflict, Some("name")), "the name is told first");
        let bob = agents::create(&world.ctx(), with_key("Bob", "s2")).await.expect("makes it");
        for name in [Patch::Absent, Patch::Value("Bob".to_owned())] {
            let session_key = Patch::Value("s1".to_owned());
            let change = AgentChange { name, session_key, ..AgentChange::default() };
            let taken = refused(agents::update(&world.ctx(), &bob.id, change).await);
            assert_eq!((taken.kind(), taken.field()), (Kind::Conflict, Some("session_key")));
        }
        agents::create(&world.ctx_in("other").await, with_key("Ann", "s1")).await.expect("another org's");
        let freed = AgentChange { session_key: Patch::Null, ..AgentChange::default() };
        agents::update(&world.ctx(), &ann.id, freed).await.expect("updates");
        let change = AgentChange { session_key: Patch::Value("s1".to_owned()), ..AgentChange::default() };
        let bob = agents::update(&world.ctx(), &bob.id, change).await.expect("it is free");
        assert_eq!(bob.session_key.as_deref(), Some("s1"));
        for wrong in [String::new(), " ".to_owned(), "x".repeat(201), "a\nb".to_owned()] {
            let error = refused(agents::create(&world.ctx(), with_key("Cid", &wrong)).await);
            assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some("session_key")), "{wrong:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_agent_is_found_by_number_then_id_then_name() {
    on_both(async |world| {
        let first = world.agent("2").await;
        let second = world.agent("Bob").await;
        let like_an_id = world.agent(&second.id).await;
        let found = async |text: &str| agents::resolve(&world.ctx(), text).await.map(|agent| agent.id);
        assert_eq!(found("2").await.expect("finds"), second.id, "a number before a name");
        assert_eq!(found("02").await.expect("finds"), second.id);
        assert_eq!(found(&first.id).await.expect("finds"), first.id);
        assert_eq!(found(&second.id).await.expect("finds"), second.id, "an id before a name");
        assert_eq!(found(&like_an_id.number.to_string()).await.expect("finds"), like_an_id.id);
        assert_eq!(found("Bob").await.expect("finds"), second.id);
        for nobody in ["", "bob", "+2", "-2", "0", "2 ", "99999999999999999999999", "agent-x"] {
            assert_eq!(found(nobody).await.expect_err("nobody").kind(), Kind::NotFound, "{nobody:?}");
        }
        let other = world.ctx_in("other").await;
        for own in ["1", &first.id, "Bob"] {
            assert_eq!(refused(agents::resolve(&other, own).await).kind(), Kind::NotFound);
            assert_eq!(refused(agents::card(&other, own).await).kind(), Kind::NotFound);
        }
        assert_eq!(agents::named(&world.ctx(), "2").await.expect("finds").id, first.id);
        assert_eq!(refused(agents::named(&world.ctx(), "1").await).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn cards_count_each_agents_tasks_and_no_others() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        let statuses = ["inbox", "assigned", "assigned", "in_progress", "review", "quality_review", "done", "done", "done", "failed"];
        for (n, status) in statuses.into_iter().enumerate() {
            let sql = format!(
                "INSERT INTO tasks (number, org_id, title, status, priority, agent_id, created_by, created_at, changed_at)
                 VALUES ({n}, 'acme', 't', '{status}', 1, '{}', 'm', 1, 1)",
                ann.id
            );
            world.tamper(sql).await;
        }
        world.tamper("INSERT INTO tasks (number, org_id, title, status, priority, created_by, created_at, changed_at) VALUES (99, 'acme', 't', 'inbox', 1, 'm', 1, 1)").await;
        let counted = TaskCounts { total: 10, assigned: 2, in_progress: 1, quality_review: 1, done: 3 };
        let (cards, total) = agents::cards(&world.ctx(), &AgentFilter::default(), 50, 0).await.expect("lists");
        let told: Vec<(&str, TaskCounts)> = cards.iter().map(|card| (card.agent.name.as_str(), card.tasks)).collect();
        assert_eq!((told, total), (vec![("Bob", TaskCounts::default()), ("Ann", counted)], 2));
        assert_eq!(agents::card(&world.ctx(), "Ann").await.expect("a card").tasks, counted);
        assert_eq!(agents::card(&world.ctx(), "Bob").await.expect("a card").agent, world.find(&bob).await);
    })
    .await;
}

#[tokio::test]
async fn cards_are_paged_newest_first_and_filtered() {
    on_both(async |world| {
        for n in 0..7 {
            let role = Some(if n % 2 == 0 { "even" } else { "odd" }.to_owned());
            let presence = Some(if n < 2 { Presence::Busy } else { Presence::Idle });
            let new = NewAgent { role, presence, ..entered(&format!("name-{n}"), Source::Api, json!({"n": n})) };
            agents::create(&world.ctx(), new).await.expect("makes it");
            if n == 3 {
                world.advance(seconds(1));
            }
        }
        agents::create(&world.ctx_in("other").await, entered("foreign", Source::Api, json!({})))
            .await
            .expect("makes it");
        let listed = async |filter: AgentFilter, limit, offset| {
            let (cards, total) = agents::cards(&world.ctx(), &filter, limit, offset).await.expect("lists");
            assert!(cards.iter().all(|card| card.agent.name.ends_with(&card.config["n"].to_string())));
            (cards.into_iter().map(|card| card.agent.number).collect::<Vec<_>>(), total)
        };
        let all = AgentFilter::default;
        assert_eq!(listed(all(), 3, 0).await, (vec![7, 6, 5], 7));
        assert_eq!(listed(all(), 3, 6).await, (vec![1], 7));
        assert_eq!(listed(all(), 3, 7).await, (vec![], 7));
        let odd = || AgentFilter { role: Some("odd".to_owned()), ..all() };
        assert_eq!(listed(odd(), 10, 0).await, (vec![6, 4, 2], 3));
        assert_eq!(agents::count(&world.ctx(), &odd()).await.expect("counts"), 3);
        let busy = AgentFilter { presence: Some(Presence::Busy), ..odd() };
        assert_eq!(listed(busy, 10, 0).await, (vec![2], 1));
        let named = AgentFilter { query: Some("NAME-5".to_owned()), ..all() };
        assert_eq!(listed(named, 10, 0).await, (vec![6], 1));
        assert_eq!(agents::list(&world.ctx(), &odd(), &page(2)).await.expect("lists").items.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_registers_many_times_at_once_is_one_agent() {
    on_both(async |world| {
        let tasks: Vec<_> = (0..12)
            .map(|_| {
                let ctx = world.ctx();
                let new = Registration {
                    name: "scout".to_owned(),
                    role: Some("agent".to_owned()),
                    capabilities: Some(vec!["look".to_owned()]),
                    framework: None,
                };
                tokio::spawn(async move { agents::register(&ctx, new).await })
            })
            .collect();
        let mut new = 0;
        for task in tasks {
            let (agent, is_new) = task.await.expect("no panic").expect("registers");
            assert_eq!((agent.name.as_str(), agent.presence, agent.version), ("scout", Presence::Online, 1));
            new += i32::from(is_new);
        }
        assert_eq!(new, 1);
        assert_eq!(world.count("SELECT count(*) FROM agents", vec![]).await, 1);
        assert_eq!(world.count("SELECT count(*) FROM events WHERE type = 'agent.updated'", vec![]).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_config_is_merged_only_where_that_is_asked_for() {
    on_both(async |world| {
        let agent = enter(&world, "Ann", Source::Api, json!({"a": {"b": 1, "c": null}, "d": 2})).await;
        let definition = async |id: &str| {
            let agent = agents::find(&world.ctx(), id).await.expect("is there");
            agents::load_definition(&world.ctx(), &agent).await.expect("its definition").config
        };
        assert_eq!(definition(&agent.id).await, map(json!({"a": {"b": 1, "c": null}, "d": 2})), "as it was said");
        let merge = AgentChange { config_merge: map(json!({"a": {"b": 3}, "d": null})), ..AgentChange::default() };
        agents::update(&world.ctx(), &agent.id, merge).await.expect("updates");
        assert_eq!(definition(&agent.id).await, map(json!({"a": {"b": 3, "c": null}})));
        configure(&world, &agent, json!({"e": 1})).await;
        assert_eq!(definition(&agent.id).await, map(json!({"e": 1})));
        assert_eq!(world.count("SELECT count(*) FROM definitions WHERE agent_id = $1", args![&agent.id]).await, 3);
    })
    .await;
}

#[tokio::test]
async fn what_an_agent_does_can_be_told_from_the_start() {
    on_both(async |world| {
        let doing =
            |text: &str| NewAgent { last_activity: Some(text.to_owned()), ..entered("Busy", Source::Api, json!({})) };
        let long = refused(agents::create(&world.ctx(), doing(&"x".repeat(1001))).await);
        assert_eq!(long.field(), Some("last_activity"));
        let agent = agents::create(&world.ctx(), doing("reading")).await.expect("makes it");
        assert_eq!(world.find(&agent).await.last_activity.as_deref(), Some("reading"));
    })
    .await;
}
