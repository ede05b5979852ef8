use super::fake::{GatewayWorld, entry, map, with_file};
use crate::support::{on_both, refused};
use muster_base::{Kind, Patch};
use muster_domain::agents::{self, AgentChange, Presence};
use muster_domain::gateway::{self, Action, Entry, Missing, Outcome, UNREADABLE};
use serde_json::json;
use std::collections::HashSet;

impl GatewayWorld {
    async fn sync(&self) -> Outcome {
        let expected = gateway::preview(&self.ctx()).await.expect("previews");
        let outcome = gateway::sync(&self.ctx()).await.expect("syncs");
        let told = |outcome: &Outcome| {
            outcome.agents.iter().map(|taken| (taken.action, taken.reason.clone())).collect::<Vec<_>>()
        };
        assert_eq!((told(&outcome), &outcome.missing), (told(&expected), &expected.missing), "as the preview said");
        outcome
    }

    /// What became of each entry.
    async fn actions(&self) -> Vec<Action> {
        self.sync().await.agents.into_iter().map(|taken| taken.action).collect()
    }
}

#[tokio::test]
async fn an_entry_becomes_an_agent_that_the_gateway_runs() {
    with_file(async |world| {
        let config = map(
            json!({"openclawId": "main", "model": {"primary": "a/b", "fallbacks": ["c/d"]}, "tools": {"allow": ["x"]}}),
        );
        let soul = Some("Be kind.".to_owned());
        let warning = Some("told".to_owned());
        world.file.lists(&[Entry {
            role: "writer".to_owned(),
            soul,
            config: config.clone(),
            warning: warning.clone(),
            ..entry("main", "Ann")
        }]);
        let before = gateway::preview(&world.ctx()).await.expect("previews");
        assert_eq!((before.agents[0].action, before.agents[0].agent), (Action::Created, None));
        assert_eq!(world.event_kinds().await, ["org.created"], "a preview changes nothing");

        let outcome = world.sync().await;
        let ann = world.named("Ann").await;
        assert_eq!((outcome.agents[0].agent, &outcome.agents[0].warning), (Some(ann.number), &warning));
        assert_eq!((ann.role.as_deref(), ann.source.as_str(), ann.hosted), (Some("writer"), "gateway", false));
        assert_eq!((ann.session_key.as_deref(), ann.presence), (Some("agent:main:main"), Presence::Offline));
        assert_eq!((ann.model.as_deref(), ann.version), (Some("a/b"), 1));
        let definition = world.definition(&ann).await;
        assert_eq!((definition.personality.as_deref(), definition.config), (Some("Be kind."), config));
        assert_eq!(world.event_kinds().await, ["org.created", "agent.created"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_unchanged_is_not_touched() {
    with_file(async |world| {
        world.file.lists(&[Entry { soul: Some("Calm.".to_owned()), ..entry("a", "Ann") }, entry("b", "Ben")]);
        assert_eq!(world.actions().await, [Action::Created, Action::Created]);
        let (ann, events) = (world.named("Ann").await, world.event_kinds().await.len());
        world.advance(std::time::Duration::from_secs(60));
        assert_eq!(world.actions().await, [Action::Unchanged, Action::Unchanged]);
        assert_eq!(world.named("Ann").await, ann);
        assert_eq!(world.event_kinds().await.len(), events);
        // A soul that is gone from its file stays here.
        world.file.lists(&[entry("a", "Ann"), entry("b", "Ben")]);
        assert_eq!(world.actions().await, [Action::Unchanged, Action::Unchanged]);
        assert_eq!(world.definition(&ann).await.personality.as_deref(), Some("Calm."));
    })
    .await;
}

#[tokio::test]
async fn a_change_in_the_file_changes_the_agent_and_a_new_name_renames_it() {
    with_file(async |world| {
        world.file.lists(&[entry("a", "Ann")]);
        world.sync().await;
        let ann = world.named("Ann").await;
        let config = map(json!({"openclawId": "a", "model": "x/y"}));
        world.file.lists(&[Entry {
            role: "poet".to_owned(),
            soul: Some("New.".to_owned()),
            config,
            ..entry("a", "Anna")
        }]);
        assert_eq!(world.actions().await, [Action::Updated]);
        let anna = world.find(&ann).await;
        assert_eq!((anna.name.as_str(), anna.role.as_deref(), anna.version), ("Anna", Some("poet"), 2));
        assert_eq!((anna.model.as_deref(), anna.hosted), (Some("x/y"), false));
        assert_eq!(world.definition(&ann).await.personality.as_deref(), Some("New."));
        assert_eq!(world.event_kinds().await, ["org.created", "agent.created", "agent.updated"]);
        assert_eq!(world.actions().await, [Action::Unchanged]);
    })
    .await;
}

#[tokio::test]
async fn what_clients_add_to_a_config_stays_and_the_file_wins_elsewhere() {
    with_file(async |world| {
        let listed = Entry { config: map(json!({"openclawId": "a", "tools": {"allow": ["x"]}})), ..entry("a", "Ann") };
        world.file.lists(std::slice::from_ref(&listed));
        world.sync().await;
        let ann = world.named("Ann").await;
        let config = map(json!({"openclawId": "a", "tools": {"allow": ["y"]}, "colour": "red", "sandbox": {"ours": 1, "mode": "all"}}));
        let change = AgentChange { config: Patch::Value(config), role: Patch::Value("poet".to_owned()), ..AgentChange::default() };
        agents::update(&world.ctx(), &ann.id, change).await.expect("changes");
        assert_eq!(world.actions().await, [Action::Updated]);
        let expected = map(json!({"openclawId": "a", "tools": {"allow": ["x"]}, "colour": "red", "sandbox": {"ours": 1}}));
        assert_eq!(world.definition(&ann).await.config, expected);
        assert_eq!(world.find(&ann).await.role.as_deref(), Some("agent"));
        assert_eq!(world.actions().await, [Action::Unchanged]);
    })
    .await;
}

#[tokio::test]
async fn the_model_of_the_file_wins_over_another_dialects() {
    with_file(async |world| {
        world.file.lists(&[Entry { config: map(json!({"openclawId": "a", "model": "x/y"})), ..entry("a", "Ann") }]);
        world.sync().await;
        let ann = world.named("Ann").await;
        let configuration = Patch::Value(map(json!({"model": "z/z"})));
        agents::update(&world.ctx(), &ann.id, AgentChange { configuration, ..AgentChange::default() })
            .await
            .expect("changes");
        assert_eq!(world.actions().await, [Action::Updated]);
        assert_eq!(world.find(&ann).await.model.as_deref(), Some("x/y"));
        assert_eq!(world.actions().await, [Action::Unchanged]);
    })
    .await;
}

#[tokio::test]
async fn an_agent_with_the_session_key_is_the_entrys() {
    with_file(async |world| {
        let ann = world.entered("By hand", Some("agent:a:main"), json!({"model": "x/y"})).await;
        assert!(ann.hosted);
        world.file.lists(&[entry("A", "Ann")]);
        assert_eq!(world.actions().await, [Action::Updated]);
        let ann = world.find(&ann).await;
        assert_eq!((ann.name.as_str(), ann.source.as_str(), ann.hosted), ("Ann", "gateway", false));
        assert_eq!(world.actions().await, [Action::Unchanged]);
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_was_given_another_session_key_is_still_the_entrys() {
    with_file(async |world| {
        world.file.lists(&[entry("a", "Ann")]);
        world.sync().await;
        let ann = world.named("Ann").await;
        let session_key = Patch::Value("session-abc".to_owned());
        agents::update(&world.ctx(), &ann.id, AgentChange { session_key, ..AgentChange::default() })
            .await
            .expect("changes");
        world.file.lists(&[entry("a", "Anna")]);
        assert_eq!(world.actions().await, [Action::Updated]);
        let anna = world.find(&ann).await;
        assert_eq!((anna.name.as_str(), anna.session_key.as_deref()), ("Anna", Some("session-abc")));
    })
    .await;
}

#[tokio::test]
async fn a_taken_name_is_a_conflict_that_changes_nothing_of_its_entry() {
    with_file(async |world| {
        let other = world.agent("Ann").await;
        world.file.lists(&[entry("a", "Ann"), entry("b", "Ben"), entry("c", "Ben")]);
        let outcome = world.sync().await;
        let actions: Vec<Action> = outcome.agents.iter().map(|taken| taken.action).collect();
        assert_eq!(actions, [Action::Conflict, Action::Created, Action::Conflict]);
        let reason = "the name `Ann` is taken by another agent; give one of them another name";
        assert_eq!(outcome.agents[0].reason.as_deref(), Some(reason));
        assert_eq!(world.find(&other).await, other);
        // A rename that cannot be leaves the rest of the entry alone as well.
        world.file.lists(&[Entry { role: "poet".to_owned(), ..entry("b", "Ann") }]);
        assert_eq!(world.actions().await, [Action::Conflict]);
        assert_eq!(world.named("Ben").await.role.as_deref(), Some("agent"));
    })
    .await;
}

#[tokio::test]
async fn agents_may_pass_their_names_on() {
    with_file(async |world| {
        world.file.lists(&[entry("a", "One"), entry("b", "Two"), entry("c", "Three")]);
        world.sync().await;
        let [a, b, c] = [world.named("One").await, world.named("Two").await, world.named("Three").await];
        let names = async || [&a, &b, &c].map(async |agent| world.find(agent).await.name);
        world.file.lists(&[entry("a", "Two"), entry("b", "One"), entry("c", "Three"), entry("d", "Four")]);
        assert_eq!(world.actions().await, [Action::Updated, Action::Updated, Action::Unchanged, Action::Created]);
        let [a_now, b_now, _] = names().await;
        assert_eq!((a_now.await, b_now.await), ("Two".to_owned(), "One".to_owned()));
        // Round in a circle, and the last one has no place: whoever waits for its name waits as well.
        world.agent("Taken").await;
        world.file.lists(&[entry("a", "One"), entry("b", "Three"), entry("c", "Taken"), entry("d", "Two")]);
        assert_eq!(world.actions().await, [Action::Conflict; 4]);
        let [a_now, b_now, c_now] = names().await;
        assert_eq!((a_now.await, b_now.await, c_now.await), ("Two".to_owned(), "One".to_owned(), "Three".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_runs_here_is_not_taken_over() {
    with_file(async |world| {
        let hosted = world.agent("Ann").await;
        let session_key = Patch::Value("agent:a:main".to_owned());
        agents::update(&world.ctx(), &hosted.id, AgentChange { session_key, ..AgentChange::default() })
            .await
            .expect("changes");
        world.file.lists(&[entry("a", "Other")]);
        let outcome = world.sync().await;
        assert_eq!(outcome.agents[0].action, Action::Conflict);
        assert!(outcome.agents[0].reason.as_ref().is_some_and(|reason| reason.contains("runs here")), "{outcome:?}");
        assert_eq!(world.find(&hosted).await.name, "Ann");
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_cannot_be_an_agent_is_told_and_the_others_are_taken() {
    with_file(async |world| {
        let config = map(json!({"openclawId": "a", "model": "no model"}));
        world.file.lists(&[Entry { config, ..entry("a", "Ann") }, entry("b", "Ben")]);
        let outcome = world.sync().await;
        assert_eq!((outcome.count(Action::Conflict), outcome.count(Action::Created)), (1, 1));
        assert!(
            outcome.agents[0].reason.as_ref().is_some_and(|reason| reason.starts_with("config.model: must be")),
            "{outcome:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn agents_that_the_file_lists_no_more_stay_and_are_told() {
    with_file(async |world| {
        world.file.lists(&[entry("a", "Ann"), entry("b", "Ben")]);
        world.sync().await;
        world.entered("By hand", Some("agent:x:main"), json!({})).await;
        world.file.lists(&[entry("a", "Ann")]);
        let ben = world.named("Ben").await;
        let missing = Missing { id: Some("b".to_owned()), name: "Ben".to_owned(), agent: ben.number };
        assert_eq!(world.sync().await.missing, [missing]);
        assert_eq!(world.find(&ben).await, ben);
        // Its name is still its own.
        world.file.lists(&[entry("c", "Ben")]);
        assert_eq!(world.actions().await, [Action::Conflict]);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_changes_nothing() {
    with_file(async |world| {
        world.file.is_broken();
        assert_eq!(refused(gateway::sync(&world.ctx()).await).code(), UNREADABLE);
        assert_eq!(refused(gateway::preview(&world.ctx()).await).code(), UNREADABLE);
        assert_eq!(world.event_kinds().await, ["org.created"]);
    })
    .await;
}

#[tokio::test]
async fn the_file_is_one_orgs_and_no_agents() {
    with_file(async |world| {
        world.file.lists(&[entry("a", "Ann")]);
        let other = world.ctx_in("other").await;
        for ctx in [other.clone(), world.ctx_of_agent()] {
            assert_eq!(refused(gateway::sync(&ctx).await).kind(), Kind::Forbidden);
            assert_eq!(refused(gateway::preview(&ctx).await).kind(), Kind::Forbidden);
        }
        world.sync().await;
        assert_eq!(agents::count(&other, &agents::AgentFilter::default()).await.expect("counts"), 0);
    })
    .await;
}

#[tokio::test]
async fn without_a_file_it_says_what_to_set() {
    on_both(async |world| {
        let error = refused(gateway::sync(&world.ctx()).await);
        assert_eq!(error.kind(), Kind::Conflict);
        assert!(error.message().contains("set MUSTER_GATEWAY_CONFIG"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn syncs_at_the_same_time_make_each_agent_once() {
    with_file(async |world| {
        let entries: Vec<Entry> =
            (0..20).map(|number| entry(&format!("a{number}"), &format!("Agent {number}"))).collect();
        world.file.lists(&entries);
        let syncs: Vec<_> = (0..8)
            .map(|_| {
                let ctx = world.ctx();
                tokio::spawn(async move { gateway::sync(&ctx).await })
            })
            .collect();
        let mut made = 0;
        for sync in syncs {
            let outcome = sync.await.expect("ends").expect("syncs");
            assert_eq!(outcome.count(Action::Conflict), 0);
            made += outcome.count(Action::Created);
        }
        assert_eq!(made, 20);
        let names = agents::names(&world.ctx(), 100).await.expect("lists");
        let names: HashSet<String> = names.into_iter().map(|agent| agent.name).collect();
        assert_eq!(names, entries.into_iter().map(|entry| entry.name).collect());
        assert_eq!(world.event_kinds().await.len(), 21);
    })
    .await;
}
