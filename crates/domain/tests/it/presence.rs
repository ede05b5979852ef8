//! Whether agents are there: statements, signs of life, turns and silence.

use crate::support::{World, on_both, refused, seconds};
use muster_base::{Kind, Millis, Patch};
use muster_domain::agents::{self, Agent, AgentChange, NewAgent, Presence, Source};
use muster_domain::events::{self, EventFilter};
use muster_domain::{App, Ctx, Request, access, presence};
use muster_store::args;
use std::sync::Arc;

/// An agent that runs elsewhere.
async fn external(world: &World, name: &str, presence: Presence) -> Agent {
    let new = NewAgent { name: name.to_owned(), source: Source::Api, presence: Some(presence), ..NewAgent::default() };
    agents::create(&world.ctx(), new).await.expect("makes an agent")
}

/// What was written of changes of presence: `name from to`.
async fn changes(world: &World) -> Vec<String> {
    let mut filter = EventFilter::default();
    filter.kind = Some("agent.presence_changed".to_owned());
    let found = events::list(&world.ctx(), &filter, 1000).await.expect("lists");
    let told = found.iter().map(|event| serde_json::from_str::<serde_json::Value>(event.data.get()).expect("JSON"));
    told.map(|data| [&data["name"], &data["from"], &data["to"]].map(|word| word.as_str().expect("a word")).join(" "))
        .collect()
}

async fn stored_sign(world: &World, agent: &Agent) -> Option<i64> {
    let sql = "SELECT COALESCE(last_seen_at, 0) FROM agents WHERE id = $1";
    Some(world.count(sql, args![&agent.id]).await).filter(|at| *at > 0)
}

async fn seen(world: &World, agent: &Agent) {
    presence::seen(&world.ctx(), &world.find(agent).await).await.expect("is noted");
}

#[tokio::test]
async fn a_sign_of_life_brings_back_who_was_offline_and_overrides_no_statement() {
    on_both(async |world| {
        for (stated, after) in [
            (Presence::Offline, Presence::Online),
            (Presence::Online, Presence::Online),
            (Presence::Busy, Presence::Busy),
            (Presence::Idle, Presence::Idle),
            (Presence::Error, Presence::Error),
        ] {
            let agent = external(&world, stated.as_str(), stated).await;
            seen(&world, &agent).await;
            let found = world.find(&agent).await;
            assert_eq!((found.presence, found.last_seen_at), (after, Some(world.now())), "{stated:?}");
            assert_eq!(found.changed_at, agent.changed_at, "nobody changed it");
        }
        assert_eq!(changes(&world).await, ["offline offline online"]);
    })
    .await;
}

#[tokio::test]
async fn a_thousand_signs_write_no_row_until_they_are_flushed_and_show_at_once() {
    on_both(async |world| {
        let mut agents = Vec::new();
        for n in 0..70 {
            agents.push(external(&world, &format!("a{n:02}"), Presence::Online).await);
        }
        let begin = world.now();
        world.advance(seconds(30));
        let before = world.event_kinds().await.len();
        for _ in 0..15 {
            for agent in &agents {
                presence::seen(&world.ctx(), agent).await.expect("is noted");
            }
        }
        let sql = "SELECT count(*) FROM agents WHERE last_seen_at = $1";
        assert_eq!(world.count(sql, args![begin]).await, 70, "nothing is written");
        assert_eq!(world.find(&agents[3]).await.last_seen_at, Some(world.now()), "but it shows");
        let (cards, _) = agents::cards(&world.ctx(), &agents::AgentFilter::default(), 100, 0).await.expect("lists");
        assert!(cards.iter().all(|card| card.agent.last_seen_at == Some(world.now())));
        presence::flush(&world.app).await.expect("writes");
        assert_eq!(world.count(sql, args![world.now()]).await, 70);
        assert_eq!(world.event_kinds().await.len(), before, "being seen is no event");
        for n in [1, 8, 9, 64] {
            world.advance(seconds(1));
            for agent in &agents[..n] {
                presence::seen(&world.ctx(), agent).await.expect("is noted");
            }
            presence::flush(&world.app).await.expect("writes");
            assert_eq!(world.count(sql, args![world.now()]).await, n as i64);
        }
    })
    .await;
}

