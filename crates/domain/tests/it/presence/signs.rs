//! Signs of life: shown at once, written seldom, and missed when there are none.

use super::{changes, external, seen, stored_sign};
use crate::support::{on_both, seconds};
use muster_domain::agents::{self, Agent, NewAgent, Presence, Source};
use muster_domain::{Ctx, events, presence};
use muster_store::args;

#[tokio::test]
async fn a_thousand_signs_show_at_once_and_write_no_row_while_what_is_stored_is_young() {
    on_both(async |world| {
        let mut agents = Vec::new();
        for n in 0..70 {
            agents.push(external(&world, &format!("a{n:02}"), Presence::Online).await);
        }
        let begin = world.now();
        let before = world.event_kinds().await.len();
        let sql = "SELECT count(*) FROM agents WHERE last_seen_at = $1";
        for _ in 0..59 {
            world.advance(seconds(1));
            for agent in &agents {
                presence::seen(&world.ctx(), agent).await.expect("is noted");
            }
            presence::flush(&world.app).await.expect("writes");
        }
        assert_eq!(world.count(sql, args![begin]).await, 70, "nothing is written for a minute");
        assert_eq!(world.find(&agents[3]).await.last_seen_at, Some(world.now()), "but it shows");
        let (cards, _) = agents::cards(&world.ctx(), &agents::AgentFilter::default(), 100, 0).await.expect("lists");
        assert!(cards.iter().all(|card| card.agent.last_seen_at == Some(world.now())));
        world.advance(seconds(1));
        presence::flush(&world.app).await.expect("writes");
        let last = world.now() - seconds(1);
        assert_eq!(world.count(sql, args![last]).await, 70, "the last sign of each, also without another");
        world.advance(seconds(30));
        for agent in &agents {
            presence::seen(&world.ctx(), agent).await.expect("is noted");
        }
        presence::flush(&world.app).await.expect("writes");
        assert_eq!(world.count(sql, args![last]).await, 70, "that is young enough again");
        presence::flush_all(&world.app).await.expect("writes");
        assert_eq!(world.count(sql, args![world.now()]).await, 70, "at the end all is written");
        assert_eq!(world.event_kinds().await.len(), before, "being seen is no event");
    })
    .await;
}

#[tokio::test]
async fn any_number_of_signs_is_written() {
    on_both(async |world| {
        let mut agents = Vec::new();
        for n in 0..64 {
            agents.push(external(&world, &format!("a{n:02}"), Presence::Online).await);
        }
        for n in [1, 8, 9, 64] {
            world.advance(seconds(1));
            for agent in &agents[..n] {
                seen(&world, agent).await;
            }
            presence::flush_all(&world.app).await.expect("writes");
            let sql = "SELECT count(*) FROM agents WHERE last_seen_at = $1";
            assert_eq!(world.count(sql, args![world.now()]).await, n as i64);
        }
    })
    .await;
}

#[tokio::test]
async fn who_beats_at_one_node_is_never_silent_for_another() {
    on_both(async |world| {
        // A node that shares the database but not the memory, as after a start or beside us.
        let node = world.other_node();
        let agent = external(&world, "a", Presence::Online).await;
        let beats = [1_u64, 2, 10, 59, 61, 300, 594, 599, 1, 600];
        for wait in beats {
            world.advance(seconds(wait));
            seen(&world, &agent).await;
            // Ours writes every three seconds; the other may look just before.
            for late in 0..3 {
                world.advance(seconds(late));
                if !world.app.db.has_one_writer() {
                    presence::sweep(&node).await.expect("sweeps");
                }
                presence::sweep(&world.app).await.expect("sweeps");
                assert_eq!(world.find(&agent).await.presence, Presence::Online, "after {wait} and {late} seconds");
            }
        }
        assert_eq!(changes(&world).await, [""; 0]);
        world.advance(seconds(601));
        presence::sweep(&node).await.expect("sweeps");
        assert_eq!(changes(&world).await, ["a online offline"], "until it really is");
    })
    .await;
}

#[tokio::test]
async fn a_process_that_has_just_started_finds_nobody_silent() {
    on_both(async |world| {
        let agent = external(&world, "a", Presence::Online).await;
        world.advance(seconds(580));
        seen(&world, &agent).await;
        // Killed before that was written, and away for a while.
        world.advance(seconds(120));
        let node = world.other_node();
        let sweep = async || presence::sweep(&node).await.expect("sweeps");
        sweep().await;
        assert_eq!(changes(&world).await, [""; 0]);
        presence::seen(&Ctx::system(node.clone(), "acme"), &agent).await.expect("is noted");
        world.advance(seconds(600));
        sweep().await;
        assert_eq!(changes(&world).await, [""; 0], "its time runs from the sign that the new one got");
        world.advance(seconds(1));
        sweep().await;
        assert_eq!(changes(&world).await, ["a online offline"]);
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
        presence::flush_all(&world.app).await.expect("writes");
        assert_eq!(stored_sign(&world, &agent).await, Some(world.now().0 + 9000));
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
        world.advance(seconds(601));
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
async fn a_linked_agent_is_never_silent() {
    on_both(async |world| {
        let linked = external(&world, "linked", Presence::Online).await;
        let alone = external(&world, "alone", Presence::Online).await;
        world.link(&linked).await;
        world.advance(seconds(601));
        presence::sweep(&world.app).await.expect("sweeps");
        assert_eq!(changes(&world).await, ["alone online offline"]);
        assert_eq!(world.find(&linked).await.presence, Presence::Online);
        world.tamper("DELETE FROM links").await;
        presence::sweep(&world.app).await.expect("sweeps");
        assert_eq!(world.find(&linked).await.presence, Presence::Offline, "without its link it is as silent as others");
        assert_eq!(world.find(&alone).await.presence, Presence::Offline);
    })
    .await;
}
