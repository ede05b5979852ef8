//! Whether agents are there: statements, signs of life, turns and silence.

mod signs;

use crate::support::{World, on_both, refused, seconds};
use muster_base::{Kind, Millis, Patch};
use muster_domain::agents::{self, Agent, AgentChange, Lifecycle, NewAgent, Presence, Source};
use muster_domain::events::{self, EventFilter};
use muster_domain::turns::{self, Claim, Ending};
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
        let mut told = vec!["Ann online idle", "Ann idle busy", "Ann busy online"];
        assert_eq!(changes(&world).await, told);
        world.post(&agent, "chat", "again").await;
        let claim = world.claim_one().await;
        presence::set(&world.ctx(), &agent.id, Presence::Error, None).await.expect("is stated");
        assert_eq!(world.find(&agent).await.presence, Presence::Busy, "as long as the turn runs");
        world.answer(&claim, "hi", 5).await.expect("answers");
        assert_eq!(world.find(&agent).await.presence, Presence::Error, "that was newer than the turn");
        told.extend(["Ann online busy", "Ann busy error"]);
        assert_eq!(changes(&world).await, told);
        presence::set(&world.ctx(), &agent.id, Presence::Busy, None).await.expect("is stated");
        world.post(&agent, "chat", "once more").await;
        let claim = world.claim_one().await;
        world.answer(&claim, "hi", 5).await.expect("answers");
        told.extend(["Ann error busy", "Ann busy online"]);
        assert_eq!(changes(&world).await, told, "who said that it was busy only ends being so");
    })
    .await;
}

#[tokio::test]
async fn the_first_of_several_turns_makes_busy_and_the_last_ends_it_however_it_ends() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let mut told = Vec::new();
        for end in ["answer", "fail", "cancel", "stop", "take over"] {
            for chat in ["one", "two"] {
                world.post(&agent, &format!("{}-{chat}", end.replace(' ', "-")), "hello").await;
            }
            let [first, second] = <[Claim; 2]>::try_from(world.claim().await).expect("two turns");
            told.push("Ann online busy");
            assert_eq!(changes(&world).await, told, "{end}: once for both");
            world.answer(&first, "hi", 5).await.expect("answers");
            assert_eq!(changes(&world).await, told, "{end}: the other turn runs");
            let ctx = world.ctx_of(&second.turn);
            let ending = match end {
                "answer" => None,
                "fail" => Some(Ending::Failed {
                    code: "MODEL_ERROR",
                    message: "down".to_owned(),
                    remind_after: None,
                    agent_error: None,
                }),
                "take over" => {
                    world.advance(seconds(60));
                    let [taken] = <[Claim; 1]>::try_from(world.claim().await).expect("the turn of who is silent");
                    assert_eq!(changes(&world).await, told, "it was busy before");
                    world.answer(&taken, "hi", 5).await.expect("answers");
                    told.push("Ann busy online");
                    continue;
                }
                why => Some(Ending::Cancelled { why: why.to_owned() }),
            };
            match ending {
                None => drop(world.answer(&second, "hi", 5).await.expect("answers")),
                Some(ending) => turns::end(&ctx, &second.lease, ending, turns::Trace::default()).await.expect("ends"),
            }
            told.push("Ann busy online");
            assert_eq!(changes(&world).await, told, "{end}");
            world.answer_all("hi").await;
            let (twice, all) = (["Ann online busy", "Ann busy online"], changes(&world).await);
            told.extend(twice.iter().cycle().take(all.len() - told.len()));
            assert_eq!(all, told, "{end}: what was put back");
        }
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_turn_for_which_there_is_no_balance_makes_nobody_busy() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 0).await;
        world.post(&agent, "chat", "hello").await;
        assert!(world.claim().await.is_empty());
        assert_eq!(changes(&world).await, [""; 0]);
        world.check_books().await;
    })
    .await;
}

#[tokio::test]
async fn pausing_and_resuming_leave_a_presence_alone_and_stopping_ends_it() {
    on_both(async |world| {
        let ctx = &world.ctx();
        let of = async |agent: &Agent| world.find(agent).await.presence;
        let unseen = external(&world, "unseen", Presence::Offline).await;
        let wrong = external(&world, "wrong", Presence::Error).await;
        for agent in [&unseen, &wrong] {
            agents::pause(ctx, &agent.id).await.expect("pauses");
            agents::resume(ctx, &agent.id).await.expect("resumes");
            assert_eq!(of(agent).await, agent.presence);
        }
        assert_eq!(changes(&world).await, [""; 0]);
        let before = world.event_kinds().await.len();
        agents::stop(ctx, &wrong.id).await.expect("stops");
        agents::stop(ctx, &unseen.id).await.expect("stops");
        assert_eq!((of(&wrong).await, of(&unseen).await), (Presence::Offline, Presence::Offline));
        let told = ["agent.stopped", "agent.presence_changed", "agent.stopped"];
        assert_eq!(world.event_kinds().await[before..], told, "who was offline before is so still");
        assert_eq!(changes(&world).await, ["wrong error offline"]);
        world.link(&wrong).await;
        for agent in [&unseen, &wrong] {
            agents::set_status(ctx, &agent.id, Lifecycle::Active).await.expect("starts");
        }
        assert_eq!((of(&wrong).await, of(&unseen).await), (Presence::Online, Presence::Offline), "one has a link");
        let hosted = world.agent("hosted").await;
        agents::stop(ctx, &hosted.id).await.expect("stops");
        let started = agents::set_status(ctx, &hosted.id, Lifecycle::Active).await.expect("starts");
        assert_eq!((started.presence, of(&hosted).await), (Presence::Online, Presence::Online), "it runs here");
        let told = ["wrong error offline", "wrong offline online", "hosted online offline", "hosted offline online"];
        assert_eq!(changes(&world).await, told);
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_is_stopped_while_it_answers_is_busy_until_the_turn_breaks_off() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        assert_eq!(agents::stop(&world.ctx(), &agent.id).await.expect("stops").presence, Presence::Busy);
        assert_eq!(changes(&world).await, ["Ann online busy"]);
        let stopped = Ending::Cancelled { why: "stop".to_owned() };
        world.end(&claim, stopped).await;
        assert_eq!(changes(&world).await, ["Ann online busy", "Ann busy offline"]);
        world.check_books().await;
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
        presence::flush_all(&app).await.expect("writes");
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