#[tokio::test]
async fn an_older_sign_and_one_of_an_agent_that_is_gone_change_nothing() {
    on_both(async |world| {
        let (agent, gone) =
            (external(&world, "a", Presence::Online).await, external(&world, "b", Presence::Online).await);
        world.advance(seconds(5));
        seen(&world, &agent).await;
        seen(&world, &gone).await;
        agents::delete(&world.ctx(), &gone.id, false).await.expect("deletes");
        world.tamper(format!("UPDATE agents SET last_seen_at = {} WHERE name = 'a'", world.now().0 + 9000)).await;
        presence::flush(&world.app).await.expect("writes");
        assert_eq!(stored_sign(&world, &agent).await, Some(world.now().0 + 9000));
    })
    .await;
}

#[tokio::test]
async fn a_statement_holds_until_something_newer_and_is_an_event_when_it_is_news() {
    on_both(async |world| {
        let agent = external(&world, "a", Presence::Offline).await;
        let set = async |to, doing: Option<&str>| {
            presence::set(&world.ctx(), &agent.id, to, doing.map(str::to_owned)).await.expect("is stated")
        };
        world.advance(seconds(1));
        let busy = set(Presence::Busy, Some("reading")).await;
        let shown = (busy.presence, busy.last_activity.as_deref(), busy.last_seen_at, busy.changed_at);
        assert_eq!(shown, (Presence::Busy, Some("reading"), Some(world.now()), world.now()));
        let events = world.event_kinds().await.len();
        world.advance(seconds(1));
        let again = set(Presence::Busy, Some("reading")).await;
        assert_eq!((again.last_seen_at, again.changed_at), (Some(world.now()), busy.changed_at));
        assert_eq!(stored_sign(&world, &agent).await, Some(busy.changed_at.0), "nothing was written");
        assert_eq!(world.event_kinds().await.len(), events);
        set(Presence::Busy, Some("writing")).await;
        assert_eq!(world.event_kinds().await.last().map(String::as_str), Some("agent.updated"));
        let seen_at = world.find(&agent).await.last_seen_at;
        world.advance(seconds(1));
        let gone = set(Presence::Offline, None).await;
        assert_eq!((gone.presence, gone.last_seen_at), (Presence::Offline, seen_at), "leaving is no sign of life");
        assert_eq!(gone.last_activity.as_deref(), Some("writing"));
        assert_eq!(changes(&world).await, ["a offline busy", "a busy offline"]);
        let long = presence::set(&world.ctx(), &agent.id, Presence::Busy, Some("x".repeat(1001))).await;
        assert_eq!(refused(long).field(), Some("last_activity"));
        assert_eq!(refused(presence::set(&world.ctx(), "nobody", Presence::Busy, None).await).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn an_update_states_a_presence_together_with_the_rest_or_not_at_all() {
    on_both(async |world| {
        let agent = external(&world, "a", Presence::Offline).await;
        let change = AgentChange {
            presence: Some(Presence::Error),
            role: Patch::Value("qa".to_owned()),
            ..AgentChange::default()
        };
        let updated = agents::update(&world.ctx(), &agent.id, change.clone()).await.expect("updates");
        assert_eq!((updated.presence, updated.role.as_deref()), (Presence::Error, Some("qa")));
        assert_eq!(world.find(&agent).await, updated);
        agents::stop(&world.ctx(), &agent.id).await.expect("stops");
        let change = AgentChange { role: Patch::Value("dev".to_owned()), ..change };
        let error = refused(agents::update(&world.ctx(), &agent.id, change).await);
        assert_eq!((error.kind(), error.field()), (Kind::Conflict, Some("status")));
        assert_eq!(world.find(&agent).await.role.as_deref(), Some("qa"));
        seen(&world, &agent).await;
        assert_eq!(world.find(&agent).await.presence, Presence::Offline, "a stopped agent stays offline");
        let only = AgentChange { presence: Some(Presence::Offline), ..AgentChange::default() };
        agents::update(&world.ctx(), &agent.id, only).await.expect("that is so already");
    })
    .await;
}

#[tokio::test]
async fn who_is_silent_for_longer_than_the_setting_is_offline() {
    on_both(async |world| {
        let late = external(&world, "late", Presence::Online).await;
        let busy = external(&world, "busy", Presence::Busy).await;
        let alive = external(&world, "alive", Presence::Idle).await;
        let unflushed = external(&world, "unflushed", Presence::Online).await;
        let hosted = world.agent("hosted").await;
        world.advance(seconds(600));
        presence::sweep(&world.app).await.expect("sweeps");
        assert_eq!(changes(&world).await, [""; 0], "not before the time is over");
        seen(&world, &alive).await;
        presence::flush(&world.app).await.expect("writes");
        world.advance(seconds(1));
        seen(&world, &unflushed).await;
        let again = presence::sweep(&world.app).await.expect("sweeps");
        assert!(again > world.now() && again <= world.now() + seconds(60));
        let of = async |agent: &Agent| world.find(agent).await.presence;
        assert_eq!((of(&late).await, of(&busy).await), (Presence::Offline, Presence::Offline));
        assert_eq!((of(&alive).await, of(&unflushed).await), (Presence::Idle, Presence::Online));
        assert_eq!(of(&hosted).await, Presence::Online, "what runs here is never silent");
        let mut told = changes(&world).await;
        told.sort();
        assert_eq!(told, ["busy busy offline", "late online offline"]);
        assert_eq!(world.find(&late).await.changed_at, late.changed_at, "time changed nothing of it");
        presence::sweep(&world.app).await.expect("sweeps");
        assert_eq!(changes(&world).await.len(), 2, "once");
        seen(&world, &late).await;
        assert_eq!(of(&late).await, Presence::Online);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_sweep_at_once_change_each_agent_once() {
    on_both(async |world| {
        for n in 0..450 {
            let sql = format!(
                "INSERT INTO agents (id, number, org_id, name, source, hosted, lifecycle, presence, version, balance, created_at, changed_at)
                 VALUES ('agent-{n:03}', {}, 'acme', 'a{n:03}', 'api', 0, 'active', 'online', 1, 0, 1, 1)",
                n + 1
            );
            world.tamper(sql).await;
        }
        let nodes = [world.app.clone(), world.other_node(), world.other_node()];
        let sweeps = nodes.map(|app| tokio::spawn(async move { presence::sweep(&app).await }));
        for sweep in sweeps {
            sweep.await.expect("no panic").expect("sweeps");
        }
        assert_eq!(world.count("SELECT count(*) FROM agents WHERE presence = 'offline'", vec![]).await, 450);
        let sql = "SELECT count(DISTINCT subject) FROM events WHERE type = 'agent.presence_changed'";
        assert_eq!(world.count(sql, vec![]).await, 450);
        assert_eq!(changes(&world).await.len(), 450, "and nobody twice");
        assert!(events::verify(&world.ctx()).await.expect("verifies").intact);
    })
    .await;
}

#[tokio::test]
async fn agents_of_all_orgs_fall_silent_in_their_own_logs() {
    on_both(async |world| {
        let other = world.ctx_in("other").await;
        external(&world, "a", Presence::Online).await;
        let new = NewAgent {
            name: "b".to_owned(),
            source: Source::Gateway,
            presence: Some(Presence::Online),
            ..NewAgent::default()
        };
        agents::create(&other, new).await.expect("makes it");
        world.advance(seconds(601));
        presence::sweep(&world.app).await.expect("sweeps");
        assert_eq!(changes(&world).await, ["a online offline"]);
        let sql = "SELECT count(*) FROM events WHERE org_id = 'other' AND type = 'agent.presence_changed'";
        assert_eq!(world.count(sql, vec![]).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_turn_makes_busy_and_ends_what_was_stated_before() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        presence::set(&world.ctx(), &agent.id, Presence::Idle, None).await.expect("is stated");
        world.post(&agent, "chat", "hello").await;
        assert_eq!(world.find(&agent).await.presence, Presence::Idle);
        let claim = world.claim_one().await;
        assert_eq!(world.find(&agent).await.presence, Presence::Busy);
        world.answer(&claim, "hi", 5).await.expect("answers");
        assert_eq!(world.find(&agent).await.presence, Presence::Online);
        assert_eq!(changes(&world).await, ["Ann online idle", "Ann idle busy"]);
        world.post(&agent, "chat", "again").await;
        let claim = world.claim_one().await;
        presence::set(&world.ctx(), &agent.id, Presence::Error, None).await.expect("is stated");
        assert_eq!(world.find(&agent).await.presence, Presence::Busy, "as long as the turn runs");
        world.answer(&claim, "hi", 5).await.expect("answers");
        assert_eq!(world.find(&agent).await.presence, Presence::Error, "that was newer than the turn");
        assert_eq!(changes(&world).await.len(), 2, "a turn's own events tell of the rest");
    })
    .await;
}

#[tokio::test]
async fn an_agents_own_token_speaks_for_no_other() {
    on_both(async |world| {
        let (ann, bob) =
            (external(&world, "Ann", Presence::Offline).await, external(&world, "Bob", Presence::Offline).await);
        let own = Ctx::of_agent(world.app.clone(), "acme", &ann.id, "Ann");
        presence::seen(&own, &ann).await.expect("its own");
        for refusal in
            [presence::seen(&own, &bob).await, presence::set(&own, &bob.id, Presence::Busy, None).await.map(drop)]
        {
            assert_eq!(refused(refusal).code(), "auth.other_agent");
        }
        assert_eq!(changes(&world).await, ["Ann offline online"]);
    })
    .await;
}

#[tokio::test]
async fn a_call_by_a_key_of_one_agent_is_a_sign_of_its_life_and_written_later() {
    on_both(async |world| {
        let ann = external(&world, "Ann", Presence::Offline).await;
        let (_, key) = access::create_agent_key(&world.ctx(), &ann.id, "own", None).await.expect("makes a key");
        let principal = access::identify(&world.app, key.expose()).await.expect("the key is good");
        let own = Ctx::new(world.app.clone(), principal, Request::default());
        presence::called(&own).await.expect("is noted");
        assert_eq!(changes(&world).await, ["Ann offline online"]);
        world.advance(seconds(30));
        presence::called(&own).await.expect("is noted");
        assert_eq!(world.find(&ann).await.last_seen_at, Some(world.now()));
        presence::called(&world.ctx()).await.expect("nothing is noted");
        assert_eq!(changes(&world).await.len(), 1);
        // As one that fell silent meanwhile.
        presence::set(&world.ctx(), &ann.id, Presence::Offline, None).await.expect("is stated");
        world.advance(seconds(1));
        presence::called(&own).await.expect("is noted");
        assert_eq!(world.find(&ann).await.presence, Presence::Online);
    })
    .await;
}

/// Beats of an agent while others change it and the board is written.
async fn beat(app: Arc<App>, ids: Vec<String>, rounds: usize) {
    let ctx = Ctx::system(app.clone(), "acme");
    for round in 0..rounds {
        for id in &ids {
            let agent = agents::find(&ctx, id).await.expect("is there");
            presence::seen(&ctx, &agent).await.expect("is noted");
            let to = if round % 2 == 0 { Presence::Busy } else { Presence::Offline };
            presence::set(&ctx, id, to, None).await.expect("is stated");
        }
        presence::flush(&app).await.expect("writes");
        presence::sweep(&app).await.expect("sweeps");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beats_flushes_sweeps_and_changes_at_once_do_not_block_each_other() {
    on_both(async |world| {
        let mut ids = Vec::new();
        for n in 0..6 {
            ids.push(external(&world, &format!("a{n}"), Presence::Online).await.id);
        }
        let mut backwards = ids.clone();
        backwards.reverse();
        let tasks = [
            tokio::spawn(beat(world.app.clone(), ids.clone(), 8)),
            tokio::spawn(beat(world.other_node(), backwards, 8)),
        ];
        for task in tasks {
            crate::support::soon("the beats", task).await.expect("no panic");
        }
        assert!(events::verify(&world.ctx()).await.expect("verifies").intact);
        assert_eq!(world.count("SELECT count(*) FROM agents WHERE last_seen_at = $1", args![world.now()]).await, 6);
    })
    .await;
}

#[tokio::test]
async fn the_job_that_sweeps_exists_once() {
    on_both(async |world| {
        presence::register_sweep(&world.app).await.expect("registers");
        presence::register_sweep(&world.other_node()).await.expect("registers");
        assert_eq!(world.count("SELECT count(*) FROM jobs WHERE kind = 'presence'", vec![]).await, 1);
        assert!(presence::sweep(&world.app).await.expect("sweeps") > Millis(0));
    })
    .await;
}
