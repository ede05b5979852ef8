//! Finding and listing agents.

use crate::support::{World, message, on_both, page, seconds};
use muster_base::PageRequest;
use muster_domain::agents::{self, AgentFilter, Lifecycle, NewAgent, Presence, Sort};
use muster_domain::conversations;

/// Makes agents of which some share their moment.
async fn make(world: &World, names: &[&str]) {
    for (n, name) in names.iter().enumerate() {
        world.agent(name).await;
        if n % 2 == 1 {
            world.advance(seconds(1));
        }
    }
}

async fn all_by_key(world: &World, filter: &AgentFilter, limit: i64) -> Vec<String> {
    let mut names = vec![];
    let mut after = None;
    loop {
        let page = agents::list(&world.ctx(), filter, &PageRequest { limit, after }).await.expect("lists");
        assert!(page.items.len() as i64 <= limit);
        names.extend(page.items.into_iter().map(|agent| agent.name));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}

async fn by_offset(world: &World, filter: &AgentFilter, limit: i64, offset: i64) -> (Vec<String>, i64) {
    let (rows, total) = agents::list_page(&world.ctx(), filter, limit, offset).await.expect("lists");
    (rows.into_iter().map(|row| row.name).collect(), total)
}

async fn found(world: &World, query: &str) -> Vec<String> {
    let filter = AgentFilter { query: Some(query.to_owned()), sort: Sort::Name, ..AgentFilter::default() };
    let names = all_by_key(world, &filter, 2).await;
    let count = agents::count(&world.ctx(), &filter).await.expect("counts");
    let (same, total) = by_offset(world, &filter, 100, 0).await;
    assert_eq!((count, total, &same), (names.len() as i64, names.len() as i64, &names), "all three ways agree");
    names
}

#[tokio::test]
async fn every_order_is_the_same_by_key_and_by_offset() {
    on_both(async |world| {
        make(&world, &["Cleo", "ann", "Bob", "Dora", "Zoe", "Émile", "bob"]).await;
        let touched = agents::list(&world.ctx(), &AgentFilter::default(), &page(100)).await.expect("lists").items;
        let bob = touched.iter().find(|agent| agent.name == "Bob").expect("is there");
        agents::balance(&world.ctx(), &bob.id, 5, true).await.expect("changes");
        for (sort, first) in [(Sort::Created, "bob"), (Sort::Changed, "bob"), (Sort::Name, "Bob")] {
            let filter = AgentFilter { sort, ..AgentFilter::default() };
            let (all, total) = by_offset(&world, &filter, 100, 0).await;
            assert_eq!(
                (all.len(), total, all[0].to_lowercase().as_str()),
                (7, 7, first.to_lowercase().as_str()),
                "{sort:?}"
            );
            for limit in [1, 2, 3, 7, 8] {
                assert_eq!(all_by_key(&world, &filter, limit).await, all, "{sort:?} by {limit}");
                let mut pieces = vec![];
                for offset in (0..7).step_by(usize::try_from(limit).expect("small")) {
                    let (piece, total) = by_offset(&world, &filter, limit, offset).await;
                    assert_eq!(total, 7);
                    pieces.extend(piece);
                }
                assert_eq!(pieces, all, "{sort:?} by offset of {limit}");
            }
        }
        assert_eq!(
            all_by_key(&world, &AgentFilter { sort: Sort::Name, ..AgentFilter::default() }, 3).await,
            ["Bob", "Cleo", "Dora", "Zoe", "ann", "bob", "Émile"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_page_past_the_end_is_empty_and_still_knows_the_total() {
    on_both(async |world| {
        let filter = AgentFilter::default();
        assert_eq!(by_offset(&world, &filter, 10, 0).await, (vec![], 0));
        assert_eq!(by_offset(&world, &filter, 10, 5).await, (vec![], 0));
        make(&world, &["ant", "zebra", "cat"]).await;
        assert_eq!(by_offset(&world, &filter, 10, 3).await, (vec![], 3));
        assert_eq!(by_offset(&world, &filter, 10, 1_000_000).await, (vec![], 3));
        let only = AgentFilter { query: Some("zebra".to_owned()), ..AgentFilter::default() };
        assert_eq!(by_offset(&world, &only, 10, 1).await, (vec![], 1));
        assert_eq!(by_offset(&world, &only, 1, 0).await, (vec!["zebra".to_owned()], 1));
    })
    .await;
}

#[tokio::test]
async fn pages_by_key_stay_right_while_agents_are_added() {
    on_both(async |world| {
        make(&world, &["a", "b", "c", "d"]).await;
        let first = agents::list(&world.ctx(), &AgentFilter::default(), &page(2)).await.expect("lists");
        world.agent("late").await;
        let rest = agents::list(&world.ctx(), &AgentFilter::default(), &PageRequest { limit: 10, after: first.next })
            .await
            .expect("lists");
        let names: Vec<String> = first.items.into_iter().chain(rest.items).map(|agent| agent.name).collect();
        assert_eq!(names, ["d", "c", "b", "a"]);
    })
    .await;
}

#[tokio::test]
async fn a_search_takes_every_sign_for_what_it_is() {
    on_both(async |world| {
        for (name, description) in [
            ("100%", "per cent"),
            ("snake_case", "under"),
            ("back\\slash", "sign"),
            ("Plain", "SHOUTS loudly"),
            ("Ünal", "Äpfel"),
        ] {
            let new =
                NewAgent { name: name.to_owned(), description: Some(description.to_owned()), ..NewAgent::default() };
            agents::create(&world.ctx(), new).await.expect("makes it");
        }
        assert_eq!(found(&world, "%").await, ["100%"]);
        assert_eq!(found(&world, "_").await, ["snake_case"]);
        assert_eq!(found(&world, "\\").await, ["back\\slash"]);
        assert_eq!(found(&world, "E_C").await, ["snake_case"]);
        assert_eq!(found(&world, "PLAIN").await, ["Plain"]);
        assert_eq!(found(&world, "shouts LOUD").await, ["Plain"]);
        assert_eq!(found(&world, "Ünal").await, ["Ünal"], "letters beyond ASCII as they are written");
        assert_eq!(found(&world, "Äpfel").await, ["Ünal"]);
        assert_eq!(found(&world, "AGENT-PLAIN-").await, ["Plain"], "part of an id, whatever its case");
        assert_eq!(found(&world, "'; DROP TABLE agents; --").await, [""; 0]);
        assert_eq!(found(&world, "  ").await.len(), 5, "nothing asked for is everything");
    })
    .await;
}

#[tokio::test]
async fn agents_are_found_by_lifecycle_and_presence() {
    on_both(async |world| {
        make(&world, &["active", "busy", "paused", "stopped"]).await;
        let id = async |name: &str| {
            let all = agents::names(&world.ctx(), 10).await.expect("lists");
            all.into_iter().find(|agent| agent.name == name).expect("is there").id
        };
        agents::pause(&world.ctx(), &id("paused").await).await.expect("pauses");
        agents::stop(&world.ctx(), &id("stopped").await).await.expect("stops");
        conversations::post(&world.ctx(), &id("busy").await, message("chat", "work")).await.expect("posts");
        world.claim_one().await;
        let by = async |lifecycle, presence| {
            let filter = AgentFilter { lifecycle, presence, sort: Sort::Name, ..AgentFilter::default() };
            let names = all_by_key(&world, &filter, 2).await;
            assert_eq!(agents::count(&world.ctx(), &filter).await.expect("counts"), names.len() as i64);
            names
        };
        assert_eq!(by(Some(Lifecycle::Active), None).await, ["active", "busy"]);
        assert_eq!(by(Some(Lifecycle::Stopped), None).await, ["stopped"]);
        assert_eq!(by(None, Some(Presence::Busy)).await, ["busy"]);
        assert_eq!(by(None, Some(Presence::Online)).await, ["active", "paused"]);
        assert_eq!(by(None, Some(Presence::Offline)).await, ["stopped"]);
        assert_eq!(by(Some(Lifecycle::Paused), Some(Presence::Busy)).await, [""; 0]);
        assert_eq!(agents::names(&world.ctx(), 2).await.expect("lists").len(), 2);
        assert_eq!(agents::find(&world.ctx(), &id("busy").await).await.expect("finds").presence, Presence::Busy);
    })
    .await;
}
