//! The org's agents as the network shows them.

use crate::support::{World, on_both, page, refused, seconds};
use muster_base::{Kind, PageRequest};
use muster_domain::agents::{self, Agent, Presence, Reach};
use muster_domain::presence;

async fn listed(world: &World, reach: Option<Reach>) -> Vec<(String, Reach)> {
    let (found, total) = agents::roster(&world.ctx(), reach, &page(100)).await.expect("lists");
    assert_eq!(total, found.items.len() as i64);
    found.items.into_iter().map(|row| (row.agent.name, row.reach)).collect()
}

fn names(rows: &[(String, Reach)]) -> Vec<&str> {
    rows.iter().map(|(name, _)| name.as_str()).collect()
}

/// An agent that was seen just now.
async fn seen(world: &World, name: &str, presence: Presence) -> Agent {
    let agent = world.elsewhere(name).await;
    world.advance(seconds(1));
    presence::set(&world.ctx(), &agent.id, presence, None).await.expect("says so")
}

#[tokio::test]
async fn the_newest_seen_are_first_and_who_never_was_is_last() {
    on_both(async |world| {
        world.elsewhere("never").await;
        for name in ["first", "second", "third"] {
            seen(&world, name, Presence::Online).await;
        }
        assert_eq!(names(&listed(&world, None).await), ["third", "second", "first", "never"]);
        // A sign of life that is in memory only shows in its order too.
        world.advance(seconds(1));
        let first = agents::named(&world.ctx(), "first").await.expect("is there");
        presence::seen(&world.ctx(), &first).await.expect("is seen");
        assert_eq!(names(&listed(&world, None).await)[0], "first");
        presence::flush(&world.app).await.expect("writes");
        assert_eq!(names(&listed(&world, None).await), ["first", "third", "second", "never"]);
    })
    .await;
}

#[tokio::test]
async fn pages_neither_overlap_nor_leave_out_anybody() {
    on_both(async |world| {
        // Many were seen in the same moment, and some never.
        for at in 0..9 {
            let agent = world.elsewhere(&format!("a{at}")).await;
            if at % 3 > 0 {
                presence::set(&world.ctx(), &agent.id, Presence::Online, None).await.expect("says so");
            }
        }
        let all = names(&listed(&world, None).await).into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(all.len(), 9);
        let (mut after, mut paged) = (None, Vec::new());
        loop {
            let request = PageRequest { limit: 2, after: after.take() };
            let (found, total) = agents::roster(&world.ctx(), None, &request).await.expect("lists");
            assert_eq!(total, 9);
            paged.extend(found.items.into_iter().map(|row| row.agent.name));
            // Who joins meanwhile was never seen, or is newer: neither moves the others.
            match found.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(paged, all);
        let wrong = PageRequest { limit: 2, after: Some(muster_base::Cursor::new("x", "y")) };
        let error = refused(agents::roster(&world.ctx(), None, &wrong).await);
        assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some("cursor")));
    })
    .await;
}

#[tokio::test]
async fn how_an_agent_can_be_reached_follows_from_its_presence_its_turns_and_its_link() {
    on_both(async |world| {
        let mut expected = Vec::new();
        for (presence, reach) in [
            (Presence::Online, Reach::Online),
            (Presence::Busy, Reach::Online),
            (Presence::Idle, Reach::Idle),
            (Presence::Offline, Reach::Offline),
            (Presence::Error, Reach::Offline),
        ] {
            seen(&world, presence.as_str(), presence).await;
            expected.push((presence.as_str().to_owned(), reach));
        }
        let running = world.agent("running").await;
        world.post(&running, "c", "go").await;
        world.claim_one().await;
        expected.push(("running".to_owned(), Reach::Online));
        let quiet = seen(&world, "quiet", Presence::Online).await;
        let busy = seen(&world, "quiet and busy", Presence::Busy).await;
        for agent in [&quiet, &busy] {
            world.link(agent).await;
        }
        let reach_of = async |name: &str| {
            let all = listed(&world, None).await;
            all.into_iter().find(|(found, _)| found == name).expect("is listed").1
        };
        assert_eq!(reach_of("quiet").await, Reach::Online, "it has just said something");
        world.advance(seconds(300));
        expected.push(("quiet".to_owned(), Reach::Idle));
        expected.push(("quiet and busy".to_owned(), Reach::Online));
        let mut all = listed(&world, None).await;
        for reach in [Reach::Online, Reach::Idle, Reach::Offline] {
            let of_them: Vec<_> = all.iter().filter(|(_, found)| *found == reach).cloned().collect();
            assert_eq!(listed(&world, Some(reach)).await, of_them);
        }
        all.sort_by(|one, other| one.0.cmp(&other.0));
        expected.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(all, expected);
        let one = PageRequest { limit: 1, after: None };
        let (found, total) = agents::roster(&world.ctx(), Some(Reach::Online), &one).await.expect("lists");
        assert_eq!((found.items.len(), total), (1, 4));
    })
    .await;
}

#[tokio::test]
async fn another_orgs_agents_are_not_listed() {
    on_both(async |world| {
        world.elsewhere("ours").await;
        let other = world.ctx_in("other").await;
        let (found, total) = agents::roster(&other, None, &page(10)).await.expect("lists");
        assert_eq!((found.items.len(), total), (0, 0));
    })
    .await;
}
